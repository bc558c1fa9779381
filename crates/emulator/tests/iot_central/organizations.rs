//! Organizations and the roles that come with them.

use serde_json::json;

use crate::support::{ORG_ADMINISTRATOR, Stage};

#[tokio::test]
async fn they_are_made_changed_and_deleted() {
    let stage = Stage::new().await;
    let (owner, north) = (&stage.owner, "/organizations/north");
    let made = owner.put(north, &json!({"displayName": "North", "id": "other"})).await.expect(200);
    assert_eq!(made.json(), json!({"id": "north", "displayName": "North"}));
    let below = json!({"displayName": "Oslo", "parent": "north"});
    owner.put("/organizations/oslo", &below).await.expect(200);
    let changed = owner.patch("/organizations/oslo", &json!({"displayName": "Bergen"})).await;
    let whole = json!({"id": "oslo", "displayName": "Bergen", "parent": "north"});
    assert_eq!(changed.expect(200).json(), whole);
    let moved = owner.patch("/organizations/oslo", &json!({"parent": null})).await.expect(200);
    assert_eq!(moved.json(), json!({"id": "oslo", "displayName": "Bergen"}));
    owner.delete("/organizations/oslo").await.expect(204);
    owner.delete("/organizations/oslo").await.refused(404, "NotFound");
    owner.patch("/organizations/oslo", &json!({})).await.refused(404, "NotFound");
}

#[tokio::test]
async fn bad_ones_are_refused_with_all_their_faults() {
    let stage = Stage::new().await;
    let named = json!({"displayName": "x"});
    for id in ["A", "a", "-ab", "ab-", "a_b"] {
        stage.owner.put(&format!("/organizations/{id}"), &named).await.refused(400, "BadRequest");
    }
    let message = stage
        .owner
        .put("/organizations/north", &json!({"displayName": 1, "parent": "nowhere"}))
        .await
        .refused(422, "InvalidBody");
    assert!(message.contains("displayName") && message.contains("nowhere"), "{message}");
    stage.owner.put("/organizations/north", &json!([])).await.refused(422, "InvalidBody");
    let media = [("content-type", "application/json-patch+json")];
    let patch = json!({});
    let answer = stage.owner.send("PATCH", "/organizations/north", &media, Some(&patch)).await;
    answer.refused(415, "UnsupportedMediaType");
}

#[tokio::test]
async fn the_tree_has_five_levels_and_no_circles() {
    let stage = Stage::new().await;
    let mut parent = None;
    for level in 1..=5 {
        let id = format!("level-{level}");
        let body = json!({"displayName": id, "parent": parent});
        stage.owner.put(&format!("/organizations/{id}"), &body).await.expect(200);
        parent = Some(id);
    }
    let sixth = json!({"displayName": "six", "parent": "level-5"});
    stage.owner.put("/organizations/level-6", &sixth).await.refused(422, "InvalidBody");
    let circle = json!({"parent": "level-3"});
    stage.owner.patch("/organizations/level-1", &circle).await.refused(422, "InvalidBody");
    stage.owner.delete("/organizations/level-1").await.refused(409, "Conflict");
}

#[tokio::test]
async fn roles_of_organizations_appear_with_the_first_one() {
    let stage = Stage::new().await;
    let names = |items: Vec<serde_json::Value>| -> Vec<String> {
        items.iter().map(|role| role["displayName"].as_str().unwrap().to_owned()).collect()
    };
    let before = names(stage.owner.all("/roles").await.0);
    assert_eq!(before, ["Administrator", "Builder", "Operator"]);
    let role = format!("/roles/{ORG_ADMINISTRATOR}");
    stage.owner.get(&role).await.refused(404, "NotFound");
    stage.owner.put("/organizations/north", &json!({"displayName": "North"})).await.expect(200);
    assert_eq!(stage.owner.all("/roles").await.0.len(), 6);
    let role = stage.owner.get(&role).await.expect(200).json();
    assert_eq!(role, json!({"id": ORG_ADMINISTRATOR, "displayName": "Org Admin"}));
}
