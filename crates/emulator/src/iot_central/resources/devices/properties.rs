//! Properties of a device, a module or a component: as the device reported them,
//! with what the cloud wants beside them.
//!
//! Our choices: only properties of the template are shown and taken, unless a
//! preview's `unmodeled` says otherwise (422 for others); properties that are not
//! writable are refused (422). A simulated device acknowledges by itself
//! [`Config::acknowledging`] after a change, with code 200; a real one when it is
//! told to.
//!
//! [`Config::acknowledging`]: crate::iot_central::Config::acknowledging

use super::device;
use crate::iot_central::{
    ApiError,
    access::Access,
    model::Interface,
    routes::{Answer, Call, nothing_here},
    state::{Document, State},
    twin::{Place, Properties, Write},
};

pub(super) fn answer(call: &Call, id: &str, place: &Place) -> Result<Answer, ApiError> {
    match call.method() {
        "GET" => get(call, id, place),
        "PUT" => write(call, id, place, &call.object()?, true),
        "PATCH" => write(call, id, place, &call.merge_patch()?, false),
        _ => Err(nothing_here()),
    }
}

fn write(
    call: &Call,
    id: &str,
    place: &Place,
    body: &Document,
    replaces: bool,
) -> Result<Answer, ApiError> {
    let application = &call.application;
    let mut state = application.write();
    device(call, &state, id, Access::Write)?;
    let how = Write { replaces, unmodeled: is_unmodeled(call, place) };
    let pace = (&application.config, application.now());
    Ok(Answer::accepted(state.write_properties(id, place, body, how, pace)?.into()))
}

fn get(call: &Call, id: &str, place: &Place) -> Result<Answer, ApiError> {
    let state = call.application.read();
    device(call, &state, id, Access::Read)?;
    let interface = state.interface(id, place)?;
    let unmodeled = is_unmodeled(call, place);
    let mut answer = level(call, &state, id, place, &interface, unmodeled);
    if place.component.is_none() {
        for component in interface.of_type("Component") {
            let name = component.name();
            let inner = Place { component: Some(name.to_owned()), ..place.clone() };
            let shown = level(call, &state, id, &inner, &component.interface(), unmodeled);
            answer.insert(name.to_owned(), shown.into());
        }
    }
    Ok(Answer::ok(answer.into()))
}

/// Values and `$metadata` of one level.
fn level(
    call: &Call,
    state: &State,
    id: &str,
    place: &Place,
    interface: &Interface<'_>,
    unmodeled: bool,
) -> Document {
    let part = state.twins.get(id).and_then(|twin| twin.part(place));
    let mut properties = part.map_or_else(Properties::default, |part| part.properties.clone());
    let pace = state.acknowledging(id, &call.application.config);
    properties.settle(pace, call.application.now());
    properties.show(|name| unmodeled || interface.find("Property", name).is_some())
}

/// Modules have no such option.
fn is_unmodeled(call: &Call, place: &Place) -> bool {
    call.version.is_preview()
        && place.module.is_none()
        && call.parameter("unmodeled").is_some_and(|text| text.eq_ignore_ascii_case("true"))
}
