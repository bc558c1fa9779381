//! Filters and orders of lists, which previews have.

use serde_json::json;

use crate::support::{Caller, OLDER_PREVIEW, PREVIEW, Stage, THERMOSTAT};

async fn found(caller: &Caller, list: &str, parameter: &str, text: &str) -> Vec<String> {
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let (items, _) = caller.all(&format!("{list}?{parameter}={encoded}")).await;
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn stage() -> (Stage, Caller) {
    let stage = Stage::with_thermostat().await;
    let preview = stage.owner.version(PREVIEW);
    stage.owner.put("/organizations/north", &json!({"displayName": "North"})).await.expect(200);
    for (id, body) in [
        ("a1", json!({"displayName": "Zoe's pump", "template": THERMOSTAT})),
        ("b2", json!({"displayName": "Pump", "enabled": false, "organizations": ["north"]})),
        ("c3", json!({"displayName": "Valve", "type": ["iotEdge"]})),
    ] {
        preview.put(&format!("/devices/{id}"), &body).await.expect(200);
    }
    (stage, preview)
}

#[tokio::test]
async fn devices_are_found_by_every_field() {
    let (stage, preview) = stage().await;
    for (filter, ids) in [
        ("displayName eq 'Zoe''s pump'".to_owned(), vec!["a1"]),
        ("contains(displayName, 'ump')".to_owned(), vec!["a1", "b2"]),
        (format!("template eq '{THERMOSTAT}' or id eq 'c3'"), vec!["a1", "c3"]),
        ("enabled ne true".to_owned(), vec!["b2"]),
        ("provisioned eq false and simulated eq false".to_owned(), vec!["a1", "b2", "c3"]),
        ("scopes eq 'north'".to_owned(), vec!["b2"]),
        ("type eq 'GatewayDevice' or type eq 'EdgeDevice'".to_owned(), vec!["c3"]),
        ("id gt 'a1' and (id le 'b2' or type eq 'iotEdge')".to_owned(), vec!["b2", "c3"]),
    ] {
        assert_eq!(found(&preview, "/devices", "filter", &filter).await, ids, "{filter}");
        let older = stage.owner.version(OLDER_PREVIEW);
        assert_eq!(found(&older, "/devices", "$filter", &filter).await, ids, "{filter}");
    }
    // The stable version knows no filters, and each preview only its own name.
    assert_eq!(found(&stage.owner, "/devices", "filter", "nonsense").await.len(), 3);
    assert_eq!(found(&preview, "/devices", "$filter", "nonsense").await.len(), 3);
}

#[tokio::test]
async fn a_filter_stays_over_the_pages() {
    let (_stage, preview) = stage().await;
    let filter = "/devices?maxpagesize=1&filter=contains(displayName,%20%27ump%27)";
    let (items, pages) = preview.all(filter).await;
    assert_eq!((items.len(), pages), (2, 2));
}

#[tokio::test]
async fn bad_filters_are_refused_with_the_place() {
    let (_stage, preview) = stage().await;
    for (list, filter, told) in [
        ("/devices", "colour eq 'x'", "at character 1: \"colour\" is none of the fields"),
        ("/devices", "id eq 'x' and", "at character 14"),
        ("/deviceGroups", "enabled eq true", "none of the fields id, displayName"),
        ("/deviceTemplates", "", "at character 1"),
    ] {
        let encoded: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let answer = preview.get(&format!("{list}?filter={encoded}")).await;
        let message = answer.refused(400, "BadRequest");
        assert!(message.contains(told), "{message}");
    }
}

#[tokio::test]
async fn lists_are_ordered_by_name() {
    let (stage, preview) = stage().await;
    assert_eq!(found(&preview, "/devices", "orderby", "displayName").await, ["b2", "c3", "a1"]);
    let reverse = "displayName desc";
    assert_eq!(found(&preview, "/devices", "orderby", reverse).await, ["a1", "c3", "b2"]);
    let older = stage.owner.version(OLDER_PREVIEW);
    assert_eq!(found(&older, "/devices", "$orderby", reverse).await, ["a1", "c3", "b2"]);
    let (items, pages) = preview.all("/devices?orderby=displayName&maxpagesize=2").await;
    assert_eq!((items[2]["id"].as_str().unwrap(), pages), ("a1", 2));
    for order in ["id", "displayName%20up", "displayName,id", ""] {
        let path = format!("/devices?orderby={order}");
        preview.get(&path).await.refused(400, "BadRequest");
    }
}
