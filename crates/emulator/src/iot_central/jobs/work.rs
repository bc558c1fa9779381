//! What a job does to one device.

use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Target, find};
use crate::iot_central::{
    config::Config,
    model::value_fault,
    state::{Document, Record, State},
    twin::{CommandAnswer, Desired},
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
            let target = find(&template, kind, path)?;
            let value = datum.get("value").cloned().unwrap_or_default();
            if kind == "command" {
                command(state, device, &target, value, at)
            } else {
                property(state, device, kind, &target, value, at)
            }
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

/// Sets a property, or takes it away where the value is null.
fn property(
    state: &mut State,
    device: &str,
    kind: &str,
    target: &Target<'_>,
    value: Value,
    at: Timestamp,
) -> Option<()> {
    let schema = target.content.schema();
    if !value.is_null() && value_fault(schema, &value).is_some() {
        return None;
    }
    let twin = state.twins.get_mut(device)?;
    let name = target.content.name();
    let value = (!value.is_null()).then_some(value);
    if kind == "cloudProperty" {
        twin.part_mut(&target.place).properties.set_cloud(name, value);
        return Some(());
    }
    twin.desired_version += 1;
    let version = twin.desired_version;
    let desired = value.map(|value| Desired { value, version, at });
    twin.part_mut(&target.place).properties.want(name, desired);
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
    if !state.is_connected(device, at) {
        return None;
    }
    let is_simulated = state.simulated.contains(device);
    let twin = state.twins.get_mut(device)?;
    let name = target.content.name();
    let of_all = twin.answer.clone();
    let commands = &mut twin.part_mut(&target.place).commands;
    let own = commands.answers.get(name).cloned().or(of_all);
    let answer = match own {
        Some(answer) => answer,
        None if is_simulated => CommandAnswer::of_simulated(),
        None => CommandAnswer::Silence,
    };
    let CommandAnswer::Reply { code, response, .. } = answer else { return None };
    let mut shown = json!({"id": Uuid::new_v4().to_string(), "responseCode": code});
    for (member, value) in [("request", Some(request)), ("response", response)] {
        if let (Some(value), Some(members)) =
            (value.filter(|value| !value.is_null()), shown.as_object_mut())
        {
            members.insert(member.to_owned(), value);
        }
    }
    commands.note(name, shown);
    (200..300).contains(&code).then_some(())
}
