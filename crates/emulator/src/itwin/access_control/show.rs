//! Roles, groups, members and invitations as answers show them.

use std::collections::HashMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::itwin::{
    access::User,
    routes::{Call, Ending, Page},
    state::{Document, Group, Invitation, Invited, Role, Team},
    time,
};

/// How many members, and groups of the identity service, a group shows.
const SHOWN: usize = 50;

/// Users by id, looked up once for an answer.
pub(super) struct People(HashMap<String, User>);

impl People {
    pub(super) fn of(call: &Call) -> Self {
        let users = call.platform.users().into_iter();
        Self(users.map(|user| (user.id.clone(), user)).collect())
    }

    /// The members that tell who a user is; null for one who is gone from the
    /// identity service.
    fn describe(&self, id: &str) -> Document {
        let user = self.0.get(id);
        let texts = [
            ("email", user.map(|user| &user.email)),
            ("givenName", user.map(|user| &user.given_name)),
            ("surname", user.map(|user| &user.surname)),
            ("organization", user.map(|user| &user.organization)),
        ];
        texts.into_iter().map(|(name, text)| (name.to_owned(), json!(text))).collect()
    }

    fn with_id(&self, member: &str, id: &str) -> Document {
        let mut members = Document::new();
        members.insert(member.to_owned(), id.into());
        members.extend(self.describe(id));
        members
    }

    pub(super) fn owner(&self, id: &str) -> Value {
        self.with_id("id", id).into()
    }

    pub(super) fn member(&self, team: &Team, id: &str, role_ids: &[String]) -> Value {
        let mut members = self.with_id("id", id);
        members.insert("roles".to_owned(), roles(team, role_ids));
        members.into()
    }

    pub(super) fn group(&self, id: &str, group: &Group) -> Value {
        let members = group.members.iter().take(SHOWN).map(|id| self.with_id("userId", id));
        json!({
            "id": id,
            "name": group.name,
            "description": group.description,
            "members": members.collect::<Vec<_>>(),
            "imsGroups": group.ims_groups.iter().take(SHOWN).collect::<Vec<_>>(),
        })
    }
}

pub(super) fn role(id: &str, role: &Role) -> Value {
    json!({
        "id": id,
        "displayName": role.display_name,
        "description": role.description,
        "permissions": role.permissions,
        "type": "Custom",
    })
}

/// Roles without their permissions.
pub(super) fn roles(team: &Team, role_ids: &[String]) -> Value {
    let summary = |id: &String| {
        let role = team.roles.get(id)?;
        Some(json!({"id": id, "displayName": role.display_name, "description": role.description}))
    };
    role_ids.iter().filter_map(summary).collect::<Vec<Value>>().into()
}

pub(super) fn group_member(team: &Team, id: &str, group: &Group, role_ids: &[String]) -> Value {
    json!({
        "id": id,
        "groupName": group.name,
        "groupDescription": group.description,
        "roles": roles(team, role_ids),
    })
}

pub(super) fn invitation(team: &Team, id: &str, invitation: &Invitation) -> Value {
    let mut members = Document::new();
    let texts = [
        ("id", id.to_owned()),
        ("email", invitation.email.clone()),
        ("invitedByEmail", invitation.invited_by.clone()),
        ("status", if invitation.accepted { "Accepted" } else { "Pending" }.to_owned()),
        ("createdDate", time::shown(invitation.created)),
        ("expirationDate", time::shown(invitation.expires)),
    ];
    members.extend(texts.map(|(name, text)| (name.to_owned(), Value::from(text))));
    let role_ids: Option<&[String]> = match &invitation.to_be {
        Invited::Member(role_ids) => Some(role_ids),
        Invited::Owner => Some(&[]),
        Invited::Group(_) => None,
    };
    if let Some(role_ids) = role_ids {
        members.insert("roles".to_owned(), roles(team, role_ids));
    }
    members.into()
}

/// Whether an invitation is still to be seen.
pub(super) fn is_open(invitation: &Invitation, now: Timestamp) -> bool {
    now < invitation.expires
}

/// A page of a list, with links that go on without end.
pub(super) fn page(call: &Call, page: Page, name: &str, items: &[Value]) -> Value {
    let shown: Vec<&Value> = page.of(items.iter());
    let links = call.links(page, items.len(), Ending::Endless);
    json!({name: shown, "_links": links})
}
