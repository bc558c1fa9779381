//! One application: settings, state, clock. The operations on it are in
//! `resources`; this file holds what they share.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use jiff::Timestamp;
use tokio::sync::watch;

use super::{
    config::{Config, Rates},
    routes::throttle::Throttle,
    seed,
    state::{Record, State},
};
use crate::{clock::Clock, sealing::Sealer};

/// An IoT Central application.
pub struct Application {
    name: String,
    id: String,
    pub(super) tenant_id: String,
    pub(super) config: Config,
    pub(super) clock: Clock,
    pub(super) sealer: Sealer,
    pub(super) throttle: Throttle,
    /// Told when a device may have become able to take or answer a command.
    pub(super) device_changes: watch::Sender<()>,
    state: RwLock<State>,
}

impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Application {
    /// An application of a tenant that holds what every new one does, and no user.
    #[must_use]
    pub fn new(name: &str, id: &str, tenant_id: &str, config: Config, clock: Clock) -> Arc<Self> {
        let application = Self {
            name: name.to_owned(),
            id: id.to_owned(),
            tenant_id: tenant_id.to_owned(),
            throttle: Throttle::new(config.rates),
            config,
            clock,
            sealer: Sealer::new(),
            state: RwLock::new(seed::new_state()),
            device_changes: watch::Sender::new(()),
        };
        Arc::new(application)
    }

    /// The name by which it is addressed, the first label of its host.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its id, a GUID, which stands for the name too.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Makes somebody a user, as whoever made the application did: by a document
    /// such as `create user` takes. It is not checked.
    pub fn add_user(&self, id: &str, user: serde_json::Map<String, serde_json::Value>) {
        self.write().users.insert(id.to_owned(), Record::new(user));
    }

    /// Takes other rate limits from now on; none: never refuses.
    pub fn set_rates(&self, rates: Option<Rates>) {
        self.throttle.set(rates);
    }

    /// Whether changes of the configuration of file uploads fail from now on.
    pub fn fail_file_uploads(&self, fail: bool) {
        self.write().file_uploads_fail = fail;
    }

    /// The state for reading. A panic while it was held left it whole, since
    /// changes are made after all checks; so poison is no reason to stop.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state for writing, after all that has become due.
    pub(super) fn write(&self) -> RwLockWriteGuard<'_, State> {
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        let now = self.now();
        if state.is_behind(now) {
            state.catch_up(&self.config, now);
        }
        state
    }

    /// Does what has become due, so that readers see it.
    pub(super) fn catch_up(&self) {
        let is_behind = self.read().is_behind(self.now());
        if is_behind {
            drop(self.write());
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
