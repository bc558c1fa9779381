//! The directory: tenants, applications, users, consents and role assignments.
//!
//! It knows nothing of HTTP and nothing of tokens but how long they may live
//! and which of them are revoked.

mod application;
mod consents;
mod knobs;
mod resources;
mod role;
mod seed;
mod user;

use std::{collections::BTreeMap, sync::Arc};

pub(crate) use application::ApplicationForm;
use application::Registered;
pub use application::{Api, Application, FEDERATION_AUDIENCE, FederatedCredential};
use consents::Consent;
use knobs::Knobs;
pub use knobs::{LONG_TOKEN_LIFETIME, TOKEN_LIFETIME};
pub(crate) use resources::{GRAPH, Resource};
pub use role::Role;
pub use seed::{
    API_CLIENT_ID, API_CLIENT_SECRET, API_OBJECT_ID, API_SCOPE, CLIENT_ID, CLIENT_SECRET,
    GITHUB_SUBJECT, GUEST_NAME, GUEST_OBJECT_ID, KUBERNETES_SUBJECT, NATIVE_CLIENT_ID,
    NATIVE_OBJECT_ID, NATIVE_REDIRECT_URIS, OBJECT_ID, PIPELINES_SUBJECT, TENANT_DOMAIN, TENANT_ID,
    USER_NAME, USER_OBJECT_ID,
};
use serde::{Deserialize, Serialize};
pub use user::User;

use super::certificate::Certificate;
use crate::data::{Data, DataError, Kept, Piece, Pieces, Reading, Table, Whole, Writing};

/// Why the directory refused a change.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DirectoryError {
    /// The client id is taken.
    #[error("an application with the client id {0} is there already")]
    ClientIdTaken(String),
    /// The user's name or object id is taken.
    #[error("a user {0} is there already")]
    UserTaken(String),
    /// There is no such application.
    #[error("there is no application with the client id {0}")]
    NoSuchApplication(String),
    /// There is no such user.
    #[error("there is no user {0}")]
    NoSuchUser(String),
    /// There is no such resource.
    #[error("there is no resource {0}")]
    NoSuchResource(String),
    /// A certificate is not one in DER.
    #[error("a certificate of application {0} is not an X.509 certificate in DER")]
    Certificate(String),
}

/// The directory of one emulator; clones share it.
#[derive(Clone, Debug)]
pub struct Directory {
    state: Arc<Kept<State>>,
}

type ByKey<T> = Table<BTreeMap<String, T>>;

#[derive(Debug, Default)]
struct State {
    /// Domain name or id in lower case, to tenant id.
    tenants: ByKey<String>,
    /// By client id in lower case.
    applications: ByKey<Registered>,
    /// By object id in lower case.
    users: ByKey<User>,
    consents: Table<BTreeMap<Consent, ()>>,
    /// By instance, then by object id: the roles held there.
    assignments: ByKey<BTreeMap<String, Vec<Role>>>,
    knobs: Whole<Knobs>,
    serials: Whole<Serials>,
    /// The issuer of this emulator's own foreign tokens.
    foreign_issuer: Whole<String>,
}

/// Which tokens were given out, and which are refused.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Serials {
    /// Tokens of all kinds given out so far.
    issued: u64,
    /// Access tokens with a serial number up to this one are refused.
    revoked_up_to: u64,
    /// The same for refresh tokens, by the user's object id.
    sign_ins_revoked_up_to: BTreeMap<String, u64>,
}

impl Pieces for State {
    fn pieces(&mut self) -> Vec<(&'static str, &mut dyn Piece)> {
        vec![
            ("tenants", &mut self.tenants),
            ("applications", &mut self.applications),
            ("users", &mut self.users),
            ("consents", &mut self.consents),
            ("assignments", &mut self.assignments),
            ("knobs", &mut self.knobs),
            ("serials", &mut self.serials),
            ("foreignIssuer", &mut self.foreign_issuer),
        ]
    }
}

impl Directory {
    fn empty() -> Self {
        Self { state: Arc::default() }
    }

