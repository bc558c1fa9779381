//! Who is known to the IMS-shaped service, and what tests turn there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::data::{Data, DataError, Kept, Piece, Pieces, Reading, Table, Whole, Writing};

/// The scope of the iTwin platform.
pub const SCOPE: &str = "itwin-platform";
/// Client id of the seeded service application.
pub const SERVICE_CLIENT_ID: &str = "service-twinkitEmulator";
/// Secret of the seeded service application, with characters that a form and a
/// header must encode. It opens nothing but an emulator.
pub const SERVICE_CLIENT_SECRET: &str = "Emu+ims/local:only secret&1%";
/// Client id of the seeded native application, which has no secret.
pub const NATIVE_CLIENT_ID: &str = "native-twinkitEmulator";
/// A redirect address of the seeded native application, port included: the one
/// that the vendor's library for native programs begins with.
pub const NATIVE_REDIRECT_URI: &str = "http://localhost:3000/signin-callback";
/// Its other redirect address: that of the vendor's command line, and of ours.
pub const NATIVE_CLI_REDIRECT_URI: &str = "http://localhost:3301/signin-callback";
/// Subject id of the seeded user.
pub const USER_ID: &str = "88888888-8888-8888-8888-888888888801";
/// Address of the seeded user, who signs in by it.
pub const USER_EMAIL: &str = "ada@twinkit.example";
/// Id of the organization that all belong to.
pub const ORGANIZATION_ID: &str = "99999999-9999-9999-9999-999999999901";
/// Name of the organization that all belong to.
pub const ORGANIZATION_NAME: &str = "twinkit";

/// Lifetime of a token when nothing else is said.
const TOKEN_LIFETIME: Duration = Duration::from_secs(3600);
/// Scopes that speak of a user; a service has none.
const USER_SCOPES: [&str; 5] = ["openid", "profile", "email", "organization", "offline_access"];

/// An application registered at the iTwin platform.
#[derive(Clone, Debug)]
pub struct ImsClient {
    /// The id it signs in with.
    pub client_id: String,
    /// What users read when they sign in to it.
    pub display_name: String,
    /// The secrets that open it; none makes it a public client.
    pub secrets: Vec<SecretString>,
    /// Where users may be sent back to, matched exactly. None makes it a
    /// service application.
    pub redirect_uris: Vec<String>,
    /// The scopes it may ask for.
    pub scopes: Vec<String>,
    /// How long its tokens live; `None` takes the directory's value.
    pub token_lifetime: Option<Duration>,
}

/// How an application is written down. Apart from it, so that nothing but what keeps
/// the directory can write its secrets.
#[derive(Serialize, Deserialize)]
#[serde(remote = "ImsClient", rename_all = "camelCase")]
struct ClientForm {
    client_id: String,
    display_name: String,
    #[serde(with = "crate::data::secrets")]
    secrets: Vec<SecretString>,
    redirect_uris: Vec<String>,
    scopes: Vec<String>,
    token_lifetime: Option<Duration>,
}

