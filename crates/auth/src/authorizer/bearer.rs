//! `Authorization: Bearer TOKEN` (RFC 6750 section 2.1) with tokens of a
//! [`Credential`].

use std::future::ready;

use reqwest::Request;
use reqwest::header::{AUTHORIZATION, HeaderMap};
use twinkit_http::OriginSet;

use super::{Authorized, Authorizer, Decision, check_origin, claims_challenge};
use crate::credential::Rejection;
use crate::{
    AccessToken, AuthError, AuthErrorKind, BoxFuture, Credential, TokenClaims, TokenRequest,
};

const NAME: &str = "bearer token";

/// Sends tokens of a credential, for fixed scopes, to fixed origins.
///
/// A 401 throws the refused token away and asks for one more attempt, at most
/// once in ten seconds, so that a service that refuses everything does not
/// become a storm of token requests. If the 401 holds a claims challenge, the
/// token for that attempt is asked for with those claims, past the cache.
///
/// Give [`for_request`](Self::for_request) a request
/// [with](TokenRequest::with_cae) continuous access evaluation to declare that
/// challenges are answered; tokens then live longer and can be revoked at once.
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
        if let Err(error) = check_origin(NAME, &self.origins, request.url()) {
            return Box::pin(ready(Err(error)));
        }
        // Mostly there is a token: the future of a fetch is large, and not needed.
        if let Some(token) = self.credential.token_at_hand(&self.request) {
            return Box::pin(ready(authorized(request, token)));
        }
        Box::pin(async move {
            let token = self.credential.token(&self.request).await?;
            authorized(request, token)
        })
    }

    fn on_unauthorized<'a>(
        &'a self,
        used: &'a Authorized,
        headers: &'a HeaderMap,
    ) -> BoxFuture<'a, Decision> {
        Box::pin(async move {
            let Some(token) = used.token() else { return Decision::Give };
            match (self.credential.refuse(&self.request, token), claims_challenge(headers)) {
                (Rejection::TooSoon, _) => Decision::Give,
                (Rejection::Dropped, Some(claims)) => self.answer(&claims).await,
                (Rejection::Dropped, None) | (Rejection::Replaced, _) => Decision::Retry,
            }
        })
    }

    fn claims<'a>(&'a self) -> BoxFuture<'a, Result<Option<TokenClaims>, AuthError>> {
        Box::pin(async { Ok(TokenClaims::of(&self.credential.token(&self.request).await?)) })
    }
}

fn authorized(request: &mut Request, token: AccessToken) -> Result<Authorized, AuthError> {
    request.headers_mut().insert(AUTHORIZATION, token.header(NAME)?);
    Ok(Authorized::with_token(token))
}

impl BearerAuthorizer {
    /// Has a token that fulfils `claims`; it takes the place of the one refused.
    async fn answer(&self, claims: &str) -> Decision {
        let request = match self.request.clone().with_claims(claims) {
            Ok(request) => request,
            Err(error) => return Decision::Fail(error),
        };
        match self.credential.token(&request).await {
            Ok(_) => Decision::Retry,
            // Whoever shows this error to a person should find the challenge in
            // it, also if the source could not even ask.
            Err(error) if error.claims().is_none() && needs_person(&error) => {
                Decision::Fail(error.with_claims(claims))
            }
            Err(error) => Decision::Fail(error),
        }
    }
}

fn needs_person(error: &AuthError) -> bool {
    matches!(error.kind(), AuthErrorKind::InteractionRequired | AuthErrorKind::Config)
}
