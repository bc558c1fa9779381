//! One Digital Twins instance: settings, state, clock, events.
//!
//! The operations on it are in `operations`; this file holds what they share.

use std::{
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
    time::Duration,
};

use axum::http::StatusCode;
use tokio::runtime::Handle;

use super::{
    config::Config,
    dtdl::Model,
    errors::ApiError,
    events::{DeliveredEvent, Happening, Outbox},
    jobs::Blobs,
    store::{Change, FileStore, LaggingView, MemoryStore, Store, Tables},
    time::zulu,
};
use crate::{
    clock::Clock,
    data::{Data, DataError},
    sealing::Sealer,
};

/// A Digital Twins instance. All its operations are methods here, the same for
/// requests, for seed files and for tests.
pub struct Instance {
    pub(super) config: Config,
    pub(super) clock: Clock,
    pub(super) blobs: Arc<dyn Blobs>,
    pub(super) sealer: Sealer,
    state: RwLock<State>,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Instance")
            .field("host_name", &self.config.host_name)
            .finish_non_exhaustive()
    }
}

/// What changes.
pub(super) struct State {
    store: Box<dyn Store>,
    lagging: Option<LaggingView>,
    pub(super) outbox: Outbox,
}

impl Instance {
    /// An empty instance that keeps its state in memory.
    #[must_use]
    pub fn new(config: Config, clock: Clock, blobs: Arc<dyn Blobs>) -> Arc<Self> {
        Self::with_store(config, clock, blobs, Box::<MemoryStore>::default())
    }

    /// An instance over a store that may hold something already.
    #[must_use]
    pub fn with_store(
        config: Config,
        clock: Clock,
        blobs: Arc<dyn Blobs>,
        store: Box<dyn Store>,
    ) -> Arc<Self> {
        let state = State { lagging: None, outbox: Outbox::new(config.limits.kept_events), store };
        let lag = config.index_lag;
        let sealer = Sealer::new();
        let instance = Self { config, clock, blobs, sealer, state: RwLock::new(state) };
        instance.set_index_lag(lag);
        let endpoints = instance.config.endpoints.clone();
        endpoints.into_iter().for_each(|name| instance.add_endpoint(name));
        Arc::new(instance)
    }

    /// Whether the state of an instance of this name is kept already.
    pub(crate) fn is_kept(data: &Data, name: &str) -> bool {
        data.has(&part(name))
    }

    /// Keeps the state in a folder from now on, under the instance's name, after taking
    /// up what is there.
    pub(crate) fn attach(&self, data: &Data, name: &str) -> Result<(), DataError> {
        let part = part(name);
        self.sealer.attach(data, &part)?;
        {
            let state = &mut *self.state_mut();
            let Some(store) = FileStore::open(data, &part, state.tables())? else {
                return Ok(());
            };
            state.store = Box::new(store);
        }
        self.set_index_lag(self.config.index_lag);
        Ok(())
    }

    /// The settings.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Lets queries lag behind writes from now on; zero ends the lag.
    pub fn set_index_lag(&self, lag: Duration) {
        let mut state = self.state_mut();
        state.lagging = (!lag.is_zero()).then(|| LaggingView::new(lag, state.tables()));
    }

    /// Adds an endpoint that event routes may name.
    pub fn add_endpoint(&self, name: impl Into<String>) {
        let state = &mut *self.state_mut();
        if let Err(error) = self.apply(state, &[Change::PutEndpoint(name.into())]) {
            tracing::warn!(%error, "an endpoint was not stored");
        }
    }

    /// The names of the endpoints.
    #[must_use]
    pub fn endpoints(&self) -> Vec<String> {
        self.state().tables().endpoints().iter().cloned().collect()
    }

    /// The events that routes let through, oldest first.
    #[must_use]
    pub fn events(&self) -> Vec<DeliveredEvent> {
        self.state().outbox.events().cloned().collect()
    }

    /// Forgets the events so far.
    pub fn clear_events(&self) {
        self.state_mut().outbox.clear();
    }

    /// How many models, twins and relationships there are.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let state = self.state();
        let tables = state.tables();
        (tables.model_count(), tables.twins_len(), tables.relationships_len())
    }

    /// The state for reading. A panic while it was held left it whole, since
    /// changes are made after all checks; so poison is no reason to stop.
    pub(super) fn state(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state for writing.
    pub(super) fn state_mut(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Applies changes whole.
    pub(super) fn apply(&self, state: &mut State, changes: &[Change]) -> Result<(), ApiError> {
        state.store.apply(changes).map_err(|error| ApiError::store(&error))?;
        if let Some(view) = &mut state.lagging {
            view.note(self.clock.now(), changes);
        }
        Ok(())
    }

    /// Offers an event to the routes.
    pub(super) fn tell(&self, state: &mut State, what: Happening<'_>, trace: Option<&str>) {
        let State { store, outbox, .. } = state;
        let mut routes = store.tables().event_routes(None).peekable();
        if routes.peek().is_some() {
            let event = what.event(&self.config.host_name, self.now(), trace);
            outbox.offer(event, routes);
        }
    }

    /// The time now as the platform writes it.
    pub(super) fn now(&self) -> String {
        zulu(self.clock.now())
    }

    /// The runtime of the caller, which jobs run on.
    pub(super) fn runtime() -> Result<Handle, ApiError> {
        Handle::try_current().map_err(|_| {
            ApiError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalServerError",
                "A job needs a runtime to run on.",
            )
        })
    }

    /// Runs `ask` over the tables as queries see them.
    pub(super) fn indexed<T>(&self, ask: impl FnOnce(&Tables) -> T) -> T {
        let state = self.state();
        if state.lagging.is_none() {
            return ask(state.tables());
        }
        drop(state);
        let now = self.clock.now();
        let state = &mut *self.state_mut();
        match &mut state.lagging {
            Some(view) => ask(view.at(now)),
            None => ask(state.store.tables()),
        }
    }
}

impl State {
    pub(super) fn tables(&self) -> &Tables {
        self.store.tables()
    }

    /// Finds models for the rules.
    pub(super) fn models(&self) -> impl Fn(&str) -> Option<Arc<Model>> {
        |id| self.tables().definition(id)
    }
}

/// Name of the instance's file in a folder.
fn part(name: &str) -> String {
    format!("digital-twins {name}")
}
