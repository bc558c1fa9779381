//! The credential that environment variables describe: the vendor's names, in
//! the vendor's order. The variables are looked up by a function, so that tests
//! need not change the process's own.

use std::ffi::OsString;
use std::path::PathBuf;

use super::builder::EntraBuilder;
use super::client_secret::ClientSecret;
use super::workload_identity::WorkloadIdentity;
use crate::variables::Variables;
use crate::{AuthError, AuthErrorKind, Credential};

const NAME: &str = "environment";

/// The settings of a credential that the environment describes.
pub type EnvironmentBuilder = EntraBuilder<Environment>;

/// The way in that the environment describes; see
/// [`Credential::builder_from_env`].
#[derive(Debug, Clone)]
pub struct Environment(Way);

#[derive(Debug, Clone)]
enum Way {
    Secret(ClientSecret),
    #[cfg(feature = "certificates")]
    Certificate(super::ClientCertificate),
    Federated(WorkloadIdentity),
}

impl Credential {
    /// The credential that the environment describes:
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `AZURE_TENANT_ID` | tenant id or verified domain; needed |
    /// | `AZURE_CLIENT_ID` | the application's id; needed |
    /// | `AZURE_CLIENT_SECRET` | the client secret's value |
    /// | `AZURE_CLIENT_CERTIFICATE_PATH` | a PEM or PFX file with certificate and private key (feature `certificates`) |
    /// | `AZURE_CLIENT_CERTIFICATE_PASSWORD` | the password of that file, if it has one |
    /// | `AZURE_CLIENT_SEND_CERTIFICATE_CHAIN` | `1` or `true` sends the chain along |
    /// | `AZURE_FEDERATED_TOKEN_FILE` | the file with a pod's token, as AKS sets it |
    /// | `AZURE_AUTHORITY_HOST` | the authority, such as `https://login.microsoftonline.us`; the public cloud if unset |
    ///
    /// The first of secret, certificate and token file that is set is the way
    /// in. Values are trimmed and an empty one counts as unset.
    ///
    /// # Errors
    /// [`AuthErrorKind::Unavailable`] if nothing of it is set, so that a
    /// [chain](Self::chain) goes on; [`AuthErrorKind::Config`] if it is set by
    /// half or a value is refused.
    pub fn from_env() -> Result<Self, AuthError> {
        Self::builder_from_env()?.build()
    }

    /// Like [`from_env`](Self::from_env), but leaves the builder open, for
    /// instance to add a certificate authority.
    ///
    /// # Errors
    /// Those of [`from_env`](Self::from_env), except for refused values.
    pub fn builder_from_env() -> Result<EnvironmentBuilder, AuthError> {
        read(|name| std::env::var_os(name))
    }
}

fn read(look_up: impl Fn(&str) -> Option<OsString>) -> Result<EnvironmentBuilder, AuthError> {
    let variables = Variables::new(NAME, look_up);
    let tenant = variables.text("AZURE_TENANT_ID")?;
    let client_id = variables.text("AZURE_CLIENT_ID")?;
    let way = way(&variables)?;
    let (Some(tenant), Some(client_id), Some(way)) = (&tenant, &client_id, &way) else {
        let error = variables.missing([
            ("AZURE_TENANT_ID", tenant.is_none()),
            ("AZURE_CLIENT_ID", client_id.is_none()),
            (
                "AZURE_CLIENT_SECRET (or AZURE_CLIENT_CERTIFICATE_PATH, or \
                 AZURE_FEDERATED_TOKEN_FILE)",
                way.is_none(),
            ),
        ]);
        // A client id alone names a managed identity to other tools.
        let by_half = tenant.is_some() || way.is_some();
        return Err(if by_half {
            AuthError::new(AuthErrorKind::Config, NAME, error.message())
                .with_hint("set all three, or none for another way in")
        } else {
            error.with_hint("set tenant, client id and client secret of an application")
        });
    };
    let builder = EntraBuilder::new(Environment(way.clone()), tenant.clone(), client_id.clone());
    Ok(match variables.text("AZURE_AUTHORITY_HOST")? {
        Some(authority) => builder.authority(authority),
        None => builder,
    })
}

