//! The document of a device: checking, completing, showing it.

use serde_json::Value;

use super::{Devices, manifest};
use crate::iot_central::{
    ApiError,
    resources::{
        collection::{self, Context},
        organizations,
    },
    routes::ApiVersion,
    rules::Body,
    state::{Document, Record, State},
};

/// Members that only previews have.
const OF_PREVIEWS: [&str; 2] = ["type", MANIFEST];
pub(super) const MANIFEST: &str = "deploymentManifest";
/// Most characters of a name.
const NAME: usize = 148;

pub(super) fn check(
    context: &Context<'_>,
    id: &str,
    document: &Document,
    old: Option<&Record>,
) -> Result<(), ApiError> {
    let (state, config) = (context.state, &context.call.application.config);
    let mut body = Body::new(document);
    if body.optional_text("displayName").is_some_and(|name| name.chars().count() > NAME) {
        body.fault(format!("displayName has more than {NAME} characters"));
    }
    body.optional_bool("enabled");
    let is_simulated = body.optional_bool("simulated") == Some(true);
    let template = body.optional_text("template");
    organizations::check_one(state, &mut body);
    if context.call.version.is_preview() {
        check_of_previews(&mut body, document, old);
    }
    body.verdict()?;
    if let Some(template) = template {
        check_template(state, template)?;
    }
    collection::check_room::<Devices>(state, old, config.limits.devices)?;
    let simulated = state.simulated.len();
    if is_simulated
        && !state.simulated.contains_key(id)
        && simulated >= config.limits.simulated_devices
    {
        return Err(ApiError::conflict("There are as many simulated devices as there may be."));
    }
    Ok(())
}

fn check_of_previews(body: &mut Body<'_>, document: &Document, old: Option<&Record>) {
    let types = body.optional_texts("type").unwrap_or_default();
    if types.iter().any(|kind| *kind != "iotEdge") {
        body.fault("type has an item that is not iotEdge");
    }
    let is_changed = |old: &Record| document.get("type") != old.document.get("type");
    if document.contains_key("type") && old.is_some_and(is_changed) {
        body.fault("type cannot be changed");
    }
    if let Some(manifest) = body.optional_object(MANIFEST) {
        body.part(MANIFEST, manifest, manifest::check);
    }
}

/// A template that is not published is 400, and no fault of the body.
fn check_template(state: &State, template: &str) -> Result<(), ApiError> {
    if state.device_templates.contains_key(template) {
        return Ok(());
    }
    let of_model = |record: &&Record| {
        let model = record.document.get("capabilityModel");
        model.and_then(|model| model.get("@id")).is_some_and(|id| id == template)
    };
    let template: String = template.chars().take(200).collect();
    let mut templates = state.device_templates.iter();
    let hint = match templates.find(|(_, record)| of_model(record)) {
        None => String::new(),
        Some((id, _)) => format!(
            " That is the id of a capability model; the template that it belongs to is {id:?}."
        ),
    };
    Err(ApiError::bad_request(format!("There is no device template {template:?}.{hint}")))
}

/// Completes a document. What only previews know stays as it was when it is
/// written in the stable version; `type` always does.
pub(super) fn settle(version: ApiVersion, id: &str, document: &mut Document, old: Option<&Record>) {
    document.retain(|_, value| !value.is_null());
    let kept: &[&str] = if version.is_preview() { &["type"] } else { &OF_PREVIEWS };
    for member in kept {
        let before = old.and_then(|old| old.document.get(*member));
        match before {
            Some(before) => {
                document.insert((*member).to_owned(), before.clone());
            }
            None if !version.is_preview() => {
                document.shift_remove(*member);
            }
            None => {}
        }
    }
    if document
        .get("organizations")
        .is_some_and(|value| value.as_array().is_some_and(Vec::is_empty))
    {
        document.shift_remove("organizations");
    }
    for (member, value) in
        [("displayName", Value::from(id)), ("enabled", true.into()), ("simulated", false.into())]
    {
        document.entry(member).or_insert(value);
    }
}

pub(super) fn show(context: &Context<'_>, id: &str, record: &Record) -> Value {
    let call = context.call;
    let mut members = collection::shown(id, record, true);
    let expands =
        call.version.is_preview() && call.parameter("expand").is_some_and(|text| text == MANIFEST);
    if !expands {
        members.shift_remove(MANIFEST);
    }
    if !call.version.is_preview() {
        members.shift_remove("type");
    }
    let provisioned = context.state.is_provisioned(id, call.application.now());
    members.insert("provisioned".to_owned(), provisioned.into());
    members.into()
}
