//! Where a credential may come from on this machine, in the order in which the
//! commands look. This is the guessing that the library leaves to programs: it
//! suits a person at a terminal, who sees what was found.

use clap::ValueEnum;
use twinkit::auth::{AccessToken, AuthError, AuthErrorKind, Credential, TokenRequest, UserSession};

use super::profile::{Service, Way};
use super::target::Target;

/// One place to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Source {
    /// Variables of an application: AZURE_* or ITWIN_*.
    Environment,
    /// The sign-in of `twinkit login`.
    Login,
    /// The Azure CLI.
    AzureCli,
    /// The Azure Developer CLI.
    AzureDeveloperCli,
    /// Azure PowerShell.
    AzurePowershell,
    /// The identity that Azure gave this machine.
    ManagedIdentity,
}

/// What became of a source. A token comes with the credential that gave it.
#[derive(Debug)]
pub(crate) enum Outcome {
    Token(AccessToken, Credential),
    /// It does not exist here, or nobody is signed in: the next is tried.
    NotHere(AuthError),
    /// It exists and fails: going on could call as somebody else.
    Failed(AuthError),
}

impl Source {
    /// The sources that can sign in for `target`, in order. The machine's own
    /// identity is last: to ask for it takes a second or two where there is none.
    pub(crate) fn for_target(target: &Target) -> &'static [Self] {
        if target.is_ims() {
            &[Self::Environment, Self::Login]
        } else {
            &[
                Self::Environment,
                Self::Login,
                Self::AzureCli,
                Self::AzureDeveloperCli,
                Self::AzurePowershell,
                Self::ManagedIdentity,
            ]
        }
    }

    /// The name, as `--with` takes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Login => "login",
            Self::AzureCli => "azure-cli",
            Self::AzureDeveloperCli => "azure-developer-cli",
            Self::AzurePowershell => "azure-powershell",
            Self::ManagedIdentity => "managed-identity",
        }
    }

    /// The credential of this source, whether or not it gives a token.
    fn credential(self, target: &Target) -> Result<Credential, AuthError> {
        match self {
            Self::Environment if target.is_ims() => Credential::ims_from_env(),
            Self::Environment => Credential::from_env(),
            Self::Login => kept(target.service()).map(|session| session.credential()),
            Self::AzureCli => Credential::azure_cli().build(),
            Self::AzureDeveloperCli => Credential::azure_developer_cli().build(),
            Self::AzurePowershell => Credential::azure_powershell().build(),
            Self::ManagedIdentity => Credential::managed_identity().build(),
        }
    }

    /// Asks the source for a token.
    pub(crate) async fn ask(self, target: &Target, request: &TokenRequest) -> Outcome {
        let credential = match self.credential(target) {
            Ok(credential) => credential,
            Err(error) => return self.failed(error),
        };
        match credential.token(request).await {
            Ok(token) => Outcome::Token(token, credential),
            Err(error) => self.failed(error),
        }
    }

    fn failed(self, error: AuthError) -> Outcome {
        let is_tool =
            matches!(self, Self::AzureCli | Self::AzureDeveloperCli | Self::AzurePowershell);
        match error.kind() {
            AuthErrorKind::Unavailable => Outcome::NotHere(error),
            // A tool that is installed and signed out is not in use.
            AuthErrorKind::InteractionRequired if is_tool => Outcome::NotHere(error),
            _ => Outcome::Failed(error),
        }
    }
}

fn kept(service: Service) -> Result<UserSession, AuthError> {
    const NAME: &str = "login";
    let config =
        |error: anyhow::Error| AuthError::new(AuthErrorKind::Config, NAME, format!("{error:#}"));
    let Some(profile) = service.profile().map_err(config)? else {
        return Err(AuthError::new(AuthErrorKind::Unavailable, NAME, "nobody has signed in here")
            .with_hint(format!("sign in by `{}`", service.login_command())));
    };
    service.session(&profile, Way::Silent).map_err(config)
}
