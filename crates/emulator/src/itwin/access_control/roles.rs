//! Roles of an iTwin.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{INVALID, NAME, TEXT, changed, look, no_role, show};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    rules::Body,
    state::Role,
};

pub(super) fn answer(call: &Call, id: &str, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => list(call, id),
        ("POST", []) => create(call, id),
        ("GET", [role]) => get(call, id, &role.to_ascii_lowercase()),
        ("PATCH", [role]) => update(call, id, &role.to_ascii_lowercase()),
        ("DELETE", [role]) => delete(call, id, &role.to_ascii_lowercase()),
        _ => Err(ApiError::no_route()),
    }
}

fn list(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, standing) = look(call, &state, id)?;
    standing.require(Permission::MANAGE_ROLES)?;
    let roles: Vec<Value> =
        itwin.team.roles.iter().map(|(id, role)| show::role(id, role)).collect();
    Ok(Answer::ok(json!({"roles": roles})))
}

fn get(call: &Call, id: &str, role_id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, standing) = look(call, &state, id)?;
    standing.require(Permission::MANAGE_ROLES)?;
    let role = itwin.team.roles.get(role_id).ok_or_else(no_role)?;
    Ok(Answer::ok(json!({"role": show::role(role_id, role)})))
}

/// The permissions of a body, if it names any; 404 for one that there is not.
fn permissions(body: Option<Vec<&str>>) -> Result<Option<Vec<String>>, ApiError> {
    let Some(names) = body else { return Ok(None) };
    if let Some(index) = names.iter().position(|name| !Permission::ALL.contains(name)) {
        let error = ApiError::not_found("PermissionNotFound", "permission");
        return Err(error.at(format!("permissions[{index}]")));
    }
    let mut known: Vec<String> = Vec::new();
    for name in names {
        if !known.iter().any(|other| other == name) {
            known.push(name.to_owned());
        }
    }
    Ok(Some(known))
}

fn create(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (_, standing) = look(call, &state, id)?;
    standing.require(Permission::MANAGE_ROLES)?;
    let given = call.object(INVALID)?;
    let mut body = Body::new(&given);
    let name = body.text("displayName", NAME);
    let description = body.any_text("description", TEXT);
    let names = body.optional_texts("permissions");
    body.verdict(INVALID)?;
    let role = Role {
        display_name: name.unwrap_or_default().to_owned(),
        description: description.unwrap_or_default().to_owned(),
        permissions: permissions(names)?.unwrap_or_default(),
    };
    let new_id = Uuid::new_v4().to_string();
    let answer = json!({"role": show::role(&new_id, &role)});
    changed(&mut state, id)?.team.roles.insert(new_id, role);
    Ok(Answer::created(answer))
}

fn update(call: &Call, id: &str, role_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = look(call, &state, id)?;
    standing.require(Permission::MANAGE_ROLES)?;
    let mut role = itwin.team.roles.get(role_id).ok_or_else(no_role)?.clone();
    let given = call.object(INVALID)?;
    let mut body = Body::new(&given);
    let name = body.optional_text("displayName", NAME);
    let description = body.optional_any_text("description", TEXT);
    let names = body.optional_texts("permissions");
    body.verdict(INVALID)?;
    if let Some(name) = name {
        name.clone_into(&mut role.display_name);
    }
    if let Some(description) = description {
        description.clone_into(&mut role.description);
    }
    if let Some(permissions) = permissions(names)? {
        role.permissions = permissions;
    }
    let answer = json!({"role": show::role(role_id, &role)});
    changed(&mut state, id)?.team.roles.insert(role_id.to_owned(), role);
    Ok(Answer::ok(answer))
}

/// Whoever had the role loses it and stays a member.
fn delete(call: &Call, id: &str, role_id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (_, standing) = look(call, &state, id)?;
    standing.require(Permission::MANAGE_ROLES)?;
    let team = &mut changed(&mut state, id)?.team;
    team.roles.shift_remove(role_id).ok_or_else(no_role)?;
    for role_ids in team.users.values_mut().chain(team.member_groups.values_mut()) {
        role_ids.retain(|other| other != role_id);
    }
    Ok(Answer::no_content())
}
