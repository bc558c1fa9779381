//! IoT Central API tokens: a `SharedAccessSignature` that the service made and
//! that is sent as it is. It looks like an IoT Hub signature and is none: only
//! the service makes it, and its `se` counts milliseconds.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::Request;
use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret, SecretString};
use twinkit_http::{Clock, OriginSet, SystemClock};

use super::{Authorized, Authorizer, Decision, StaticAuthorizer};
use crate::{AuthError, AuthErrorKind, BoxFuture};

const NAME: &str = "API token";

/// How every API token begins.
const SCHEME: &str = "SharedAccessSignature ";

/// An `se` below this is in seconds, as IoT Hub writes it: in milliseconds it
/// would be a day of the year 1973.
const MILLISECONDS_FROM: u64 = 100_000_000_000;

/// How far ahead the local clock may be before a token is taken as ended.
const CLOCK_MARGIN: Duration = Duration::from_secs(300);

/// Where an API token is made, for the hints.
const MAKE_ONE: &str = "make one on the application's page Permissions, API tokens, or by \
                        PUT /api/apiTokens/ID; it is shown only once";

/// An IoT Central API token whose shape has been checked.
///
/// It is what `PUT /api/apiTokens/{id}` answers in `token`:
/// `SharedAccessSignature sr=...&sig=...&skn=...&se=...`. The whole text is the
/// value of `Authorization`; no `Bearer` comes before it.
#[derive(Debug, Clone)]
pub struct ApiToken {
    value: SecretString,
    app_id: Option<String>,
    id: Option<String>,
    expires_at: Option<SystemTime>,
}

impl ApiToken {
    /// Checks the shape of `value`. Blanks around it are cut off. Whether the
    /// service still takes it, only the service can say.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] if it is a bearer token, has no signature, or
    /// holds characters that no header may carry. The text is not shown.
    pub fn new(value: impl Into<SecretString>) -> Result<Self, AuthError> {
        let value = value.into();
        let text = value.expose_secret().trim();
        if let Some(fault) = fault_of(text) {
            return Err(AuthError::new(AuthErrorKind::Config, NAME, fault).with_hint(MAKE_ONE));
        }
        let parts = text.get(SCHEME.len()..).unwrap_or_default();
        Ok(Self {
            app_id: parameter(parts, "sr").map(str::to_owned),
            id: parameter(parts, "skn").map(str::to_owned),
            expires_at: parameter(parts, "se").and_then(expiry),
            value: if text.len() == value.expose_secret().len() { value } else { text.into() },
        })
    }

    /// The id of the application that it is of (`sr`), which is not the first
    /// label of the application's host name.
    #[must_use]
    pub fn app_id(&self) -> Option<&str> {
        self.app_id.as_deref()
    }

    /// The token's id in the application (`skn`), by which it is revoked.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// When it ends, by its own words (`se`). Good for a warning in time; it is
    /// the service that decides.
    #[must_use]
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }

    /// Whether it has ended by its own words at `now`, the time of the local
    /// clock, which may be five minutes ahead. A token that names no end has not.
    #[must_use]
    pub fn is_expired(&self, now: SystemTime) -> bool {
        self.expires_at.and_then(|end| end.checked_add(CLOCK_MARGIN)).is_some_and(|end| end <= now)
    }

    /// Refuses a token that has ended, before anything is sent with it.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`], with the token's id and the way to a new one.
    pub fn check_expiry(&self, now: SystemTime) -> Result<(), AuthError> {
        if !self.is_expired(now) {
            return Ok(());
        }
        let id = self.id().map_or_else(String::new, |id| format!(" {id:?}"));
        let ago = self.expires_at.and_then(|end| now.duration_since(end).ok()).unwrap_or_default();
        let message = match ago.as_secs() / 86_400 {
            0 => format!("the API token{id} ended less than a day ago"),
            days => format!("the API token{id} ended {days} days ago"),
        };
        Err(AuthError::new(AuthErrorKind::Config, NAME, message).with_hint(MAKE_ONE))
    }

    /// The whole text, as it goes into `Authorization`.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.value
    }

    /// Binds the token to `origins`: it is sent nowhere else, and not any more
    /// when it has ended.
    ///
    /// # Errors
    /// None that [`new`](Self::new) would not have found.
    pub fn authorizer(
        &self,
        origins: impl Into<OriginSet>,
    ) -> Result<ApiTokenAuthorizer, AuthError> {
        let fixed = StaticAuthorizer::named(NAME, self.value.clone(), origins)?;
        Ok(ApiTokenAuthorizer { token: self.clone(), fixed, clock: Arc::new(SystemClock) })
    }
}