    /// Keeps the directory in a folder from now on, after taking up what is there.
    pub(crate) fn attach(&self, data: &Data) -> Result<(), DataError> {
        let issuer = self.read().foreign_issuer.clone();
        self.state.attach(data, "identity")?;
        let state = &mut *self.write();
        let old = state.foreign_issuer.clone();
        if old != issuer {
            // The emulator has moved to other ports, and its own issuer with it.
            state.applications.change_where(
                |known| known.0.federated_credentials.iter().any(|it| it.issuer == old),
                |known| {
                    let credentials = known.0.federated_credentials.iter_mut();
                    credentials
                        .filter(|it| it.issuer == old)
                        .for_each(|it| it.issuer.clone_from(&issuer));
                },
            );
            *state.foreign_issuer = issuer;
        }
        Ok(())
    }

    /// Adds a tenant, reachable by its id and by each of `domains`.
    pub fn add_tenant(&self, id: &str, domains: &[&str]) {
        let mut state = self.write();
        for name in std::iter::once(&id).chain(domains) {
            state.tenants.insert(name.to_ascii_lowercase(), id.to_owned());
        }
    }

    /// Adds an application and, if new, its tenant.
    ///
    /// # Errors
    /// The client id is taken, or a certificate cannot be read.
    pub fn add_application(&self, application: Application) -> Result<(), DirectoryError> {
        check_certificates(&application)?;
        let key = application.client_id.to_ascii_lowercase();
        let mut state = self.write();
        if state.applications.contains_key(&key) {
            return Err(DirectoryError::ClientIdTaken(application.client_id));
        }
        let tenant = application.tenant_id.clone();
        state.tenants.get_or_insert_with(tenant.to_ascii_lowercase(), || tenant);
        state.applications.insert(key, Registered(application));
        Ok(())
    }

    /// Changes an application; its client id stays.
    ///
    /// # Errors
    /// There is no such application, or a certificate cannot be read.
    pub fn update_application(
        &self,
        client_id: &str,
        change: impl FnOnce(&mut Application),
    ) -> Result<(), DirectoryError> {
        let mut state = self.write();
        let Registered(known) = state
            .applications
            .get_mut(&client_id.to_ascii_lowercase())
            .ok_or_else(|| DirectoryError::NoSuchApplication(client_id.to_owned()))?;
        let mut changed = known.clone();
        change(&mut changed);
        changed.client_id.clone_from(&known.client_id);
        check_certificates(&changed)?;
        *known = changed;
        Ok(())
    }

    /// Adds a user and, if new, the user's tenant.
    ///
    /// # Errors
    /// The name or the object id is taken.
    pub fn add_user(&self, user: User) -> Result<(), DirectoryError> {
        let key = user.object_id.to_ascii_lowercase();
        let mut state = self.write();
        let is_known = state.users.contains_key(&key)
            || state.users.values().any(|known| is_called(known, &user.user_name));
        if is_known {
            return Err(DirectoryError::UserTaken(user.user_name));
        }
        let tenant = user.tenant_id.clone();
        state.tenants.get_or_insert_with(tenant.to_ascii_lowercase(), || tenant);
        state.users.insert(key, user);
        Ok(())
    }

    /// Gives the principal with this object id a role on an instance
    /// (`digital-twins` is the default instance's name).
    pub fn assign(&self, instance: &str, object_id: &str, role: Role) {
        let mut state = self.write();
        let assigned = state.assignments.get_or_default(instance.to_owned());
        let roles = assigned.entry(object_id.to_ascii_lowercase()).or_default();
        if !roles.contains(&role) {
            roles.push(role);
        }
    }

    /// Takes every role on an instance from the principal.
    pub fn unassign(&self, instance: &str, object_id: &str) {
        if let Some(assigned) = self.write().assignments.get_mut(instance) {
            assigned.remove(&object_id.to_ascii_lowercase());
        }
    }

    pub(crate) fn tenant(&self, name: &str) -> Option<String> {
        self.read().tenants.get(&name.to_ascii_lowercase()).cloned()
    }

