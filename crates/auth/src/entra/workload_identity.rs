//! Workload identity of Kubernetes: a pod's service account is trusted by an
//! application (or a user-assigned identity), and the kubelet keeps a fresh
//! token of it in a file.

use std::ffi::OsString;
use std::fmt;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

use super::builder::EntraBuilder;
use super::{client_credentials, files};
use crate::oauth::checked_jwt;
use crate::variables::Variables;
use crate::{AssertionRequest, AssertionSource, AuthError, AuthErrorKind, BoxFuture, Credential};

const NAME: &str = "workload identity";

/// A token is some 2 KB.
const MAX_FILE: u64 = 64 * 1024;

/// The variables of a cluster that wants tokens exchanged at a proxy of its own.
const PROXY: &str = "AZURE_KUBERNETES_TOKEN_PROXY";

/// The way in by a Kubernetes service account; see
/// [`Credential::workload_identity`].
#[derive(Debug, Clone, Default)]
pub struct WorkloadIdentity {
    token_file: Option<PathBuf>,
}

impl WorkloadIdentity {
    /// The identity whose token is in this file.
    pub(super) fn of_file(path: PathBuf) -> Self {
        Self { token_file: Some(path) }
    }
}

/// The settings of a credential by workload identity.
pub type WorkloadIdentityBuilder = EntraBuilder<WorkloadIdentity>;

impl Credential {
    /// The identity of the pod this runs in (AKS, or another cluster with the
    /// workload identity webhook). Finish with
    /// [`build`](EntraBuilder::<WorkloadIdentity>::build). What is not set there
    /// comes from the variables that the webhook puts into the pod:
    ///
    /// | variable | setter |
    /// |---|---|
    /// | `AZURE_TENANT_ID` | [`tenant`](EntraBuilder::<WorkloadIdentity>::tenant) |
    /// | `AZURE_CLIENT_ID` | [`client_id`](EntraBuilder::<WorkloadIdentity>::client_id) |
    /// | `AZURE_FEDERATED_TOKEN_FILE` | [`token_file`](EntraBuilder::<WorkloadIdentity>::token_file) |
    /// | `AZURE_AUTHORITY_HOST` | [`authority`](EntraBuilder::authority); may be unset |
    ///
    /// The file is read for every token that is fetched, and never remembered:
    /// the kubelet replaces it about once an hour.
    ///
    /// The cluster needs the OIDC issuer and workload identity switched on (`az
    /// aks update --enable-oidc-issuer --enable-workload-identity`), the service
    /// account the annotation `azure.workload.identity/client-id`, the pod the
    /// label `azure.workload.identity/use: "true"`, and the application or
    /// user-assigned identity a federated credential with the cluster's issuer
    /// and the subject `system:serviceaccount:NAMESPACE:NAME` (`az identity
    /// federated-credential create`). The identity still needs a role on the
    /// resource.
    pub fn workload_identity() -> WorkloadIdentityBuilder {
        EntraBuilder::new(WorkloadIdentity::default(), String::new(), String::new())
    }
}

impl EntraBuilder<WorkloadIdentity> {
    /// The tenant's id or a verified domain.
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.settings.tenant = tenant.into();
        self
    }

    /// The id of the application or the user-assigned identity.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.settings.client_id = client_id.into();
        self
    }

    /// The file that holds the service account's token.
    pub fn token_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.way.token_file = Some(path.into());
        self
    }

    /// Looks at the variables for what is not set, checks the settings and makes
    /// the credential. Nothing is sent yet, and the file is not yet read.
    ///
    /// # Errors
    /// [`AuthErrorKind::Unavailable`] if something is neither set nor in the
    /// environment, which then is no such pod; otherwise
    /// [`AuthErrorKind::Config`] names the setting that is wrong. The variables
    /// of AKS identity bindings (`AZURE_KUBERNETES_TOKEN_PROXY`) are refused, as
    /// tokens would have to be exchanged at another place.
    pub fn build(self) -> Result<Credential, AuthError> {
        self.build_from(|name| std::env::var_os(name))
    }

    pub(super) fn build_from(
        mut self,
        look_up: impl Fn(&str) -> Option<OsString>,
    ) -> Result<Credential, AuthError> {
        let variables = Variables::new(NAME, look_up);
        let tenant = variables.text_unless(self.settings.tenant, "AZURE_TENANT_ID")?;
        let client_id = variables.text_unless(self.settings.client_id, "AZURE_CLIENT_ID")?;
        let file = self.way.token_file.or_else(|| variables.path("AZURE_FEDERATED_TOKEN_FILE"));
        let missing = [
            ("AZURE_TENANT_ID", tenant.is_none()),
            ("AZURE_CLIENT_ID", client_id.is_none()),
            ("AZURE_FEDERATED_TOKEN_FILE", file.is_none()),
        ];
        let (Some(tenant), Some(client_id), Some(path)) = (tenant, client_id, file) else {
            return Err(variables.missing(missing).with_hint(
                "label the pod azure.workload.identity/use: \"true\" and restart it, or set \
                 tenant, client id and token file",
            ));
        };
        (self.settings.tenant, self.settings.client_id) = (tenant, client_id);
        if variables.text(PROXY)?.is_some() {
            let message = format!(
                "{PROXY} is set: the cluster uses AKS identity bindings, which are not covered"
            );
            return Err(AuthError::new(AuthErrorKind::Config, NAME, message).with_hint(
                "give the identity a federated credential for the service account instead, or \
                 unset the variable if it has one",
            ));
        }
        if let Some(authority) = variables.text("AZURE_AUTHORITY_HOST")? {
            self.settings.authority.get_or_insert(authority);
        }
        client_credentials::credential(NAME, &self.settings, TokenFile { path })
    }
}

