//! Which API answers a request.

use super::{Answer, Api, Call};
use crate::itwin::{
    ApiError, access_control, imodels, itwins, reality_management, storage, users, webhooks,
};

/// Answers a request to a path, given by its words behind the API's own.
pub(super) async fn answer(call: &Call, api: Api, words: &[&str]) -> Result<Answer, ApiError> {
    match api {
        Api::Users => users::answer(call, words),
        Api::ITwins => itwins::answer(call, words),
        Api::AccessControl => access_control::answer(call, words),
        Api::IModels => imodels::answer(call, words),
        Api::Storage => storage::answer(call, words),
        Api::RealityManagement => reality_management::answer(call, words),
        Api::Webhooks => webhooks::answer(call, words),
    }
}
