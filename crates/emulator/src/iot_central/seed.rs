//! What an application holds from the start.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{
    Application, Config,
    access::role::Role,
    state::{Record, State},
};
use crate::{
    clock::Clock,
    identity::{OBJECT_ID, TENANT_ID, USER_NAME},
};

/// Name of the application that every emulator has.
pub const MAIN_APPLICATION: &str = "myapp";
/// Id of that application.
pub const MAIN_APPLICATION_ID: &str = "77777777-7777-7777-7777-777777777701";
/// User id of the seeded owner, a service principal and administrator.
pub const OWNER_USER_ID: &str = "owner";
/// User id of the seeded person, an administrator by e-mail address.
pub const ADA_USER_ID: &str = "ada";

/// Id and name of the enrollment group that every application has.
pub const DEFAULT_ENROLLMENT_GROUP: &str = "SAS-IoT-Devices";

/// What every application holds, however it is made.
pub(super) fn new_state() -> State {
    let mut state = State::default();
    let keys = &state.connection_keys;
    let keys = json!({"primaryKey": keys.primary_key, "secondaryKey": keys.secondary_key});
    let group = json!({
        "displayName": DEFAULT_ENROLLMENT_GROUP,
        "enabled": true,
        "type": "iot",
        "attestation": {"type": "symmetricKey", "symmetricKey": keys},
    });
    let group = Record::new(members(group));
    state.enrollment_groups.insert(DEFAULT_ENROLLMENT_GROUP.to_owned(), group);
    state
}

/// The first application.
pub(crate) fn seeded_main(config: Config, clock: Clock) -> Arc<Application> {
    with_administrators(MAIN_APPLICATION, MAIN_APPLICATION_ID, config, clock)
}

/// A further one.
pub(crate) fn seeded(name: &str, id: &str, config: Config, clock: Clock) -> Arc<Application> {
    with_administrators(name, id, config, clock)
}

fn with_administrators(name: &str, id: &str, config: Config, clock: Clock) -> Arc<Application> {
    let application = Application::new(name, id, TENANT_ID, config, clock);
    let roles = json!([{"role": Role::Administrator.id()}]);
    let owner = json!({
        "type": "servicePrincipal",
        "tenantId": TENANT_ID,
        "objectId": OBJECT_ID,
        "roles": roles,
    });
    let ada = json!({"type": "email", "email": USER_NAME, "roles": roles});
    application.add_user(OWNER_USER_ID, members(owner));
    application.add_user(ADA_USER_ID, members(ada));
    application
}

fn members(document: Value) -> Map<String, Value> {
    match document {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
