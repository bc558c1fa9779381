//! Permissions and roles.

use serde_json::json;

use crate::support::{MISSING, Stage, each};

const INVALID: &str = "InvalidAccessControlRequest";

#[tokio::test]
async fn all_permissions_are_listed_where_an_id_would_stand() {
    let stage = Stage::new().await;
    let all = stage.service.get("/accesscontrol/itwins/permissions").await.expect(200).json();
    let all = all["permissions"].as_array().unwrap();
    assert!(all.contains(&json!("imodels_webview")) && all.contains(&json!("webhooks_maintainer")));
}

#[tokio::test]
async fn a_role_is_made_changed_and_deleted() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let list = format!("/accesscontrol/itwins/{id}/roles");
    let body = json!({"displayName": "Readers", "description": "They read."});
    let made = stage.ada.post(&list, &body).await.expect(201).json();
    let role = &made["role"];
    assert_eq!((&role["permissions"], &role["type"]), (&json!([]), &json!("Custom")));
    let path = format!("{list}/{}", role["id"].as_str().unwrap());
    let change = json!({"permissions": ["imodels_read", "imodels_read"], "description": ""});
    let changed = stage.ada.patch(&path, &change).await.expect(200).json();
    assert_eq!(changed["role"]["permissions"], json!(["imodels_read"]));
    assert_eq!(changed["role"]["displayName"], "Readers");
    assert_eq!(stage.ada.get(&path).await.expect(200).json(), changed);
    let roles = stage.ada.get(&list).await.expect(200).json();
    assert_eq!(each(&roles["roles"], "displayName"), ["Readers"]);

    let unknown = stage.ada.patch(&path, &json!({"permissions": ["imodels_fly"]})).await;
    assert_eq!(unknown.json()["error"]["target"], "permissions[0]");
    unknown.refused(404, "PermissionNotFound");
    let empty = stage.ada.post(&list, &json!({"displayName": "A"})).await;
    empty.refused_for(INVALID, "MissingRequiredProperty", "description");

    let bob = stage.person("Bob").await;
    stage.ada.add_member(&id, &bob.email, role["id"].as_str().unwrap()).await;
    stage.ada.delete(&path).await.expect(204);
    for answer in [
        stage.ada.get(&path).await,
        stage.ada.delete(&path).await,
        stage.ada.patch(&path, &change).await,
        stage.ada.get(&format!("{list}/{MISSING}")).await,
    ] {
        answer.refused(404, "RoleNotFound");
    }
    let member = format!("/accesscontrol/itwins/{id}/members/users/{}", bob.id);
    let member = bob.get(&member).await.expect(200).json();
    assert_eq!(member["member"]["roles"], json!([]), "a member without the role");
    bob.get(&list).await.refused(403, "InsufficientPermissions");
    bob.post(&list, &body).await.refused(403, "InsufficientPermissions");
}
