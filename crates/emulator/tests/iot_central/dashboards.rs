//! Dashboards and deployment manifests, which previews have.

use serde_json::{Value, json};

use crate::support::{PREVIEW, Stage};

const PATH: &str = "/dashboards/dtmi:home;1";

fn tile(configuration: Value) -> Value {
    json!({
        "displayName": "Tile", "configuration": configuration,
        "x": 0, "y": 1.5, "width": 1, "height": 10,
    })
}

fn with(tiles: &[Value]) -> Value {
    json!({"displayName": "Home", "tiles": tiles})
}

#[tokio::test]
async fn a_dashboard_is_made_changed_listed_and_deleted() {
    let stage = Stage::new().await;
    let preview = stage.owner.version(PREVIEW);
    let label = tile(json!({"type": "label", "text": "Hello"}));
    let made = preview.put(PATH, &with(std::slice::from_ref(&label))).await.expect(200).json();
    let id = made["tiles"][0]["id"].clone();
    let mut shown = label;
    shown["id"] = id.clone();
    let whole = json!({
        "id": "dtmi:home;1", "etag": made["etag"], "displayName": "Home",
        "tiles": [shown], "favorite": false, "personal": false,
    });
    assert_eq!(made, whole);
    let changed = preview.patch(PATH, &json!({"favorite": true})).await.expect(200).json();
    assert_eq!((&changed["favorite"], &changed["tiles"][0]["id"]), (&json!(true), &id));
    let stale = [("if-match", made["etag"].as_str().unwrap())];
    let answer = preview.send("PATCH", PATH, &stale, Some(&json!({"favorite": false}))).await;
    answer.refused(412, "PreconditionFailed");
    assert_eq!(preview.all("/dashboards?orderby=displayName").await.0, [changed]);
    preview.delete(PATH).await.expect(204);
    preview.get(PATH).await.refused(404, "NotFound");
    stage.owner.put(PATH, &with(&[])).await.refused(404, "NotFound");
}

#[tokio::test]
async fn tiles_of_every_kind_are_looked_into() {
    let stage = Stage::new().await;
    let preview = stage.owner.version(PREVIEW);
    let time = json!({"type": "time", "duration": "PT1H", "resolution": "PT1M"});
    let capability = json!({"capability": "temperature", "aggregateFunction": "avg"});
    let good = [
        json!({"type": "lineChart", "group": "g", "devices": ["d"], "queryRange":
            {"type": "count", "count": 100}, "capabilities": [capability]}),
        json!({"type": "kpi", "group": "g", "devices": [], "queryRange": time}),
        json!({"type": "command", "command": "c", "device": "d"}),
        json!({"type": "command", "command": "c", "device": ["d"], "group": "g"}),
        json!({"type": "deviceCount"}),
        json!({"type": "lkv", "group": "g", "devices": ["d"]}),
        json!({"type": "markdown", "description": "*"}),
    ];
    let tiles: Vec<Value> = good.into_iter().map(tile).collect();
    preview.put(PATH, &with(&tiles)).await.expect(200);

    let mut outside = tile(json!({"type": "image"}));
    outside["width"] = 11.into();
    let bad = [
        tile(json!({"type": "hologram"})),
        tile(json!({"type": "pieChart", "group": "g", "queryRange": {"type": "count"}})),
        tile(json!({"type": "label"})),
        outside,
        json!({}),
        json!(1),
    ];
    let message = preview.put(PATH, &with(&bad)).await.refused(422, "InvalidBody");
    for part in [
        "tiles.0.configuration.type is not one of barChart",
        "tiles.1.configuration.devices is missing",
        "tiles.1.configuration.queryRange.type is not one of time",
        "tiles.2.configuration.text is missing",
        "width is not from 1 to 10",
        "tiles.4.displayName is missing",
        "tiles.5 is no object",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let many = vec![tile(json!({"type": "image"})); 101];
    let message = preview.put(PATH, &with(&many)).await.refused(422, "InvalidBody");
    assert!(message.contains("more than 100 items"), "{message}");
    preview.put("/dashboards/a-b", &with(&[])).await.refused(400, "BadRequest");
}

#[tokio::test]
async fn manifests_are_kept_as_they_are() {
    let stage = Stage::new().await;
    let (preview, path) = (stage.owner.version(PREVIEW), "/deploymentManifests/edge1");
    let body = json!({"displayName": "Edge", "data": {"modulesContent": {"$edgeAgent": {}}}});
    let made = preview.put(path, &body).await.expect(200).json();
    let mut whole = body;
    whole["id"] = "edge1".into();
    whole["etag"] = made["etag"].clone();
    assert_eq!(made, whole);
    let patch = json!({"displayName": null, "etag": made["etag"]});
    let changed = preview.patch(path, &patch).await.expect(200).json();
    assert!(changed.get("displayName").is_none() && changed["data"] == whole["data"]);
    preview.patch(path, &patch).await.refused(412, "PreconditionFailed");
    let message = preview.put(path, &json!({"displayName": ""})).await.refused(422, "InvalidBody");
    assert!(message.contains("data is missing") && message.contains("empty"), "{message}");
    preview.put("/deploymentManifests/a-b", &whole).await.refused(400, "BadRequest");
    assert_eq!(preview.all("/deploymentManifests?filter=id%20ne%20%27x%27").await.0.len(), 1);
    preview.delete(path).await.expect(204);
    stage.owner.get(path).await.refused(404, "NotFound");
}
