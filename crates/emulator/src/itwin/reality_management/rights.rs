//! Who may do what with which reality data.

use super::{INVALID, store::RealityData};
use crate::itwin::{
    ApiError,
    access::Standing,
    errors::Detail,
    routes::Call,
    rules::is_guid,
    state::{ITwin, State},
};

pub(super) fn missing() -> ApiError {
    ApiError::not_found("RealityDataNotFound", "reality data")
}

pub(super) fn invalid(target: &str, message: &str) -> ApiError {
    ApiError::invalid(INVALID, vec![Detail::invalid_value(target, message)])
}

/// The data of an id, whoever may see them.
pub(super) fn find<'s>(state: &'s State, id: &str) -> Result<&'s RealityData, ApiError> {
    state.reality.data.get(&id.to_ascii_lowercase()).ok_or_else(missing)
}

fn owns(call: &Call, data: &RealityData) -> bool {
    call.caller.shared_itwin.is_none() && data.owner_id == call.caller.user.id
}

/// The iTwins that the data belong to and the caller sees.
fn seen<'s>(
    call: &'s Call,
    state: &'s State,
    data: &'s RealityData,
) -> impl Iterator<Item = (&'s ITwin, Standing<'s>)> {
    data.itwins.iter().filter_map(|id| state.visible(&call.caller, id, "").ok())
}

/// The data, if the caller may do by an iTwin what needs this permission. The iTwin
/// is the given one, or that of a share; without any, see the module.
pub(super) fn look<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
    itwin_id: Option<&str>,
    permission: &str,
) -> Result<&'s RealityData, ApiError> {
    let data = find(state, id)?;
    if let Some(itwin_id) = itwin_id.or(call.caller.shared_itwin.as_deref()) {
        if !is_guid(itwin_id) {
            return Err(invalid("iTwinId", "It must be a GUID."));
        }
        let mut seen = seen(call, state, data);
        let found = seen.find(|(itwin, _)| itwin.id.eq_ignore_ascii_case(itwin_id));
        let (_, standing) = found.ok_or_else(missing)?;
        standing.require(permission)?;
        return Ok(data);
    }
    if owns(call, data) || seen(call, state, data).any(|(_, standing)| standing.owns()) {
        return Ok(data);
    }
    Err(refusal(call, state, data))
}

/// The data, if the caller owns them or may do in any iTwin of theirs what needs
/// this permission.
pub(super) fn look_anywhere<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
    permission: &str,
) -> Result<&'s RealityData, ApiError> {
    let data = find(state, id)?;
    let may = seen(call, state, data).any(|(_, standing)| standing.may(permission));
    if owns(call, data) || may {
        return Ok(data);
    }
    Err(refusal(call, state, data))
}

/// 403 for who sees an iTwin of the data, 404 for others.
fn refusal(call: &Call, state: &State, data: &RealityData) -> ApiError {
    if seen(call, state, data).next().is_none() {
        return missing();
    }
    let message = "The caller may not do this with the reality data. An iTwinId says by which \
                   iTwin's permissions a call is judged.";
    ApiError::forbidden(message)
}

/// The iTwin that a body names, and what the caller is to it.
pub(super) fn named_itwin<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
) -> Result<(&'s ITwin, Standing<'s>), ApiError> {
    let found = state.visible(&call.caller, id, "");
    found.map_err(|_| invalid("iTwinId", "There is no such iTwin."))
}
