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
    /// The iTwin that a share key opens.
    pub(in crate::itwin) shared_itwin: Option<String>,
    /// The iModel that a share key opens; neither: the caller signed in.
    pub(in crate::itwin) shared_imodel: Option<String>,
}

impl Caller {
    fn guest() -> Self {
        Self {
            user: User::anonymous(),
            client_id: String::new(),
            shared_itwin: None,
            shared_imodel: None,
        }
    }
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
    let of_itwin = share::opens(api, method, words);
    let of_imodel = share::opens_of_imodel(api, method, words);
    if scheme.eq_ignore_ascii_case("basic") && (of_itwin || of_imodel) {
        return guest(platform, rest.trim(), of_itwin, of_imodel).ok_or_else(|| {
            ApiError::unauthorized("Unauthorized", "The share key is unknown or has expired.")
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
    Ok(Caller { user, client_id: known.client_id, shared_itwin: None, shared_imodel: None })
}

/// Whoever has the key of a share, if that is of the right kind.
fn guest(platform: &Platform, key: &str, of_itwin: bool, of_imodel: bool) -> Option<Caller> {
    let (state, now) = (platform.read(), platform.now());
    if let Some(id) = state.shared_by(key, now).filter(|_| of_itwin) {
        return Some(Caller { shared_itwin: Some(id.to_owned()), ..Caller::guest() });
    }
    let id = state.imodels.shared_by(key, now).filter(|_| of_imodel)?;
    Some(Caller { shared_imodel: Some(id.to_owned()), ..Caller::guest() })
}
