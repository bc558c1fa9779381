//! Shares of an iModel, and of its iTwin: who has the key may read.

use serde_json::json;

use crate::{
    imodels_support::{Scene, fetch},
    support::MISSING,
};

#[tokio::test]
async fn a_key_opens_reads_of_the_imodel() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let briefcase = ada.new_briefcase(&scene.path).await;
    ada.push(&scene.path, briefcase, 1).await;
    let other = ada.new_imodel(&scene.itwin, "Other").await;
    let path = scene.at("shares");
    let made = ada.post(&path, &json!({})).await.expect(201).json();
    let share = &made["share"];
    let own = format!("{path}/{}", share["id"].as_str().unwrap());
    assert_eq!(ada.get(&own).await.expect(200).json(), made);
    assert_eq!(ada.get(&path).await.expect(200).json(), json!({"shares": [share]}));
    let guest = ada.as_whom(&format!("Basic {}", share["shareKey"].as_str().unwrap()));
    guest.get(&scene.path).await.expect(200);
    let changeset = guest.get(&scene.at("changesets/1")).await.expect(200).json();
    assert_eq!(fetch(&changeset["changeset"]["_links"]["download"]).await, b"data");
    guest.get(&scene.at("users")).await.refused(401, "InvalidAuthorizationScheme");
    guest.delete(&scene.path).await.refused(401, "InvalidAuthorizationScheme");
    guest.get(&format!("/imodels/{other}")).await.refused(404, "iModelNotFound");
    let list = format!("/imodels?iTwinId={}", scene.itwin);
    guest.get(&list).await.refused(401, "Unauthorized");
    ada.delete(&own).await.expect(204);
    guest.get(&scene.path).await.refused(401, "Unauthorized");
    ada.get(&own).await.refused(404, "ShareNotFound");
}

#[tokio::test]
async fn a_share_ends_and_can_be_made_to_last() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let path = scene.at("shares");
    let now = scene.stage.emulator.clock().now();
    let after = |minutes: i64| json!({"expirationDateTime": (now + jiff::SignedDuration::from_mins(minutes)).to_string()});
    let made = ada.post(&path, &after(10)).await.expect(201).json();
    let own = format!("{path}/{}", made["share"]["id"].as_str().unwrap());
    let longer = ada.patch(&own, &after(30)).await.expect(200).json();
    assert_eq!(longer["share"]["shareKey"], made["share"]["shareKey"]);
    scene.wait(20 * 60);
    ada.get(&own).await.expect(200);
    scene.wait(20 * 60);
    ada.get(&own).await.refused(404, "ShareNotFound");
    for minutes in [10, 91 * 24 * 60] {
        let answer = ada.post(&path, &after(minutes)).await;
        answer.refused_for("InvalidiModelsRequest", "InvalidValue", "expirationDateTime");
    }
}

#[tokio::test]
async fn shares_are_for_managers_and_their_own() {
    let scene = Scene::new().await;
    let path = scene.at("shares");
    let made = scene.stage.ada.post(&path, &json!({})).await.expect(201).json();
    let own = format!("{path}/{}", made["share"]["id"].as_str().unwrap());
    let will = scene.writer("Will").await;
    will.post(&path, &json!({})).await.refused(403, "InsufficientPermissions");
    let max = scene.stage.member(&scene.itwin, "Max", &["imodels_manage"]).await;
    assert_eq!(max.get(&path).await.expect(200).json(), json!({"shares": []}));
    max.patch(&own, &json!({})).await.refused(404, "ShareNotFound");
    max.delete(&own).await.refused(404, "ShareNotFound");
    let missing = format!("/imodels/{MISSING}/shares");
    max.post(&missing, &json!({})).await.refused(404, "iModelNotFound");
}

#[tokio::test]
async fn the_key_of_an_itwin_opens_its_imodels() {
    let scene = Scene::new().await;
    let ada = &scene.stage.ada;
    let path = format!("/accesscontrol/itwins/{}/shares", scene.itwin);
    let made = ada.post(&path, &json!({})).await.expect(201).json();
    let guest = ada.as_whom(&format!("Basic {}", made["share"]["shareKey"].as_str().unwrap()));
    let list = format!("/imodels?iTwinId={}", scene.itwin);
    let list = guest.get(&list).await.expect(200).json();
    assert_eq!(list["iModels"], json!([{"id": scene.id, "displayName": "Model"}]));
    guest.get(&scene.path).await.expect(200);
    guest.get(&scene.at("changesets")).await.refused(401, "Unauthorized");
    let elsewhere = ada.new_itwin("Elsewhere").await;
    let other = ada.new_imodel(&elsewhere, "Other").await;
    guest.get(&format!("/imodels/{other}")).await.refused(404, "iModelNotFound");
}
