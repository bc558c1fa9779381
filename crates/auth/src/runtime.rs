//! The caller's tokio runtime. What needs one says so where there is none, instead of
//! panicking.

use tokio::runtime::Handle;

use crate::{AuthError, AuthErrorKind};

/// The runtime that the caller is on, for `source`.
pub(crate) fn runtime(source: &'static str) -> Result<Handle, AuthError> {
    Handle::try_current().map_err(|error| {
        let message = "this needs a tokio runtime, and none is running here";
        AuthError::new(AuthErrorKind::Config, source, message)
            .with_cause(error)
            .with_hint("call it from a task of a runtime, or under its block_on")
    })
}
