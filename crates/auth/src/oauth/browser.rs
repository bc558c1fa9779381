//! Sign-in in a browser on this machine: the code grant with PKCE (RFC 6749
//! section 4.1, RFC 7636) and a loopback address to return to (RFC 8252).

use std::fmt;
use std::io;
use std::sync::Arc;

use reqwest::Url;
use twinkit_http::endpoint;

use super::callback::{self, Asked, ResponseMode, Ties, Wishes};
use super::loopback::{Expected, Loopback, Place};
use super::peer::Peer;
use super::session::SignIn;
use super::{Form, TokenAnswer, check_nonce, requested_claims, retry};
use crate::{AuthError, AuthErrorKind, BoxFuture, FetchContext, TokenRequest};

/// Opens an address in a browser.
pub(crate) type Open = Arc<dyn Fn(&str) -> io::Result<()> + Send + Sync>;

/// Sign-in in a browser.
pub(crate) struct BrowserSignIn {
    pub(crate) peer: Arc<dyn Peer>,
    pub(crate) place: Place,
    pub(crate) mode: ResponseMode,
    pub(crate) wishes: Wishes,
    pub(crate) open: Open,
    /// What `iss` has to be, where the service's issuer is known.
    pub(crate) issuer: Option<String>,
}

impl BrowserSignIn {
    async fn run(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<TokenAnswer, AuthError> {
        let source = self.peer.name();
        let ties = Ties::new(source)?;
        let listener = Loopback::bind(source, &self.place).await?;
        let redirect_uri = redirect_uri(listener.port(), &self.place);
        let scope = self.peer.scope(request);
        let claims = requested_claims(request);
        let url = callback::authorization_url(
            self.peer.authorize_url(request)?,
            &Asked {
                redirect_uri: &redirect_uri,
                scope: &scope,
                mode: self.mode,
                claims: claims.as_deref(),
                wishes: &self.wishes,
                ties: &ties,
            },
        );
        let expected = Expected {
            source,
            state: ties.state.clone(),
            mode: self.mode,
            issuer: self.issuer.clone(),
        };
        // The listener answers while the browser is being opened: a callback
        // may well wait for the page to load.
        let opened = async {
            self.open(url).await?;
            std::future::pending::<Result<_, AuthError>>().await
        };
        let code = tokio::select! {
            code = listener.wait(expected) => code.map_err(|error| self.peer.explain(error))?,
            failed = opened => failed?,
        };
        let form = Form::new("authorization_code")
            .with_secret("code", code)
            .with("redirect_uri", redirect_uri)
            .with_secret("code_verifier", ties.verifier)
            .with("scope", scope);
        let answer = self.peer.exchange(form, &retry::TOKEN_ENDPOINT, request, context).await?;
        check_nonce(source, answer.id_token.as_ref(), &ties.nonce)?;
        Ok(answer)
    }

    async fn open(&self, url: Url) -> Result<(), AuthError> {
        let source = self.peer.name();
        if url.scheme() != "https" && !endpoint::is_loopback(&url) {
            let message = "a sign-in page without https is not opened";
            return Err(AuthError::new(AuthErrorKind::Config, source, message));
        }
        let open = Arc::clone(&self.open);
        let opened = tokio::task::spawn_blocking(move || open(url.as_str())).await;
        let error = match opened {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error,
            Err(error) => io::Error::other(error),
        };
        // The address stays out of the error: it is good for one sign-in, but
        // errors are kept in logs.
        let message = format!("no browser could be opened: {}", error.kind());
        Err(AuthError::new(AuthErrorKind::Unavailable, source, message)
            .with_hint("sign in by device code, or open the address yourself with open_with"))
    }
}

/// The default: the person's own browser. Only browsers, never other handlers
/// of an address.
pub(crate) fn default_browser() -> Open {
    Arc::new(webbrowser::open)
}

/// With the host's name instead of its address, as services let the port of
/// `localhost` vary; without the path if that is the root, as it is registered
/// like that.
fn redirect_uri(port: u16, place: &Place) -> String {
    let path = if place.path == "/" { "" } else { &place.path };
    place.uri.clone().unwrap_or_else(|| format!("http://localhost:{port}{path}"))
}

impl SignIn for BrowserSignIn {
    fn sign_in<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<TokenAnswer, AuthError>> {
        Box::pin(self.run(request, context))
    }
}

impl fmt::Debug for BrowserSignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BrowserSignIn")
            .field("place", &self.place)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}
