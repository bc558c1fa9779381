//! The permissions that there are, and those of the caller.

use serde_json::json;

use super::look;
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
};

pub(super) fn all() -> Answer {
    Answer::ok(json!({"permissions": Permission::ALL}))
}

pub(super) fn own(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (_, standing) = look(call, &state, id)?;
    Ok(Answer::ok(json!({"permissions": standing.permissions()})))
}
