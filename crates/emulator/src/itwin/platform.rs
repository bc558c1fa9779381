//! The platform: settings, state, clock. The operations on it are in the folders
//! of the APIs; this file holds what they share, and what tests move.

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    access::User,
    config::{Config, Rates},
    events::{Event, Events},
    routes::throttle::Throttle,
    state::{ITwin, ImsGroup, Invitation, Invited, State, Team},
};
use crate::{
    clock::Clock,
    data::{Data, DataError, Kept, Reading, Writing},
    ims::Ims,
    sealing::Sealer,
    storage::Storage,
};

/// The iTwin platform.
pub struct Platform {
    pub(super) config: Config,
    pub(super) clock: Clock,
    pub(super) storage: Storage,
    pub(super) ims: Ims,
    pub(super) sealer: Sealer,
    pub(super) throttle: Throttle,
    pub(super) events: Events,
    state: Kept<State>,
}

impl std::fmt::Debug for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Platform").finish_non_exhaustive()
    }
}

impl Platform {
    /// A platform that holds nothing, for the users of this identity service.
    #[must_use]
    pub fn new(config: Config, clock: Clock, storage: Storage, ims: Ims) -> Arc<Self> {
        let platform = Self {
            throttle: Throttle::new(config.rates),
            config,
            clock,
            storage,
            ims,
            sealer: Sealer::new(),
            events: Events::default(),
            state: Kept::default(),
        };
        Arc::new(platform)
    }

    /// Makes a user an administrator of the account of their own, or no longer.
    /// Answers whether there is such a user.
    pub fn set_administrator(&self, email: &str, is_one: bool) -> bool {
        let Some(user) = self.user_named(email) else { return false };
        self.open_account(&user);
        let mut state = self.write();
        if is_one {
            state.administrators.insert(user.id);
        } else {
            state.administrators.remove(&user.id);
        }
        true
    }

    /// Denies to know an application, or knows it again: its tokens are answered
    /// with 401 and the detail `UnknownClient`.
    pub fn set_client_known(&self, client_id: &str, is_known: bool) {
        let clients = &mut self.write().unknown_clients;
        if is_known {
            clients.remove(client_id);
        } else {
            clients.insert(client_id.to_owned());
        }
    }

    /// Takes other rate limits from now on; none: never refuses.
    pub fn set_rates(&self, rates: Option<Rates>) {
        self.throttle.set(rates);
    }

    /// A group of the identity service, in the organization of people. Names that
    /// are nobody's address are passed over.
    pub fn set_ims_group(&self, name: &str, emails: &[String]) {
        let users: BTreeSet<String> =
            emails.iter().filter_map(|email| self.user_named(email)).map(|user| user.id).collect();
        let account_id = crate::ims::ORGANIZATION_ID.to_owned();
        let mut state = self.write();
        let group = state.ims_groups.get_or_insert_with(name.to_owned(), || ImsGroup {
            id: Uuid::new_v4().to_string(),
            account_id,
            users: BTreeSet::new(),
        });
        group.users = users;
    }

    /// Accepts every invitation of this address that has not expired, as its owner
    /// would; answers how many there were. Somebody must be known by the address.
    pub fn accept_invitations(&self, email: &str) -> usize {
        let Some(user) = self.user_named(email) else { return 0 };
        let now = self.now();
        let mut state = self.write();
        let mut accepted = 0;
        state.itwins.change_where(
            |itwin| {
                itwin.team.invitations.values().any(|invitation| invitation.is_open(&user, now))
            },
            |itwin| accepted += itwin.team.accept_all(&user, now),
        );
        accepted
    }

    /// Keeps the state in a folder from now on, after taking up what is there.
    pub(crate) fn attach(&self, data: &Data) -> Result<(), DataError> {
        self.sealer.attach(data, "itwin")?;
        self.state.attach(data, "itwin").map(drop)
    }

    /// The state for reading.
    pub(super) fn read(&self) -> Reading<'_, State> {
        self.state.read()
    }

    /// The state for writing.
    pub(super) fn write(&self) -> Writing<'_, State> {
        self.state.write()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Tells whoever listens that something happened in an iTwin.
    pub(super) fn tell(&self, kind: &'static str, itwin: &ITwin, content: serde_json::Value) {
        let (itwin_id, account_id) = (itwin.id.clone(), itwin.account_id.clone());
        self.events.tell(Event { kind: kind.to_owned(), itwin_id, account_id, content });
    }

    /// Tells the webhooks of an event, whether or not it happened: `kind` is such as
    /// `iModels.namedVersionCreated.v1`, `content` what it says of it. Answers whether
    /// there is such an iTwin.
    pub fn send_event(&self, kind: &str, itwin_id: &str, content: serde_json::Value) -> bool {
        let state = self.read();
        let Some(itwin) = state.itwins.get(&itwin_id.to_ascii_lowercase()) else { return false };
        let (itwin_id, account_id) = (itwin.id.clone(), itwin.account_id.clone());
        self.events.tell(Event { kind: kind.to_owned(), itwin_id, account_id, content });
        true
    }

    /// Makes the account of a user if it is not there yet.
    pub(super) fn open_account(&self, user: &User) {
        if self.read().itwins.contains_key(&user.account_id) {
            return;
        }
        let account = self.account(user);
        let mut state = self.write();
        if state.itwins.contains_key(&account.id) {
            return;
        }
        state.itwins.insert(account.id.clone(), account);
        if user.is_service && self.config.services_administrate {
            state.administrators.insert(user.id.clone());
        }
    }

    fn account(&self, user: &User) -> ITwin {
        let (id, data_center) = (user.account_id.clone(), &self.config.data_center);
        let account = ITwin::new(id.clone(), id, data_center, self.now(), &user.id);
        ITwin {
            class: "Account".to_owned(),
            sub_class: "Account".to_owned(),
            display_name: user.organization.clone(),
            ..account
        }
    }
}

impl Invitation {
    fn is_open(&self, user: &User, now: Timestamp) -> bool {
        self.email.eq_ignore_ascii_case(&user.email) && !self.accepted && now < self.expires
    }
}

impl Team {
    /// Accepts every invitation of a user that is open; answers how many.
    fn accept_all(&mut self, user: &User, now: Timestamp) -> usize {
        let accepted: Vec<Invited> = self
            .invitations
            .values_mut()
            .filter(|invitation| invitation.is_open(user, now))
            .map(|invitation| {
                invitation.accepted = true;
                invitation.to_be.clone()
            })
            .collect();
        let count = accepted.len();
        for to_be in accepted {
            self.admit(&user.id, to_be);
        }
        count
    }

    /// Makes a user what they were invited to be.
    pub(super) fn admit(&mut self, user_id: &str, to_be: Invited) {
        match to_be {
            Invited::Owner => {
                if !self.is_owner(user_id) {
                    self.owners.push(user_id.to_owned());
                }
            }
            Invited::Member(role_ids) => {
                let roles = self.users.entry(user_id.to_owned()).or_default();
                for id in role_ids {
                    if !roles.contains(&id) {
                        roles.push(id);
                    }
                }
            }
            Invited::Group(group_id) => {
                if let Some(group) = self.groups.get_mut(&group_id)
                    && !group.members.iter().any(|id| id == user_id)
                {
                    group.members.push(user_id.to_owned());
                }
            }
        }
    }
}
