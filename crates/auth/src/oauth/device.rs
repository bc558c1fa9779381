//! Sign-in on another device (RFC 8628): the person is shown a short code, and
//! the token endpoint is asked until they have entered it elsewhere.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Url;
use secrecy::SecretString;
use serde::Deserialize;
use tokio::time::{Instant, sleep_until};
use twinkit_http::{endpoint, redact};

use super::peer::Peer;
use super::response::{Number, json, seconds};
use super::session::SignIn;
use super::{Form, TokenAnswer, retry};
use crate::{AuthError, AuthErrorKind, BoxFuture, FetchContext, TokenRequest};

/// Where the service says nothing of it (RFC 8628 section 3.2).
const INTERVAL: Duration = Duration::from_secs(5);
/// What `slow_down` adds, for good (section 3.5).
const SLOWER: Duration = Duration::from_secs(5);
/// Doubling after failures ends here.
const LONGEST_INTERVAL: Duration = Duration::from_secs(60);
/// No person needs longer, whatever the service grants.
const LONGEST_LIFE: Duration = Duration::from_secs(60 * 60);

const MAX_CODE: usize = 64;
const MAX_TEXT: usize = 1024;

/// What to show to the person who signs in. Texts of the service's are free of
/// control characters; still, show them as text and not as markup.
#[derive(Clone)]
#[non_exhaustive]
pub struct DeviceCode {
    /// The code to enter.
    pub user_code: String,
    /// Where to enter it: an `https` address. Show its host, so that the person
    /// sees who asks.
    pub verification_uri: String,
    /// The same with the code in it, to be opened or shown as a QR code, if the
    /// service gives it.
    pub verification_uri_complete: Option<String>,
    /// A ready sentence with address and code.
    pub message: String,
    /// How long the code can be entered.
    pub expires_in: Duration,
}

/// With the code in hand somebody else could sign in: it is for the person
/// alone.
impl fmt::Debug for DeviceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeviceCode")
            .field("verification_uri", &self.verification_uri)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// Shows the code to the person.
pub(crate) type Show = Arc<dyn Fn(&DeviceCode) + Send + Sync>;

#[derive(Deserialize)]
struct Body {
    device_code: Option<String>,
    user_code: Option<String>,
    verification_uri: Option<String>,
    /// The name in drafts of the standard.
    verification_url: Option<String>,
    verification_uri_complete: Option<String>,
    message: Option<String>,
    #[serde(default, with = "Number")]
    expires_in: Option<f64>,
    #[serde(default, with = "Number")]
    interval: Option<f64>,
}

/// A sign-in that waits for its person.
pub(crate) struct Pending {
    device_code: SecretString,
    interval: Duration,
    shown: DeviceCode,
}

/// Reads the answer of the device authorization endpoint; for
/// `OAuthClient::exchange_for`.
pub(crate) fn read(
    source: &'static str,
    body: &[u8],
    content_type: &str,
    _asked_at: SystemTime,
) -> Result<Pending, AuthError> {
    let lacks = |what: &str| {
        let message = format!("the answer holds no usable {what}");
        AuthError::new(AuthErrorKind::Protocol, source, message)
    };
    let body: Body = json(source, body, content_type)?;
    let text = |text: Option<String>, max: usize| {
        text.map(|text| redact::text(&text, &[], max)).filter(|text| !text.is_empty())
    };
    let device_code = body.device_code.filter(|code| !code.is_empty());
    let device_code = device_code.map(SecretString::from).ok_or_else(|| lacks("device_code"))?;
    let user_code = text(body.user_code, MAX_CODE).ok_or_else(|| lacks("user_code"))?;
    let uri = body.verification_uri.or(body.verification_url);
    let verification_uri = uri
        .filter(|uri| is_safe(uri))
        .and_then(|uri| text(Some(uri), MAX_TEXT))
        .ok_or_else(|| lacks("verification_uri"))?;
    let complete = body.verification_uri_complete.filter(|uri| is_safe(uri));
    let life = body.expires_in.and_then(seconds).ok_or_else(|| lacks("expires_in"))?;
    let message = text(body.message, MAX_TEXT).unwrap_or_else(|| {
        format!("To sign in, open {verification_uri} in a browser and enter the code {user_code}.")
    });
    let interval = body.interval.and_then(seconds).unwrap_or(INTERVAL);
    Ok(Pending {
        device_code,
        interval: interval.max(Duration::from_secs(1)),
        shown: DeviceCode {
            user_code,
            verification_uri,
            verification_uri_complete: text(complete, MAX_TEXT),
            message,
            expires_in: life.min(LONGEST_LIFE),
        },
    })
}

/// Whether the address may be opened: `https`, or this machine.
fn is_safe(uri: &str) -> bool {
    Url::parse(uri).is_ok_and(|mut url| {
        url.set_query(None);
        endpoint::parse(url.as_str(), false).is_ok()
    })
}

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

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending")
            .field("interval", &self.interval)
            .field("shown", &self.shown)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AccessToken;
    use crate::error::ErrorAnswer;
    use std::collections::VecDeque;
    use std::sync::Mutex;

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

    fn begin(body: &str) -> Result<Pending, AuthError> {
        read("test", body.as_bytes(), "application/json", SystemTime::UNIX_EPOCH)
    }

    #[test]
    fn every_shape_of_the_answer_is_read() {
        let full = begin(
            r#"{"device_code":"canary","user_code":"AB-12\u001b[2J","expires_in":"900",
                "verification_uri":"https://login.example/device","interval":7,
                "verification_uri_complete":"https://login.example/device?c=AB",
                "message":"Go\r\nnow"}"#,
        )
        .unwrap();
        assert_eq!((full.interval.as_secs(), full.shown.expires_in.as_secs()), (7, 900));
        assert_eq!(full.shown.user_code, "AB-12 [2J");
        assert_eq!(full.shown.message, "Go  now");
        assert!(full.shown.verification_uri_complete.is_some());
        let shown = format!("{full:?}");
        assert!(!shown.contains("canary") && !shown.contains("AB-12"));
        let bare = begin(
            r#"{"device_code":"d","user_code":"u","expires_in":9e9,
                "verification_url":"https://old.example",
                "verification_uri_complete":"javascript:alert(1)"}"#,
        );
        assert!(bare.is_err(), "a life of centuries");
        let bare = begin(
            r#"{"device_code":"d","user_code":"u","expires_in":90000,
                "verification_url":"https://old.example",
                "verification_uri_complete":"javascript:alert(1)"}"#,
        )
        .unwrap();
        assert_eq!(bare.interval, INTERVAL);
        assert_eq!(bare.shown.expires_in, LONGEST_LIFE);
        assert_eq!(bare.shown.verification_uri_complete, None);
        assert!(bare.shown.message.contains("https://old.example"));
    }

    #[test]
    fn answers_without_what_is_needed_are_refused() {
        for body in [
            "{}",
            "",
            "<html>canary",
            r#"{"user_code":"u","expires_in":9,"verification_uri":"https://a.example"}"#,
            r#"{"device_code":"canary","expires_in":9,"verification_uri":"https://a.example"}"#,
            r#"{"device_code":"canary","user_code":"u","expires_in":9}"#,
            r#"{"device_code":"canary","user_code":"u","verification_uri":"https://a.example"}"#,
            r#"{"device_code":"canary","user_code":"u","expires_in":9,
                "verification_uri":"http://a.example"}"#,
        ] {
            let error = begin(body).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Protocol, "{body}");
            assert!(!format!("{error:?}").contains("canary"), "{body}");
        }
    }
}
