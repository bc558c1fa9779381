//! A credential that is one fixed token, for servers that check none.

use std::time::{Duration, SystemTime};

use secrecy::SecretString;
use twinkit_auth::{
    AccessToken, AuthError, BoxFuture, Credential, FetchContext, TokenRequest, TokenSource,
};

/// A credential that always gives `token`.
#[must_use]
pub fn fixed(token: &str) -> Credential {
    Credential::from_source(Fixed(SecretString::from(token)))
}

#[derive(Debug)]
struct Fixed(SecretString);

impl TokenSource for Fixed {
    fn name(&self) -> &'static str {
        "fixed token"
    }

    fn fetch<'a>(
        &'a self,
        _request: &'a TokenRequest,
        _context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        const LIFETIME: Duration = Duration::from_secs(3600);
        Box::pin(async { AccessToken::new(self.0.clone(), SystemTime::now() + LIFETIME) })
    }
}
