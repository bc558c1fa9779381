//! Sign-in on another device (RFC 8628): the person is shown a short code, and
//! the token endpoint is asked until they have entered it elsewhere.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::device_code::{DeviceCode, Pending};
use super::peer::Peer;
use super::session::SignIn;
use super::{Form, TokenAnswer, retry};
use crate::{AuthError, AuthErrorKind, BoxFuture, FetchContext, TokenRequest};

/// What `slow_down` adds, for good (section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// Doubling after failures ends here.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);

/// Shows the code to the person.
pub(crate) type Show = Arc<dyn Fn(&DeviceCode) + Send + Sync>;

/// The identity service's side that device sign-in needs besides.
pub(crate) trait DevicePeer: Peer {
    /// Asks for a code.
    fn begin<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<Pending, AuthError>>;
}

/// Sign-in by a code entered on another device.
pub(crate) struct DeviceSignIn<P> {
    pub(crate) peer: Arc<P>,
    pub(crate) show: Show,
}

impl<P: DevicePeer> SignIn for DeviceSignIn<P> {
    fn sign_in<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<TokenAnswer, AuthError>> {
        Box::pin(async {
            let started = Instant::now();
            let pending = self.peer.begin(request, context).await?;
            (self.show)(&pending.shown);
            let end = started + pending.shown.expires_in;
            let poll = || {
                let form = Form::new("urn:ietf:params:oauth:grant-type:device_code")
                    .with_secret("device_code", pending.device_code.clone());
                self.peer.exchange(form, &retry::POLL, request, context)
            };
            poll_until(self.peer.name(), pending.interval, end, poll).await
        })
    }
}

/// Asks until there is a token, a lasting error, or the code's end.
async fn poll_until<'a>(
    source: &'static str,
    mut interval: Duration,
    end: Instant,
    poll: impl Fn() -> BoxFuture<'a, Result<TokenAnswer, AuthError>>,
) -> Result<TokenAnswer, AuthError> {
    loop {
        // The first time too: nobody has entered a code at once.
        let next = Instant::now() + interval;
        sleep_until(next.min(end)).await;
        if next >= end {
            return Err(expired(source));
        }
        let error = match poll().await {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match (error.error(), error.kind()) {
            (Some("authorization_pending"), _) => {}
            (Some("slow_down"), _) => interval += SLOWER,
            (Some("expired_token" | "code_expired"), _) => {
                return Err(expired(source).with_cause(error));
            }
            (_, AuthErrorKind::Transient | AuthErrorKind::Timeout) => {
                tracing::debug!(%error, "the poll fails");
                let asked = error.retry_after().unwrap_or_default();
                // Not made shorter where the service wants it longer.
                let longest = interval.max(LONGEST_INTERVAL);
                interval = (interval * 2).max(asked).min(longest);
            }
            (_, AuthErrorKind::Denied) => {
                return Err(error.with_hint("the person declined; start again to ask once more"));
            }
            _ => return Err(error),
        }
    }
}

fn expired(source: &'static str) -> AuthError {
    let message = "the code expired before it was entered";
    AuthError::new(AuthErrorKind::Timeout, source, message).with_hint("sign in again")
}

impl<P> fmt::Debug for DeviceSignIn<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceSignIn").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccessToken;
    use crate::error::ErrorAnswer;
    use std::collections::VecDeque;
    use std::sync::Mutex;
    use std::time::SystemTime;

    fn said(code: &str) -> AuthError {
        let kind = match code {
            "access_denied" | "authorization_declined" => AuthErrorKind::Denied,
            _ => AuthErrorKind::Rejected,
        };
        let answer = ErrorAnswer { error: Some(code.into()), ..ErrorAnswer::default() };
        AuthError::new(kind, "test", "m").with_answer(400, answer)
    }

    fn broken() -> AuthError {
        AuthError::new(AuthErrorKind::Transient, "test", "broken")
    }

    /// Polls with these answers, then success. Returns the outcome and the
    /// seconds at which was asked.
    async fn run(
        interval: u64,
        life: u64,
        answers: Vec<AuthError>,
    ) -> (Result<TokenAnswer, AuthError>, Vec<u64>) {
        let start = Instant::now();
        let asked = Mutex::new(Vec::new());
        let answers = Mutex::new(VecDeque::from(answers));
        let poll = || {
            asked.lock().unwrap().push(start.elapsed().as_secs());
            let answer = match answers.lock().unwrap().pop_front() {
                Some(error) => Err(error),
                None => Ok(TokenAnswer {
                    token: AccessToken::new("t", SystemTime::now()).unwrap(),
                    refresh_token: None,
                    id_token: None,
                }),
            };
            Box::pin(async { answer }) as BoxFuture<'_, _>
        };
        let end = start + Duration::from_secs(life);
        let outcome = poll_until("test", Duration::from_secs(interval), end, poll).await;
        (outcome, asked.into_inner().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn the_interval_is_kept_from_before_the_first_poll() {
        let pending = || said("authorization_pending");
        let (outcome, asked) = run(5, 900, vec![pending(), pending()]).await;
        assert!(outcome.is_ok());
        assert_eq!(asked, [5, 10, 15]);
    }

    #[tokio::test(start_paused = true)]
    async fn slow_down_is_for_good_and_failures_double_the_interval() {
        let pending = || said("authorization_pending");
        let (outcome, asked) = run(5, 900, vec![said("slow_down"), pending(), pending()]).await;
        assert!(outcome.is_ok());
        assert_eq!(asked, [5, 15, 25, 35]);
        let (outcome, asked) = run(5, 900, vec![broken(), broken(), pending()]).await;
        assert!(outcome.is_ok());
        assert_eq!(asked, [5, 15, 35, 55]);
        let (_, asked) = run(50, 900, vec![broken(), said("slow_down"), broken()]).await;
        assert_eq!(asked, [50, 110, 175, 240]);
        let busy = broken().with_retry_after(Duration::from_secs(30));
        let (_, asked) = run(5, 900, vec![busy]).await;
        assert_eq!(asked, [5, 35]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_codes_end_ends_the_polling() {
        let start = Instant::now();
        let pending = (0..100).map(|_| said("authorization_pending")).collect();
        let (outcome, asked) = run(5, 17, pending).await;
        assert_eq!(outcome.unwrap_err().kind(), AuthErrorKind::Timeout);
        assert_eq!(asked, [5, 10, 15]);
        assert_eq!(start.elapsed(), Duration::from_secs(17));
        for code in ["expired_token", "code_expired"] {
            let (outcome, asked) = run(5, 900, vec![said(code)]).await;
            let error = outcome.unwrap_err();
            assert_eq!((error.kind(), asked.len()), (AuthErrorKind::Timeout, 1), "{code}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_are_final() {
        for (code, kind) in [
            ("access_denied", AuthErrorKind::Denied),
            ("authorization_declined", AuthErrorKind::Denied),
            ("bad_verification_code", AuthErrorKind::Rejected),
            ("invalid_client", AuthErrorKind::Rejected),
        ] {
            let (outcome, asked) = run(5, 900, vec![said(code)]).await;
            assert_eq!((outcome.unwrap_err().kind(), asked.len()), (kind, 1), "{code}");
        }
    }
}
