//! What somebody is to an iTwin, and what that lets them see and do.

use std::collections::BTreeSet;

use super::{Caller, Permission, User};
use crate::itwin::{
    ApiError,
    state::{Group, ITwin, State},
};

/// What somebody is to an iTwin. The platform's levels, the highest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::itwin) enum Standing<'s> {
    /// Of the organization that the iTwin belongs to; may do anything.
    Administrator,
    /// May do anything but what is the administrators' alone.
    Owner,
    /// With what the roles permit, own ones and those of groups.
    Member(BTreeSet<&'s str>),
    /// Holds the key of a share.
    Guest,
    /// May see the account, being of it.
    Colleague,
    /// May not even know that it is there.
    Stranger,
}

impl Standing<'_> {
    /// Whether the iTwin is there for them.
    pub(in crate::itwin) fn sees(&self) -> bool {
        *self != Self::Stranger
    }

    /// Whether they may do anything that owners may.
    pub(in crate::itwin) fn owns(&self) -> bool {
        matches!(self, Self::Administrator | Self::Owner)
    }

    /// Whether they may do what needs this permission.
    pub(in crate::itwin) fn may(&self, permission: &str) -> bool {
        match self {
            Self::Administrator | Self::Owner => true,
            Self::Member(permissions) => permissions.contains(permission),
            Self::Guest => Permission::SHARED.contains(&permission),
            Self::Colleague | Self::Stranger => false,
        }
    }

    /// 403 unless they may do what needs this permission.
    pub(in crate::itwin) fn require(&self, permission: &str) -> Result<(), ApiError> {
        if self.may(permission) {
            return Ok(());
        }
        Err(ApiError::forbidden(format!("The caller lacks the permission {permission}.")))
    }

    /// 403 unless they are an owner or administrate the organization.
    pub(in crate::itwin) fn require_owner(&self) -> Result<(), ApiError> {
        if self.owns() {
            return Ok(());
        }
        Err(ApiError::forbidden("This is for owners and for administrators of the organization."))
    }

    /// 403 unless they administrate the organization.
    pub(in crate::itwin) fn require_administrator(&self) -> Result<(), ApiError> {
        if *self == Self::Administrator {
            return Ok(());
        }
        Err(ApiError::forbidden("This is for administrators of the organization."))
    }

    /// What they may do, by the names of permissions.
    pub(in crate::itwin) fn permissions(&self) -> Vec<&'static str> {
        Permission::ALL.into_iter().filter(|permission| self.may(permission)).collect()
    }
}

impl State {
    /// What a caller is to an iTwin.
    pub(in crate::itwin) fn standing<'s>(
        &'s self,
        caller: &Caller,
        itwin: &'s ITwin,
    ) -> Standing<'s> {
        match &caller.shared_itwin {
            Some(shared) if *shared == itwin.id => Standing::Guest,
            Some(_) => Standing::Stranger,
            None => self.standing_of(&caller.user, itwin),
        }
    }

    /// What a user is to an iTwin.
    fn standing_of<'s>(&'s self, user: &User, itwin: &'s ITwin) -> Standing<'s> {
        if user.account_id == itwin.account_id && self.administrators.contains(&user.id) {
            return Standing::Administrator;
        }
        match self.standing_in_team(user, itwin) {
            Some(standing) => standing,
            None if itwin.is_account() && user.account_id == itwin.id => Standing::Colleague,
            None => Standing::Stranger,
        }
    }

    /// What a user is to an iTwin by being an owner or a member.
    pub(in crate::itwin) fn standing_in_team<'s>(
        &'s self,
        user: &User,
        itwin: &'s ITwin,
    ) -> Option<Standing<'s>> {
        if itwin.team.is_owner(&user.id) {
            return Some(Standing::Owner);
        }
        let groups = self.roles_by_group(&user.id, itwin);
        let own = itwin.team.users.get(&user.id);
        if own.is_none() && groups.is_empty() {
            return None;
        }
        let role_ids = own.into_iter().chain(groups).flatten();
        Some(Standing::Member(itwin.team.permissions_of(role_ids)))
    }

    /// The ids of the roles of a user in an iTwin, own ones and those of groups.
    pub(in crate::itwin) fn roles_of<'s>(
        &'s self,
        user_id: &str,
        itwin: &'s ITwin,
    ) -> impl Iterator<Item = &'s String> + use<'s> {
        let groups = self.roles_by_group(user_id, itwin);
        itwin.team.users.get(user_id).into_iter().chain(groups).flatten()
    }

    /// The roles of the groups that are members and that the user is in, by group.
    fn roles_by_group<'s>(&'s self, user_id: &str, itwin: &'s ITwin) -> Vec<&'s Vec<String>> {
        let members = itwin.team.member_groups.iter();
        members
            .filter(|(id, _)| {
                self.group_of(itwin, id).is_some_and(|group| self.is_in(user_id, group))
            })
            .map(|(_, role_ids)| role_ids)
            .collect()
    }

    /// A group that may be a member of the iTwin: one of its own or of its account.
    pub(in crate::itwin) fn group_of<'s>(
        &'s self,
        itwin: &'s ITwin,
        id: &str,
    ) -> Option<&'s Group> {
        let of_account = || self.itwins.get(&itwin.account_id)?.team.groups.get(id);
        itwin.team.groups.get(id).or_else(of_account)
    }

    fn is_in(&self, user_id: &str, group: &Group) -> bool {
        let is_in_ims =
            |name: &String| self.ims_groups.get(name).is_some_and(|it| it.users.contains(user_id));
        group.members.iter().any(|id| id == user_id) || group.ims_groups.iter().any(is_in_ims)
    }

    /// The iTwin and what the caller is to it; 404 with this code if there is
    /// none, or none that the caller may see.
    pub(in crate::itwin) fn visible<'s>(
        &'s self,
        caller: &Caller,
        id: &str,
        code: &'static str,
    ) -> Result<(&'s ITwin, Standing<'s>), ApiError> {
        let found = self.itwins.get(&id.to_ascii_lowercase()).and_then(|itwin| {
            let standing = self.standing(caller, itwin);
            standing.sees().then_some((itwin, standing))
        });
        found.ok_or_else(|| ApiError::not_found(code, "iTwin"))
    }
}
