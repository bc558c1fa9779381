//! A plan being made: what the application has in an item's place, and what follows from
//! that. It must not know the kinds of items.

use std::collections::HashMap;

use super::ids::Ids;
use super::read::Archive;
use super::{Action, Existing, PlannedItem, same};
use crate::archive::collection::Way;
use crate::archive::document::Members;
use crate::archive::requests::{self, Write};
use crate::archive::{ArchiveError, Collection};
use crate::{Client, Error};

/// A plan being made.
pub(super) struct Planner<'a> {
    pub(super) client: &'a Client,
    pub(super) archive: Archive,
    pub(super) existing: Existing,
    pub(super) concurrency: usize,
    pub(super) ids: Ids,
    pub(super) items: Vec<PlannedItem>,
    pub(super) takes_last_administrator: bool,
}

/// What the application has of a collection, by id; or why that is not known.
pub(super) type There = Result<HashMap<String, Members>, String>;

/// An item that is to be carried.
pub(super) struct Wish {
    pub(super) collection: Collection,
    pub(super) id: String,
    /// The device that it belongs to.
    pub(super) device: Option<String>,
    pub(super) write: Write,
    /// Members that are gone by, and count as different where only the
    /// application has them.
    pub(super) members: &'static [&'static str],
    pub(super) notes: Vec<String>,
}

impl Planner<'_> {
    /// Lists what the application has of a collection.
    pub(super) async fn there(&self, collection: Collection) -> Result<There, ArchiveError> {
        let Way::List(operation, path) = collection.way() else { return Ok(Ok(HashMap::new())) };
        let listed = match requests::all(self.client, operation, path).await {
            Ok(listed) => listed,
            Err(error) if is_forbidden(&error) => {
                return Ok(Err(format!("{collection} of the application cannot be read: {error}")));
            }
            Err(error) => return Err(ArchiveError::service(collection)(error)),
        };
        let mut there = HashMap::new();
        for document in listed {
            let document: Members = document.parse().map_err(ArchiveError::service(collection))?;
            if let Some(id) = document.text(collection.id_member()) {
                there.insert(id, document);
            }
        }
        Ok(Ok(there))
    }

    /// Plans an item by what the application has in its place.
    pub(super) fn decide(&mut self, wish: Wish, there: Option<&Members>) {
        let mut body = wish.write.body.clone();
        let missing = self.ids.translate(wish.collection, &mut body);
        let action = match there {
            _ if missing.is_some() => Action::Skip { reason: missing.unwrap_or_default() },
            None => Action::Create,
            Some(there) if same::is_same(&body, there, wish.members) => Action::Leave,
            Some(_) if self.existing == Existing::Replace => Action::Replace,
            Some(_) => Action::Skip { reason: "it is there already, and differs".to_owned() },
        };
        let conflict = there.is_some() && matches!(action, Action::Skip { .. });
        let write = matches!(action, Action::Create | Action::Replace).then_some(wish.write);
        let Wish { collection, id, device, notes, .. } = wish;
        self.items.push(PlannedItem { collection, id, action, notes, device, conflict, write });
    }

    /// Plans nothing for an item, and says why.
    pub(super) fn skip(&mut self, collection: Collection, id: &str, reason: impl Into<String>) {
        let action = Action::Skip { reason: reason.into() };
        self.items.push(PlannedItem::idle(collection, id, action));
    }

    /// The documents of a collection; none, with a note, if the archive has not
    /// got it.
    pub(super) fn documents(
        &mut self,
        collection: Collection,
    ) -> Result<Vec<(String, Members)>, ArchiveError> {
        if let Some(reason) = self.archive.missing(collection) {
            self.skip(collection, "*", format!("missing in the archive: {reason}"));
            return Ok(Vec::new());
        }
        self.archive.documents(collection)
    }
}

/// Keeps the members that are sent. Of the others, those are told that are no
/// read-only ones.
pub(super) fn body(
    mut document: Members,
    members: &[&str],
    read_only: &[&str],
) -> (Members, Vec<String>) {
    let others = document.keep(members);
    let others = others.into_iter().filter(|name| !read_only.contains(&name.as_str()));
    let notes = others.map(|name| format!("its member {name} is not known and not carried"));
    (document, notes.collect())
}

fn is_forbidden(error: &Error) -> bool {
    error.status().is_some_and(|status| status.as_u16() == 403)
}
