//! The Azure Developer CLI, `azd`.

use std::ffi::OsString;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::super::expiry;
use super::builder::ToolBuilder;
use super::source::{Asked, Facts, Found, Said, Tool, first_object, scrub};
use crate::{AuthError, AuthErrorKind, Credential};

static FACTS: Facts = Facts {
    name: "Azure Developer CLI",
    programs: if cfg!(windows) { &["azd.exe", "azd.cmd"] } else { &["azd"] },
    variables: &[("NO_COLOR", "1")],
    install: "install the Azure Developer CLI and sign in with `azd auth login`, or use another \
              credential",
};

/// The Azure Developer CLI as a way in; see
/// [`Credential::azure_developer_cli`].
#[derive(Debug, Clone)]
pub struct AzureDeveloperCli(());

/// The settings of a credential by the Azure Developer CLI.
pub type AzureDeveloperCliBuilder = ToolBuilder<AzureDeveloperCli>;

impl Credential {
    /// The person or application that is signed in to the Azure Developer CLI
    /// on this machine; for development.
    ///
    /// ```sh
    /// azd auth login                # or, for a certain tenant: azd auth login --tenant-id TENANT
    /// ```
    ///
    /// The account needs its roles on the resource, as with
    /// [`azure_cli`](Self::azure_cli). Requests name one scope. Claims
    /// challenges are handed to azd, from 1.18.1 on. `with_cae` makes no
    /// difference.
    pub fn azure_developer_cli() -> AzureDeveloperCliBuilder {
        ToolBuilder::new(AzureDeveloperCli(()))
    }
}

impl ToolBuilder<AzureDeveloperCli> {
    /// Checks the settings and makes the credential. Nothing is run yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] names the setting that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        self.credential(AzureDeveloperCli(()))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    token: String,
    expires_on: String,
}

/// An error of azd 1.24 and newer.
#[derive(Deserialize)]
struct Complaint {
    message: String,
    suggestion: Option<String>,
}

/// A message of older ones.
#[derive(Deserialize)]
struct ConsoleMessage {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    message: String,
}

impl Tool for AzureDeveloperCli {
    fn facts(&self) -> &'static Facts {
        &FACTS
    }

    fn arguments(&self, asked: &Asked<'_>) -> Result<Vec<OsString>, AuthError> {
        let mut line = ["auth", "token", "--output", "json", "--no-prompt", "--scope", asked.scope]
            .map(OsString::from)
            .to_vec();
        if let Some(tenant) = asked.tenant {
            line.extend(["--tenant-id", tenant].map(OsString::from));
        }
        if let Some(claims) = asked.request.claims() {
            line.extend([OsString::from("--claims"), STANDARD.encode(claims).into()]);
        }
        Ok(line)
    }

    fn read(&self, stdout: &[u8]) -> Result<Found, AuthError> {
        let protocol = |message| AuthError::new(AuthErrorKind::Protocol, FACTS.name, message);
        let Answer { token, expires_on } =
            first_object(stdout).ok_or_else(|| protocol("the output of azd holds no token"))?;
        let expires_at = expiry::date(&expires_on).ok_or_else(|| {
            protocol("the output of azd does not say when the token ends (expiresOn)")
        })?;
        Ok(Found { token, expires_at })
    }

    fn explain(&self, said: &Said<'_>, asked: &Asked<'_>) -> AuthError {
        let complaint = complaint(said.stdout).unwrap_or_else(|| said.complaint.clone());
        let lower = complaint.to_lowercase();
        let signed_out =
            ["azd auth login", "azd login", "not logged in", "login expired", "aadsts"];
        let error = |kind, message: String| AuthError::new(kind, FACTS.name, message);
        if signed_out.iter().any(|words| lower.contains(words)) {
            let tenant = asked.tenant.map(|tenant| format!(" --tenant-id {tenant}"));
            return error(AuthErrorKind::InteractionRequired, format!("azd failed: {complaint}"))
                .with_hint(format!("sign in: azd auth login{}", tenant.unwrap_or_default()));
        }
        if asked.request.claims().is_some() && lower.contains("unknown flag") {
            return error(AuthErrorKind::InteractionRequired, format!("azd failed: {complaint}"))
                .with_hint("azd answers claims challenges from 1.18.1 on; upgrade it");
        }
        let message = match complaint.as_str() {
            "" => "azd failed and did not say why".to_owned(),
            _ => format!("azd failed: {complaint}"),
        };
        error(AuthErrorKind::Rejected, message)
    }
}

/// What azd says is wrong, out of the members that hold words for people.
fn complaint(stdout: &[u8]) -> Option<String> {
    if let Some(Complaint { message, suggestion }) = first_object(stdout) {
        return Some(scrub(&format!("{message} {}", suggestion.unwrap_or_default())));
    }
    first_object(stdout).map(|ConsoleMessage { data }| scrub(&data.message))
}
