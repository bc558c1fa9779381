//! `Authorization: Bearer TOKEN` (RFC 6750 section 2.1) with tokens of a
//! [`Credential`].

use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use twinkit_http::OriginSet;

use super::{Authorized, Authorizer, Decision, check_origin, header};
use crate::{AuthError, BoxFuture, Credential, TokenRequest};

const NAME: &str = "bearer token";

/// Sends tokens of a credential, for fixed scopes, to fixed origins.
///
/// A 401 throws the refused token away and asks for one more attempt, at most
/// once in ten seconds, so that a service that refuses everything does not
/// become a storm of token requests.
#[derive(Debug, Clone)]
pub struct BearerAuthorizer {
    credential: Credential,
    request: TokenRequest,
    origins: OriginSet,
}

impl BearerAuthorizer {
    /// Binds `credential` to `scopes` and `origins`.
    ///
    /// # Errors
    /// A scope is empty or holds a character that scopes may not hold (RFC 6749
    /// section 3.3).
    pub fn new<S: Into<String>>(
        credential: Credential,
        scopes: impl IntoIterator<Item = S>,
        origins: impl Into<OriginSet>,
    ) -> Result<Self, AuthError> {
        Ok(Self::for_request(credential, TokenRequest::new(scopes)?, origins))
    }

    /// Binds `credential` to all that `request` asks for, and to `origins`.
    #[must_use]
    pub fn for_request(
        credential: Credential,
        request: TokenRequest,
        origins: impl Into<OriginSet>,
    ) -> Self {
        Self { credential, request, origins: origins.into() }
    }
}

impl Authorizer for BearerAuthorizer {
    fn authorize<'a>(
        &'a self,
        request: &'a mut Request,
    ) -> BoxFuture<'a, Result<Authorized, AuthError>> {
        Box::pin(async move {
            check_origin(NAME, &self.origins, request.url())?;
            let token = self.credential.token(&self.request).await?;
            let value = header(NAME, "Bearer ", token.secret())?;
            request.headers_mut().insert(AUTHORIZATION, value);
            Ok(Authorized::with_token(token))
        })
    }

    fn on_unauthorized<'a>(
        &'a self,
        used: &'a Authorized,
        _headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Decision> {
        Box::pin(async move {
            match used.token() {
                Some(token) if self.credential.reject(&self.request, token) => Decision::Retry,
                _ => Decision::Give,
            }
        })
    }
}
