//! Components and modules of a device.

use serde_json::json;

use crate::support::{PREVIEW, Stage};

#[tokio::test]
async fn they_come_from_the_template() {
    let stage = Stage::with_device(false).await;
    let owner = &stage.owner;
    let info = json!({"@type": ["Component"], "name": "info", "displayName": "Info"});
    let list = owner.get("/devices/dev-1/components").await.expect(200).json();
    assert_eq!(list, json!({"value": [info]}));
    let filter = json!({
        "@type": ["Relationship", "EdgeModule"], "name": "filter", "displayName": "filter",
    });
    assert_eq!(owner.all("/devices/dev-1/modules").await.0, [filter]);
    let cache = json!({"@type": ["Component"], "name": "cache", "displayName": "cache"});
    assert_eq!(owner.all("/devices/dev-1/modules/filter/components").await.0, [cache]);
    for path in [
        "/devices/none/components",
        "/devices/none/modules",
        "/devices/dev-1/modules/none/components",
        "/devices/dev-1/components/info/components",
        "/devices/dev-1/modules/filter",
    ] {
        owner.get(path).await.refused(404, "NotFound");
    }
    owner.put("/devices/dev-1/components", &json!({})).await.refused(404, "NotFound");
    owner.put("/devices/plain", &json!({})).await.expect(200);
    for path in ["/devices/plain/components", "/devices/plain/modules"] {
        assert_eq!(owner.get(path).await.expect(200).json(), json!({"value": []}));
    }
}

#[tokio::test]
async fn modules_of_the_manifest_are_there_too_and_the_system_ones_are_not() {
    let stage = Stage::with_device(false).await;
    let manifest = json!({"data": {"modulesContent": {"$edgeAgent": {"properties.desired": {
        "systemModules": {"edgeAgent": {}, "edgeHub": {}},
        "modules": {"filter": {}, "camera": {}, "$edgeHub": {}},
    }}}}});
    let patch = json!({"deploymentManifest": manifest});
    let preview = stage.owner.version(PREVIEW);
    preview.patch("/devices/dev-1", &patch).await.expect(200);
    let modules = preview.all("/devices/dev-1/modules").await.0;
    let names: Vec<&str> = modules.iter().map(|module| module["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["camera", "filter"]);
    let properties = preview.get("/devices/dev-1/modules/camera/properties").await.expect(200);
    assert_eq!(properties.json(), json!({"$metadata": {}}));
    let components = preview.get("/devices/dev-1/modules/camera/components").await.expect(200);
    assert_eq!(components.json(), json!({"value": []}));
}