/// An application in the directory.
#[derive(Debug, Serialize, Deserialize)]
struct Registered(#[serde(with = "ClientForm")] ImsClient);

impl ImsClient {
    /// A service application: it signs in for itself.
    #[must_use]
    pub fn service(client_id: &str, secret: SecretString) -> Self {
        Self {
            client_id: client_id.to_owned(),
            display_name: client_id.to_owned(),
            secrets: vec![secret],
            redirect_uris: Vec::new(),
            scopes: vec![SCOPE.to_owned()],
            token_lifetime: None,
        }
    }

    /// A native application: its users sign in, and it has no secret.
    #[must_use]
    pub fn native(client_id: &str, redirect_uri: &str) -> Self {
        let scopes = USER_SCOPES.iter().chain([&SCOPE]);
        Self {
            secrets: Vec::new(),
            redirect_uris: vec![redirect_uri.to_owned()],
            scopes: scopes.map(|&scope| scope.to_owned()).collect(),
            ..Self::service(client_id, SecretString::default())
        }
    }

    /// A web application: its users sign in, and it has a secret.
    #[must_use]
    pub fn web(client_id: &str, secret: SecretString, redirect_uri: &str) -> Self {
        Self { secrets: vec![secret], ..Self::native(client_id, redirect_uri) }
    }

    pub(super) fn is_public(&self) -> bool {
        self.secrets.is_empty()
    }

    pub(super) fn is_opened_by(&self, secret: &str) -> bool {
        self.secrets.iter().any(|known| {
            verify_slices_are_equal(known.expose_secret().as_bytes(), secret.as_bytes()).is_ok()
        })
    }
}

/// A person who signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImsUser {
    /// The subject id.
    pub id: String,
    /// The address, by which users sign in.
    pub email: String,
    /// The full name.
    pub name: String,
}

/// Why a change was refused.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImsError {
    /// The client id is taken.
    #[error("an IMS application with the client id {0} is there already")]
    ClientIdTaken(String),
    /// The user's id or address is taken.
    #[error("an IMS user {0} is there already")]
    UserTaken(String),
    /// There is no such user.
    #[error("there is no IMS user {0}")]
    NoSuchUser(String),
}

/// Applications and users of the IMS-shaped service; clones share them.
#[derive(Clone, Debug)]
pub struct Ims {
    state: Arc<Kept<State>>,
}

