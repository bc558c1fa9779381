//! Versions that came before those that are served. Known of them is one refusal,
//! which clients meet that leave `Accept` out; all else is as if it were not there.

use super::{Api, Call};
use crate::itwin::{ApiError, errors::Detail, imodels};

/// The filter of the first list of iModels, which had projects for iTwins.
const PROJECT: &str = "projectId";

/// Whether something is known of a path in an earlier version.
pub(super) fn is_known(api: Api, version: u32, method: &str, words: &[&str]) -> bool {
    matches!((api, version, method, words), (Api::IModels, 1, "GET", []))
}

/// The answer to a call that something is known of.
pub(super) fn refusal(call: &Call) -> ApiError {
    match call.parameter(PROJECT).filter(|id| !id.is_empty()) {
        None => imodels::invalid(Detail::missing_parameter(PROJECT)),
        Some(_) => ApiError::no_route(),
    }
}
