//! One application: settings, state, clock. The operations on it are in
//! `resources`; this file holds what they share.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::watch;

use super::{
    config::{Config, Rates},
    routes::throttle::Throttle,
    seed,
    state::{Record, State},
};
use crate::{
    clock::Clock,
    data::{Data, DataError, Kept, Reading, Writing},
    sealing::Sealer,
};

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
    state: Kept<State>,
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
            state: Kept::new(seed::new_state()),
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
        *self.write().file_uploads_fail = fail;
    }

    /// Keeps the state in a folder from now on, after taking up what is there.
    pub(crate) fn attach(&self, data: &Data) -> Result<(), DataError> {
        let part = format!("iot-central {}", self.name);
        self.sealer.attach(data, &part)?;
        self.state.attach(data, &part).map(drop)
    }

    /// The state for reading.
    pub(super) fn read(&self) -> Reading<'_, State> {
        self.state.read()
    }

    /// The state for writing, after all that has become due.
    pub(super) fn write(&self) -> Writing<'_, State> {
        let mut state = self.state.write();
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
