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
//! | `POST /tokens` | `{"revoke": true}`, `{"next": n, "lifetimeSeconds": s}`, `{"lifetimeSeconds": s}`, each with `"service": "ims"` for that service; `{"revokeSignInsOf": "user name"}` ends a user's refresh tokens |
//! | `POST /principals` | `{"secret"?, "clientId"?, "objectId"?, "tenantId"?, "role"?, "instance"?, "tokenLifetimeSeconds"?, "displayName"?, "public"?, "redirectUris"?, "certificates"?, "federatedCredentials"?, "identifierUri"?, "exposedScopes"?, "requiresConsent"?}`; answers what was made |
//! | `POST /signed-urls` | `{"container","blob"?,"permissions":"racwd","lifetimeSeconds"?}`; answers `{"url"}` |
//! | `POST /endpoints` | `{"name","instance"?}`: an endpoint that event routes may use |
//! | `POST /index-lag` | `{"milliseconds","instance"?}`: how long queries lag behind writes |
//! | `GET /events`, `DELETE /events` | the events that event routes let through; `?instance=` for another instance |
//! | `POST /principals/{clientId}/expire-secrets` | the application's secrets count as expired |
//! | `POST /users` | `{"userName", "displayName"?, "objectId"?, "tenantId"?, "role"?, "instance"?}`; answers what was made |
//! | `POST /consents` | `{"userName", "clientId", "resource", "scopes": [...]}`: the user agrees |
//! | `POST /policies` | `{"interaction"?: {"resource": bool}, "blockDeviceFlow"?, "oneTimeRefreshTokens"?, "refuseRepeatedAssertions"?}` |
//! | `POST /sign-in` | `{"userName", "service"?}`: the authorize page signs this user in without asking; `null` shows it again |
//! | `POST /device-codes` | `{"userCode", "userName"?}`: the user approves, nobody declines |
//! | `POST /federated-tokens` | `{"subject", "audience"?}`; answers `{"token"}` of the foreign issuer |
//! | `POST /ims/clients` | `{"clientId", "secret"?, "public"?, "redirectUris"?, "scopes"?, "tokenLifetimeSeconds"?}`: a service, or with redirect addresses a web or a native application; answers what was made |
//! | `POST /ims/users` | `{"email", "name"?, "id"?}`; answers what was made |
//!
//! Certificates are PEM, or DER in base64. A federated credential is
//! `{"issuer"?, "subject", "audience"?}`; without an issuer the emulator's own
//! foreign one is meant.
//!
//! Where no instance is named, `digital-twins` is meant. A mistake is answered with 400 (or 404) and `{"error": "..."}`.

mod identity;
mod ims;
mod principals;
mod requests;
mod routes;

use std::{collections::BTreeMap, sync::Arc};

pub(crate) use routes::router;

use crate::{
    digital_twins::Instance,
    server::{Shared, SignInServices},
};

/// What the control endpoint has its hands on.
#[derive(Clone)]
pub(crate) struct Controls {
    shared: Shared,
    services: Arc<BTreeMap<String, String>>,
    instances: Arc<BTreeMap<String, Arc<Instance>>>,
    sign_in: SignInServices,
}

impl Controls {
    pub(crate) fn new(
        shared: Shared,
        services: BTreeMap<String, String>,
        instances: BTreeMap<String, Arc<Instance>>,
        sign_in: SignInServices,
    ) -> Self {
        Self { shared, services: Arc::new(services), instances: Arc::new(instances), sign_in }
    }
}
