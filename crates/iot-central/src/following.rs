//! What the waits of this client have in common beside
//! [`Wait`](progenitor_client::following::Wait) itself. It must not know what is
//! asked.

use progenitor_client::Error;
use progenitor_client::following::Look;

/// A look that cannot be made: its id was refused.
pub(crate) fn refused<'a, T: Send + 'a>(message: String) -> Look<'a, T> {
    Box::new(move || {
        let error = Error::InvalidRequest(message.clone());
        Box::pin(std::future::ready(Err(error)))
    })
}
