//! Finding an iModel, and what the caller may do with it.

use std::collections::BTreeSet;

use super::{
    NOT_FOUND,
    state::{IModel, ImodelsState},
    unready,
};
use crate::itwin::{
    ApiError,
    access::{Permission, Standing},
    routes::Call,
    state::{ITwin, State},
};

/// Permissions in an iModel, the weakest first; each holds for those before it.
pub(super) const LADDER: [&str; 4] = [
    Permission::IMODELS_WEBVIEW,
    Permission::IMODELS_READ,
    Permission::IMODELS_WRITE,
    Permission::IMODELS_MANAGE,
];
/// All permissions in an iModel.
pub(super) const ALL: [&str; 5] = [
    Permission::IMODELS_WEBVIEW,
    Permission::IMODELS_READ,
    Permission::IMODELS_WRITE,
    Permission::IMODELS_MANAGE,
    Permission::IMODELS_DELETE,
];

/// An iModel that is there for the caller.
pub(super) struct Seen<'s> {
    pub(super) imodel: &'s IModel,
    pub(super) itwin: &'s ITwin,
    /// What the caller is to the iTwin.
    pub(super) standing: Standing<'s>,
    /// What the caller may do by permissions of the iModel itself, if those count.
    own: Option<BTreeSet<&'s str>>,
}

impl Seen<'_> {
    fn has(&self, permission: &str) -> bool {
        match &self.own {
            Some(own) => own.contains(permission),
            None => self.standing.may(permission),
        }
    }

    /// Whether the caller may do what needs this permission.
    pub(super) fn may(&self, permission: &str) -> bool {
        match LADDER.iter().position(|rung| *rung == permission) {
            Some(place) => LADDER.iter().skip(place).any(|rung| self.has(rung)),
            None => self.has(permission),
        }
    }

    /// 403 unless the caller may do what needs this permission.
    pub(super) fn require(&self, permission: &str) -> Result<(), ApiError> {
        if self.may(permission) {
            return Ok(());
        }
        Err(ApiError::forbidden(format!("The caller lacks the permission {permission}.")))
    }

    /// The permissions that the caller has, as they were given.
    pub(super) fn permissions(&self) -> Vec<&'static str> {
        ALL.into_iter().filter(|permission| self.has(permission)).collect()
    }
}

pub(super) fn missing() -> ApiError {
    ApiError::not_found(NOT_FOUND, "iModel")
}

/// The iModel; 404 if the caller may not see it, 403 without the permission.
pub(super) fn look<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
    permission: &str,
) -> Result<Seen<'s>, ApiError> {
    let imodel = state.imodels.imodels.get(&id.to_ascii_lowercase()).ok_or_else(missing)?;
    let itwin = state.itwins.get(&imodel.itwin_id).ok_or_else(missing)?;
    let standing = match &call.caller.shared_imodel {
        Some(shared) if *shared == imodel.id => Standing::Guest,
        Some(_) => Standing::Stranger,
        None => state.standing(&call.caller, itwin),
    };
    if !standing.sees() {
        return Err(missing());
    }
    let own = own_permissions(state, &call.caller.user.id, imodel, itwin)
        .filter(|_| matches!(standing, Standing::Member(_)));
    let seen = Seen { imodel, itwin, standing, own };
    seen.require(permission)?;
    Ok(seen)
}

/// What permissions of the iModel itself let a user do; none: it has none.
fn own_permissions<'s>(
    state: &'s State,
    user_id: &str,
    imodel: &'s IModel,
    itwin: &'s ITwin,
) -> Option<BTreeSet<&'s str>> {
    if !imodel.user_permissions.is_empty() {
        let granted = imodel.user_permissions.get(user_id).into_iter().flatten();
        return Some(granted.map(String::as_str).collect());
    }
    if imodel.role_permissions.is_empty() {
        return None;
    }
    let roles = state.roles_of(user_id, itwin);
    let granted = roles.filter_map(|role| imodel.role_permissions.get(role)).flatten();
    Some(granted.map(String::as_str).collect())
}

/// The iModel to be changed, after the same checks.
pub(super) fn change<'s>(
    call: &Call,
    state: &'s mut State,
    id: &str,
    permission: &str,
) -> Result<&'s mut IModel, ApiError> {
    let id = look(call, state, id, permission)?.imodel.id.clone();
    state.imodels.get_mut(&id)
}

impl ImodelsState {
    /// An iModel that was there a moment ago.
    pub(super) fn get_mut(&mut self, id: &str) -> Result<&mut IModel, ApiError> {
        self.imodels.get_mut(id).ok_or_else(missing)
    }
}

/// 422 unless the iModel can be used.
pub(super) fn require_initialized(call: &Call, imodel: &IModel) -> Result<(), ApiError> {
    if imodel.is_initialized(call.platform.now()) {
        return Ok(());
    }
    Err(unready("state", "The iModel is not initialized."))
}
