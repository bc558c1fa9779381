//! What only the preview has: queries, dashboards, data exports, deployment
//! manifests. They stand alone: the devices of the other scenarios are gone.

use serde_json::{Value, json};

use super::with_body;
use crate::contract::Subject;
use crate::generated::Values;
use crate::served::{Callable, Play};

const TEMPLATE: &str = "dtmi:test:fan;1";
const DEVICE: &str = "fan-1";

pub(super) async fn play<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    query(play).await;
    manifests(play).await;
    dashboards(play).await;
    destinations(play).await;
    exports(play).await;
    let destination = || Values::new().with("destinationId", "hook");
    play.succeeds("delete_destination", destination()).await;
    play.refused("delete_destination", destination()).await;
}

async fn query<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let template = json!({
        "@type": ["ModelDefinition", "DeviceModel"],
        "displayName": "Fan",
        "description": "Moves air.",
        "capabilityModel": {"@id": "dtmi:test:fan_model;1", "@type": "Interface", "contents": [
            {"@type": "Property", "name": "speed", "schema": "double", "writable": true}]},
    });
    play.succeeds("create_device_template", with_body("deviceTemplateId", TEMPLATE, template))
        .await;
    let device = json!({"displayName": "Fan", "template": TEMPLATE});
    play.succeeds("create_device", with_body("deviceId", DEVICE, device)).await;
    let ask = |text: &str| Values::new().with("body", json!({"query": text}));
    let all = format!("SELECT $id, speed FROM {TEMPLATE}");
    play.succeeds("run_query", ask(&all)).await;
    play.refused("run_query", ask("SELECT * FROM nowhere")).await;
}

async fn manifests<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let id = |id: &str| Values::new().with("deploymentManifestId", id);
    let named = |id: &str, body| with_body("deploymentManifestId", id, body);
    let manifest = || {
        json!({"displayName": "Filter", "data": {"modulesContent": {
            "$edgeAgent": {"properties.desired": {"schemaVersion": "1.0", "modules": {}}},
            "$edgeHub": {"properties.desired": {"schemaVersion": "1.0"}}}}})
    };
    play.succeeds("create_deployment_manifest", named("filter", manifest())).await;
    play.refused(
        "create_deployment_manifest",
        named("x", json!({"data": {}, "organizations": ["nowhere"]})),
    )
    .await;
    play.succeeds("get_deployment_manifest", id("filter")).await;
    play.refused("get_deployment_manifest", id("nobody")).await;
    let renamed = json!({"displayName": "Filters"});
    play.succeeds("update_deployment_manifest", named("filter", renamed.clone())).await;
    play.refused("update_deployment_manifest", named("nobody", renamed.clone())).await;
    let stale = named("filter", renamed).with("If-Match", "\"stale\"");
    play.refused("update_deployment_manifest", stale).await;
    play.succeeds("list_deployment_manifests", Values::new()).await;
    play.denied("list_deployment_manifests", Values::new()).await;
    let apply = |device: &str| with_body("deviceId", device, manifest());
    play.succeeds("apply_deployment_manifest", apply(DEVICE)).await;
    play.refused("apply_deployment_manifest", apply("nobody")).await;
    play.succeeds("delete_deployment_manifest", id("filter")).await;
    play.refused("delete_deployment_manifest", id("filter")).await;
}

async fn dashboards<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let id = |id: &str| Values::new().with("dashboardId", id);
    let named = |id: &str, body| with_body("dashboardId", id, body);
    let tile = |configuration: Value| {
        json!({"displayName": "x", "x": 0, "y": 0, "width": 2, "height": 2,
            "configuration": configuration})
    };
    let label = tile(json!({"type": "markdown", "description": "# Pumps"}));
    let body = json!({"displayName": "Pumps", "tiles": [label], "favorite": false});
    play.succeeds("create_dashboard", named("pumps", body)).await;
    play.refused("create_dashboard", named("x", json!({"displayName": ""}))).await;
    play.succeeds("get_dashboard", id("pumps")).await;
    play.refused("get_dashboard", id("nobody")).await;
    let renamed = json!({"displayName": "All pumps"});
    play.succeeds("update_dashboard", named("pumps", renamed.clone())).await;
    play.refused("update_dashboard", named("nobody", renamed)).await;
    play.succeeds("list_dashboards", Values::new()).await;
    play.denied("list_dashboards", Values::new()).await;
    play.succeeds("delete_dashboard", id("pumps")).await;
    play.refused("delete_dashboard", id("pumps")).await;
}

async fn destinations<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let id = |id: &str| Values::new().with("destinationId", id);
    let named = |id: &str, body| with_body("destinationId", id, body);
    let hook = json!({"displayName": "Hook", "type": "webhook@v1", "url": "https://b.example/hook",
        "authorization": {"type": "header", "value": "secret"}});
    play.succeeds("create_destination", named("hook", hook)).await;
    let hub = json!({"displayName": "Hub", "type": "eventhubs@v1", "authorization":
        {"type": "systemAssignedManagedIdentity", "hostName": "a.b.example", "eventHubName": "h"}});
    play.succeeds("create_destination", named("hub", hub)).await;
    play.refused("create_destination", named("x", json!({"displayName": "x"}))).await;
    play.succeeds("get_destination", id("hook")).await;
    play.refused("get_destination", id("nobody")).await;
    let renamed = json!({"displayName": "The hook"});
    play.succeeds("update_destination", named("hook", renamed.clone())).await;
    play.refused("update_destination", named("nobody", renamed)).await;
    play.succeeds("list_destinations", Values::new()).await;
    play.denied("list_destinations", Values::new()).await;
}

async fn exports<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let id = |id: &str| Values::new().with("exportId", id);
    let named = |id: &str, body| with_body("exportId", id, body);
    let body = json!({"displayName": "Telemetry", "enabled": true, "source": "telemetry",
        "destinations": [{"id": "hook"}]});
    play.succeeds("create_export", named("all", body)).await;
    let nowhere = json!({"displayName": "x", "enabled": true, "source": "telemetry",
        "destinations": [{"id": "nobody"}]});
    play.refused("create_export", named("x", nowhere)).await;
    play.succeeds("get_export", id("all")).await;
    play.refused("get_export", id("nobody")).await;
    let off = json!({"enabled": false});
    play.succeeds("update_export", named("all", off.clone())).await;
    play.refused("update_export", named("nobody", off)).await;
    play.succeeds("list_exports", Values::new()).await;
    play.denied("list_exports", Values::new()).await;
    play.succeeds("list_export_destinations", id("all")).await;
    play.refused("list_export_destinations", id("nobody")).await;
    let destination = |id: &str| Values::new().with("destinationId", id);
    play.succeeds("list_destination_exports", destination("hook")).await;
    play.refused("list_destination_exports", destination("nobody")).await;
    play.succeeds("delete_export", id("all")).await;
    play.refused("delete_export", id("all")).await;
}
