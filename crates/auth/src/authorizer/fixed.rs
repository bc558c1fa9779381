//! A header value that the user already has, sent as it is: no scheme word is
//! put before it.

use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use secrecy::{ExposeSecret, SecretString};
use twinkit_http::OriginSet;

use super::{Authorized, Authorizer, Decision, check_origin, header};
use crate::{AuthError, AuthErrorKind, BoxFuture};

const NAME: &str = "fixed header";

/// Sends one given value as the whole `Authorization` header, to fixed origins.
#[derive(Debug, Clone)]
pub struct StaticAuthorizer {
    name: &'static str,
    value: HeaderValue,
    origins: OriginSet,
}

impl StaticAuthorizer {
    /// Binds the verbatim header `value` to `origins`.
    ///
    /// # Errors
    /// The value is empty or holds anything but visible ASCII characters and
    /// inner blanks.
    pub fn new(
        value: impl Into<SecretString>,
        origins: impl Into<OriginSet>,
    ) -> Result<Self, AuthError> {
        Self::named(NAME, value.into(), origins)
    }

    /// [`new`](Self::new) under a name of its own, for errors.
    pub(super) fn named(
        name: &'static str,
        value: SecretString,
        origins: impl Into<OriginSet>,
    ) -> Result<Self, AuthError> {
        let text = value.expose_secret();
        let refused = |message: &str| Err(AuthError::new(AuthErrorKind::Config, name, message));
        if text.is_empty() {
            return refused("the Authorization value is empty");
        }
        if text.trim() != text || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            return refused(
                "the Authorization value holds blanks at an end, control characters or \
                 non-ASCII characters; paste it again as one line",
            );
        }
        Ok(Self { name, value: header(name, "", &value)?, origins: origins.into() })
    }
}

impl Authorizer for StaticAuthorizer {
    fn authorize<'a>(
        &'a self,
        request: &'a mut Request,
    ) -> BoxFuture<'a, Result<Authorized, AuthError>> {
        Box::pin(async move {
            check_origin(self.name, &self.origins, request.url())?;
            request.headers_mut().insert(AUTHORIZATION, self.value.clone());
            Ok(Authorized::fixed())
        })
    }

    fn on_unauthorized<'a>(
        &'a self,
        _used: &'a Authorized,
        _headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Decision> {
        Box::pin(async { Decision::Give })
    }
}
