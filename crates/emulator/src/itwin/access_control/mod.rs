//! Access Control v2.

use super::{
    ApiError,
    routes::{Answer, Call},
};

pub(super) fn answer(_call: &Call, _words: &[&str]) -> Result<Answer, ApiError> {
    Err(ApiError::no_route())
}
