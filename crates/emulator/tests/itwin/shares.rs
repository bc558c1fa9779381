//! Shares, and what their keys open.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Caller, Stage, each};

const INVALID: &str = "InvalidAccessControlRequest";

async fn share(caller: &Caller, list: &str, body: &Value) -> Value {
    caller.post(list, body).await.expect(201).json()["share"].clone()
}

#[tokio::test]
async fn a_share_is_made_listed_and_revoked() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let list = format!("/accesscontrol/itwins/{id}/shares");
    let made = share(&stage.ada, &list, &json!({})).await;
    assert_eq!((&made["iTwinId"], &made["shareContract"]), (&json!(id), &json!("Default")));
    let path = format!("{list}/{}", made["id"].as_str().unwrap());
    assert_eq!(stage.ada.get(&path).await.expect(200).json()["share"], made);
    let soon = stage.emulator.clock().now() + Duration::from_secs(60);
    let body = json!({"shareContract": "Default", "expiration": soon.to_string()});
    let other = share(&stage.ada, &list, &body).await;
    let shares = stage.ada.get(&list).await.expect(200).json();
    assert_eq!(each(&shares["shares"], "id").len(), 2);
    stage.emulator.clock().advance(Duration::from_secs(61));
    let shares = stage.ada.get(&list).await.expect(200).json();
    assert_eq!(each(&shares["shares"], "id"), [made["id"].as_str().unwrap()]);
    let expired = format!("{list}/{}", other["id"].as_str().unwrap());
    stage.ada.get(&expired).await.refused(404, "ShareNotFound");
    stage.ada.delete(&path).await.expect(204);
    stage.ada.delete(&path).await.refused(404, "ShareNotFound");
    let bob = stage.member(&id, "Bob", &["imodels_read"]).await;
    bob.get(&list).await.refused(403, "InsufficientPermissions");
}

#[tokio::test]
async fn shares_have_limits() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let list = format!("/accesscontrol/itwins/{id}/shares");
    let now = stage.emulator.clock().now();
    let day = Duration::from_secs(24 * 3600);
    for expiration in ["soon".to_owned(), (now - day).to_string(), (now + 91 * day).to_string()] {
        let answer = stage.ada.post(&list, &json!({"expiration": expiration})).await;
        answer.refused_for(INVALID, "InvalidValue", "expiration");
    }
    let body = json!({"shareContract": "Everything", "expiration": null});
    stage.ada.post(&list, &body).await.refused(404, "ShareContractNotFound");
    for _ in 0..10 {
        share(&stage.ada, &list, &json!({})).await;
    }
    stage.ada.post(&list, &json!({})).await.refused(422, INVALID);
}

#[tokio::test]
async fn a_key_that_is_none_opens_nothing() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let list = format!("/accesscontrol/itwins/{id}/shares");
    let made = share(&stage.ada, &list, &json!({})).await;
    let key = made["shareKey"].as_str().unwrap();
    let guest = stage.ada.as_whom(&format!("Basic {key}"));
    for path in [format!("/itwins/{id}"), "/users/me".to_owned(), list] {
        guest.get(&path).await.refused(401, "InvalidAuthorizationScheme");
    }
    let path = format!("/reality-management/reality-data?iTwinId={id}");
    let stranger = stage.ada.as_whom("Basic x");
    stranger.get(&path).await.refused(401, "Unauthorized");
    let answer = guest.get(&path).await;
    assert_ne!(answer.status, 401, "{}", answer.text);
}
