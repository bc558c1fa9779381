//! From an `Authorization` header to a caller.

use super::{User, share};
use crate::{
    ims::{SCOPE, Verifier},
    itwin::{ApiError, Platform, errors::Detail, routes::Api},
};

/// Who is calling.
#[derive(Debug, Clone)]
pub(in crate::itwin) struct Caller {
    pub(in crate::itwin) user: User,
    /// The application that was signed in to; empty for a share key.
    pub(in crate::itwin) client_id: String,
    /// The iTwin that a share key opens; none: the caller signed in.
    pub(in crate::itwin) shared_itwin: Option<String>,
}

/// The caller of a request, whose path is given by its words behind the API's own.
pub(in crate::itwin) fn identify(
    platform: &Platform,
    verifier: &Verifier,
    authorization: Option<&str>,
    api: Api,
    method: &str,
    words: &[&str],
) -> Result<Caller, ApiError> {
    let Some(authorization) = authorization.filter(|text| !text.trim().is_empty()) else {
        let message = "The Authorization header is missing.";
        return Err(ApiError::unauthorized("HeaderNotFound", message));
    };
    let (scheme, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if scheme.eq_ignore_ascii_case("basic") && share::opens(api, method, words) {
        let state = platform.read();
        let itwin = state.shared_by(rest.trim(), platform.now()).ok_or_else(|| {
            ApiError::unauthorized("Unauthorized", "The share key is unknown or has expired.")
        })?;
        return Ok(Caller {
            user: User::anonymous(),
            client_id: String::new(),
            shared_itwin: Some(itwin.to_owned()),
        });
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        // What stands there may be a token without its scheme; it is not repeated.
        let message = "The scheme of the Authorization header is not one of this operation.";
        return Err(ApiError::unauthorized("InvalidAuthorizationScheme", message));
    }
    let refused = || {
        ApiError::unauthorized(
            "Unauthorized",
            "The token is not one of this platform, has expired or lacks the scope.",
        )
    };
    let known = verifier.verify(authorization).ok_or_else(refused)?;
    if !known.scopes.iter().any(|scope| scope == SCOPE) {
        return Err(refused());
    }
    if platform.read().unknown_clients.contains(&known.client_id) {
        let message = "The application is not registered.";
        let detail = Detail::new("UnknownClient", message);
        return Err(ApiError::unauthorized("Unauthorized", message).with_detail(detail));
    }
    let user = match &known.user_id {
        None => User::of_service(&known.client_id),
        Some(id) => platform.user(id).ok_or_else(refused)?,
    };
    platform.open_account(&user);
    Ok(Caller { user, client_id: known.client_id, shared_itwin: None })
}