    /// The application with this client id; of any tenant if none is named.
    pub(crate) fn application(
        &self,
        tenant_id: Option<&str>,
        client_id: &str,
    ) -> Option<Application> {
        self.read()
            .applications
            .get(&client_id.to_ascii_lowercase())
            .map(|Registered(application)| application)
            .filter(|application| tenant_id.is_none_or(|id| application.tenant_id == id))
            .cloned()
    }

    /// The users of a tenant, or of all, by name.
    pub(crate) fn users(&self, tenant_id: Option<&str>) -> Vec<User> {
        let mut users: Vec<User> = self
            .read()
            .users
            .values()
            .filter(|user| tenant_id.is_none_or(|id| user.tenant_id == id))
            .cloned()
            .collect();
        users.sort_by(|one, other| one.user_name.cmp(&other.user_name));
        users
    }

    /// A user by object id.
    pub(crate) fn user(&self, object_id: &str) -> Option<User> {
        self.read().users.get(&object_id.to_ascii_lowercase()).cloned()
    }

    pub(crate) fn user_named(&self, user_name: &str) -> Option<User> {
        self.read().users.values().find(|user| is_called(user, user_name)).cloned()
    }

    pub(crate) fn automatic_user(&self) -> Option<User> {
        let id = self.read().knobs.automatic_user.clone()?;
        self.user(&id)
    }

    pub(crate) fn roles(&self, instance: &str, object_id: &str) -> Vec<Role> {
        let state = self.read();
        let assigned = state.assignments.get(instance);
        let roles = assigned.and_then(|assigned| assigned.get(&object_id.to_ascii_lowercase()));
        roles.cloned().unwrap_or_default()
    }

    fn known_user(&self, user_name: &str) -> Result<User, DirectoryError> {
        self.user_named(user_name).ok_or_else(|| DirectoryError::NoSuchUser(user_name.to_owned()))
    }

    fn read(&self) -> Reading<'_, State> {
        self.state.read()
    }

    fn write(&self) -> Writing<'_, State> {
        self.state.write()
    }
}

fn is_called(user: &User, name: &str) -> bool {
    user.user_name.eq_ignore_ascii_case(name)
}

fn check_certificates(application: &Application) -> Result<(), DirectoryError> {
    let readable = application.certificates.iter().all(|der| Certificate::read(der).is_some());
    if readable { Ok(()) } else { Err(DirectoryError::Certificate(application.client_id.clone())) }
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    #[test]
    fn roles_are_kept_per_instance() {
        let directory = Directory::seeded("one", "x");
        assert_eq!(directory.roles("one", OBJECT_ID), [Role::DataOwner]);
        assert!(directory.roles("two", OBJECT_ID).is_empty());
        directory.unassign("one", OBJECT_ID);
        assert!(directory.roles("one", OBJECT_ID).is_empty());
    }

    #[test]
    fn ids_and_names_are_unique_and_secrets_stay_hidden() {
        let directory = Directory::seeded("one", "x");
        let mut twice = Application::new(SecretString::from("s3cret-canary"));
        twice.client_id = CLIENT_ID.to_uppercase();
        assert!(!format!("{twice:?}").contains("canary"));
        assert!(directory.add_application(twice).is_err());
        assert!(directory.add_user(User::new(&USER_NAME.to_uppercase())).is_err());
        assert!(directory.add_user(User::new("new@twinkit.onmicrosoft.com")).is_ok());
    }

    #[test]
    fn a_change_keeps_the_client_id_and_refuses_a_broken_certificate() {
        let directory = Directory::seeded("one", "x");
        let change = |application: &mut Application| application.client_id = "else".to_owned();
        directory.update_application(CLIENT_ID, change).unwrap();
        assert!(directory.application(Some(TENANT_ID), CLIENT_ID).is_some());
        let broken = |application: &mut Application| application.certificates.push(vec![1]);
        let refused = directory.update_application(CLIENT_ID, broken).unwrap_err();
        assert!(matches!(refused, DirectoryError::Certificate(_)));
        assert!(directory.application(None, CLIENT_ID).unwrap().certificates.is_empty());
    }
}
