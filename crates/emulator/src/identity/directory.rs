//! The directory: tenants, applications, their secrets and role assignments.
//!
//! It knows nothing of HTTP and nothing of tokens but how long they may live.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

/// Tenant that every emulator starts with.
pub const TENANT_ID: &str = "22222222-2222-2222-2222-222222222222";
/// Domain name that stands for [`TENANT_ID`] in an authority's path.
pub const TENANT_DOMAIN: &str = "twinkit.onmicrosoft.com";
/// Application (client) id of the seeded owner.
pub const CLIENT_ID: &str = "11111111-1111-1111-1111-111111111111";
/// Secret of the seeded owner. It opens nothing but an emulator.
pub const CLIENT_SECRET: &str = "Emu8Q~local.only-secret";
/// Object id of the seeded owner's enterprise application.
pub const OBJECT_ID: &str = "33333333-3333-3333-3333-333333333333";

/// Lifetime of a token when nothing else is said: Entra's 3,599 seconds.
pub const TOKEN_LIFETIME: Duration = Duration::from_secs(3599);

/// Application ids and addresses for which tokens are given out.
const RESOURCES: [&str; 7] = [
    "https://digitaltwins.azure.net",
    "0b07f429-9f4b-4714-9392-cc5e8e80c8b0",
    "https://apps.azureiotcentral.com",
    "https://management.core.windows.net",
    "https://management.azure.com",
    "https://graph.microsoft.com",
    "https://storage.azure.com",
];

/// A built-in role of the Azure Digital Twins data plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Azure Digital Twins Data Owner: everything.
    DataOwner,
    /// Azure Digital Twins Data Reader: reads and queries.
    DataReader,
}

impl Role {
    /// The vendor's id of the role definition.
    #[must_use]
    pub fn definition_id(self) -> &'static str {
        match self {
            Self::DataOwner => "bcd981a7-7f74-457b-83e1-cceb9e632ffe",
            Self::DataReader => "d57506d4-4c8d-48b1-8587-93c323f6a5a3",
        }
    }

    /// Whether the role holds a data action such as
    /// `Microsoft.DigitalTwins/digitaltwins/write`.
    #[must_use]
    pub fn allows(self, action: &str) -> bool {
        match self {
            Self::DataOwner => true,
            Self::DataReader => action.ends_with("/read") || action.ends_with("/query/action"),
        }
    }
}

/// An application with its enterprise application (service principal).
#[derive(Clone, Debug)]
pub struct Application {
    /// The tenant it lives in.
    pub tenant_id: String,
    /// The application (client) id that signs in.
    pub client_id: String,
    /// The enterprise application's object id, the token's `oid`.
    pub object_id: String,
    /// The secrets that open it.
    pub secrets: Vec<SecretString>,
    /// How long its tokens live; `None` takes the directory's value.
    pub token_lifetime: Option<Duration>,
    /// Application roles, the token's `roles`.
    pub app_roles: Vec<String>,
}

impl Application {
    /// An application of the default tenant with one secret, fresh ids and no
    /// role anywhere.
    #[must_use]
    pub fn new(secret: SecretString) -> Self {
        Self {
            tenant_id: TENANT_ID.to_owned(),
            client_id: new_id(),
            object_id: new_id(),
            secrets: vec![secret],
            token_lifetime: None,
            app_roles: Vec::new(),
        }
    }

    pub(crate) fn is_opened_by(&self, secret: &str) -> bool {
        self.secrets.iter().any(|known| {
            verify_slices_are_equal(known.expose_secret().as_bytes(), secret.as_bytes()).is_ok()
        })
    }
}

/// Why the directory refused a change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// The client id is taken.
    #[error("an application with the client id {0} is there already")]
    ClientIdTaken(String),
}

/// The directory of one emulator; clones share it.
#[derive(Clone, Debug)]
pub struct Directory {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// Domain name or id in lower case, to tenant id.
    tenants: HashMap<String, String>,
    /// By client id in lower case.
    applications: HashMap<String, Application>,
    /// (instance, object id) to the roles held there.
    assignments: HashMap<(String, String), Vec<Role>>,
    token_lifetime: Duration,
    /// How many tokens to come are short-lived, and how long they live.
    short_tokens: Option<(u32, Duration)>,
    issued: u64,
    /// Tokens with a serial number up to this one are refused.
    revoked_up_to: u64,
}

impl Directory {
    /// The default tenant with its owner, Data Owner on `instance`.
    pub(crate) fn seeded(instance: &str) -> Self {
        let directory = Self {
            state: Arc::new(Mutex::new(State {
                tenants: HashMap::new(),
                applications: HashMap::new(),
                assignments: HashMap::new(),
                token_lifetime: TOKEN_LIFETIME,
                short_tokens: None,
                issued: 0,
                revoked_up_to: 0,
            })),
        };
        directory.add_tenant(TENANT_ID, &[TENANT_DOMAIN]);
        let owner = Application {
            client_id: CLIENT_ID.to_owned(),
            object_id: OBJECT_ID.to_owned(),
            ..Application::new(SecretString::from(CLIENT_SECRET))
        };
        directory.lock().applications.insert(CLIENT_ID.to_owned(), owner);
        directory.assign(instance, OBJECT_ID, Role::DataOwner);
        directory
    }

