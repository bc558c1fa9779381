//! [`Peer`]: what the ways in by a person need of an identity service, so that
//! they are written once for all of them.

use std::fmt::Debug;

use reqwest::Url;

use super::response::TokenAnswer;
use super::{Form, retry};
use crate::{AuthError, BoxFuture, FetchContext, TokenRequest};

/// A client registered at an identity service, as ways in by a person see it.
pub(crate) trait Peer: Send + Sync + Debug {
    /// The way in, for errors.
    fn name(&self) -> &'static str;

    /// Refuses what cannot be asked for, before anything is sent or opened.
    fn check(&self, request: &TokenRequest) -> Result<(), AuthError>;

    /// The `scope` field: what is asked for and what a sign-in needs besides.
    fn scope(&self, request: &TokenRequest) -> String;

    /// The `scope` field of a refresh. Strict services take none there that was
    /// not granted, and do not count all that a sign-in needs among those.
    fn refresh_scope(&self, request: &TokenRequest) -> String {
        self.scope(request)
    }

    /// Where a browser is sent to sign in, with the client's id.
    fn authorize_url(&self, request: &TokenRequest) -> Result<Url, AuthError>;

    /// Exchanges `form` for a token, adding what `request` asks for besides its
    /// scopes, and the client's proof.
    fn exchange<'a>(
        &'a self,
        form: Form,
        policy: &'static retry::Policy,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<TokenAnswer, AuthError>>;

    /// Adds what to do about an error that the sign-in page gave.
    #[cfg(feature = "interactive")]
    fn explain(&self, error: AuthError) -> AuthError {
        error
    }

    /// See [`TokenSource::input_version`](crate::TokenSource::input_version).
    fn input_version(&self) -> u64;
}

/// `request`'s scopes and then `more`, each once.
pub(crate) fn scope_with(request: &TokenRequest, more: &[&str]) -> String {
    let asked = request.scopes().iter().map(String::as_str);
    let more = more.iter().filter(|scope| !request.scopes().iter().any(|asked| asked == *scope));
    asked.chain(more.copied()).collect::<Vec<_>>().join(" ")
}
