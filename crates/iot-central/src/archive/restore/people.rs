//! Planning organizations, roles and users.

use std::collections::HashMap;

use super::planner::{Planner, There, Wish, body};
use super::{Action, Existing, PlannedItem};
use crate::archive::document::{Members, text};
use crate::archive::requests::{Write, path};
use crate::archive::{ArchiveError, Collection};
use crate::kinds::User;
use crate::onboarding::id_and_roles;
use crate::roles::is_administrator;
use crate::{BuiltInRole, Json, Method, caller};

const USER: &[&str] = &["type", "email", "tenantId", "objectId", "roles"];
const ORGANIZATION: &[&str] = &["displayName", "parent"];

impl Planner<'_> {
    /// Organizations, parents first.
    pub(super) async fn organizations(&mut self) -> Result<(), ArchiveError> {
        let collection = Collection::Organizations;
        let (documents, there) = self.both(collection).await?;
        for (id, document) in parents_first(documents) {
            let (body, notes) = body(document, ORGANIZATION, &["id"]);
            let path = path(&["organizations", &id]);
            let write = Write { operation: "create_organization", method: Method::PUT, path, body };
            self.plan(wish(collection, id, write, ORGANIZATION, notes), &there);
        }
        Ok(())
    }

    /// What the archive has of a collection; and what the application has, which is
    /// asked for only if there is something to compare it with.
    pub(super) async fn both(
        &mut self,
        collection: Collection,
    ) -> Result<(Vec<(String, Members)>, There), ArchiveError> {
        let documents = self.documents(collection)?;
        let there =
            if documents.is_empty() { Ok(HashMap::new()) } else { self.there(collection).await? };
        Ok((documents, there))
    }

    /// Users; and before them roles, which they are given by the application's
    /// ids.
    pub(super) async fn roles_and_users(&mut self) -> Result<(), ArchiveError> {
        self.roles().await?;
        let collection = Collection::Users;
        let documents = self.documents(collection)?;
        if documents.is_empty() {
            return Ok(());
        }
        let there = self.there(collection).await?;
        let caller = match self.existing {
            Existing::Replace => self.client.inner.caller_claims().await,
            _ => Ok(None),
        };
        let caller = caller.map_err(ArchiveError::service(collection))?;
        for (id, document) in documents {
            if let Some(other) = there.as_ref().ok().and_then(|there| alias(&id, &document, there))
            {
                self.skip(collection, &id, format!("the same user is there as {other}"));
                continue;
            }
            let (mut body, mut notes) = body(document, USER, &["id"]);
            if !self.give_roles(&mut body, &mut notes) {
                self.skip(collection, &id, format!("no role is left to it: {}", notes.join("; ")));
                continue;
            }
            let path = path(&["users", &id]);
            let write = Write { operation: "create_user", method: Method::PUT, path, body };
            let user = there.as_ref().ok().and_then(|there| user(there.get(&id)?));
            self.plan(wish(collection, id, write, USER, notes), &there);
            if let (Some(caller), Some(user)) = (&caller, user)
                && caller::is(caller, &user)
            {
                self.leave_the_caller();
            }
        }
        self.takes_last_administrator = there.is_ok_and(|there| self.leaves_none(&there));
        Ok(())
    }

    /// Does not replace the user planned last, who calls: without its rights what
    /// comes after it could not be carried.
    fn leave_the_caller(&mut self) {
        if let Some(item) = self.items.last_mut()
            && item.action == Action::Replace
        {
            let reason = "it is the user who calls, and would have other roles before all is \
                          carried; change them by hand afterwards";
            let action = Action::Skip { reason: reason.to_owned() };
            *item = PlannedItem::idle(item.collection, &item.id, action);
        }
    }

    /// Whether the users planned so far leave no administrator of those there are.
    fn leaves_none(&self, there: &HashMap<String, Members>) -> bool {
        let users = self.items.iter().filter(|item| item.collection == Collection::Users);
        let planned: HashMap<&str, &Members> =
            users.filter_map(|item| Some((item.id.as_str(), &item.write.as_ref()?.body))).collect();
        let administers = |document: &Members| {
            user(document).is_some_and(|user| is_administrator(&id_and_roles(&user).1))
        };
        let stays = |(id, document): (&String, &Members)| {
            !planned.contains_key(id.as_str()) && administers(document)
        };
        there.values().any(administers)
            && !there.iter().any(stays)
            && !planned.values().any(|document| administers(document))
    }

    /// Finds each role in the application: built-in ones by id, others by name.
    async fn roles(&mut self) -> Result<(), ArchiveError> {
        let collection = Collection::Roles;
        // They are the same in every application; those of organizations are
        // listed only once there is an organization.
        for role in BuiltInRole::ALL {
            self.ids.role_is(role.id(), role.id());
        }
        let mut documents = self.documents(collection)?;
        documents.retain(|(id, _)| BuiltInRole::from_id(id).is_none());
        if documents.is_empty() {
            return Ok(());
        }
        let there = match self.there(collection).await? {
            Ok(there) => there,
            Err(reason) => {
                self.skip(collection, "*", reason);
                return Ok(());
            }
        };
        for (id, document) in documents {
            let name = document.text("displayName");
            let found = there.iter().find(|(here, role)| {
                **here == id || (name.is_some() && role.text("displayName") == name)
            });
            match found {
                Some((here, _)) => self.ids.role_is(&id, here),
                None => {
                    let name = name.unwrap_or_default();
                    let reason = format!(
                        "roles are made in the portal only, and there is none with the name {name:?}"
                    );
                    self.skip(collection, &id, reason);
                }
            }
        }
        Ok(())
    }

    /// Puts the application's roles into a body; whether any is left. Those
    /// that it does not have are noted.
    pub(super) fn give_roles(&self, body: &mut Members, notes: &mut Vec<String>) -> bool {
        let assigned: Vec<Members> = body.read("roles").unwrap_or_default();
        let mut given = Vec::new();
        for mut assignment in assigned {
            let role = assignment.text("role").unwrap_or_default();
            match self.ids.role(&role) {
                Some(here) => {
                    assignment.set("role", text(here));
                    given.push(assignment);
                }
                None => notes.push(format!("the application has no such role: {role}")),
            }
        }
        let Ok(roles) = Json::from_serialize(&given) else { return false };
        body.set("roles", roles);
        !given.is_empty()
    }

    /// Plans an item of a list, if it is known what the application has.
    pub(super) fn plan(&mut self, wish: Wish, there: &There) {
        match there {
            Ok(there) => {
                let found = there.get(&wish.id);
                self.decide(wish, found);
            }
            Err(reason) => self.skip(wish.collection, &wish.id, reason.clone()),
        }
    }
}

