//! The iTwins that data belong to.

use serde_json::json;

use super::{INVALID, LIST, made, new_data};
use crate::support::{MISSING, Stage};

#[tokio::test]
async fn data_belong_to_several_itwins() {
    let stage = Stage::new().await;
    let ada = &stage.ada;
    let (one, other) = (ada.new_itwin("A").await, ada.new_itwin("B").await);
    let path = new_data(ada, &one).await;
    let id = path.rsplit_once('/').unwrap().1;
    let itwins = format!("{path}/iTwins");
    for _ in 0..2 {
        let made = ada.mark(&format!("{itwins}/{other}")).await.expect(200).json();
        assert_eq!(made, json!({"iTwinAssociation": {"id": id, "iTwinId": other}}));
    }
    let listed = ada.get(&itwins).await.expect(200).json();
    assert_eq!(listed, json!({"iTwins": [one, other]}));
    ada.get(&format!("{path}?iTwinId={other}")).await.expect(200);
    ada.delete(&path).await.refused_for(INVALID, "InvalidValue", "id");
    let target = json!({"iTwinId": one});
    ada.patch(&format!("{path}/move"), &target).await.refused_for(INVALID, "InvalidValue", "id");

    ada.delete(&format!("{itwins}/{one}")).await.expect(204);
    ada.delete(&format!("{itwins}/{one}")).await.refused(404, "AssociationNotFound");
    ada.delete(&format!("{itwins}/{MISSING}")).await.refused(404, "AssociationNotFound");
    ada.mark(&format!("{itwins}/{MISSING}")).await.refused(404, "iTwinNotFound");
    let missing = format!("{LIST}/{MISSING}/itwins");
    ada.mark(&format!("{missing}/{one}")).await.refused(404, "RealityDataNotFound");
    ada.get(&missing).await.refused(404, "RealityDataNotFound");
    // The data stay when their last iTwin goes.
    ada.delete(&format!("/itwins/{other}")).await.expect(204);
    assert_eq!(ada.get(&itwins).await.expect(200).json(), json!({"iTwins": []}));
    ada.delete(&path).await.expect(204);
}

#[tokio::test]
async fn associating_needs_two_permissions() {
    let stage = Stage::new().await;
    let (one, other) = (stage.ada.new_itwin("A").await, stage.ada.new_itwin("B").await);
    let path = new_data(&stage.ada, &one).await;
    let bob = stage.member(&one, "Bob", &["realitydata_use"]).await;
    let target = format!("{path}/itwins/{other}");
    bob.mark(&target).await.refused(404, "iTwinNotFound");
    let role = stage.ada.new_role(&other, "Half", &["realitydata_create"]).await;
    stage.ada.add_member(&other, &bob.email, &role).await;
    bob.mark(&target).await.refused(403, "InsufficientPermissions");
    let role = stage.ada.new_role(&other, "Rest", &["realitydata_assign"]).await;
    stage.ada.add_member(&other, &bob.email, &role).await;
    bob.mark(&target).await.expect(200);
    bob.delete(&format!("{path}/itwins/{one}")).await.refused(403, "InsufficientPermissions");
    bob.delete(&target).await.expect(204);
}

#[tokio::test]
async fn data_move_within_organization_and_data_center() {
    let stage = Stage::new().await;
    let ada = &stage.ada;
    let (one, other) = (ada.new_itwin("A").await, ada.new_itwin("B").await);
    let path = new_data(ada, &one).await;
    let to = format!("{path}/move");
    ada.patch(&to, &json!({"iTwinId": other})).await.expect(204);
    ada.patch(&to, &json!({"iTwinId": other})).await.expect(204);
    let listed = ada.get(&format!("{path}/itwins")).await.expect(200).json();
    assert_eq!(listed, json!({"iTwins": [other]}));

    ada.patch(&to, &json!({})).await.refused_for(INVALID, "MissingRequiredProperty", "iTwinId");
    let far = json!({
        "class": "Thing", "subClass": "Asset", "displayName": "Far", "dataCenterLocation": "UK South",
    });
    let far = ada.post("/itwins", &far).await.expect(201).json()["iTwin"]["id"].clone();
    let foreign = stage.service.new_itwin("Foreign").await;
    let owners = format!("/accesscontrol/itwins/{foreign}/members/owners");
    stage.service.post(&owners, &json!({"email": ada.email})).await.expect(201);
    stage.emulator.itwin().accept_invitations(&ada.email);
    for target in [json!("x"), json!(MISSING), far, json!(foreign)] {
        let answer = ada.patch(&to, &json!({"iTwinId": target})).await;
        answer.refused_for(INVALID, "InvalidValue", "iTwinId");
    }
    let bob = stage.member(&other, "Bob", &["realitydata_manage"]).await;
    bob.patch(&to, &json!({"iTwinId": one})).await.refused_for(INVALID, "InvalidValue", "iTwinId");
    let role = ada.new_role(&one, "Users", &["realitydata_use"]).await;
    ada.add_member(&one, &bob.email, &role).await;
    bob.patch(&to, &json!({"iTwinId": one})).await.refused(403, "InsufficientPermissions");
    // Data of no iTwin are moved by their owner.
    let own = made(ada, &json!({})).await;
    let to = format!("{LIST}/{}/move", own["id"].as_str().unwrap());
    ada.patch(&to, &json!({"iTwinId": one})).await.expect(204);
}