#[derive(Debug, Default)]
struct State {
    clients: Table<BTreeMap<String, Registered>>,
    users: Whole<Vec<ImsUser>>,
    knobs: Whole<Knobs>,
    serials: Whole<Serials>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Knobs {
    token_lifetime: Option<Duration>,
    short_tokens: Option<(u32, Duration)>,
    automatic_user: Option<String>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Serials {
    issued: u64,
    revoked_up_to: u64,
    revoked: BTreeSet<u64>,
}

impl Pieces for State {
    fn pieces(&mut self) -> Vec<(&'static str, &mut dyn Piece)> {
        vec![
            ("clients", &mut self.clients),
            ("users", &mut self.users),
            ("knobs", &mut self.knobs),
            ("serials", &mut self.serials),
        ]
    }
}

impl Ims {
    /// The seeded clients and user.
    pub(crate) fn seeded() -> Self {
        let secret = SecretString::from(SERVICE_CLIENT_SECRET);
        let mut native = ImsClient::native(NATIVE_CLIENT_ID, NATIVE_REDIRECT_URI);
        native.redirect_uris.push(NATIVE_CLI_REDIRECT_URI.to_owned());
        let clients = [ImsClient::service(SERVICE_CLIENT_ID, secret), native];
        let user = ImsUser {
            id: USER_ID.to_owned(),
            email: USER_EMAIL.to_owned(),
            name: "Ada Owner".to_owned(),
        };
        let mut state = State { users: vec![user].into(), ..State::default() };
        for client in clients {
            state.clients.insert(client.client_id.clone(), Registered(client));
        }
        Self { state: Arc::new(Kept::new(state)) }
    }

    /// Keeps the directory in a folder from now on, after taking up what is there.
    pub(crate) fn attach(&self, data: &Data) -> Result<(), DataError> {
        self.state.attach(data, "ims").map(drop)
    }

    /// Adds an application.
    ///
    /// # Errors
    /// The client id is taken.
    pub fn add_client(&self, client: ImsClient) -> Result<(), ImsError> {
        let clients = &mut self.write().clients;
        if clients.contains_key(&client.client_id) {
            return Err(ImsError::ClientIdTaken(client.client_id));
        }
        clients.insert(client.client_id.clone(), Registered(client));
        Ok(())
    }

    /// Adds a user.
    ///
    /// # Errors
    /// The id or the address is taken.
    pub fn add_user(&self, user: ImsUser) -> Result<(), ImsError> {
        let users = &mut self.write().users;
        let is_same =
            |known: &ImsUser| known.id == user.id || known.email.eq_ignore_ascii_case(&user.email);
        if users.iter().any(is_same) {
            return Err(ImsError::UserTaken(user.email));
        }
        users.push(user);
        Ok(())
    }

    /// Takes a user out; tokens of theirs open nothing any more on the platforms
    /// that look the user up.
    ///
    /// # Errors
    /// There is no such user.
    pub fn remove_user(&self, email: &str) -> Result<(), ImsError> {
        let users = &mut self.write().users;
        let found = users.iter().position(|user| user.email.eq_ignore_ascii_case(email));
        let index = found.ok_or_else(|| ImsError::NoSuchUser(email.to_owned()))?;
        users.remove(index);
        Ok(())
    }

    /// How long tokens live from now on, unless an application says otherwise.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.write().knobs.token_lifetime = Some(lifetime);
    }

    /// The next `count` tokens live only for `lifetime`.
    pub fn shorten_next_tokens(&self, count: u32, lifetime: Duration) {
        self.write().knobs.short_tokens = Some((count, lifetime));
    }

    /// Every access token given out so far is refused from now on.
    pub fn revoke_tokens(&self) {
        let serials = &mut self.write().serials;
        serials.revoked_up_to = serials.issued;
    }

    /// The authorize page signs this user in without asking; `None` shows the
    /// page again.
    ///
    /// # Errors
    /// There is no such user.
    pub fn sign_in_automatically(&self, email: Option<&str>) -> Result<(), ImsError> {
        if let Some(email) = email
            && self.user_named(email).is_none()
        {
            return Err(ImsError::NoSuchUser(email.to_owned()));
        }
        self.write().knobs.automatic_user = email.map(str::to_owned);
        Ok(())
    }

    /// Every application, in the order of client ids.
    pub(crate) fn clients(&self) -> Vec<ImsClient> {
        self.read().clients.values().map(|Registered(client)| client.clone()).collect()
    }

    pub(super) fn client(&self, client_id: &str) -> Option<ImsClient> {
        self.read().clients.get(client_id).map(|Registered(client)| client.clone())
    }

    pub(crate) fn users(&self) -> Vec<ImsUser> {
        self.read().users.clone()
    }

    pub(super) fn user(&self, id: &str) -> Option<ImsUser> {
        self.read().users.iter().find(|user| user.id == id).cloned()
    }

    pub(super) fn user_named(&self, email: &str) -> Option<ImsUser> {
        self.read().users.iter().find(|user| user.email.eq_ignore_ascii_case(email)).cloned()
    }

    pub(super) fn automatic_user(&self) -> Option<ImsUser> {
        let email = self.read().knobs.automatic_user.clone()?;
        self.user_named(&email)
    }

    /// The serial number and the lifetime of the token about to be given out.
    pub(super) fn next_token(&self, client: &ImsClient) -> (u64, Duration) {
        let state = &mut *self.write();
        state.serials.issued += 1;
        let lifetime = match state.knobs.short_tokens {
            Some((count @ 1.., lifetime)) => {
                state.knobs.short_tokens = Some((count - 1, lifetime));
                lifetime
            }
            _ => client.token_lifetime.or(state.knobs.token_lifetime).unwrap_or(TOKEN_LIFETIME),
        };
        (state.serials.issued, lifetime)
    }

    pub(super) fn revoke(&self, serial: u64) {
        self.write().serials.revoked.insert(serial);
    }

    pub(super) fn is_revoked(&self, serial: u64) -> bool {
        let serials = &self.read().serials;
        serial <= serials.revoked_up_to || serials.revoked.contains(&serial)
    }

    fn read(&self) -> Reading<'_, State> {
        self.state.read()
    }

    fn write(&self) -> Writing<'_, State> {
        self.state.write()
    }
}