/// Sends an API token, to fixed origins, until it ends by its own words. From
/// then on each call fails with [`ApiToken::check_expiry`]'s error before
/// anything is sent.
#[derive(Debug, Clone)]
pub struct ApiTokenAuthorizer {
    token: ApiToken,
    fixed: StaticAuthorizer,
    clock: Arc<dyn Clock>,
}

impl ApiTokenAuthorizer {
    /// Judges the token's end by another clock than the machine's.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }
}

impl Authorizer for ApiTokenAuthorizer {
    fn authorize<'a>(
        &'a self,
        request: &'a mut Request,
    ) -> BoxFuture<'a, Result<Authorized, AuthError>> {
        match self.token.check_expiry(self.clock.now()) {
            Ok(()) => self.fixed.authorize(request),
            Err(ended) => Box::pin(async { Err(ended) }),
        }
    }

    fn on_unauthorized<'a>(
        &'a self,
        used: &'a Authorized,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Decision> {
        self.fixed.on_unauthorized(used, headers)
    }

    fn credential_id(&self) -> Option<&str> {
        self.token.id()
    }
}

/// What keeps the text from being an API token.
fn fault_of(text: &str) -> Option<&'static str> {
    let begins = |word: &str| text.get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word));
    if text.is_empty() {
        return Some("the API token is empty");
    }
    if begins("Bearer ") {
        return Some("an API token is sent without the word Bearer; give it as it was made");
    }
    if begins("eyJ") {
        return Some(
            "this is a bearer token of an identity service, not an API token; use a credential",
        );
    }
    if !begins(SCHEME) {
        return Some("an API token begins with SharedAccessSignature");
    }
    if !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Some("the API token holds control or non-ASCII characters; paste it as one line");
    }
    let parts = text.get(SCHEME.len()..).unwrap_or_default();
    if parts.contains(' ') {
        return Some("the API token holds a blank after its first word");
    }
    ["sr", "sig"]
        .iter()
        .any(|name| parameter(parts, name).is_none_or(str::is_empty))
        .then_some("the API token has no sr or no sig; perhaps only a part was copied")
}

fn parameter<'a>(parts: &'a str, name: &str) -> Option<&'a str> {
    parts.split('&').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