/// A document as a user; of whatever kind if it is one at all.
fn user(document: &Members) -> Option<User> {
    document.to_json().ok()?.parse().ok()
}

/// The id of another user who is the same person or principal.
fn alias(id: &str, document: &Members, there: &HashMap<String, Members>) -> Option<String> {
    if there.contains_key(id) {
        return None;
    }
    let email = document.text("email").map(|email| email.to_lowercase());
    let object = document.text("objectId");
    let same = |other: &Members| {
        let their_email = other.text("email").map(|email| email.to_lowercase());
        (email.is_some() && their_email == email)
            || (object.is_some() && other.text("objectId") == object)
    };
    there.iter().find(|(_, other)| same(other)).map(|(id, _)| id.clone())
}

/// Each organization behind its parent. A circle, which the service does not
/// allow, is left in the order of the archive.
fn parents_first(mut waiting: Vec<(String, Members)>) -> Vec<(String, Members)> {
    let mut ordered: Vec<(String, Members)> = Vec::with_capacity(waiting.len());
    loop {
        let ids: Vec<String> = waiting.iter().map(|(id, _)| id.clone()).collect();
        let (later, now): (Vec<_>, Vec<_>) = waiting
            .into_iter()
            .partition(|(_, document)| document.text("parent").is_some_and(|id| ids.contains(&id)));
        let stuck = now.is_empty();
        ordered.extend(now);
        if stuck {
            ordered.extend(later);
            return ordered;
        }
        waiting = later;
    }
}

/// An item that belongs to no device.
pub(super) fn wish(
    collection: Collection,
    id: String,
    write: Write,
    members: &'static [&'static str],
    notes: Vec<String>,
) -> Wish {
    Wish { collection, id, device: None, write, members, notes }
}
