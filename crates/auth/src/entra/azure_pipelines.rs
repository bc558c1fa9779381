//! Client credentials with the ID token that Azure Pipelines gives for a
//! service connection.

use std::ffi::OsString;
use std::fmt;

use reqwest::Method;
use secrecy::SecretString;

use super::builder::EntraBuilder;
use super::client_credentials;
use super::id_token::{IdTokens, Issuer};
use crate::variables::Variables;
use crate::{AuthError, AuthErrorKind, Credential};

const NAME: &str = "Azure Pipelines";

static ISSUER: Issuer = Issuer {
    name: NAME,
    method: Method::POST,
    headers: &[
        ("accept", "application/json"),
        ("content-type", "application/json"),
        // A refusal instead of a way to the sign-in page.
        ("x-tfs-fedauthredirect", "Suppress"),
    ],
    field: "oidcToken",
    diagnostics: &["x-vss-e2eid", "x-msedge-ref"],
    hint: "check the service connection's id, that the pipeline may use it, and that the step \
           maps SYSTEM_ACCESSTOKEN: $(System.AccessToken)",
};

/// The version of the operation that gives ID tokens.
const API_VERSION: &str = "7.1";

/// The way in by a service connection; see [`Credential::azure_pipelines`].
#[derive(Clone)]
pub struct AzurePipelines {
    service_connection: String,
    request_uri: Option<String>,
    access_token: Option<SecretString>,
}

/// The settings of a credential by Azure Pipelines.
pub type AzurePipelinesBuilder = EntraBuilder<AzurePipelines>;

impl Credential {
    /// An application of Entra ID (or a user-assigned identity) that trusts a
    /// service connection of Azure Pipelines: `service_connection_id` is the
    /// `resourceId` in the address of the connection's page. Finish with
    /// [`build`](EntraBuilder::<AzurePipelines>::build).
    ///
    /// In the project's settings: Service connections, New service connection,
    /// Azure Resource Manager, Workload identity federation; the page then shows
    /// issuer and subject for the application's federated credential (`az ad app
    /// federated-credential create`). Azure Pipelines sets
    /// `SYSTEM_OIDCREQUESTURI` by itself; the step must map the job's token:
    /// `env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)`. The service principal
    /// still needs a role on the resource.
    ///
    /// Each token that is fetched takes a new ID token, so that jobs may run for
    /// longer than one lives.
    pub fn azure_pipelines(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
        service_connection_id: impl Into<String>,
    ) -> AzurePipelinesBuilder {
        let way = AzurePipelines {
            service_connection: service_connection_id.into(),
            request_uri: None,
            access_token: None,
        };
        EntraBuilder::new(way, tenant.into(), client_id.into())
    }
}

impl EntraBuilder<AzurePipelines> {
    /// The job's token, in place of `SYSTEM_ACCESSTOKEN`.
    pub fn system_access_token(mut self, token: impl Into<SecretString>) -> Self {
        self.way.access_token = Some(token.into());
        self
    }

    /// Where ID tokens are asked for, in place of `SYSTEM_OIDCREQUESTURI`.
    pub fn request_uri(mut self, uri: impl Into<String>) -> Self {
        self.way.request_uri = Some(uri.into());
        self
    }

    /// Looks at the variables, checks the settings and makes the credential.
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Unavailable`] if this is no job of Azure Pipelines or one
    /// that does not map its token; otherwise [`AuthErrorKind::Config`] names the
    /// setting that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        self.build_from(|name| std::env::var_os(name))
    }

    pub(super) fn build_from(
        self,
        look_up: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Credential, AuthError> {
        let variables = Variables::new(NAME, look_up);
        let uri = variables
            .text_unless(self.way.request_uri.unwrap_or_default(), "SYSTEM_OIDCREQUESTURI")?;
        let token = match self.way.access_token {
            Some(token) => Some(token),
            None => variables.text("SYSTEM_ACCESSTOKEN")?.map(SecretString::from),
        };
        let missing =
            [("SYSTEM_OIDCREQUESTURI", uri.is_none()), ("SYSTEM_ACCESSTOKEN", token.is_none())];
        let (Some(uri), Some(token)) = (uri, token) else {
            return Err(variables.missing(missing).with_hint(
                "map the job's token in the step: env: SYSTEM_ACCESSTOKEN: $(System.AccessToken)",
            ));
        };
        let connection = self.way.service_connection.trim();
        let fits = |byte: u8| byte.is_ascii_hexdigit() || byte == b'-';
        if connection.len() != 36 || !connection.bytes().all(fits) {
            let message = format!("{connection:?} is not a service connection's id, a GUID");
            return Err(AuthError::new(AuthErrorKind::Config, NAME, message));
        }
        let query = [("api-version", API_VERSION), ("serviceConnectionId", connection)];
        let tokens = IdTokens::new(&ISSUER, &uri, &query, token, self.settings.http())?;
        client_credentials::credential(NAME, &self.settings, tokens)
    }
}

impl fmt::Debug for AzurePipelines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AzurePipelines")
            .field("service_connection", &self.service_connection)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variables_are_needed_unless_both_are_set() {
        let both = [
            ("SYSTEM_OIDCREQUESTURI", "https://dev.example/org"),
            ("SYSTEM_ACCESSTOKEN", "canary\n"),
        ];
        let build = |builder: AzurePipelinesBuilder, pairs: &[(&str, &str)]| {
            builder.build_from(|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
            })
        };
        let connection = "01234567-89ab-cdef-0123-456789abcdef";
        let builder = || Credential::azure_pipelines("contoso.com", "app", connection);
        let shown = format!("{:?}", build(builder(), &both).unwrap());
        assert!(shown.contains("https://dev.example") && !shown.contains("canary"), "{shown}");
        for (name, _) in both {
            let other: Vec<_> = both.into_iter().filter(|(key, _)| *key != name).collect();
            let error = build(builder(), &other).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Unavailable);
            assert_eq!(error.message(), format!("{name} not set"));
        }
        let set = builder().request_uri("https://x").system_access_token("t");
        assert!(build(set, &[]).is_ok());
        let plain = builder().request_uri("http://dev.example").system_access_token("t");
        assert!(build(plain, &[]).unwrap_err().to_string().contains("https"));
    }
}