fn expiry(text: &str) -> Option<SystemTime> {
    let number: u64 = text.parse().ok()?;
    let since = if number < MILLISECONDS_FROM {
        Duration::from_secs(number)
    } else {
        Duration::from_millis(number)
    };
    SystemTime::UNIX_EPOCH.checked_add(since)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GOOD: &str = "SharedAccessSignature sr=8a0617aa&sig=canary%3D&skn=ops&se=1688749508407";

    #[test]
    fn id_and_expiry_are_read_and_the_text_stays() {
        let token = ApiToken::new(format!(" {GOOD}\n")).unwrap();
        assert_eq!(token.id(), Some("ops"));
        let expected = SystemTime::UNIX_EPOCH + Duration::from_millis(1_688_749_508_407);
        assert_eq!(token.expires_at(), Some(expected));
        assert_eq!(token.secret().expose_secret(), GOOD);
        assert!(!format!("{token:?}").contains("canary"));
        let bare = ApiToken::new("sharedaccesssignature sr=a&sig=b").unwrap();
        assert_eq!((bare.id(), bare.expires_at()), (None, None));
        let seconds = ApiToken::new("SharedAccessSignature sr=a&sig=b&se=1688749508").unwrap();
        let expected = SystemTime::UNIX_EPOCH + Duration::from_secs(1_688_749_508);
        assert_eq!(seconds.expires_at(), Some(expected));
    }

    #[test]
    fn what_has_ended_is_told_with_its_id() {
        let token = ApiToken::new(GOOD).unwrap();
        assert_eq!(token.app_id(), Some("8a0617aa"));
        let end = token.expires_at().unwrap();
        let at = |seconds| end + Duration::from_secs(seconds);
        assert!(!token.is_expired(at(299)) && token.check_expiry(at(299)).is_ok());
        let error = token.check_expiry(at(3 * 86_400)).unwrap_err();
        assert!(error.to_string().contains("\"ops\" ended 3 days ago"), "{error}");
        assert!(!format!("{error:?}").contains("canary"));
        assert!(token.check_expiry(at(300)).unwrap_err().to_string().contains("less than a day"));
        let endless = ApiToken::new("SharedAccessSignature sr=a&sig=b").unwrap();
        assert!(!endless.is_expired(SystemTime::now()));
    }

    #[derive(Debug)]
    struct At(std::sync::Mutex<SystemTime>);

    impl Clock for At {
        fn now(&self) -> SystemTime {
            *self.0.lock().unwrap()
        }
    }

    #[tokio::test]
    async fn a_token_that_ends_while_in_use_is_not_sent_any_more() {
        let token = ApiToken::new(GOOD).unwrap();
        let end = token.expires_at().unwrap();
        let clock = Arc::new(At(std::sync::Mutex::new(end)));
        let origin = twinkit_http::Origin::parse("https://a.example").unwrap();
        let authorizer = token.authorizer(origin).unwrap().with_clock(clock.clone());
        let request = || Request::new(reqwest::Method::GET, "https://a.example/x".parse().unwrap());
        let mut sent = request();
        authorizer.authorize(&mut sent).await.unwrap();
        assert_eq!(sent.headers()["authorization"], GOOD);
        *clock.0.lock().unwrap() = end + Duration::from_secs(7200);
        let mut kept = request();
        let error = authorizer.authorize(&mut kept).await.unwrap_err();
        assert!(error.to_string().contains("\"ops\" ended less than a day ago"), "{error}");
        assert!(error.hint().unwrap().contains("API tokens") && kept.headers().is_empty());
        assert!(authorizer.claims().await.unwrap().is_none());
        assert_eq!(authorizer.credential_id(), Some("ops"));
        assert!(!format!("{authorizer:?}").contains("canary"));
    }

    #[test]
    fn mix_ups_are_told_without_the_text() {
        for (text, said) in [
            ("", "empty"),
            ("Bearer canary", "without the word Bearer"),
            ("bearer SharedAccessSignature sr=a&sig=canary", "without the word Bearer"),
            ("eyJcanary", "not an API token"),
            ("canary", "begins with"),
            ("SharedAccessSignature sr=a", "no sig"),
            ("SharedAccessSignature sr=a&sig=", "no sig"),
            ("SharedAccessSignature sr=a&sig=can ary", "blank"),
            ("SharedAccessSignature sr=a&sig=\r\ncanary", "control"),
            ("SharedAccessSignature sr=a&sig=canary\u{e4}", "non-ASCII"),
        ] {
            let error = ApiToken::new(text).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config);
            assert!(error.to_string().contains(said), "{text}: {error}");
            assert!(!format!("{error:?}").contains("canary"), "{text}");
            assert!(error.hint().unwrap().contains("API tokens"));
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}", tail in "[a-z=&0-9]{0,40}") {
            let _ = ApiToken::new(text);
            let _ = ApiToken::new(format!("SharedAccessSignature {tail}"));
        }
    }
}
