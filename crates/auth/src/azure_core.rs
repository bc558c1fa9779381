//! Credentials across the border to the `azure_core` crate, both ways: one of
//! theirs as a source of ours, and ours wherever theirs is asked for.
//!
//! It must not know `azure_identity` nor any client of theirs.

use std::sync::Arc;

use azure_core::credentials::{AccessToken as AzureToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error as AzureError, ErrorKind as AzureErrorKind};
use secrecy::{ExposeSecret, SecretString};
use twinkit_http::redact;

use crate::{
    AccessToken, AuthError, AuthErrorKind, BoxFuture, Credential, FetchContext, TokenRequest,
    TokenSource,
};

const NAME: &str = "azure_core credential";

/// Their errors may hold a whole answer.
const MAX_TEXT: usize = 2048;

impl Credential {
    /// A credential of the `azure_core` world as the source; tokens are cached
    /// here.
    ///
    /// Their interface takes scopes and nothing else: a request for another
    /// tenant, with claims or with a user's token is refused
    /// ([`AuthErrorKind::Config`]), and one past the cache may get a token that
    /// their own cache holds.
    #[must_use]
    pub fn from_azure_core(credential: Arc<dyn TokenCredential>) -> Self {
        Self::from_source(Theirs(credential))
    }
}

#[derive(Debug)]
struct Theirs(Arc<dyn TokenCredential>);

impl Theirs {
    async fn get(&self, request: &TokenRequest) -> Result<AccessToken, AuthError> {
        let refused = [
            (request.tenant().is_some(), "another tenant"),
            (request.claims().is_some(), "a claims challenge"),
            (request.user_assertion().is_some(), "a user's token"),
        ];
        if let Some((_, what)) = refused.into_iter().find(|(is_asked, _)| *is_asked) {
            let message = format!("{what} cannot be handed to a credential of azure_core");
            return Err(AuthError::new(AuthErrorKind::Config, NAME, message));
        }
        let scopes: Vec<&str> = request.scopes().iter().map(String::as_str).collect();
        let token = self.0.get_token(&scopes, None).await.map_err(|error| failure(&error))?;
        let secret = SecretString::from(token.token.secret());
        AccessToken::new(secret, token.expires_on.into())
    }
}

impl TokenSource for Theirs {
    fn name(&self) -> &'static str {
        NAME
    }

    fn fetch<'a>(
        &'a self,
        request: &'a TokenRequest,
        _: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(self.get(request))
    }
}

/// Their error as ours. Not kept as the cause: its `Debug` may show an answer.
fn failure(error: &AzureError) -> AuthError {
    let status = error.http_status().map(u16::from);
    let kind = match (status, error.kind()) {
        (Some(408 | 429 | 500 | 502..=504), _) => AuthErrorKind::Transient,
        (None, AzureErrorKind::Connection | AzureErrorKind::Io) => AuthErrorKind::Transient,
        _ => AuthErrorKind::Rejected,
    };
    let ours = AuthError::new(kind, NAME, redact::text(&error.to_string(), &[], MAX_TEXT));
    match status {
        Some(status) => ours.with_status(status),
        None => ours,
    }
}

/// Any client of theirs can call with a credential of ours, and so share its
/// cache.
#[async_trait::async_trait]
impl TokenCredential for Credential {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AzureToken> {
        let theirs = |error: AuthError| {
            let message = error.to_string();
            AzureError::with_error(AzureErrorKind::Credential, error, message)
        };
        let request = TokenRequest::new(scopes.iter().copied()).map_err(theirs)?;
        let token = self.token(&request).await.map_err(theirs)?;
        let secret = token.secret().expose_secret().to_owned();
        Ok(AzureToken::new(secret, token.expires_at().into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use std::time::{Duration, SystemTime};

    /// Theirs, that gives what is scripted and keeps the scopes it was asked for.
    #[derive(Debug)]
    struct Fake {
        asked: Mutex<Vec<String>>,
        error: Option<fn() -> AzureError>,
    }

    impl Fake {
        fn new(error: Option<fn() -> AzureError>) -> Arc<Self> {
            Arc::new(Self { asked: Mutex::default(), error })
        }
    }

    #[async_trait::async_trait]
    impl TokenCredential for Fake {
        async fn get_token(
            &self,
            scopes: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AzureToken> {
            self.asked.lock().unwrap().extend(scopes.iter().map(|scope| (*scope).to_owned()));
            match self.error {
                Some(error) => Err(error()),
                None => {
                    let end = SystemTime::now() + Duration::from_secs(3600);
                    Ok(AzureToken::new("theirs".to_owned(), end.into()))
                }
            }
        }
    }

    #[tokio::test]
    async fn theirs_is_a_source_behind_our_cache() {
        let fake = Fake::new(None);
        let credential = Credential::from_azure_core(Arc::clone(&fake) as _);
        let request = TokenRequest::new(["a"]).unwrap();
        for _ in 0..3 {
            let token = credential.token(&request).await.unwrap();
            assert_eq!(token.secret().expose_secret(), "theirs");
            let life = token.expires_at().duration_since(SystemTime::now()).unwrap();
            assert!(life > Duration::from_secs(3590), "{life:?}");
        }
        assert_eq!(*fake.asked.lock().unwrap(), ["a"]);
    }

    #[tokio::test]
    async fn what_theirs_cannot_be_told_is_refused() {
        let credential = Credential::from_azure_core(Fake::new(None));
        let request = TokenRequest::new(["a"]).unwrap();
        for request in [
            request.clone().with_tenant("t").unwrap(),
            request.clone().with_claims("{}").unwrap(),
            request.clone().with_user_assertion("canary"),
        ] {
            let error = credential.token(&request).await.unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config);
        }
    }

    #[tokio::test]
    async fn their_errors_keep_kind_and_text_on_one_line() {
        let cases: [(fn() -> AzureError, AuthErrorKind); 3] = [
            (
                || AzureError::with_message(AzureErrorKind::Credential, "no\nway"),
                AuthErrorKind::Rejected,
            ),
            (|| AzureError::with_message(AzureErrorKind::Io, "cable"), AuthErrorKind::Transient),
            (|| AzureError::with_message(AzureErrorKind::Other, "odd"), AuthErrorKind::Rejected),
        ];
        for (error, kind) in cases {
            let credential = Credential::from_azure_core(Fake::new(Some(error)));
            let request = TokenRequest::new(["a"]).unwrap();
            let error = credential.token(&request).await.unwrap_err();
            assert_eq!(error.kind(), kind);
            assert!(!error.to_string().contains('\n'), "{error}");
        }
    }

    #[tokio::test]
    async fn ours_serves_wherever_theirs_is_asked_for() {
        let ours = Credential::from_azure_core(Fake::new(None));
        let theirs: Arc<dyn TokenCredential> = Arc::new(ours);
        let token = theirs.get_token(&["a"], None).await.unwrap();
        assert_eq!(token.token.secret(), "theirs");
        let error = theirs.get_token(&["a b"], None).await.unwrap_err();
        assert!(matches!(error.kind(), AzureErrorKind::Credential));
        let cause = error.into_downcast::<AuthError>().unwrap();
        assert_eq!(cause.kind(), AuthErrorKind::Config);
    }
}