    /// Adds a tenant, reachable by its id and by each of `domains`.
    pub fn add_tenant(&self, id: &str, domains: &[&str]) {
        let mut state = self.lock();
        for name in std::iter::once(&id).chain(domains) {
            state.tenants.insert(name.to_ascii_lowercase(), id.to_owned());
        }
    }

    /// Adds an application and, if new, its tenant.
    ///
    /// # Errors
    /// The client id is taken.
    pub fn add_application(&self, application: Application) -> Result<(), DirectoryError> {
        let key = application.client_id.to_ascii_lowercase();
        let mut state = self.lock();
        if state.applications.contains_key(&key) {
            return Err(DirectoryError::ClientIdTaken(application.client_id));
        }
        let tenant = application.tenant_id.clone();
        state.tenants.entry(tenant.to_ascii_lowercase()).or_insert(tenant);
        state.applications.insert(key, application);
        Ok(())
    }

    /// Gives the principal with this object id a role on an instance
    /// (`digital-twins` is the default instance's name).
    pub fn assign(&self, instance: &str, object_id: &str, role: Role) {
        let key = (instance.to_owned(), object_id.to_ascii_lowercase());
        let mut state = self.lock();
        let roles = state.assignments.entry(key).or_default();
        if !roles.contains(&role) {
            roles.push(role);
        }
    }

    /// Takes every role on an instance from the principal.
    pub fn unassign(&self, instance: &str, object_id: &str) {
        let key = (instance.to_owned(), object_id.to_ascii_lowercase());
        self.lock().assignments.remove(&key);
    }

    /// How long tokens live from now on, unless an application says otherwise.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.lock().token_lifetime = lifetime;
    }

    /// The next `count` tokens live only for `lifetime`.
    pub fn shorten_next_tokens(&self, count: u32, lifetime: Duration) {
        self.lock().short_tokens = Some((count, lifetime));
    }

    /// Every token given out so far is refused from now on.
    pub fn revoke_tokens(&self) {
        let mut state = self.lock();
        state.revoked_up_to = state.issued;
    }

    pub(crate) fn tenant(&self, name: &str) -> Option<String> {
        self.lock().tenants.get(&name.to_ascii_lowercase()).cloned()
    }

    pub(crate) fn application(&self, tenant_id: &str, client_id: &str) -> Option<Application> {
        self.lock()
            .applications
            .get(&client_id.to_ascii_lowercase())
            .filter(|application| application.tenant_id == tenant_id)
            .cloned()
    }

    pub(crate) fn knows_resource(&self, resource: &str) -> bool {
        let resource = resource.trim_end_matches('/');
        let resource = resource.strip_prefix("api://").unwrap_or(resource);
        RESOURCES.iter().any(|known| known.eq_ignore_ascii_case(resource))
    }

    pub(crate) fn roles(&self, instance: &str, object_id: &str) -> Vec<Role> {
        let key = (instance.to_owned(), object_id.to_ascii_lowercase());
        self.lock().assignments.get(&key).cloned().unwrap_or_default()
    }

    /// The serial number and the lifetime of the token about to be given out.
    pub(crate) fn next_token(&self, application: &Application) -> (u64, Duration) {
        let mut state = self.lock();
        state.issued += 1;
        let lifetime = match &mut state.short_tokens {
            Some((count, lifetime)) if *count > 0 => {
                *count -= 1;
                *lifetime
            }
            _ => application.token_lifetime.unwrap_or(state.token_lifetime),
        };
        (state.issued, lifetime)
    }

    pub(crate) fn is_revoked(&self, serial: u64) -> bool {
        serial <= self.lock().revoked_up_to
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_kept_per_instance() {
        let directory = Directory::seeded("one");
        assert_eq!(directory.roles("one", OBJECT_ID), [Role::DataOwner]);
        assert!(directory.roles("two", OBJECT_ID).is_empty());
        directory.unassign("one", OBJECT_ID);
        assert!(directory.roles("one", OBJECT_ID).is_empty());
    }

    #[test]
    fn readers_read_and_query_only() {
        assert!(Role::DataReader.allows("Microsoft.DigitalTwins/models/read"));
        assert!(Role::DataReader.allows("Microsoft.DigitalTwins/query/action"));
        assert!(!Role::DataReader.allows("Microsoft.DigitalTwins/digitaltwins/write"));
        assert!(!Role::DataReader.allows("Microsoft.DigitalTwins/jobs/import/cancel/action"));
        assert!(Role::DataOwner.allows("Microsoft.DigitalTwins/digitaltwins/write"));
    }

    #[test]
    fn short_tokens_are_counted() {
        let directory = Directory::seeded("one");
        let owner = directory.application(TENANT_ID, CLIENT_ID).unwrap();
        directory.shorten_next_tokens(1, Duration::from_secs(2));
        assert_eq!(directory.next_token(&owner), (1, Duration::from_secs(2)));
        assert_eq!(directory.next_token(&owner), (2, TOKEN_LIFETIME));
        directory.revoke_tokens();
        assert!(directory.is_revoked(2));
        assert!(!directory.is_revoked(directory.next_token(&owner).0));
    }

    #[test]
    fn a_client_id_is_unique_and_secrets_stay_hidden() {
        let directory = Directory::seeded("one");
        let mut twice = Application::new(SecretString::from("s3cret-canary"));
        twice.client_id = CLIENT_ID.to_uppercase();
        assert!(!format!("{twice:?}").contains("canary"));
        assert!(directory.add_application(twice).is_err());
    }
}
