//! Client credentials with a secret (RFC 6749 section 4.4): an application that
//! acts for itself and proves who it is by a shared secret in the form's body,
//! as the platform's own clients send it.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use super::builder::{EntraBuilder, TenantRule};
use super::client_credentials::ClientCredentials;
use crate::oauth::ClientAuth;
use crate::{AuthError, AuthErrorKind, Credential};

const NAME: &str = "client secret";

/// The way in by a client secret; see [`Credential::client_secret`].
#[derive(Clone)]
pub struct ClientSecret {
    secret: SecretString,
}

impl ClientSecret {
    pub(super) fn new(secret: SecretString) -> Self {
        Self { secret }
    }
}

/// The settings of a credential by client secret.
pub type ClientSecretBuilder = EntraBuilder<ClientSecret>;

impl Credential {
    /// An application of Entra ID with a client secret. `tenant` is the tenant's
    /// id or a verified domain, `client_id` the application's id and `secret`
    /// the secret's *value* (not its id). Finish with
    /// [`build`](EntraBuilder::<ClientSecret>::build).
    ///
    /// In the portal: App registrations, New registration; then Certificates &
    /// secrets, New client secret, and copy the value at once, as it is shown
    /// only then. By command: `az ad sp create-for-rbac`. Then let its service
    /// principal, the *enterprise application*, in:
    ///
    /// - **Azure Digital Twins**: the role `Azure Digital Twins Data Owner` or
    ///   `... Data Reader` on the instance (Access control (IAM), or `az role
    ///   assignment create`); it takes some minutes. No consent is needed.
    /// - **IoT Central**: make it a user of the application, with a role, by an
    ///   administrator: `PUT /api/users/ID` with `type` `servicePrincipal`,
    ///   `tenantId` and `objectId`. That is the object id on the page Enterprise
    ///   applications; neither the client id nor the object id of the app
    ///   registration will do, and it is in `oid` of the application's own
    ///   tokens. One guide of the vendor also asks for the permissions
    ///   `user_impersonation` and `Application.ReadWrite.All` of *Microsoft IoT
    ///   Central* with an administrator's consent (API permissions, Grant admin
    ///   consent); whether tokens of applications need them is not known.
    ///
    /// The same holds for certificates and federated tokens: they differ in the
    /// proof only.
    pub fn client_secret(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        secret: impl Into<SecretString>,
    ) -> ClientSecretBuilder {
        EntraBuilder::new(ClientSecret::new(secret.into()), tenant.into(), client_id.into())
    }
}

impl EntraBuilder<ClientSecret> {
    /// Checks the settings and makes the credential. Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] names the setting that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        let auth = ClientAuth::SecretPost(check_secret(NAME, self.way.secret)?);
        let app = self.settings.app(NAME, TenantRule::OfApplication, auth)?;
        let source = ClientCredentials::new(app);
        Ok(Credential::from_source_with_clock(source, Arc::clone(&self.settings.clock)))
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret([redacted])")
    }
}

/// Never shows the secret, not even when it is wrong.
pub(crate) fn check_secret(
    name: &'static str,
    secret: SecretString,
) -> Result<SecretString, AuthError> {
    let text = secret.expose_secret();
    let fault = if text.trim().is_empty() {
        "the client secret is empty"
    } else if text.chars().any(char::is_control) {
        "the client secret holds control characters, perhaps a line's end from the file it was \
         read from"
    } else {
        return Ok(secret);
    };
    Err(AuthError::new(AuthErrorKind::Config, name, fault))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TokenRequest;

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
