//! What a careful program does when it cannot know whether a call was carried out: it
//! looks, and does it again only if nothing was done. What the client repeats by itself
//! is none of this module's business.

use std::time::Duration;

use progenitor_client::{Error, ErrorKind};
use tokio::time::{Instant, sleep};

/// Looks at most this often; more is no accident.
const ROUNDS: u32 = 8;
/// How long there may be no token: a credential rests after a failure, the longer the
/// more there were.
const UNSIGNED: Duration = Duration::from_secs(60);
/// Pause before another look.
const PAUSE: Duration = Duration::from_millis(200);

/// Why a round did not end well.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    #[error(transparent)]
    Call(#[from] Error),
    /// Whether it was carried out has to be looked at.
    #[error("it is not known whether the call was carried out")]
    Doubt,
    /// Something that must not be.
    #[error("{0}")]
    Wrong(String),
}

impl Fault {
    /// Whether the call may have been carried out.
    fn is_doubt(&self) -> bool {
        match self {
            Self::Call(error) => {
                let is_failure = error.status().is_some_and(|status| status.is_server_error());
                error.kind().is_ambiguous() || is_failure
            }
            Self::Doubt => true,
            Self::Wrong(_) => false,
        }
    }

    fn was_repeated(&self) -> bool {
        matches!(self, Self::Call(error) if error.attempts() > 1)
    }

    /// Whether there was no token and might be one later: nothing was sent.
    fn is_unsigned(&self) -> bool {
        matches!(self, Self::Call(error) if error.kind() == ErrorKind::Auth && error.is_retryable())
    }
}

/// Does rounds until the outcome is known. Each is told whether an earlier one may have
/// been carried out.
pub(super) async fn settle<T>(
    mut round: impl AsyncFnMut(bool) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let started = Instant::now();
    let (mut in_doubt, mut doubts) = (false, 0);
    loop {
        let fault = match round(in_doubt).await {
            Ok(value) => return Ok(value),
            Err(fault) => fault,
        };
        // Also one that ended for lack of a token may have lost an answer before.
        in_doubt |= fault.is_doubt() || fault.was_repeated();
        if fault.is_doubt() && doubts < ROUNDS {
            doubts += 1;
        } else if !fault.is_unsigned() || started.elapsed() > UNSIGNED {
            return Err(fault);
        }
        sleep(PAUSE).await;
    }
}

/// Whether a refusal may be the echo of an earlier attempt of the same call.
pub(super) fn may_be_echo(error: &Error, in_doubt: bool) -> bool {
    in_doubt || error.attempts() > 1
}
