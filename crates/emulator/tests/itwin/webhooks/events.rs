//! What the other APIs tell webhooks of.

use serde_json::{Value, json};

use super::{Callback, active, started};
use crate::support::Stage;

#[tokio::test]
async fn an_account_is_told_of_its_itwins() {
    let stage = Stage::new().await;
    let mut callback = Callback::new().await;
    let kinds = ["iTwins.iTwinCreated.v1", "iTwins.iTwinDeleted.v1"];
    let body = json!({"callbackUrl": callback.url, "scope": "Account", "eventTypes": kinds});
    started(&stage.service, &body).await;
    // Not of the account of somebody else.
    stage.ada.new_itwin("Other").await;
    let itwin = stage.service.new_itwin("A").await;
    let created = callback.next().await.json();
    assert_eq!((&created["eventType"], &created["iTwinId"]), (&json!(kinds[0]), &json!(itwin)));
    assert_eq!(created["content"]["eventCreatedBy"], json!(stage.service.id));
    stage.service.delete(&format!("/itwins/{itwin}")).await.expect(204);
    let deleted = callback.next().await.json();
    assert_eq!((&deleted["eventType"], &deleted["iTwinId"]), (&json!(kinds[1]), &json!(itwin)));
}

#[tokio::test]
async fn members_and_roles_are_told_of() {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("A").await;
    let tellers = stage.ada.new_role(&itwin, "Tellers", &["webhooks_maintainer"]).await;
    let readers = stage.ada.new_role(&itwin, "Readers", &["imodels_read"]).await;
    stage.ada.add_member(&itwin, &stage.service.email, &tellers).await;
    let mut callback = Callback::new().await;
    let kind = |what: &str| format!("accessControl.{what}.v1");
    let kinds = ["memberAdded", "memberRemoved", "roleAssigned", "roleUnassigned"].map(kind);
    let kinds = kinds.each_ref().map(String::as_str);
    active(&stage.service, &itwin, &callback.url, &kinds).await;

    let bob = stage.person("Bob").await;
    stage.ada.add_member(&itwin, &bob.email, &readers).await;
    let added: Value = callback.next().await.json();
    assert_eq!(added["eventType"], kinds[0]);
    assert_eq!(
        added["content"],
        json!({
            "memberId": bob.id, "memberType": "User", "roleId": readers, "roleName": "Readers",
            "eventCreatedBy": stage.ada.id,
        })
    );
    let member = format!("/accesscontrol/itwins/{itwin}/members/users/{}", bob.id);
    stage.ada.patch(&member, &json!({"roleIds": [readers, tellers]})).await.expect(200);
    let assigned = callback.next().await.json();
    assert_eq!(
        (&assigned["eventType"], &assigned["content"]["roleId"]),
        (&json!(kinds[2]), &json!(tellers))
    );
    stage.ada.patch(&member, &json!({"roleIds": [tellers]})).await.expect(200);
    let unassigned = callback.next().await.json();
    assert_eq!(
        (&unassigned["eventType"], &unassigned["content"]["roleId"]),
        (&json!(kinds[3]), &json!(readers))
    );
    stage.ada.delete(&member).await.expect(204);
    assert_eq!(callback.next().await.json()["eventType"], kinds[1]);
}
