//! A person's refresh token that was had elsewhere (RFC 6749 section 6).

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::builder::{EntraBuilder, Settings};
use super::client_secret::check_secret;
use super::user::UserSettings;
use super::user::way::{Start, Way};
use crate::oauth::{AssertionSource, ClientAuth, Nobody};
use crate::{AuthError, AuthErrorKind, Credential};

const NAME: &str = "refresh token";

/// The way in by a refresh token; see [`Credential::refresh_token`].
#[derive(Debug, Clone)]
pub struct RefreshToken {
    token: SecretString,
    auth: ClientAuth,
    user: UserSettings,
}

/// The settings of a credential by refresh token.
pub type RefreshTokenBuilder = EntraBuilder<RefreshToken>;

impl Credential {
    /// A person who signed in elsewhere, by the refresh token that came of it.
    /// It was issued to the application `client_id`, and to no other it is of
    /// use. Services may replace the token at each use: give a
    /// [`store`](EntraBuilder::store) if the process may start again, whose
    /// token then goes before the one given here.
    ///
    /// When the service takes none of them any more, callers get
    /// [`InteractionRequired`](AuthErrorKind::InteractionRequired). Finish with
    /// [`build`](EntraBuilder::build).
    pub fn refresh_token(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        token: impl Into<SecretString>,
    ) -> RefreshTokenBuilder {
        let way = RefreshToken {
            token: token.into(),
            auth: ClientAuth::Public,
            user: UserSettings::default(),
        };
        EntraBuilder::new(way, tenant.into(), client_id.into()).without_interaction()
    }
}

impl EntraBuilder<RefreshToken> {
    /// The application's secret, if it is a confidential client (a web
    /// application): its refresh tokens are of use only with that.
    pub fn client_secret(mut self, secret: impl Into<SecretString>) -> Self {
        self.way.auth = ClientAuth::SecretPost(secret.into());
        self
    }

    /// What the application proves itself with in place of a secret.
    pub fn client_assertion(mut self, source: impl AssertionSource + 'static) -> Self {
        self.way.auth = ClientAuth::Assertion(Arc::new(source));
        self
    }
}

impl Way for RefreshToken {
    fn user(&mut self) -> &mut UserSettings {
        &mut self.user
    }

    fn start(self, settings: &Settings) -> Result<Start, AuthError> {
        let text = self.token.expose_secret();
        if text.is_empty() || !text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
            let message = "the refresh token is empty or holds characters that none has";
            return Err(AuthError::new(AuthErrorKind::Config, NAME, message));
        }
        let app = settings.user_app(NAME, check_auth(NAME, self.auth)?)?;
        Ok(Start { app, sign_in: Arc::new(Nobody(NAME)), seed: Some(self.token) })
    }
}

/// A client's proof whose secret, if it is one, can be one.
pub(super) fn check_auth(name: &'static str, auth: ClientAuth) -> Result<ClientAuth, AuthError> {
    Ok(match auth {
        ClientAuth::SecretPost(secret) => ClientAuth::SecretPost(check_secret(name, secret)?),
        other => other,
    })
}
