//! The settings that every way in through IMS shares. It must not know any
//! grant.

use std::fmt;
use std::sync::Arc;

use twinkit_http::{Clock, HttpClientConfig, SystemClock};

use super::host::ImsHost;
use crate::oauth::{ClientAuth, OAuthClient};
use crate::{AuthError, AuthErrorKind};

/// Settings of a credential of Bentley IMS; `W` is the way in. Made by the
/// functions of [`Credential`](crate::Credential), each of which tells what the
/// way needs.
#[derive(Clone)]
#[must_use = "nothing is made until `build` is called"]
pub struct ImsBuilder<W> {
    pub(super) way: W,
    pub(super) client_id: String,
    host: String,
    http: HttpClientConfig,
    pub(super) clock: Arc<dyn Clock>,
}

impl<W> ImsBuilder<W> {
    pub(super) fn new(way: W, client_id: String) -> Self {
        Self {
            way,
            client_id,
            host: ImsHost::PRODUCTION.to_owned(),
            http: HttpClientConfig::new(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Signs in at another IMS, such as [`ImsHost::QA`] or an emulator: see
    /// [`ImsHost::parse`]. It is trusted with what proves who is calling.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// Talks to IMS with these settings (own certificate authority, proxy, user
    /// agent). Redirects are never followed.
    pub fn http(mut self, config: HttpClientConfig) -> Self {
        self.http = config;
        self
    }

    /// Judges expiry by this clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks what all ways share. `name` is the way's, for errors.
    pub(super) fn client(
        &self,
        name: &'static str,
        auth: ClientAuth,
    ) -> Result<(ImsHost, OAuthClient), AuthError> {
        let host = ImsHost::parse(&self.host)?;
        let config = |message: String| AuthError::new(AuthErrorKind::Config, name, message);
        let http = self.http.build_for(host.url()).map_err(|error| {
            config(format!("no HTTP client for the IMS: {error}")).with_cause(error)
        })?;
        let client_id = self.client_id.trim();
        if client_id.is_empty() || !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(config(format!("{client_id:?} is not a client id"))
                .with_hint("copy it from the application's page on the developer portal"));
        }
        Ok((host, OAuthClient::new(client_id.to_owned(), auth, http)))
    }
}

/// Ways hide their secrets in their own `Debug`. The host is as the user typed
/// it and may yet hold a password.
impl<W: fmt::Debug> fmt::Debug for ImsBuilder<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImsBuilder")
            .field("way", &self.way)
            .field("client_id", &self.client_id)
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}