/// The token in a file, as it is now.
struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    async fn read(&self) -> Result<SecretString, AuthError> {
        let path = self.path.clone();
        let read = tokio::task::spawn_blocking(move || files::read(&path, MAX_FILE)).await;
        let config = |message: String| AuthError::new(AuthErrorKind::Config, NAME, message);
        let bytes = match read {
            Ok(read) => read.map_err(|fault| fault.into_error(NAME))?,
            Err(_) => return Err(config("the token file was not read to its end".to_owned())),
        };
        let what = format!("the content of {}", self.path.display());
        let text = std::str::from_utf8(bytes.expose_secret())
            .map_err(|_| config(format!("{what} is not a JWT: it is not even text")))?;
        checked_jwt(NAME, &what, text.into())
    }
}

impl AssertionSource for TokenFile {
    fn assertion<'a>(
        &'a self,
        _wanted: AssertionRequest<'a>,
    ) -> BoxFuture<'a, Result<SecretString, AuthError>> {
        Box::pin(self.read())
    }

    fn input_version(&self) -> u64 {
        files::version(&self.path)
    }
}

impl fmt::Debug for TokenFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenFile").field("path", &self.path).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [(&str, &str); 3] = [
        ("AZURE_TENANT_ID", " contoso.com\n"),
        ("AZURE_CLIENT_ID", "app"),
        ("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token"),
    ];

    fn build(
        builder: WorkloadIdentityBuilder,
        pairs: &[(&str, &str)],
    ) -> Result<Credential, AuthError> {
        builder.build_from(|name| {
            pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_variables_make_a_credential_and_setters_go_before_them() {
        let mut pairs = ALL.to_vec();
        pairs.push(("AZURE_AUTHORITY_HOST", "login.microsoftonline.us"));
        let shown = format!("{:?}", build(Credential::workload_identity(), &pairs).unwrap());
        for part in ["\"contoso.com\"", "\"app\"", "/nowhere/token", "login.microsoftonline.us"] {
            assert!(shown.contains(part), "{part} missing in {shown}");
        }
        let set = Credential::workload_identity()
            .tenant("fabrikam.com")
            .client_id("other")
            .token_file("/else")
            .authority("https://login.example");
        let shown = format!("{:?}", build(set.clone(), &pairs).unwrap());
        for part in ["\"fabrikam.com\"", "\"other\"", "/else", "login.example"] {
            assert!(shown.contains(part), "{part} missing in {shown}");
        }
        assert!(build(set, &[]).is_ok(), "no variable is needed");
    }

    #[test]
    fn what_is_missing_is_named_and_means_another_environment() {
        for left_out in 0..ALL.len() {
            let mut pairs = ALL.to_vec();
            let (name, _) = pairs.remove(left_out);
            pairs.push((name, " "));
            let error = build(Credential::workload_identity(), &pairs).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Unavailable, "{name}");
            assert!(error.message().contains(name), "{error}");
            let named = ALL.iter().filter(|(name, _)| error.message().contains(name)).count();
            assert_eq!(named, 1, "{error}");
        }
        let error = build(Credential::workload_identity(), &[]).unwrap_err();
        assert!(ALL.iter().all(|(name, _)| error.message().contains(name)), "{error}");
    }

    #[test]
    fn identity_bindings_are_refused() {
        let mut pairs = ALL.to_vec();
        pairs.push((PROXY, "https://10.0.0.1"));
        let error = build(Credential::workload_identity(), &pairs).unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Config);
        assert!(error.to_string().contains("not covered"), "{error}");
    }
}