fn way<L: Fn(&str) -> Option<OsString>>(
    variables: &Variables<L>,
) -> Result<Option<Way>, AuthError> {
    if let Some(secret) = variables.text("AZURE_CLIENT_SECRET")? {
        return Ok(Some(Way::Secret(ClientSecret::new(secret.into()))));
    }
    if let Some(path) = variables.path("AZURE_CLIENT_CERTIFICATE_PATH") {
        return certificate(path, variables).map(Some);
    }
    let file = variables.path("AZURE_FEDERATED_TOKEN_FILE");
    Ok(file.map(|path| Way::Federated(WorkloadIdentity::of_file(path))))
}

#[cfg(feature = "certificates")]
fn certificate<L: Fn(&str) -> Option<OsString>>(
    path: PathBuf,
    variables: &Variables<L>,
) -> Result<Way, AuthError> {
    let mut certificate = super::ClientCertificate::from_file(path);
    if let Some(password) = variables.text("AZURE_CLIENT_CERTIFICATE_PASSWORD")? {
        certificate = certificate.with_password(password);
    }
    let send_chain = variables.text("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN")?;
    if send_chain.is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true")) {
        certificate = certificate.with_chain();
    }
    Ok(Way::Certificate(certificate))
}

#[cfg(not(feature = "certificates"))]
fn certificate<L>(_: PathBuf, _: &Variables<L>) -> Result<Way, AuthError> {
    let message = "AZURE_CLIENT_CERTIFICATE_PATH is set, but certificates are not built in";
    Err(AuthError::new(AuthErrorKind::Config, NAME, message)
        .with_hint("switch on the feature `certificates` of twinkit-auth"))
}

impl EntraBuilder<Environment> {
    /// Checks the settings and makes the credential. Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`] names the setting that is wrong.
    pub fn build(self) -> Result<Credential, AuthError> {
        let Self { way: Environment(way), settings } = self;
        match way {
            Way::Secret(way) => EntraBuilder { way, settings }.build(),
            Way::Federated(way) => EntraBuilder { way, settings }.build(),
            #[cfg(feature = "certificates")]
            Way::Certificate(way) => EntraBuilder { way, settings }.build(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(pairs: &[(&str, &str)]) -> Result<Credential, AuthError> {
        let look_up = |name: &str| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        };
        read(look_up)?.build()
    }

    #[test]
    fn the_four_variables_make_a_credential() {
        let all = [
            ("AZURE_TENANT_ID", " contoso.com\n"),
            ("AZURE_CLIENT_ID", "app"),
            ("AZURE_CLIENT_SECRET", "canary\n"),
            ("AZURE_AUTHORITY_HOST", "login.microsoftonline.us"),
        ];
        let shown = format!("{:?}", from(&all).unwrap());
        assert!(shown.contains("contoso.com") && shown.contains("login.microsoftonline.us"));
        assert!(!shown.contains("canary"));
        let public = format!("{:?}", from(&all[..3]).unwrap());
        assert!(public.contains("login.microsoftonline.com"));
    }

    #[test]
    fn an_environment_without_any_of_it_is_another_environment() {
        for pairs in [&[][..], &[("AZURE_CLIENT_ID", "id-of-a-managed-identity")]] {
            let error = from(pairs).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Unavailable);
            assert!(error.to_string().contains("AZURE_TENANT_ID"), "{error}");
        }
    }

    #[test]
    fn missing_variables_are_named_and_empty_ones_are_missing() {
        let error =
            from(&[("AZURE_CLIENT_ID", " "), ("AZURE_CLIENT_SECRET", "canary")]).unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Config);
        let line = error.to_string();
        assert!(line.contains("AZURE_TENANT_ID, AZURE_CLIENT_ID not set"), "{line}");
        assert!(!line.contains("AZURE_CLIENT_SECRET") && !line.contains("canary"));
    }

    #[test]
    fn the_first_way_that_is_set_is_taken() {
        let base = [("AZURE_TENANT_ID", "t"), ("AZURE_CLIENT_ID", "app")];
        let with = |more: &[(&'static str, &'static str)]| from(&[&base[..], more].concat());
        let file = ("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token");
        let certificate = ("AZURE_CLIENT_CERTIFICATE_PATH", "/nowhere/app.pem");
        let secret = ("AZURE_CLIENT_SECRET", "canary");
        let shown = |outcome: Result<Credential, AuthError>| format!("{outcome:?}");
        assert!(shown(with(&[file, certificate, secret])).contains("SecretPost"));
        // With the feature the file is opened, without it the error names it.
        let outcome = shown(with(&[file, certificate]));
        assert!(outcome.contains("app.pem") || outcome.contains("`certificates`"), "{outcome}");
        assert!(shown(with(&[file])).contains("/nowhere/token"));
    }
}
