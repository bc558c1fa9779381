//! Roles: read-only, the six built-in ones. Those of organizations appear with
//! the first organization.

use serde_json::{Value, json};

use crate::iot_central::{
    ApiError,
    access::{Access, Area, role::Role},
    routes::{Answer, Call, ListOptions, nothing_here},
    state::State,
};

pub(super) fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call),
        ("GET", [id]) => get(call, id),
        _ => Err(nothing_here()),
    }
}

fn list(call: &Call) -> Result<Answer, ApiError> {
    call.caller.require(Area::Roles, Access::Read)?;
    let page = call.page(ListOptions::None)?;
    let state = call.application.read();
    let roles = roles(&state).map(|role| (role.id().to_owned(), document(role)));
    Ok(call.answer_page(&page, roles))
}

fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    call.caller.require(Area::Roles, Access::Read)?;
    let state = call.application.read();
    let found = roles(&state).find(|role| role.id() == id);
    found.map(|role| Answer::ok(document(role))).ok_or_else(|| ApiError::no_such("role", id))
}

fn roles(state: &State) -> impl Iterator<Item = Role> {
    let has_organizations = !state.organizations.is_empty();
    Role::ALL.into_iter().filter(move |role| has_organizations || !role.is_of_organization())
}

fn document(role: Role) -> Value {
    json!({"id": role.id(), "displayName": role.display_name()})
}
