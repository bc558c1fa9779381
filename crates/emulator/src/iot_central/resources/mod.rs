//! The operations, one file per kind of resource. Which one answers is decided
//! here by the first words of the path.

mod api_tokens;
mod collection;
mod device_templates;
mod devices;
mod organizations;
mod roles;
mod users;

use collection::Collection;

use super::{
    ApiError,
    routes::{Answer, Call, nothing_here},
};

/// Answers a request to the path `words` below `/api`. Commands wait for devices;
/// all else is done at once.
pub(super) async fn answer(call: &Call, words: &[&str]) -> Result<Answer, ApiError> {
    match words {
        ["apiTokens", rest @ ..] => api_tokens::answer(call, rest),
        ["deviceTemplates", rest @ ..] => device_templates::answer(call, rest),
        ["devices", rest @ ..] => devices::answer(call, rest).await,
        ["organizations", rest @ ..] => organizations::Organizations::answer(call, rest),
        ["roles", rest @ ..] => roles::answer(call, rest),
        ["users", rest @ ..] => users::Users::answer(call, rest),
        _ => Err(nothing_here()),
    }
}
