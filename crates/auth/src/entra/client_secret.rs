//! Client credentials with a secret (RFC 6749 section 4.4): an application that
//! acts for itself and proves who it is by a shared secret in the form's body,
//! as the platform's own clients send it.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use tracing::{Span, field};
use twinkit_http::{Clock, HttpClientConfig, SystemClock};

use super::authority::AuthorityHost;
use super::hints;
use crate::oauth::{Exchange, Form, TokenEndpoint, requested_claims};
use crate::request::check_tenant;
use crate::{
    AccessToken, AuthError, AuthErrorKind, BoxFuture, Credential, FetchContext, TokenRequest,
    TokenSource,
};

const NAME: &str = "client secret";

/// The settings of a credential by client secret; made by
/// [`Credential::client_secret`].
#[derive(Clone)]
pub struct ClientSecretBuilder {
    tenant: String,
    client_id: String,
    secret: SecretString,
    authority: String,
    http: HttpClientConfig,
    clock: Arc<dyn Clock>,
}

impl ClientSecretBuilder {
    pub(crate) fn new(tenant: String, client_id: String, secret: SecretString) -> Self {
        Self {
            tenant,
            client_id,
            secret,
            authority: AuthorityHost::PUBLIC.to_owned(),
            http: HttpClientConfig::new(),
            clock: Arc::new(SystemClock),
        }
    }

    /// Signs in at another authority, such as
    /// [`AuthorityHost::US_GOVERNMENT`], an AD FS server (tenant `adfs`) or an
    /// emulator: see [`AuthorityHost::parse`]. It is trusted with the secret.
    #[must_use]
    pub fn authority(mut self, authority: impl Into<String>) -> Self {
        self.authority = authority.into();
        self
    }

    /// Talks to the authority with these settings (own certificate authority,
    /// proxy, user agent). Redirects are never followed.
    #[must_use]
    pub fn http(mut self, config: HttpClientConfig) -> Self {
        self.http = config;
        self
    }

    /// Judges expiry by this clock.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings and makes the credential. Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] names the setting that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        let authority = AuthorityHost::parse(&self.authority)?;
        let http = self.http.build_for(authority.url()).map_err(|error| {
            config(format!("no HTTP client for the authority: {error}")).with_cause(error)
        })?;
        let source = ClientSecret {
            tenant: check_app_tenant(&self.tenant)?.to_owned(),
            client_id: check_client_id(&self.client_id)?.to_owned(),
            secret: check_secret(self.secret)?,
            authority,
            http,
        };
        Ok(Credential::from_source_with_clock(source, self.clock))
    }
}

impl fmt::Debug for ClientSecretBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The authority is as the user typed it and may yet hold a password.
        f.debug_struct("ClientSecretBuilder")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .field("secret", &"[redacted]")
            .field("http", &self.http)
            .finish_non_exhaustive()
    }
}

struct ClientSecret {
    tenant: String,
    client_id: String,
    secret: SecretString,
    authority: AuthorityHost,
    http: reqwest::Client,
}

impl ClientSecret {
    async fn exchange(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<AccessToken, AuthError> {
        if request.user_assertion().is_some() {
            return Err(config("client credentials act for the application, not for a user"));
        }
        let tenant = match request.tenant() {
            Some(tenant) => check_app_tenant(tenant)?,
            None => &self.tenant,
        };
        let span = Span::current();
        span.record("authority", field::display(&self.authority));
        span.record("tenant", tenant);
        let mut form = Form::new("client_credentials")
            .with("client_id", &*self.client_id)
            .with_secret("client_secret", self.secret.clone())
            .with("scope", request.scopes().join(" "));
        if let Some(claims) = requested_claims(request) {
            form = form.with("claims", claims);
        }
        let endpoint = TokenEndpoint::new(self.authority.token_url(tenant), self.http.clone());
        let exchange = Exchange { source: NAME, context };
        endpoint.exchange(&form, exchange).await.map_err(hints::explain)
    }
}

impl TokenSource for ClientSecret {
    fn name(&self) -> &'static str {
        NAME
    }

    fn fetch<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(self.exchange(request, context))
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSecret")
            .field("tenant", &self.tenant)
            .field("client_id", &self.client_id)
            .field("secret", &"[redacted]")
            .field("authority", &self.authority)
            .finish_non_exhaustive()
    }
}

fn config(message: impl Into<String>) -> AuthError {
    AuthError::new(AuthErrorKind::Config, NAME, message)
}

/// An application lives in a tenant of its own: the names that stand for "the
/// user's tenant" do not fit.
fn check_app_tenant(tenant: &str) -> Result<&str, AuthError> {
    let tenant = check_tenant(NAME, tenant)?;
    let of_users = ["common", "organizations", "consumers"];
    if of_users.iter().any(|name| tenant.eq_ignore_ascii_case(name)) {
        let message = format!(
            "{tenant:?} stands for the tenants of users; an application needs the id or domain \
             of its own tenant"
        );
        return Err(config(message));
    }
    Ok(tenant)
}

fn check_client_id(client_id: &str) -> Result<&str, AuthError> {
    let client_id = client_id.trim();
    if client_id.is_empty() || !client_id.bytes().all(|byte| byte.is_ascii_graphic()) {
        let message = format!(
            "{client_id:?} is not a client id: give the application (client) id, without blanks"
        );
        return Err(config(message));
    }
    Ok(client_id)
}

/// Never shows the secret, not even when it is wrong.
fn check_secret(secret: SecretString) -> Result<SecretString, AuthError> {
    let text = secret.expose_secret();
    if text.trim().is_empty() {
        return Err(config("the client secret is empty"));
    }
    if text.chars().any(char::is_control) {
        let message = "the client secret holds control characters, perhaps a line's end from the \
                       file it was read from";
        return Err(config(message));
    }
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(tenant: &str, client_id: &str, secret: &str) -> Result<Credential, AuthError> {
        Credential::client_secret(tenant, client_id, secret).build()
    }

    #[test]
    fn wrong_settings_are_named_before_anything_is_sent() {
        assert!(build(" contoso.com ", " app ", "s").is_ok());
        for (tenant, client_id, secret, said) in [
            ("", "app", "canary", "tenant"),
            ("a/b", "app", "canary", "tenant"),
            ("common", "app", "canary", "tenants of users"),
            ("t", "", "canary", "client id"),
            ("t", "a b", "canary", "client id"),
            ("t", "app", " ", "secret is empty"),
            ("t", "app", "canary\n", "control characters"),
        ] {
            let error = build(tenant, client_id, secret).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config);
            assert!(error.to_string().contains(said), "{error}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
        }
        let http = Credential::client_secret("t", "app", "s").authority("http://login.example");
        assert!(http.build().unwrap_err().to_string().contains("https"));
    }

    #[test]
    fn debug_hides_the_secret() {
        let builder =
            Credential::client_secret("t", "app", "canary").authority("https://u:canary@x");
        assert!(!format!("{builder:?}{builder:#?}").contains("canary"));
        let credential = builder.authority("https://x").build().unwrap();
        assert!(!format!("{credential:?}{credential:#?}").contains("canary"));
    }

    #[tokio::test]
    async fn a_users_assertion_is_refused() {
        let request = TokenRequest::new(["a"]).unwrap().with_user_assertion("canary");
        let error = build("t", "app", "s").unwrap().token(&request).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Config, 0));
    }
}
