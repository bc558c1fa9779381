//! Users as answers show them.

use serde_json::{Value, json};

use crate::itwin::{access::User, routes::Call, time};

/// What anybody in the organization may know.
pub(super) fn user(user: &User) -> Value {
    json!({
        "id": user.id,
        "email": user.email,
        "givenName": user.given_name,
        "surname": user.surname,
        "organizationName": user.organization,
    })
}

/// What the caller may know of the caller. The display name holds the email
/// address, as it does on the platform; the moment is that of the account.
pub(super) fn profile(call: &Call) -> Value {
    let user = &call.caller.user;
    let state = call.platform.read();
    let created = state.itwins.get(&user.account_id).map(|account| account.created);
    json!({
        "id": user.id,
        "displayName": user.email,
        "givenName": user.given_name,
        "surname": user.surname,
        "email": user.email,
        "alternateEmail": null,
        "phone": null,
        "organizationName": user.organization,
        "city": null,
        "country": null,
        "language": "EN",
        "createdDateTime": time::shown(created.unwrap_or_else(|| call.platform.now())),
    })
}
