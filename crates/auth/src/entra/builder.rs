//! The settings that every way in through a registered application shares, and
//! their checks. It must not know any grant: each adds its own settings, and
//! its `build`, in its file.

use std::fmt;
use std::sync::Arc;

use twinkit_http::{Clock, HttpClientConfig, SystemClock};

use super::app::EntraApp;
use super::authority::AuthorityHost;
use crate::oauth::{ClientAuth, OAuthClient};
use crate::request::check_tenant;
use crate::{AuthError, AuthErrorKind};

/// Settings of a credential of Microsoft Entra ID; `W` is the way in. Made by
/// the functions of [`Credential`](crate::Credential), each of which tells what
/// the way needs.
#[derive(Clone)]
#[must_use = "nothing is made until `build` is called"]
pub struct EntraBuilder<W> {
    pub(super) way: W,
    pub(super) settings: Settings,
}

/// What is set whatever the way in.
#[derive(Clone)]
pub struct Settings {
    pub(super) tenant: String,
    pub(super) client_id: String,
    /// The public cloud's where none is set.
    pub(super) authority: Option<String>,
    http: HttpClientConfig,
    pub(super) clock: Arc<dyn Clock>,
}

/// Whose tenants a way in can be used with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TenantRule {
    /// The application's own: it acts for itself.
    OfApplication,
    /// That of a user whose token is exchanged.
    Exchanged,
    /// Any, `common` and its like among them: a person signs in.
    OfUser,
}

impl<W> EntraBuilder<W> {
    pub(super) fn new(way: W, tenant: String, client_id: String) -> Self {
        let settings = Settings {
            tenant,
            client_id,
            authority: None,
            http: HttpClientConfig::new(),
            clock: Arc::new(SystemClock),
        };
        Self { way, settings }
    }

    /// Signs in at another authority, such as
    /// [`AuthorityHost::US_GOVERNMENT`], an AD FS server (tenant `adfs`) or an
    /// emulator: see [`AuthorityHost::parse`]. It is trusted with what proves
    /// who is calling. Scopes of another cloud's resources are set on the
    /// platform's client.
    pub fn authority(mut self, authority: impl Into<String>) -> Self {
        self.settings.authority = Some(authority.into());
        self
    }

    /// Talks to the authority with these settings (own certificate authority,
    /// proxy, user agent). Redirects are never followed.
    pub fn http(mut self, config: HttpClientConfig) -> Self {
        self.settings.http = config;
        self
    }

    /// Judges expiry by this clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.settings.clock = clock;
        self
    }
}

impl Settings {
    /// Checks everything and makes the application that asks for tokens. `name`
    /// is the way's, for errors.
    pub(super) fn app(
        &self,
        name: &'static str,
        rule: TenantRule,
        auth: ClientAuth,
    ) -> Result<EntraApp, AuthError> {
        let authority = self.authority.as_deref().unwrap_or(AuthorityHost::PUBLIC);
        let authority = AuthorityHost::parse(authority)?;
        let http = self.http.build_for(authority.url()).map_err(|error| {
            let message = format!("no HTTP client for the authority: {error}");
            AuthError::new(AuthErrorKind::Config, name, message).with_cause(error)
        })?;
        let tenant = rule.check(name, &self.tenant)?.to_owned();
        let client_id = check_client_id(name, &self.client_id)?.to_owned();
        let client = OAuthClient::new(client_id, auth, http);
        Ok(EntraApp { name, tenant, rule, authority, client })
    }

    /// The HTTP settings, for what a way asks besides the authority.
    pub(super) fn http(&self) -> &HttpClientConfig {
        &self.http
    }
}

impl TenantRule {
    /// The trimmed tenant, if it fits.
    pub(super) fn check<'a>(
        self,
        name: &'static str,
        tenant: &'a str,
    ) -> Result<&'a str, AuthError> {
        let tenant = check_tenant(name, tenant)?;
        let of_users = ["common", "organizations", "consumers"];
        let is_shared = of_users.iter().any(|shared| tenant.eq_ignore_ascii_case(shared));
        let reason = match self {
            Self::OfApplication => "an application needs the id or domain of its own tenant",
            Self::Exchanged => {
                "a user's token is exchanged in the tenant that it is of, whose id it holds (tid)"
            }
            Self::OfUser => return Ok(tenant),
        };
        if is_shared {
            let message = format!("{tenant:?} stands for the tenants of users; {reason}");
            return Err(AuthError::new(AuthErrorKind::Config, name, message));
        }
        Ok(tenant)
    }
}

fn check_client_id<'a>(name: &'static str, client_id: &'a str) -> Result<&'a str, AuthError> {
    let client_id = client_id.trim();
    if client_id.is_empty() || !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!(
            "{client_id:?} is not a client id: give the application (client) id, without blanks"
        );
        return Err(AuthError::new(AuthErrorKind::Config, name, message));
    }
    Ok(client_id)
}

/// Ways hide their secrets in their own `Debug`. The authority is as the user
/// typed it and may yet hold a password.
impl<W: fmt::Debug> fmt::Debug for EntraBuilder<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EntraBuilder")
            .field("way", &self.way)
            .field("tenant", &self.settings.tenant)
            .field("client_id", &self.settings.client_id)
            .field("http", &self.settings.http)
            .finish_non_exhaustive()
    }
}
