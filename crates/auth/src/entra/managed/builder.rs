//! The settings of a managed identity, and their checks.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use twinkit_http::{Clock, HttpClientConfig, SystemClock};

use super::detect::{self, Surroundings};
use super::request::Identity;
use super::{ManagedIdentity, NAME};
use crate::{AuthError, AuthErrorKind, Credential};

/// A host's endpoint is on the machine or next to it; who does not take the
/// connection within this time is not there.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

const MAX_ID: usize = 2048;

type Variables = Arc<dyn Fn(&str) -> Option<OsString> + Send + Sync>;

/// Settings of a managed identity; see [`Credential::managed_identity`].
#[derive(Clone)]
#[must_use = "nothing is made until `build` is called"]
pub struct ManagedIdentityBuilder {
    client_id: Option<String>,
    object_id: Option<String>,
    resource_id: Option<String>,
    variables: Variables,
    arc_folder: Option<PathBuf>,
    clock: Arc<dyn Clock>,
}

impl Credential {
    /// The identity that Azure gives to the host this program runs on: a
    /// virtual machine or scale set, App Service, Functions, Container Apps,
    /// Automation, Machine Learning, Cloud Shell, or a machine connected by
    /// Azure Arc. No secret is kept anywhere. Which host it is, the
    /// environment tells; Service Fabric is not covered.
    ///
    /// In the portal: the resource's page, Identity, then either System
    /// assigned, On, or User assigned, Add. On the command line:
    ///
    /// ```sh
    /// az vm identity assign -g GROUP -n MACHINE              # also: vmss, webapp, functionapp, containerapp
    /// az vm identity assign -g GROUP -n MACHINE --identities IDENTITY   # a user-assigned one
    /// az dt role-assignment create -n INSTANCE --assignee PRINCIPAL_ID --role "Azure Digital Twins Data Owner"
    /// ```
    ///
    /// The role is what lets the identity do something; its principal id is
    /// shown on the same page. Hosts keep tokens for up to 24 hours, and roles
    /// in Azure Resource Manager and groups are read from the token, so a change
    /// of these may take as long to be noticed.
    ///
    /// A machine with one user-assigned identity and none of its own uses that
    /// one; where there are several, name one by
    /// [`client_id`](ManagedIdentityBuilder::client_id).
    ///
    /// Requests name one scope, `RESOURCE/.default`. Another tenant, claims and
    /// a user's assertion are refused; `with_cae` makes no difference.
    pub fn managed_identity() -> ManagedIdentityBuilder {
        ManagedIdentityBuilder {
            client_id: None,
            object_id: None,
            resource_id: None,
            variables: Arc::new(|name| std::env::var_os(name)),
            arc_folder: None,
            clock: Arc::new(SystemClock),
        }
    }
}

impl ManagedIdentityBuilder {
    /// Uses the user-assigned identity with this application (client) id.
    pub fn client_id(mut self, id: impl Into<String>) -> Self {
        self.client_id = Some(id.into());
        self
    }

    /// Uses the user-assigned identity whose service principal has this object
    /// id.
    pub fn object_id(mut self, id: impl Into<String>) -> Self {
        self.object_id = Some(id.into());
        self
    }

    /// Uses the user-assigned identity with this id in Azure Resource Manager:
    /// `/subscriptions/.../userAssignedIdentities/NAME`.
    pub fn resource_id(mut self, id: impl Into<String>) -> Self {
        self.resource_id = Some(id.into());
        self
    }

    /// Looks environment variables up by `variable` instead of in the process's
    /// environment, for tests against an emulator. What it names is trusted as
    /// an identity endpoint.
    pub fn environment(
        mut self,
        variable: impl Fn(&str) -> Option<OsString> + Send + Sync + 'static,
    ) -> Self {
        self.variables = Arc::new(variable);
        self
    }

    /// Expects Azure Arc's keys in this folder instead of the agent's own, for
    /// tests against an emulator.
    pub fn arc_key_folder(mut self, folder: impl Into<PathBuf>) -> Self {
        self.arc_folder = Some(folder.into());
        self
    }

    /// Judges expiry by this clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Checks the settings, finds out which host this is and makes the
    /// credential. Nothing is sent yet.
    ///
    /// # Errors
    /// [`AuthErrorKind::Config`]: more than one id, an id that the host cannot
    /// tell, or a variable that is no safe endpoint.
    pub fn build(self) -> Result<Credential, AuthError> {
        let identity = self.identity()?;
        let around = Surroundings {
            variable: &*self.variables,
            exists: &|path: &Path| path.exists(),
            arc_folder: self.arc_folder.clone(),
        };
        let host = detect::host(&around, identity)?;
        let http = HttpClientConfig::new().build_direct(CONNECT_TIMEOUT).map_err(|error| {
            let message = format!("no HTTP client for the identity endpoint: {error}");
            config(message).with_cause(error)
        })?;
        let source = ManagedIdentity { host, http };
        Ok(Credential::from_source_with_clock(source, self.clock))
    }

    fn identity(&self) -> Result<Identity, AuthError> {
        let given = [
            self.client_id.as_deref().map(|id| Ok(Identity::Client(check("client", id)?))),
            self.object_id.as_deref().map(|id| Ok(Identity::Object(check("object", id)?))),
            self.resource_id.as_deref().map(|id| Ok(Identity::Resource(check("resource", id)?))),
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (None, _) => Ok(Identity::System),
            (Some(identity), None) => identity,
            _ => Err(config("an identity is named by one id, but several are given".to_owned())),
        }
    }
}

fn check(what: &str, id: &str) -> Result<String, AuthError> {
    let id = id.trim();
    if id.is_empty() || id.len() > MAX_ID || id.chars().any(char::is_control) {
        return Err(config(format!("{id:?} is not the {what} id of a user-assigned identity")));
    }
    Ok(id.to_owned())
}

fn config(message: String) -> AuthError {
    AuthError::new(AuthErrorKind::Config, NAME, message)
}

impl fmt::Debug for ManagedIdentityBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedIdentityBuilder")
            .field("client_id", &self.client_id)
            .field("object_id", &self.object_id)
            .field("resource_id", &self.resource_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_one_id_is_taken() {
        let builder = || Credential::managed_identity().environment(|_| None);
        assert!(builder().build().is_ok());
        assert!(builder().client_id(" c ").build().is_ok());
        assert!(builder().resource_id("/subscriptions/s").build().is_ok());
        for bad in [
            builder().client_id("c").object_id("o"),
            builder().object_id("o").resource_id("/r"),
            builder().client_id(""),
            builder().client_id("a\nb"),
            builder().object_id("o".repeat(3000)),
        ] {
            let error = bad.build().unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Config, 0), "{error}");
        }
    }
}
