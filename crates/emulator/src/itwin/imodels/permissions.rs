//! Permissions: what the caller may do in an iModel, and what roles or users may do
//! in it by grants of its own, which replace those of the iTwin.
//!
//! Our choices: a body names one role or user and all that it may do from then on;
//! an empty list takes its grant away; grants of the other kind must be taken away
//! first. A role must be one of the iTwin, a user one that the directory knows.

use indexmap::IndexMap;
use serde_json::{Map, Value, json};

use super::{
    INVALID, invalid,
    look::{self, look},
    state::IModel,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call},
    rules::Body,
};

/// Which grants it is about.
#[derive(Clone, Copy)]
enum Kind {
    Roles,
    Users,
}

impl Kind {
    /// The member that names who is granted something, and that of the list.
    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Roles => ("roleId", "rolePermissions"),
            Self::Users => ("userId", "userPermissions"),
        }
    }

    fn of(self, imodel: &IModel) -> &IndexMap<String, Vec<String>> {
        match self {
            Self::Roles => &imodel.role_permissions,
            Self::Users => &imodel.user_permissions,
        }
    }

    fn of_mut(self, imodel: &mut IModel) -> &mut IndexMap<String, Vec<String>> {
        match self {
            Self::Roles => &mut imodel.role_permissions,
            Self::Users => &mut imodel.user_permissions,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Roles => Self::Users,
            Self::Users => Self::Roles,
        }
    }
}

/// What the caller may do.
pub(super) fn own(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let seen = look(call, &state, id, Permission::IMODELS_WEBVIEW)?;
    Ok(Answer::ok(json!({"permissions": seen.permissions()})))
}

pub(super) fn of_roles(call: &Call, id: &str) -> Result<Answer, ApiError> {
    answer(call, id, Kind::Roles)
}

pub(super) fn of_users(call: &Call, id: &str) -> Result<Answer, ApiError> {
    answer(call, id, Kind::Users)
}

fn answer(call: &Call, id: &str, kind: Kind) -> Result<Answer, ApiError> {
    match call.method() {
        "GET" => {
            let state = call.platform.read();
            let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
            Ok(shown(imodel, kind))
        }
        "PATCH" => update(call, id, kind),
        _ => Err(ApiError::no_route()),
    }
}

fn shown(imodel: &IModel, kind: Kind) -> Answer {
    let (who, list) = kind.names();
    let grants = kind.of(imodel).iter();
    let grants: Vec<Value> =
        grants.map(|(id, permissions)| json!({who: id, "permissions": permissions})).collect();
    let mut body = Map::new();
    body.insert(list.to_owned(), grants.into());
    Answer::ok(body.into())
}

fn update(call: &Call, id: &str, kind: Kind) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let seen = look(call, &state, id, Permission::IMODELS_MANAGE)?;
    let (who, list) = kind.names();
    let document = call.object(INVALID)?;
    let mut body = Body::new(&document);
    let granted = body.guid(who).unwrap_or_default().to_ascii_lowercase();
    let permissions = match body.optional_texts("permissions") {
        None if !body.names("permissions") => {
            body.fault(Detail::missing_property("permissions"));
            Vec::new()
        }
        other => other.unwrap_or_default(),
    };
    if !permissions.iter().all(|permission| look::ALL.contains(permission)) {
        let what = format!("It must be made of {}.", look::ALL.join(", "));
        body.invalid("permissions", &what);
    }
    body.verdict(INVALID)?;
    let is_there = match kind {
        Kind::Roles => seen.itwin.team.roles.contains_key(&granted),
        Kind::Users => call.platform.user(&granted).is_some(),
    };
    if !is_there && !permissions.is_empty() {
        return Err(invalid(Detail::invalid_value(who, "It is not one of the iTwin.")));
    }
    if !kind.other().of(seen.imodel).is_empty() {
        let (_, other) = kind.other().names();
        let message = format!("The iModel has {other}, which do not go together with {list}.");
        let detail = Detail::new("MutuallyExclusivePropertiesProvided", message);
        return Err(invalid(detail.at(list)));
    }
    let id = seen.imodel.id.clone();
    let permissions: Vec<String> = permissions.into_iter().map(str::to_owned).collect();
    let imodel = state.imodels.get_mut(&id)?;
    let grants = kind.of_mut(imodel);
    if permissions.is_empty() {
        grants.shift_remove(&granted);
    } else {
        grants.insert(granted, permissions);
    }
    Ok(shown(imodel, kind))
}
