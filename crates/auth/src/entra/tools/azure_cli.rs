//! The Azure CLI, `az`.

use std::ffi::OsString;
use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::super::expiry;
use super::arguments;
use super::builder::ToolBuilder;
use super::source::{Asked, Facts, Found, Said, Tool, first_object};
use crate::{AuthError, AuthErrorKind, Credential};

static FACTS: Facts = Facts {
    name: "Azure CLI",
    programs: if cfg!(windows) { &["az.cmd", "az.exe"] } else { &["az"] },
    variables: &[("AZURE_CORE_NO_COLOR", "true"), ("AZURE_CORE_ONLY_SHOW_ERRORS", "true")],
    install: "install the Azure CLI and sign in with `az login`, or use another credential",
};

/// The Azure CLI as a way in; see [`Credential::azure_cli`].
#[derive(Debug, Clone)]
pub struct AzureCli {
    subscription: Option<String>,
}

/// The settings of a credential by the Azure CLI.
pub type AzureCliBuilder = ToolBuilder<AzureCli>;

impl Credential {
    /// The person or application that is signed in to the Azure CLI on this
    /// machine; for development. Needs az 2.54 or newer, as older ones tell the
    /// end of a token only in local time without a zone.
    ///
    /// ```sh
    /// az login                      # or, for a certain tenant: az login --tenant TENANT
    /// az dt role-assignment create -n INSTANCE --assignee YOU@DOMAIN --role "Azure Digital Twins Data Owner"
    /// ```
    ///
    /// Requests name one scope. The CLI cannot answer a claims challenge; the
    /// error's hint is then the `az login` command that can. `with_cae` makes
    /// no difference. On Windows a CLI that takes too long is ended, but not
    /// what it started.
    pub fn azure_cli() -> AzureCliBuilder {
        ToolBuilder::new(AzureCli { subscription: None })
    }
}

impl ToolBuilder<AzureCli> {
    /// Asks as the account that this subscription, by id or name, is used with.
    /// Not together with [`tenant`](Self::tenant), as the CLI refuses both.
    pub fn subscription(mut self, subscription: impl Into<String>) -> Self {
        self.way.subscription = Some(subscription.into());
        self
    }

    /// Checks the settings and makes the credential. Nothing is run yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] names the setting that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        let tool = self.way.clone();
        if let Some(subscription) = &tool.subscription {
            arguments::subscription(FACTS.name, subscription)?;
            if self.has_tenant() {
                return Err(both());
            }
        }
        self.credential(tool)
    }
}

fn both() -> AuthError {
    let message = "the Azure CLI takes a tenant or a subscription, not both";
    AuthError::new(AuthErrorKind::Config, FACTS.name, message)
        .with_hint("name the tenant only; a subscription's account has one tenant anyway")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    access_token: String,
    #[serde(rename = "expires_on")]
    ends: Option<Value>,
    token_type: Option<String>,
}

impl Tool for AzureCli {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn arguments(&self, asked: &Asked<'_>) -> Result<Vec<OsString>, AuthError> {
        if let Some(claims) = asked.request.claims() {
            let message = "a person has to sign in anew to answer the claims challenge";
            let login = login(asked.tenant);
            let (scope, claims) = (asked.scope, STANDARD.encode(claims));
            return Err(AuthError::new(AuthErrorKind::InteractionRequired, FACTS.name, message)
                .with_hint(format!(
                    "with az 2.76 or newer: {login} --scope {scope} --claims-challenge {claims}"
                )));
        }
        let mut line = ["account", "get-access-token", "--output", "json", "--scope", asked.scope]
            .map(OsString::from)
            .to_vec();
        match (&self.subscription, asked.tenant) {
            (Some(_), Some(_)) => return Err(both()),
            (Some(subscription), None) => {
                line.extend(["--subscription", subscription.trim()].map(OsString::from));
            }
            (None, Some(tenant)) => line.extend(["--tenant", tenant].map(OsString::from)),
            (None, None) => {}
        }
        Ok(line)
    }

    fn read(&self, stdout: &[u8]) -> Result<Found, AuthError> {
        let protocol = |message| AuthError::new(AuthErrorKind::Protocol, FACTS.name, message);
        let answer: Answer =
            first_object(stdout).ok_or_else(|| protocol("the output of az holds no token"))?;
        if answer.token_type.is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(protocol("the token is not a bearer token (tokenType is another)"));
        }
        let ends: Option<SystemTime> = answer.ends.as_ref().and_then(expiry::point);
        let expires_at = ends.ok_or_else(|| {
            protocol("the output of az does not say when the token ends (expires_on)")
                .with_hint("upgrade the Azure CLI to 2.54 or newer: az upgrade")
        })?;
        Ok(Found { token: answer.access_token, expires_at })
    }

    fn explain(&self, said: &Said<'_>, asked: &Asked<'_>) -> AuthError {
        let complaint = &said.complaint;
        let lower = complaint.to_lowercase();
        let (kind, hint) = if lower.contains("az login") || lower.contains("aadsts") {
            let hint = format!("sign in: {}", login(asked.tenant));
            (AuthErrorKind::InteractionRequired, Some(hint))
        } else if lower.contains("subscription") {
            let hint = "`az account list` shows the subscriptions that the CLI knows";
            (AuthErrorKind::Rejected, Some(hint.to_owned()))
        } else {
            (AuthErrorKind::Rejected, None)
        };
        let message = match complaint.as_str() {
            "" => "az failed and did not say why".to_owned(),
            _ => format!("az failed: {complaint}"),
        };
        let error = AuthError::new(kind, FACTS.name, message);
        match hint {
            Some(hint) => error.with_hint(hint),
            None => error,
        }
    }
}

fn login(tenant: Option<&str>) -> String {
    match tenant {
        Some(tenant) => format!("az login --tenant {tenant}"),
        None => "az login".to_owned(),
    }
}
