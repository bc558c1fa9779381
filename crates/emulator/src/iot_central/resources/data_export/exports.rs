//! Exports as a collection.

use serde_json::Value;

use super::is_enabled;
use crate::iot_central::{
    ApiError,
    access::Area,
    resources::collection::{self, Collection, Context, table},
    rules::{Body, ids},
    state::{Document, Record, State},
};

pub(super) struct Exports;

/// What is exported.
const SOURCES: [&str; 6] = [
    "telemetry",
    "properties",
    "deviceLifecycle",
    "deviceTemplateLifecycle",
    "deviceConnectivity",
    "audit",
];

impl Collection for Exports {
    const KIND: &'static str = "export";
    const AREA: Area = Area::Exports;
    const READ_ONLY: &'static [&'static str] = &["status", "errors", "lastExportTime"];

    table!(exports);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::any(Self::KIND, id, 256)
    }

    fn organizations<'r>(_id: &'r str, _record: &'r Record) -> Vec<&'r str> {
        Vec::new()
    }

    fn check(
        context: &Context<'_>,
        _id: &str,
        document: &Document,
        old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let limits = &context.call.application.config.limits;
        let mut body = Body::new(document);
        body.text("displayName");
        body.bool("enabled");
        body.one_of("source", &SOURCES);
        body.optional_text("filter");
        if let Some(destinations) = body.list("destinations") {
            if destinations.len() > limits.destinations_of_export {
                body.fault(format!(
                    "destinations has more than {} items",
                    limits.destinations_of_export
                ));
            }
            check_destinations(context.state, &mut body, destinations);
        }
        if let Some(enrichments) = body.optional_object("enrichments") {
            if enrichments.len() > limits.enrichments {
                body.fault(format!("enrichments has more than {} members", limits.enrichments));
            }
            body.part("enrichments", enrichments, |body| check_enrichments(body, enrichments));
        }
        body.verdict()?;
        collection::check_room::<Self>(context.state, old, limits.exports)
    }

    fn show(_: &Context<'_>, id: &str, record: &Record) -> Value {
        let mut members = collection::shown(id, record, false);
        let status = if is_enabled(record) { "healthy" } else { "notStarted" };
        members.insert("status".to_owned(), status.into());
        members.into()
    }
}

fn check_destinations<'d>(state: &State, body: &mut Body<'d>, destinations: &'d [Value]) {
    for (index, destination) in destinations.iter().enumerate() {
        let Some(members) = destination.as_object() else {
            body.fault(format!("destinations.{index} is no object"));
            continue;
        };
        body.part(&format!("destinations.{index}"), members, |body| {
            let id = body.text("id");
            if id.is_some_and(|id| !state.destinations.contains_key(id)) {
                body.fault(format!("destinations.{index}.id names no destination"));
            }
            body.optional_text("transform");
        });
    }
}

/// A constant value, or the path of a property.
fn check_enrichments<'d>(body: &mut Body<'d>, enrichments: &'d Document) {
    for name in enrichments.keys() {
        let Some(members) = body.object(name) else { continue };
        body.part(name, members, |body| {
            body.optional_text("target");
            if body.optional_text("path").is_none() && !members.contains_key("value") {
                body.fault(format!("enrichments.{name} has neither a path nor a value"));
            }
        });
    }
}
