//! Client credentials with the ID token of a GitHub Actions job.

use std::ffi::OsString;
use std::fmt;

use reqwest::Method;
use secrecy::SecretString;

use super::builder::EntraBuilder;
use super::client_credentials;
use super::federated::AUDIENCE;
use super::id_token::{IdTokens, Issuer};
use crate::variables::Variables;
use crate::{AuthError, Credential};

const NAME: &str = "GitHub Actions";

static ISSUER: Issuer = Issuer {
    name: NAME,
    method: Method::GET,
    headers: &[("accept", "application/json")],
    field: "value",
    diagnostics: &[],
    hint: "give the job `permissions: id-token: write`",
};

/// The way in by a GitHub Actions job; see [`Credential::github_actions`].
#[derive(Clone)]
pub struct GitHubActions {
    audience: String,
    request: Option<(String, SecretString)>,
}

/// The settings of a credential by GitHub Actions.
pub type GitHubActionsBuilder = EntraBuilder<GitHubActions>;

impl Credential {
    /// An application of Entra ID that trusts a GitHub repository: the identity
    /// of the job this runs in. Finish with
    /// [`build`](EntraBuilder::<GitHubActions>::build).
    ///
    /// The workflow or job needs `permissions: id-token: write`; GitHub then
    /// sets `ACTIONS_ID_TOKEN_REQUEST_URL` and `ACTIONS_ID_TOKEN_REQUEST_TOKEN`.
    /// In the portal: App registrations, the application, Certificates &
    /// secrets, Federated credentials, Add credential, scenario GitHub Actions;
    /// organisation, repository and branch, tag or environment must be those of
    /// the job, as its token's subject says
    /// (`repo:ORG/REPO:ref:refs/heads/BRANCH`). By command: `az ad app
    /// federated-credential create --id APP --parameters credential.json`. The
    /// application's service principal still needs a role on the resource.
    ///
    /// Each token that is fetched takes a new ID token, so that jobs may run for
    /// longer than one lives.
    pub fn github_actions(
        tenant: impl Into<String>,
        client_id: impl Into<String>,
    ) -> GitHubActionsBuilder {
        let way = GitHubActions { audience: AUDIENCE.to_owned(), request: None };
        EntraBuilder::new(way, tenant.into(), client_id.into())
    }
}

impl EntraBuilder<GitHubActions> {
    /// The audience of the ID token, as the federated credential has it:
    /// `api://AzureADTokenExchange` unless set.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.way.audience = audience.into();
        self
    }

    /// Where and with which token ID tokens are asked for, in place of the two
    /// variables; for steps that do not see them, such as in a container.
    pub fn id_token_request(
        mut self,
        url: impl Into<String>,
        token: impl Into<SecretString>,
    ) -> Self {
        self.way.request = Some((url.into(), token.into()));
        self
    }

    /// Looks at the variables, checks the settings and makes the credential.
    /// Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Unavailable`](crate::AuthErrorKind::Unavailable) if this
    /// is no job of GitHub Actions or one that may have no ID token; otherwise
    /// [`AuthErrorKind::Config`](crate::AuthErrorKind::Config) names the setting
    /// that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        self.build_from(|name| std::env::var_os(name))
    }

    pub(super) fn build_from(
        self,
        look_up: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Credential, AuthError> {
        const URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
        const TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";
        let variables = Variables::new(NAME, look_up);
        let (url, token) = match self.way.request {
            Some((url, token)) => (url, token),
            None => match (variables.text(URL)?, variables.text(TOKEN)?) {
                (Some(url), Some(token)) => (url, token.into()),
                (url, token) => {
                    let missing = [(URL, url.is_none()), (TOKEN, token.is_none())];
                    return Err(variables.missing(missing).with_hint(ISSUER.hint));
                }
            },
        };
        let query = [("audience", self.way.audience.trim())];
        let tokens = IdTokens::new(&ISSUER, &url, &query, token, self.settings.http())?;
        client_credentials::credential(NAME, &self.settings, tokens)
    }
}

impl fmt::Debug for GitHubActions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitHubActions").field("audience", &self.audience).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AuthErrorKind;

    #[test]
    fn the_variables_are_needed_unless_the_request_is_set() {
        let both = [
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://ids.example/?x=1"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary\n"),
        ];
        let build = |builder: GitHubActionsBuilder, pairs: &[(&str, &str)]| {
            builder.build_from(|name| {
                pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
            })
        };
        let builder = || Credential::github_actions("contoso.com", "app");
        let credential = build(builder(), &both).unwrap();
        let shown = format!("{credential:?}");
        assert!(shown.contains("https://ids.example") && !shown.contains("canary"), "{shown}");
        for (name, _) in both {
            let other: Vec<_> = both.into_iter().filter(|(key, _)| *key != name).collect();
            let error = build(builder(), &other).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Unavailable);
            assert_eq!(error.message(), format!("{name} not set"));
            assert!(error.hint().unwrap().contains("id-token: write"));
        }
        assert!(build(builder().id_token_request("https://x", "t"), &[]).is_ok());
    }
}
