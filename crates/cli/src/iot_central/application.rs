//! Which application is meant and who calls it. It must not know what is asked
//! of it.

use std::path::PathBuf;

use anyhow::Result;
use tokio::sync::OnceCell;
use twinkit::auth::{ApiToken, Origin, SecretString};
use twinkit::iot_central::{BuiltInRole, Client, Error, ErrorKind, documented_pace};

use crate::identity::sign_in::sign_in;
use crate::identity::sources::Source;
use crate::identity::target::Target;
use crate::input::Input;
use crate::usage::{variable, wrong, wrong_with};

/// Suffix of the hosts of all applications of the public cloud.
const SUFFIX: &str = "azureiotcentral.com";
const URL_VARIABLE: &str = "AZURE_IOTCENTRAL_URL";
const TOKEN_VARIABLE: &str = "AZURE_IOTCENTRAL_TOKEN";
/// Where these arguments stand in the help of each command.
const HEADING: &str = "Application and caller";

#[derive(clap::Args)]
pub(crate) struct ApplicationArgs {
    /// The application: its name (myapp), its host or its URL; http only for
    /// this machine. AZURE_IOTCENTRAL_URL if left out, which `twinkit emulate`
    /// prints.
    #[arg(long, global = true, value_name = "APP", help_heading = HEADING)]
    app: Option<String>,
    /// Ask this source only for a token to call with.
    #[arg(long = "with", value_enum, global = true, value_name = "SOURCE", help_heading = HEADING)]
    source: Option<Source>,
    /// Call with the API token in this file. AZURE_IOTCENTRAL_TOKEN may hold one
    /// as well; an argument cannot, since others on this machine see arguments.
    #[arg(long, global = true, value_name = "FILE", conflicts_with = "source",
          help_heading = HEADING)]
    token_file: Option<PathBuf>,
    /// The token, once it was read: a pipe gives it only once.
    #[arg(skip)]
    token: OnceCell<SecretString>,
}

impl ApplicationArgs {
    /// A client of the application, in the name of the caller that was found, at
    /// the pace that the platform documents.
    pub(crate) async fn connect(&self) -> Result<Client> {
        let endpoint = self.endpoint()?;
        if let Some(token) = self.api_token().await? {
            let builder = Client::with_api_token(endpoint, token).map_err(usage)?;
            return builder.pacing(documented_pace()).build().map_err(usage);
        }
        let found = sign_in(&Target::IotCentral, self.source).await?;
        let builder = Client::builder(endpoint, found.credential);
        builder.pacing(documented_pace()).build().map_err(usage)
    }

    /// The application's endpoint.
    pub(super) fn endpoint(&self) -> Result<String> {
        let said = match &self.app {
            Some(app) => app.clone(),
            None => variable(URL_VARIABLE)?.ok_or_else(|| {
                wrong(format!("name the application by --app, or set {URL_VARIABLE}"))
            })?,
        };
        endpoint(&said)
    }

    /// The id of the API token that is called with, if one is and tells it.
    pub(super) async fn own_token_id(&self) -> Result<Option<String>> {
        let token = self.api_token().await?.and_then(|token| ApiToken::new(token).ok());
        Ok(token.and_then(|token| token.id().map(str::to_owned)))
    }

    /// What helps a caller whom the application does not allow something that the
    /// role would permit.
    pub(super) fn cure_of_refusal(&self, role: Option<BuiltInRole>) -> String {
        let takes = role.map(|role| format!(", as {role} does")).unwrap_or_default();
        let role = role.map_or("ROLE", BuiltInRole::name);
        let app = self.endpoint().unwrap_or_else(|_| "APP".to_owned());
        if self.calls_with_token() {
            return format!(
                "the API token must have a role that permits this{takes}: an administrator makes \
                 one by `twinkit iot-central tokens create ID --role {role} --app {app}`"
            );
        }
        format!(
            "the caller must be a user of the application, with a role that permits this{takes}: \
             `twinkit doctor --for iot-central --endpoint {app}` tells who calls, and prints the \
             command by which an administrator gives the caller a role"
        )
    }

    /// The API token to call with, if there is one.
    async fn api_token(&self) -> Result<Option<SecretString>> {
        if let Some(path) = &self.token_file {
            let file = Input::file("token file", path);
            let token = self.token.get_or_try_init(async || file.secret().await).await?;
            return Ok(Some(token.clone()));
        }
        if self.source.is_some() {
            return Ok(None);
        }
        Ok(variable(TOKEN_VARIABLE)?.map(SecretString::from))
    }

    /// Whether it is an API token that calls.
    fn calls_with_token(&self) -> bool {
        let has_variable = || matches!(variable(TOKEN_VARIABLE), Ok(Some(_)));
        self.token_file.is_some() || (self.source.is_none() && has_variable())
    }
}

/// Settings that cannot be meant are wrong usage.
fn usage(error: Error) -> anyhow::Error {
    if error.kind() != ErrorKind::Configuration {
        return error.into();
    }
    wrong_with(error.to_string(), error.hint())
}

/// The endpoint that is meant by a name, a host or a URL.
pub(crate) fn endpoint(said: &str) -> Result<String> {
    let said = said.trim();
    if said.contains(['.', ':', '/']) {
        let url = if said.contains("://") { said.to_owned() } else { format!("https://{said}") };
        Origin::parse(&url).map_err(|error| wrong(format!("{said:?}: {error}")))?;
        return Ok(url);
    }
    let is_name = !said.is_empty() && said.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_name {
        return Err(wrong(format!(
            "{said:?} is neither an application's name nor a host nor a URL such as \
             https://myapp.{SUFFIX}"
        )));
    }
    Ok(format!("https://{said}.{SUFFIX}"))
}

/// An endpoint in the one spelling of all that mean the same: as the client calls
/// it, with the origin in its usual form. A text that is no endpoint stays.
pub(super) fn normal(endpoint: &str) -> String {
    let trimmed = endpoint.trim().trim_end_matches('/');
    let Ok(origin) = Origin::parse(trimmed) else { return endpoint.to_owned() };
    let base = trimmed.strip_suffix("/api").unwrap_or(trimmed).trim_end_matches('/');
    let path = base.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
    path.map_or_else(|| origin.to_string(), |(_, path)| format!("{origin}/{path}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_application_has_one_spelling() {
        for (said, meant) in [
            ("https://a.example", "https://a.example"),
            ("HTTPS://A.example:443//", "https://a.example"),
            ("https://a.example/api", "https://a.example"),
            ("http://localhost:80/App/api/", "http://localhost/App"),
            ("http://localhost:8080/myapi", "http://localhost:8080/myapi"),
            ("no endpoint", "no endpoint"),
        ] {
            assert_eq!(normal(said), meant);
            assert_eq!(normal(meant), meant);
        }
    }

    #[test]
    fn applications_are_named_in_three_ways() {
        for (said, meant) in [
            ("myapp", "https://myapp.azureiotcentral.com"),
            (" my-app2 ", "https://my-app2.azureiotcentral.com"),
            ("myapp.azureiotcentral.com", "https://myapp.azureiotcentral.com"),
            ("localhost:8443/other", "https://localhost:8443/other"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ] {
            assert_eq!(endpoint(said).unwrap(), meant);
        }
        for said in ["", "my app", "my_app", "a?b", "ftp://a.example", "https://", "a b.example"] {
            assert!(endpoint(said).is_err(), "{said}");
        }
    }
}
