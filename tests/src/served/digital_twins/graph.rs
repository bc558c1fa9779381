//! Twins, relationships, components, telemetry and event routes.

use serde_json::{Value, json};

use super::Play;
use crate::generated::Values;
use crate::support::stage::{contains, room};

/// No entity has this tag.
const STALE: &str = "W/\"00000000-0000-0000-0000-000000000000\"";

pub(super) async fn play(play: &mut Play) {
    twins(play).await;
    relationships(play).await;
    components(play).await;
    telemetry(play).await;
    event_routes(play).await;
}

fn id(id: &str) -> Values {
    Values::new().with("id", id)
}

fn add(path: &str, value: impl Into<Value>) -> Value {
    json!([{"op": "add", "path": path, "value": value.into()}])
}

async fn twins(play: &mut Play) {
    let twin = || room("lab", "Lab", 19.0);
    play.succeeds("put_twin", id("lab").with("If-None-Match", "*").with("body", twin())).await;
    play.refused("put_twin", id("lab").with("If-None-Match", "*").with("body", twin())).await;
    let unknown = json!({"$metadata": {"$model": "dtmi:test:Room;1"}, "chimney": true});
    play.refused("put_twin", id("lab").with("body", unknown)).await;

    let etag = play
        .succeeds("get_twin", id("lab"))
        .await
        .and_then(|answer| answer.header("etag").map(str::to_owned))
        .unwrap_or_default();
    play.refused("get_twin", id("nobody")).await;

    let patch = |tag: &str| id("lab").with("If-Match", tag).with("body", add("/temperature", 22.5));
    play.succeeds("update_twin", patch(&etag)).await;
    play.refused("update_twin", patch(STALE)).await;
    play.refused("update_twin", id("nobody").with("body", add("/temperature", 1))).await;
    play.refused("update_twin", id("lab").with("body", add("/temperature", "warm"))).await;

    play.refused("delete_twin", id("lab").with("If-Match", STALE)).await;
    play.refused("delete_twin", id("floor-1")).await;
    play.succeeds("delete_twin", id("lab").with("If-Match", "*")).await;
    play.refused("delete_twin", id("lab")).await;
}

async fn relationships(play: &mut Play) {
    let named = |twin: &str, relationship: &str| id(twin).with("relationshipId", relationship);
    let second = || named("floor-1", "again");
    let body = contains("floor-1", "again", "room-1");
    play.succeeds("put_relationship", second().with("body", body.clone())).await;
    let once = second().with("If-None-Match", "*").with("body", body.clone());
    play.refused("put_relationship", once).await;
    let nowhere = contains("floor-1", "again", "nobody");
    play.refused("put_relationship", second().with("body", nowhere)).await;

    play.succeeds("get_relationship", second()).await;
    play.refused("get_relationship", named("floor-1", "none")).await;
    play.succeeds("list_relationships", id("floor-1").with("relationshipName", "contains")).await;
    play.refused("list_relationships", id("nobody")).await;
    play.succeeds("list_incoming_relationships", id("room-1")).await;
    play.refused("list_incoming_relationships", id("nobody")).await;

    let since = || add("/since", "2024");
    play.succeeds("update_relationship", second().with("body", since())).await;
    let stale = second().with("If-Match", STALE).with("body", since());
    play.refused("update_relationship", stale).await;
    play.refused("update_relationship", named("floor-1", "none").with("body", since())).await;

    play.refused("delete_relationship", second().with("If-Match", STALE)).await;
    play.succeeds("delete_relationship", second()).await;
    play.refused("delete_relationship", second()).await;
}

async fn components(play: &mut Play) {
    let thermostat = |twin: &str| id(twin).with("componentPath", "thermostat");
    play.succeeds("get_component", thermostat("room-1")).await;
    play.refused("get_component", thermostat("nobody")).await;
    play.refused("get_component", id("room-1").with("componentPath", "chimney")).await;
    let warmer = || add("/setPoint", 23.0);
    play.succeeds("update_component", thermostat("room-1").with("body", warmer())).await;
    let stale = thermostat("room-1").with("If-Match", STALE).with("body", warmer());
    play.refused("update_component", stale).await;
    play.refused("update_component", thermostat("nobody").with("body", warmer())).await;
}

async fn telemetry(play: &mut Play) {
    let humid = || json!({"humidity": 41.5});
    let dated = id("room-1").with("Message-Id", "message-1").with("body", humid());
    let dated = dated.with("Telemetry-Source-Time", "2024-02-29T12:00:00Z");
    play.succeeds("send_telemetry", dated).await;
    play.refused("send_telemetry", id("nobody").with("body", humid())).await;

    let component = |name: &str| {
        let body = json!({"reading": 20.25});
        id("room-1").with("componentPath", name).with("body", body)
    };
    play.succeeds("send_component_telemetry", component("thermostat")).await;
    play.refused("send_component_telemetry", component("chimney")).await;
}

async fn event_routes(play: &mut Play) {
    let route = |endpoint: &str, filter: &str| {
        id("twins").with("body", json!({"endpointName": endpoint, "filter": filter}))
    };
    play.succeeds("put_event_route", route("events", "type = 'x'")).await;
    play.refused("put_event_route", route("nowhere", "true")).await;
    play.refused("put_event_route", route("events", "type = = 'x'")).await;
    play.succeeds("get_event_route", id("twins")).await;
    play.refused("get_event_route", id("nobody")).await;
    play.succeeds("list_event_routes", Values::new().with("max-items-per-page", 1)).await;
    play.denied("list_event_routes", Values::new()).await;
    play.succeeds("delete_event_route", id("twins")).await;
    play.refused("delete_event_route", id("twins")).await;
}
