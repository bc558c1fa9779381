//! Who may do what in one iTwin: what Access Control keeps.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Document;

/// Everybody and everything that an iTwin's Access Control knows.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Team {
    /// The ids of the users who may do anything.
    pub(crate) owners: Vec<String>,
    /// The ids of the roles of each user, by the user's id.
    pub(crate) users: IndexMap<String, Vec<String>>,
    /// The ids of the roles of each group that is a member, by the group's id.
    pub(crate) member_groups: IndexMap<String, Vec<String>>,
    pub(crate) roles: IndexMap<String, Role>,
    pub(crate) groups: IndexMap<String, Group>,
    pub(crate) invitations: IndexMap<String, Invitation>,
    pub(crate) jobs: IndexMap<String, Job>,
    pub(crate) shares: IndexMap<String, Share>,
}

/// A set of permissions with a name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Role {
    pub(crate) display_name: String,
    pub(crate) description: String,
    pub(crate) permissions: Vec<String>,
}

/// Users who get roles together.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) description: String,
    /// The ids of users.
    pub(crate) members: Vec<String>,
    /// The names of groups of the identity service.
    pub(crate) ims_groups: Vec<String>,
}

/// What somebody is invited to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Invited {
    /// A member with the roles of these ids.
    Member(Vec<String>),
    Owner,
    /// Someone in the group of this id.
    Group(String),
}

/// An invitation.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Invitation {
    pub(crate) email: String,
    pub(crate) invited_by: String,
    pub(crate) accepted: bool,
    pub(crate) created: Timestamp,
    pub(crate) expires: Timestamp,
    pub(crate) to_be: Invited,
}

/// Changes of many members at once.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    /// As it was asked for.
    pub(crate) actions: Document,
    /// `Active` before.
    pub(crate) done: Timestamp,
    /// What it is after that.
    pub(crate) outcome: String,
    pub(crate) errors: Vec<Document>,
}

/// A key that opens some reads of the iTwin to whoever has it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Share {
    pub(crate) key: String,
    pub(crate) contract: String,
    pub(crate) client_id: String,
    pub(crate) expires: Timestamp,
}

impl std::fmt::Debug for Share {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Share").field("contract", &self.contract).finish_non_exhaustive()
    }
}

impl Team {
    /// Whether a user is an owner.
    pub(crate) fn is_owner(&self, user_id: &str) -> bool {
        self.owners.iter().any(|owner| owner == user_id)
    }

    /// Takes a user out, with all roles; owners stay owners.
    pub(crate) fn remove_user(&mut self, user_id: &str) -> bool {
        self.users.shift_remove(user_id).is_some()
    }

    /// What the roles of these ids permit together.
    pub(crate) fn permissions_of<'t>(
        &'t self,
        role_ids: impl Iterator<Item = &'t String>,
    ) -> BTreeSet<&'t str> {
        role_ids
            .filter_map(|id| self.roles.get(id))
            .flat_map(|role| role.permissions.iter().map(String::as_str))
            .collect()
    }
}
