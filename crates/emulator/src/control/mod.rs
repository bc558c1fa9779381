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
//! | `POST /requests` | `{"keep": n}`: how many are kept from now on, the last ones; 1,000 by default |
//! | `GET /clock`, `POST /clock` | `{"advanceSeconds": n}` moves the clock forward |
//! | `POST /tokens` | `{"revoke": true}`, `{"next": n, "lifetimeSeconds": s}`, `{"lifetimeSeconds": s}`, each with `"service": "ims"` for that service; `{"revokeSignInsOf": "user name"}` ends a user's refresh tokens |
//! | `POST /principals` | `{"secret"?, "clientId"?, "objectId"?, "tenantId"?, "role"?, "instance"?, "tokenLifetimeSeconds"?, "displayName"?, "public"?, "redirectUris"?, "certificates"?, "federatedCredentials"?, "identifierUri"?, "exposedScopes"?, "requiresConsent"?}`; answers what was made |
//! | `POST /signed-urls` | `{"container","blob"?,"permissions":"racwd","lifetimeSeconds"?}`; answers `{"url"}` |
//! | `POST /endpoints` | `{"name","instance"?}`: an endpoint that event routes may use |
//! | `POST /index-lag` | `{"milliseconds","instance"?}`: how long queries lag behind writes |
//! | `GET /events`, `DELETE /events` | the events that event routes let through; `?instance=` for another instance |
//! | `POST /principals/{clientId}/expire-secrets` | the application's secrets count as expired |
//! | `POST /users` | `{"userName", "displayName"?, "objectId"?, "tenantId"?, "role"?, "instance"?, "groups"?: [...]}`, groups by object id; answers what was made |
//! | `POST /consents` | `{"userName", "clientId", "resource", "scopes": [...]}`: the user agrees |
//! | `POST /policies` | `{"interaction"?: {"resource": bool}, "blockDeviceFlow"?, "oneTimeRefreshTokens"?, "refuseRepeatedAssertions"?}` |
//! | `POST /sign-in` | `{"userName", "service"?}`: the authorize page signs this user in without asking; `null` shows it again |
//! | `POST /device-codes` | `{"userCode", "userName"?}`: the user approves, nobody declines |
//! | `POST /federated-tokens` | `{"subject", "audience"?}`; answers `{"token"}` of the foreign issuer |
//! | `POST /ims/clients` | `{"clientId", "secret"?, "public"?, "redirectUris"?, "scopes"?, "tokenLifetimeSeconds"?}`: a service, or with redirect addresses a web or a native application; answers what was made |
//! | `POST /ims/users` | `{"email", "name"?, "id"?}`; answers what was made |
//! | `DELETE /ims/users/{email}` | the user is gone from the identity service |
//! | `POST /iot-central/provisionings` | `{"device"}`: it goes through provisioning; one that nobody made registers itself |
//! | `POST /iot-central/connections` | `{"device", "connected": bool}` |
//! | `POST /iot-central/command-answers` | `{"device", "command"?, "code"?, "response"?, "delayMilliseconds"?}`: how it answers from now on, a command or all without an answer of their own; `{"device", "command"?, "silent": true}` never, `{"device", "command"?, "reset": true}` as it would by itself |
//! | `POST /iot-central/properties` | `{"device", "properties": {...}, "acknowledgement"?: {"code"?, "version"?, "description"?}}`: the device reports them, as its answer to what is wanted if there is an acknowledgement |
//! | `POST /iot-central/telemetry` | `{"device", "values": {...}}`: the device sends one message |
//! | `POST /iot-central/file-uploads` | `{"fail": bool}`: whether changes of the configuration of file uploads fail from now on |
//! | `POST /iot-central/rates` | `{"requests"?, "queries"?}`: how many a second are taken; neither: any number |
//! | `POST /itwin/administrators` | `{"email", "administrator": bool}`: whether the user administrates the account of their own |
//! | `POST /itwin/invitations` | `{"email"}`: the user accepts all that are open; answers `{"accepted": n}` |
//! | `POST /itwin/ims-groups` | `{"name", "emails"?: [...]}`: a group of the identity service, and who is in it |
//! | `POST /itwin/clients` | `{"clientId", "known": bool}`: whether the platform knows the application |
//! | `POST /itwin/rates` | `{"perMinute"?, "perHour"?, "imodels"?: {"creations", "copies", "acquisitions"}}`: how many requests an application may send, and in a minute of those that the platform counts apart; none: any number |
//! | `POST /itwin/events` | `{"eventType", "iTwinId", "content"?: {...}}`: webhooks are told of it, whether or not it happened |
//! | `POST /itwin/imodels` | `{"outcome": "successful" \| "failed" \| "mainIModelIsMissingFederationGuids"}`: how the making of iModels ends that begins from now on |
//!
//! Those of IoT Central take `"application"?`, a name or an id, and mean the first
//! one without; commands, properties and telemetry also take `"module"?` and
//! `"component"?`.
//!
//! Certificates are PEM, or DER in base64. A federated credential is
//! `{"issuer"?, "subject", "audience"?}`; without an issuer the emulator's own
//! foreign one is meant.
//!
//! Where no instance is named, `digital-twins` is meant. A mistake is answered with 400 (or 404) and `{"error": "..."}`.

mod identity;
mod ims;
mod iot_central;
mod itwin;
mod principals;
mod requests;
mod routes;

use std::{collections::BTreeMap, sync::Arc};

pub(crate) use routes::router;

use crate::{
    digital_twins::Instance,
    iot_central::Applications,
    itwin::Platform,
    server::{Shared, SignInServices},
};

/// What the control endpoint has its hands on.
#[derive(Clone)]
pub(crate) struct Controls {
    shared: Shared,
    services: Arc<BTreeMap<String, String>>,
    instances: Arc<BTreeMap<String, Arc<Instance>>>,
    sign_in: SignInServices,
    applications: Applications,
    platform: Arc<Platform>,
}

impl Controls {
    pub(crate) fn new(
        shared: Shared,
        services: BTreeMap<String, String>,
        instances: BTreeMap<String, Arc<Instance>>,
        sign_in: SignInServices,
        applications: Applications,
        platform: Arc<Platform>,
    ) -> Self {
        let (services, instances) = (Arc::new(services), Arc::new(instances));
        Self { shared, services, instances, sign_in, applications, platform }
    }
}
