//! Sign-in of a person at a web application: the application sends the browser
//! to the address of an [`AuthorizationRequest`], reads what it brings back,
//! and redeems the code (RFC 6749 section 4.1 with RFC 7636).

use std::sync::{Arc, Mutex, PoisonError};

use secrecy::{ExposeSecret, SecretString};

use super::app::EntraApp;
use super::builder::{EntraBuilder, Settings};
use super::refresh_token::check_auth;
use super::user::UserSettings;
use super::user::way::{Start, Way};
use crate::oauth::{
    AssertionSource, ClientAuth, Form, Peer, SignIn, TokenAnswer, check_nonce, pkce, retry,
};
use crate::{AuthError, AuthErrorKind, BoxFuture, Credential, FetchContext, TokenRequest};

const NAME: &str = "authorization code";

/// The way in by an authorization code; see [`Credential::authorization_code`].
#[derive(Debug, Clone)]
pub struct AuthorizationCode {
    code: SecretString,
    redirect_uri: String,
    verifier: SecretString,
    nonce: Option<SecretString>,
    auth: ClientAuth,
    user: UserSettings,
}

/// The settings of a credential by authorization code.
pub type AuthorizationCodeBuilder = EntraBuilder<AuthorizationCode>;

impl Credential {
    /// A person who has just signed in at a web application: `code` is what
    /// [`AuthorizationRequest::read_answer`](crate::AuthorizationRequest::read_answer)
    /// gave, `redirect_uri` and `verifier` are those of the
    /// [`AuthorizationRequest`](crate::AuthorizationRequest). Add the
    /// application's [secret](EntraBuilder::<AuthorizationCode>::client_secret)
    /// and finish with [`build`](EntraBuilder::build).
    ///
    /// The code works once and for some ten minutes: the first token that is
    /// asked for redeems it, later ones are had with the refresh token that came
    /// with it. Keep one credential per person, or give a
    /// [`store`](EntraBuilder::store) with the person as
    /// [`account`](EntraBuilder::account).
    ///
    /// In the portal: App registrations, the application, Authentication, Add a
    /// platform, Web, with the same redirect URI; then a secret under
    /// Certificates & secrets. Leave the boxes of the implicit grant empty: see
    /// [`AuthorizationRequest`](crate::AuthorizationRequest).
    pub fn authorization_code(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        code: impl Into<SecretString>,
        redirect_uri: impl Into<String>,
        verifier: impl Into<SecretString>,
    ) -> AuthorizationCodeBuilder {
        let way = AuthorizationCode {
            code: code.into(),
            redirect_uri: redirect_uri.into(),
            verifier: verifier.into(),
            nonce: None,
            auth: ClientAuth::Public,
            user: UserSettings::default(),
        };
        EntraBuilder::new(way, tenant.into(), client_id.into()).without_interaction()
    }
}

impl EntraBuilder<AuthorizationCode> {
    /// The application's secret.
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.way.auth = ClientAuth::SecretPost(secret.into());
        self
    }

    /// What the application proves itself with in place of a secret.
    pub fn client_assertion(mut self, source: impl AssertionSource + 'static) -> Self {
        self.way.auth = ClientAuth::Assertion(Arc::new(source));
        self
    }

    /// The authorization request's nonce: an ID token that was made for another
    /// sign-in is then refused.
    pub fn nonce(mut self, nonce: impl Into<SecretString>) -> Self {
        self.way.nonce = Some(nonce.into());
        self
    }
}

impl Way for AuthorizationCode {
    fn user(&mut self) -> &mut UserSettings {
        &mut self.user
    }

    fn start(self, settings: &Settings) -> Result<Start, AuthError> {
        if self.code.expose_secret().is_empty() {
            let message = "the authorization code is empty";
            return Err(AuthError::new(AuthErrorKind::Config, NAME, message));
        }
        let app = settings.user_app(NAME, check_auth(NAME, self.auth)?)?;
        let sign_in = Redemption {
            app: app.clone(),
            code: Mutex::new(Some(self.code)),
            redirect_uri: self.redirect_uri,
            verifier: pkce::check_verifier(NAME, self.verifier)?,
            nonce: self.nonce,
        };
        Ok(Start { app, sign_in: Arc::new(sign_in), seed: None })
    }
}

/// A code that is redeemed once.
#[derive(Debug)]
struct Redemption {
    app: EntraApp,
    code: Mutex<Option<SecretString>>,
    redirect_uri: String,
    verifier: SecretString,
    nonce: Option<SecretString>,
}

impl Redemption {
    async fn redeem(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<TokenAnswer, AuthError> {
        let Some(code) = self.code() else {
            let message = "the code has been redeemed; the person has to sign in again";
            return Err(AuthError::new(AuthErrorKind::InteractionRequired, NAME, message));
        };
        let form = Form::new("authorization_code")
            .with_secret("code", code)
            .with("redirect_uri", &self.redirect_uri)
            .with_secret("code_verifier", self.verifier.clone())
            .with("scope", self.app.scope(request));
        let redeemed = Peer::exchange(&self.app, form, &retry::TOKEN_ENDPOINT, request, context);
        let answer = redeemed.await;
        let may_work_yet = |error: &AuthError| {
            matches!(error.kind(), AuthErrorKind::Transient | AuthErrorKind::Timeout)
        };
        if !answer.as_ref().err().is_some_and(may_work_yet) {
            self.code.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        let answer = answer?;
        if let Some(nonce) = &self.nonce {
            check_nonce(NAME, answer.id_token.as_ref(), nonce)?;
        }
        Ok(answer)
    }

    fn code(&self) -> Option<SecretString> {
        self.code.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl SignIn for Redemption {
    fn sign_in<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<TokenAnswer, AuthError>> {
        Box::pin(self.redeem(request, context))
    }

    fn goes_first(&self) -> bool {
        self.code().is_some()
    }
}
