//! What bodies of jobs and scheduled jobs have in common.

use serde_json::Value;

use super::{
    collection::{self, Context},
    device_groups::DeviceGroups,
    organizations,
};
use crate::iot_central::{
    jobs,
    routes::Call,
    rules::Body,
    state::{Document, State},
};

/// Kinds of data; the last one is of previews.
const KINDS: [&str; 5] =
    ["property", "cloudProperty", "command", "deviceTemplateMigration", "deviceManifestMigration"];
const OF_STABLE: usize = 4;

/// Looks a body over, its schedule aside. The data may have to be of one kind.
pub(super) fn check(context: &Context<'_>, body: &mut Body<'_>, one_kind: bool) {
    body.optional_text("displayName");
    body.optional_text("description");
    let group = body.text("group");
    if let Some(group) = group
        && collection::visible::<DeviceGroups>(context.call, context.state, group).is_err()
    {
        body.fault(format!("group names no device group: {group:?}"));
    }
    if let Some(batch) = body.optional_object("batch") {
        body.part("batch", batch, |body| check_amount(body, true));
    }
    if let Some(threshold) = body.optional_object("cancellationThreshold") {
        body.part("cancellationThreshold", threshold, |body| {
            check_amount(body, false);
            body.optional_bool("batch");
        });
    }
    organizations::check_one(context.state, body);
    let Some(data) = body.list("data") else { return };
    let mut first = None;
    for (index, datum) in data.iter().enumerate() {
        let Some(members) = datum.as_object() else {
            body.fault(format!("data.{index} is no object"));
            continue;
        };
        let mut kind = None;
        body.part(&format!("data.{index}"), members, |body| {
            kind = check_datum(context.call, context.state, body);
        });
        if one_kind && kind.is_some() && *first.get_or_insert(kind) != kind {
            body.fault(format!("data.{index} is of another type than the first one"));
        }
    }
}

/// A number of devices or a percentage of them.
fn check_amount(body: &mut Body<'_>, is_positive: bool) {
    let kind = body.one_of("type", &["number", "percentage"]);
    let Some(value) = body.number("value") else { return };
    if value < 0.0 || (is_positive && value == 0.0) {
        body.fault("value is too small");
    }
    if kind == Some("percentage") && value > 100.0 {
        body.fault("value is more than 100 percent");
    }
}

fn check_datum<'d>(call: &Call, state: &State, body: &mut Body<'d>) -> Option<&'d str> {
    let known = if call.version.is_preview() { KINDS.len() } else { OF_STABLE };
    let kind = body.one_of("type", KINDS.get(..known).unwrap_or(&KINDS))?;
    match kind {
        "deviceTemplateMigration" => {
            template(state, body, "template");
        }
        "deviceManifestMigration" => {
            let manifest = body.text("manifest");
            if manifest.is_some_and(|id| !state.deployment_manifests.contains_key(id)) {
                body.fault("manifest names no deployment manifest");
            }
        }
        _ => {
            let template = template(state, body, "target");
            let path = body.text("path");
            if let (Some(template), Some(path)) = (template, path)
                && jobs::target(template, kind, path).is_none()
            {
                let what = match kind {
                    "command" => "command",
                    "cloudProperty" => "cloud property",
                    _ => "writable property",
                };
                body.fault(format!("path names no {what} of the template: {path:?}"));
            }
        }
    }
    Some(kind)
}

fn template<'s>(state: &'s State, body: &mut Body<'_>, member: &str) -> Option<&'s Document> {
    let id = body.text(member)?;
    let found = state.device_templates.get(id);
    if found.is_none() {
        body.fault(format!("{member} names no device template: {id:?}"));
    }
    Some(&found?.document)
}

/// A job as answers show it.
pub(super) fn show_job(
    state: &State,
    id: &str,
    record: &crate::iot_central::state::Record,
) -> Value {
    let mut members = collection::shown(id, record, false);
    if let Some(run) = state.job_runs.get(id) {
        run.show(&mut members);
    }
    members.into()
}
