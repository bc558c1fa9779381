//! The deployment manifest of a device: what its modules are. It is part of the
//! device's document, and shown with `expand` only.

use super::{device, document::MANIFEST};
use crate::iot_central::{
    ApiError,
    access::Access,
    routes::{Answer, Call, nothing_here},
    rules::Body,
    state::Record,
};

/// Looks a manifest over.
pub(super) fn check(body: &mut Body<'_>) {
    body.object("data");
}

/// Puts a manifest in the place of the device's; previews only.
pub(super) fn apply(call: &Call, id: &str) -> Result<Answer, ApiError> {
    if call.method() != "POST" {
        return Err(nothing_here());
    }
    let mut manifest = call.object()?;
    for member in ["id", "etag"] {
        manifest.shift_remove(member);
    }
    let mut state = call.application.write();
    let mut document = device(call, &state, id, Access::Write)?.document.clone();
    let mut body = Body::new(&manifest);
    check(&mut body);
    body.verdict()?;
    document.insert(MANIFEST.to_owned(), manifest.clone().into());
    state.devices.insert(id.to_owned(), Record::new(document));
    Ok(Answer::ok(manifest.into()))
}
