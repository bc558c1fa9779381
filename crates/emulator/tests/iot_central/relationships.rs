//! Relationships between devices.

use serde_json::json;

use crate::support::{ORG_ADMINISTRATOR, PREVIEW, Stage};

async fn with_devices() -> Stage {
    let stage = Stage::new().await;
    for id in ["gateway", "leaf", "other"] {
        stage.owner.put(&format!("/devices/{id}"), &json!({})).await.expect(200);
    }
    stage
}

#[tokio::test]
async fn a_relationship_is_seen_from_both_ends() {
    let stage = with_devices().await;
    let owner = &stage.owner;
    let body = json!({"source": "gateway", "target": "leaf", "id": "x"});
    let path = "/devices/gateway/relationships/rel%2F1";
    let made = owner.put(path, &body).await.expect(200).json();
    assert_eq!(made, json!({"id": "rel/1", "source": "gateway", "target": "leaf"}));
    for device in ["gateway", "leaf"] {
        let list = owner.all(&format!("/devices/{device}/relationships")).await.0;
        assert_eq!(list, std::slice::from_ref(&made), "{device}");
        let one = format!("/devices/{device}/relationships/rel%2F1");
        assert_eq!(owner.get(&one).await.expect(200).json(), made);
    }
    assert!(owner.all("/devices/other/relationships").await.0.is_empty());
    owner.get("/devices/other/relationships/rel%2F1").await.refused(404, "NotFound");
    let changed = owner.patch(path, &json!({"target": "other"})).await.expect(200).json();
    assert_eq!(changed["target"], "other");
    assert!(owner.all("/devices/leaf/relationships").await.0.is_empty());
    let elsewhere = json!({"source": "leaf", "target": "gateway"});
    owner.put("/devices/leaf/relationships/rel%2F1", &elsewhere).await.refused(409, "Conflict");
    owner.delete(path).await.expect(204);
    owner.delete(path).await.refused(404, "NotFound");
    owner.patch(path, &json!({})).await.refused(404, "NotFound");
}

#[tokio::test]
async fn both_ends_must_be_there() {
    let stage = with_devices().await;
    let owner = &stage.owner;
    for (body, told) in [
        (json!({}), vec!["source is missing", "target is missing"]),
        (json!({"source": "gateway", "target": "none"}), vec!["target names no device"]),
        (json!({"source": "gateway", "target": "gateway"}), vec!["same device"]),
        (json!({"source": "leaf", "target": "other"}), vec!["device in the path"]),
    ] {
        let path = "/devices/gateway/relationships/r1";
        let message = owner.put(path, &body).await.refused(422, "InvalidBody");
        assert!(told.iter().all(|told| message.contains(told)), "{message}");
    }
    let body = json!({"source": "gateway", "target": "leaf"});
    owner.put("/devices/none/relationships/r1", &body).await.refused(404, "NotFound");
    owner.get("/devices/none/relationships").await.refused(404, "NotFound");
    owner.put("/devices/gateway/relationships/r1", &body).await.expect(200);
    owner.delete("/devices/leaf").await.expect(204);
    assert!(owner.all("/devices/gateway/relationships").await.0.is_empty());
}

#[tokio::test]
async fn the_list_has_pages_whose_size_previews_choose() {
    let stage = with_devices().await;
    let body = json!({"source": "gateway", "target": "leaf"});
    for number in 0..30 {
        let path = format!("/devices/gateway/relationships/r{number:02}");
        stage.owner.put(&path, &body).await.expect(200);
    }
    let (items, pages) = stage.owner.all("/devices/leaf/relationships").await;
    assert_eq!((items.len(), pages), (30, 2));
    let preview = stage.owner.version(PREVIEW);
    let (items, pages) = preview.all("/devices/leaf/relationships?maxpagesize=10").await;
    assert_eq!((items.len(), pages), (30, 3));
}

#[tokio::test]
async fn an_end_in_another_organization_is_not_there() {
    let stage = with_devices().await;
    let owner = &stage.owner;
    owner.put("/organizations/north", &json!({"displayName": "North"})).await.expect(200);
    for id in ["gateway", "leaf"] {
        let patch = json!({"organizations": ["north"]});
        owner.patch(&format!("/devices/{id}"), &patch).await.expect(200);
    }
    let roles = json!([{"role": ORG_ADMINISTRATOR, "organization": "north"}]);
    let member = stage.member(roles).await;
    let path = "/devices/gateway/relationships/r1";
    let body = json!({"source": "gateway", "target": "leaf"});
    member.put(path, &body).await.expect(200);
    let patch = json!({"target": "other"});
    let message = member.patch(path, &patch).await.refused(422, "InvalidBody");
    assert!(message.contains("names no device"), "{message}");
}
