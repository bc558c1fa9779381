//! The control endpoint: looking into an emulator and moving it, from another
//! process. On loopback only, without sign-in, JSON in and out.
//!
//! | request | what it does |
//! |---|---|
//! | `GET /health` | `{"status":"ok","time":...}` |
//! | `GET /services` | addresses by service name |
//! | `GET /faults` | the schedule with its counts |
//! | `POST /faults` | one [`Fault`](crate::faults::Fault) or a list; answers `{"ids":[...]}` |
//! | `DELETE /faults`, `DELETE /faults/{id}` | takes faults back |
//! | `GET /requests`, `DELETE /requests` | the recorded requests, secrets taken out |
//! | `GET /clock`, `POST /clock` | `{"advanceSeconds": n}` moves the clock forward |
//! | `POST /tokens` | `{"revoke": true}`, `{"next": n, "lifetimeSeconds": s}`, `{"lifetimeSeconds": s}` |
//! | `POST /principals` | `{"secret"?, "clientId"?, "objectId"?, "tenantId"?, "role"?, "instance"?, "tokenLifetimeSeconds"?}`; answers what was made |
//! | `POST /signed-urls` | `{"container","blob"?,"permissions":"racwd","lifetimeSeconds"?}`; answers `{"url"}` |
//! | `POST /endpoints` | `{"name","instance"?}`: an endpoint that event routes may use |
//! | `POST /index-lag` | `{"milliseconds","instance"?}`: how long queries lag behind writes |
//! | `GET /events`, `DELETE /events` | the events that event routes let through; `?instance=` for another instance |
//!
//! Where no instance is named, `digital-twins` is meant. A mistake is answered with 400 (or 404) and `{"error": "..."}`.

mod requests;
mod routes;

use std::{collections::BTreeMap, sync::Arc};

pub(crate) use routes::router;

use crate::{digital_twins::Instance, server::Shared};

/// What the control endpoint has its hands on.
#[derive(Clone)]
pub(crate) struct Controls {
    shared: Shared,
    services: Arc<BTreeMap<String, String>>,
    instances: Arc<BTreeMap<String, Arc<Instance>>>,
}

impl Controls {
    pub(crate) fn new(
        shared: Shared,
        services: BTreeMap<String, String>,
        instances: BTreeMap<String, Arc<Instance>>,
    ) -> Self {
        Self { shared, services: Arc::new(services), instances: Arc::new(instances) }
    }
}
