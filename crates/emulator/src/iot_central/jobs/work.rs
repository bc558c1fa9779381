//! What a job does to one device.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::data;
use crate::iot_central::{
    config::Config,
    state::{Document, Record, State},
    target::Target,
    twin::{CommandAnswer, Write},
};

/// Does all that the data of a job says; whether all of it went well.
pub(super) fn work(
    state: &mut State,
    config: &Config,
    device: &str,
    data: &[Value],
    at: Timestamp,
) -> bool {
    // Not `all`: what comes behind a fault is done as well.
    let mut fine = true;
    for datum in data.iter().filter_map(Value::as_object) {
        fine &= one(state, config, device, datum, at).is_some();
    }
    fine
}

fn one(
    state: &mut State,
    config: &Config,
    device: &str,
    datum: &Document,
    at: Timestamp,
) -> Option<()> {
    let text = |member: &str| datum.get(member).and_then(Value::as_str);
    let kind = text("type")?;
    match kind {
        "deviceTemplateMigration" => {
            let template = text("template")?;
            state.device_templates.get(template)?;
            change(state, config, device, "template", template.into(), at)
        }
        "deviceManifestMigration" => {
            let manifest = text("manifest")?;
            let mut members = state.deployment_manifests.get(manifest)?.document.clone();
            members.insert("id".to_owned(), manifest.into());
            change(state, config, device, "deploymentManifest", members.into(), at)
        }
        _ => {
            let template = text("target")?;
            if state.devices.get(device)?.text("template") != Some(template) {
                return None;
            }
            let template = state.device_templates.get(template)?.document.clone();
            let path = text("path")?;
            let target = data::target(&template, kind, path)?;
            let value = datum.get("value").cloned().unwrap_or_default();
            if kind == "command" {
                return command(state, device, &target, value, at);
            }
            // Like a PATCH of the properties, with all its checks.
            let mut body = Document::new();
            body.insert(target.content.name().to_owned(), value);
            let pace = (config, at);
            state.write_properties(device, &target.place, &body, Write::default(), pace).ok()?;
            Some(())
        }
    }
}

/// Changes a member of a device's document.
fn change(
    state: &mut State,
    config: &Config,
    device: &str,
    member: &str,
    value: Value,
    at: Timestamp,
) -> Option<()> {
    let mut document = state.devices.get(device)?.document.clone();
    document.insert(member.to_owned(), value);
    state.devices.insert(device.to_owned(), Record::new(document));
    state.device_stored(device, config, at);
    Some(())
}

/// Runs a command as one called by itself, but waits for nothing: how long the
/// device takes is part of the batch.
fn command(
    state: &mut State,
    device: &str,
    target: &Target<'_>,
    request: Value,
    at: Timestamp,
) -> Option<()> {
    let is_durable = target.content.flag("durable");
    if !is_durable && !state.is_connected(device, at) {
        return None;
    }
    let is_simulated = state.simulated.contains_key(device);
    let lacks_request = target.content.has_request() && request.is_null();
    let twin = state.twins.get_mut(device)?;
    let name = target.content.name();
    let of_all = twin.answer.clone();
    let commands = &mut twin.part_mut(&target.place).commands;
    let mut shown = Document::new();
    shown.insert("id".to_owned(), Uuid::new_v4().to_string().into());
    if !request.is_null() {
        shown.insert("request".to_owned(), request);
    }
    if is_durable {
        commands.note(name, shown.into());
        return Some(());
    }
    let answer = match commands.answers.get(name).cloned().or(of_all) {
        Some(answer) => answer,
        None if is_simulated && !lacks_request => CommandAnswer::of_simulated(),
        None => CommandAnswer::Silence,
    };
    let CommandAnswer::Reply { code, response, .. } = answer else {
        commands.note(name, shown.into());
        return None;
    };
    if let Some(response) = response {
        shown.insert("response".to_owned(), response);
    }
    shown.insert("responseCode".to_owned(), code.into());
    commands.note(name, shown.into());
    (200..300).contains(&code).then_some(())
}
