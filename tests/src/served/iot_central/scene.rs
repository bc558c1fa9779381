//! What the scenarios of devices, groups and jobs stand on: a template with
//! everything in it, a device that somebody plays and a simulated one, a group.

use std::sync::Arc;

use serde_json::{Value, json};
use twinkit_emulator::iot_central::Application;

use super::with_body;
use crate::contract::Subject;
use crate::generated::Values;
use crate::served::{Callable, Play};

pub(super) const TEMPLATE: &str = "dtmi:test:pump;1";
pub(super) const DEVICE: &str = "pump-1";
pub(super) const CHILD: &str = "pump-2";
pub(super) const GROUP: &str = "pumps";

/// The template, with a property, a telemetry and a command at each level.
fn template() -> Value {
    let contents = |extra: Vec<Value>| -> Vec<Value> {
        let mut contents = vec![
            json!({"@type": "Telemetry", "name": "flow", "schema": "double"}),
            json!({"@type": "Property", "name": "limit", "schema": "double", "writable": true}),
            json!({"@type": "Command", "name": "restart"}),
        ];
        contents.extend(extra);
        contents
    };
    let interface = |id: &str, contents: Vec<Value>| json!({"@id": id, "@type": "Interface", "displayName": "Part", "contents": contents});
    let component = |id: &str, contents: Vec<Value>| {
        json!({"@type": "Component", "name": "motor", "displayName": "Motor",
            "schema": interface(id, contents)})
    };
    let module = interface(
        "dtmi:test:module;1",
        contents(vec![component("dtmi:test:modulemotor;1", contents(vec![]))]),
    );
    json!({
        "@type": ["ModelDefinition", "DeviceModel"],
        "@context": ["dtmi:iotcentral:context;2", "dtmi:dtdl:context;2"],
        "displayName": "Pump",
        "description": "Moves water.",
        "capabilityModel": interface("dtmi:test:pump_model;1", contents(vec![
            json!({"@type": ["Property", "Cloud", "StringValue"], "name": "owner",
                "schema": "string"}),
            component("dtmi:test:motor;1", contents(vec![])),
            json!({"@type": ["Relationship", "EdgeModule"], "name": "filter",
                "displayName": "Filter", "target": [module]}),
        ])),
    })
}

pub(super) async fn build<C: Callable, S: Subject>(
    play: &mut Play<C, S>,
    application: &Arc<Application>,
) {
    let template_id = |id: &str| Values::new().with("deviceTemplateId", id);
    let named = |id: &str, body| with_body("deviceTemplateId", id, body);
    play.succeeds("create_device_template", named(TEMPLATE, template())).await;
    let plain = json!({"@id": "dtmi:test:plain;1", "@type": "Interface", "contents": []});
    play.refused("create_device_template", named("dtmi:test:plain;1", plain)).await;
    play.succeeds("get_device_template", template_id(TEMPLATE)).await;
    play.refused("get_device_template", template_id("dtmi:test:none;1")).await;
    let renamed = json!({"displayName": "Water pump"});
    play.succeeds("update_device_template", named(TEMPLATE, renamed.clone())).await;
    play.refused("update_device_template", named("dtmi:test:none;1", renamed)).await;
    play.refused("update_device_template", named(TEMPLATE, json!({"capabilityModel": 1}))).await;
    play.succeeds("list_device_templates", Values::new()).await;
    play.denied("list_device_templates", Values::new()).await;

    for (device, name) in [(DEVICE, "Pump 1"), (CHILD, "Pump 2")] {
        let body = json!({"displayName": name, "template": TEMPLATE, "enabled": true});
        play.succeeds("create_device", with_body("deviceId", device, body)).await;
        if let Err(error) = application.connect_device(device) {
            play.surprise("create_device", error.to_string());
        }
    }
    let filter = format!("SELECT * FROM devices WHERE $template = \"{TEMPLATE}\"");
    let group = json!({"displayName": "Pumps", "filter": filter});
    play.succeeds("create_device_group", with_body("deviceGroupId", GROUP, group)).await;
}

/// Takes away what was built, in the order that is left to be tried.
pub(super) async fn clear<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    for device in [DEVICE, CHILD] {
        play.succeeds("delete_device", Values::new().with("deviceId", device)).await;
    }
    play.refused("delete_device", Values::new().with("deviceId", DEVICE)).await;
    let template = || Values::new().with("deviceTemplateId", TEMPLATE);
    play.succeeds("delete_device_template", template()).await;
    play.refused("delete_device_template", template()).await;
}
