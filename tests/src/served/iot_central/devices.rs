//! Devices and all that hangs on them.

use std::sync::Arc;

use serde_json::{Map, json};
use twinkit_emulator::iot_central::{Application, CommandAnswer, Place};

use super::scene::{CHILD, DEVICE};
use super::with_body;
use crate::contract::Subject;
use crate::generated::Values;
use crate::served::{Callable, Play};

pub(super) async fn play<C: Callable, S: Subject>(
    play: &mut Play<C, S>,
    application: &Arc<Application>,
) {
    devices(play).await;
    attestation(play).await;
    relationships(play).await;
    for level in Level::ALL {
        level.play(play, application).await;
    }
    parts(play).await;
}

fn device(id: &str) -> Values {
    Values::new().with("deviceId", id)
}

async fn devices<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let named = |id: &str, body| with_body("deviceId", id, body);
    let model = json!({"template": "dtmi:test:pump_model;1"});
    play.refused("create_device", named("pump-3", model.clone())).await;
    play.succeeds("get_device", device(DEVICE)).await;
    play.refused("get_device", device("nobody")).await;
    play.succeeds("update_device", named(DEVICE, json!({"displayName": "First"}))).await;
    play.refused("update_device", named("nobody", json!({}))).await;
    play.refused("update_device", named(DEVICE, model)).await;
    play.refused("update_device", named(DEVICE, json!({"etag": "stale"}))).await;
    play.succeeds("list_devices", Values::new()).await;
    play.denied("list_devices", Values::new()).await;
    play.succeeds("get_device_credentials", device(DEVICE)).await;
    play.refused("get_device_credentials", device("nobody")).await;
}

async fn attestation<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let named = |id: &str, body| with_body("deviceId", id, body);
    play.refused("get_device_attestation", device(DEVICE)).await;
    let keys = json!({"type": "symmetricKey",
        "symmetricKey": {"primaryKey": "cHJpbWFyeSBrZXk=", "secondaryKey": "c2Vjb25kYXJ5"}});
    play.succeeds("create_device_attestation", named(DEVICE, keys.clone())).await;
    play.refused("create_device_attestation", named("nobody", keys)).await;
    play.succeeds("get_device_attestation", device(DEVICE)).await;
    let other = json!({"symmetricKey": {"primaryKey": "b3RoZXI="}});
    play.succeeds("update_device_attestation", named(DEVICE, other.clone())).await;
    play.refused("update_device_attestation", named("nobody", other)).await;
    play.succeeds("delete_device_attestation", device(DEVICE)).await;
    play.refused("delete_device_attestation", device(DEVICE)).await;
}

async fn relationships<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let of = |id: &str| device(DEVICE).with("relationshipId", id);
    let body = json!({"source": DEVICE, "target": CHILD});
    play.succeeds("create_device_relationship", of("below").with("body", body.clone())).await;
    let nowhere = json!({"source": DEVICE, "target": "nobody"});
    play.refused("create_device_relationship", of("x").with("body", nowhere.clone())).await;
    play.succeeds("get_device_relationship", of("below")).await;
    play.refused("get_device_relationship", of("nobody")).await;
    play.succeeds("update_device_relationship", of("below").with("body", body.clone())).await;
    play.refused("update_device_relationship", of("nobody").with("body", body)).await;
    play.refused("update_device_relationship", of("below").with("body", nowhere)).await;
    play.succeeds("list_device_relationships", device(DEVICE)).await;
    play.refused("list_device_relationships", device("nobody")).await;
    play.succeeds("delete_device_relationship", of("below")).await;
    play.refused("delete_device_relationship", of("below")).await;
}

/// The lists of components and modules, which come from the template.
async fn parts<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    for operation in ["list_device_components", "list_device_modules"] {
        play.succeeds(operation, device(DEVICE)).await;
        play.refused(operation, device("nobody")).await;
    }
    let module = |id: &str| device(DEVICE).with("moduleName", id);
    play.succeeds("list_module_components", module("filter")).await;
    play.refused("list_module_components", module("nobody")).await;
}

/// Where a property, telemetry or command stands.
struct Level {
    /// As it stands in the names of operations.
    name: &'static str,
    module: Option<&'static str>,
    component: Option<&'static str>,
}

impl Level {
    const ALL: [Self; 4] = [
        Self { name: "device", module: None, component: None },
        Self { name: "component", module: None, component: Some("motor") },
        Self { name: "module", module: Some("filter"), component: None },
        Self { name: "module_component", module: Some("filter"), component: Some("motor") },
    ];

    fn of(&self, id: &str) -> Values {
        let mut values = device(id);
        if let Some(module) = self.module {
            values = values.with("moduleName", module);
        }
        if let Some(component) = self.component {
            values = values.with("componentName", component);
        }
        values
    }

    fn place(&self) -> Place {
        Place {
            module: self.module.map(str::to_owned),
            component: self.component.map(str::to_owned),
        }
    }

    async fn play<C: Callable, S: Subject>(
        &self,
        play: &mut Play<C, S>,
        application: &Arc<Application>,
    ) {
        let name = self.name;
        let get = format!("get_{name}_properties");
        play.refused(&get, self.of("nobody")).await;
        let (replace, update) =
            (format!("replace_{name}_properties"), format!("update_{name}_properties"));
        for operation in [&replace, &update] {
            let limit = json!({"limit": 12.5});
            play.succeeds(operation, self.of(DEVICE).with("body", limit.clone())).await;
            play.refused(operation, self.of("nobody").with("body", limit)).await;
            let wrong = json!({"limit": "high"});
            play.refused(operation, self.of(DEVICE).with("body", wrong)).await;
        }
        play.succeeds(&get, self.of(DEVICE)).await;

        let telemetry = format!("get_{name}_telemetry_value");
        let of = |device: &str| self.of(device).with("telemetryName", "flow");
        let flow = Map::from_iter([("flow".to_owned(), json!(3.5))]);
        if let Err(error) = application.send_telemetry(DEVICE, &self.place(), flow) {
            play.surprise(&telemetry, error.to_string());
        }
        play.succeeds(&telemetry, of(DEVICE)).await;
        play.refused(&telemetry, of("nobody")).await;

        let (run, history) = (format!("run_{name}_command"), format!("get_{name}_command_history"));
        let of = |device: &str| self.of(device).with("commandName", "restart");
        let body = json!({"request": {"delay": 1}, "responseTimeout": 5});
        let answer = CommandAnswer::reply(200, json!({"restarted": true}));
        let told = application.answer_command(DEVICE, &self.place(), Some("restart"), Some(answer));
        if let Err(error) = told {
            play.surprise(&run, error.to_string());
        }
        play.succeeds(&run, of(DEVICE).with("body", body.clone())).await;
        play.refused(&run, of("nobody").with("body", body)).await;
        let too_long = json!({"responseTimeout": 31});
        play.refused(&run, of(DEVICE).with("body", too_long)).await;
        play.succeeds(&history, of(DEVICE)).await;
        play.refused(&history, of("nobody")).await;
    }
}
