//! Devices, and all that hangs on one.
//!
//! What state a device is in follows from three members, as the guides and the
//! vendor's command line have it:
//!
//! | state | `enabled` | `provisioned` | `template` |
//! |---|---|---|---|
//! | waiting for approval | false | false | any |
//! | registered | true | false | any |
//! | provisioned | true | true | any |
//! | blocked | false | either | any |
//! | unassigned | any | any | absent |
//!
//! Our choices:
//!
//! - The name of a device without one is its id.
//! - A simulated device is provisioned [`Config::provisioning`] after it was
//!   made, made simulated or unblocked; then it counts as connected. A device that
//!   is provisioned stays so.
//! - Moving a device to another template keeps what is known of it.
//! - Keys and attestations are shown only to who may change the device.
//! - In the stable version `type` and `deploymentManifest` are neither taken nor
//!   shown.
//!
//! [`Config::provisioning`]: crate::iot_central::Config::provisioning

mod attestation;
mod commands;
mod credentials;
mod document;
mod manifest;
mod parts;
mod properties;
mod relationships;
mod telemetry;

use serde_json::Value;

use super::collection::{self, Collection, Context, table};
use crate::iot_central::{
    ApiError, Application,
    access::{Access, Area},
    routes::{Answer, Call, ListOptions, nothing_here},
    rules::ids,
    state::{Document, Record, State},
    twin::Place,
};

pub(super) struct Devices;

pub(super) async fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match path {
        [] | [_] => Devices::answer(call, path),
        [id, "applyDeploymentManifest"] if call.version.is_preview() => manifest::apply(call, id),
        [id, "attestation"] => attestation::answer(call, id),
        [id, "credentials"] => credentials::answer(call, id),
        [id, "relationships", rest @ ..] => relationships::answer(call, id, rest),
        [id, "modules"] => parts::modules(call, id),
        [id, "modules", module, "components", component, rest @ ..] => {
            part(call, id, &Place::module_component(module, component), rest).await
        }
        [id, "modules", module, rest @ ..] => part(call, id, &Place::module(module), rest).await,
        [id, "components", component, rest @ ..] => {
            part(call, id, &Place::component(component), rest).await
        }
        [id, rest @ ..] => part(call, id, &Place::root(), rest).await,
    }
}

/// The operations that are the same for a device, a module and their components.
async fn part(call: &Call, id: &str, place: &Place, path: &[&str]) -> Result<Answer, ApiError> {
    match path {
        ["components"] if place.component.is_none() => parts::components(call, id, place),
        ["properties"] => properties::answer(call, id, place),
        ["telemetry", name] => telemetry::answer(call, id, place, name),
        ["commands", name] => commands::answer(call, id, place, name).await,
        _ => Err(nothing_here()),
    }
}

/// The device, if the caller may see it, and change it where that is asked for.
fn device<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
    access: Access,
) -> Result<&'s Record, ApiError> {
    call.caller.require(Area::Devices, access)?;
    let record = collection::visible::<Devices>(call, state, id)?;
    if access == Access::Write {
        collection::writable::<Devices>(call, id, record)?;
    }
    Ok(record)
}

impl Collection for Devices {
    const KIND: &'static str = "device";
    const AREA: Area = Area::Devices;
    const HAS_ETAG: bool = true;
    const READ_ONLY: &'static [&'static str] = &["provisioned"];
    const OPTIONS: ListOptions = ListOptions::All;
    const FILTER_FIELDS: &'static [&'static str] =
        &["id", "displayName", "enabled", "provisioned", "simulated", "template", "scopes", "type"];

    table!(devices);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::name(Self::KIND, id, 128)
    }

    fn check(
        context: &Context<'_>,
        id: &str,
        document: &Document,
        old: Option<&Record>,
    ) -> Result<(), ApiError> {
        document::check(context, id, document, old)
    }

    fn settle(context: &Context<'_>, id: &str, document: &mut Document, old: Option<&Record>) {
        document::settle(context.call.version, id, document, old);
    }

    fn stored(state: &mut State, application: &Application, id: &str) {
        state.device_stored(id, &application.config, application.now());
        application.devices_changed();
    }

    fn show(context: &Context<'_>, id: &str, record: &Record) -> Value {
        document::show(context, id, record)
    }

    /// `scopes` are the organizations. The vendor's command line asks for the type
    /// of Edge devices by an older name.
    fn filter_field(shown: &Value, field: &str) -> Value {
        let member = if field == "scopes" { "organizations" } else { field };
        let found = shown.get(member).cloned().unwrap_or_default();
        match (field, found) {
            ("type", Value::Array(mut types)) if types.iter().any(|kind| kind == "iotEdge") => {
                types.push("EdgeDevice".into());
                types.into()
            }
            (_, found) => found,
        }
    }

    fn deleted(state: &mut State, id: &str) {
        state.device_deleted(id);
    }
}
