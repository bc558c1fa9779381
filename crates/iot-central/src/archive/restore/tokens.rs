//! Planning API tokens: their values cannot be read, so that they are made anew
//! or not at all. They end when those of the archive do; what has ended comes to
//! no new life. It must not know where new values are kept.

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime};

use super::people::wish;
use super::planner::{Planner, body};
use super::{Action, PlannedItem};
use crate::archive::document::Members;
use crate::archive::requests::{Write, path};
use crate::archive::{ArchiveError, Collection};
use crate::{Json, Method, Timestamp};

const MEMBERS: &[&str] = &["roles", "expiry"];
/// Ends that differ by less are the same: the service may keep fewer digits.
const SAME_END: Duration = Duration::from_secs(1);

/// What becomes of API tokens.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    /// They are made anew.
    pub(super) recreate: bool,
    /// Those that are there and whose values are lost are revoked first.
    pub(super) replace: bool,
    /// Those that are there and whose values are not lost.
    pub(super) kept: BTreeSet<String>,
}

impl Planner<'_> {
    /// API tokens, if they are to be made anew.
    pub(super) async fn api_tokens(&mut self, tokens: &Tokens) -> Result<(), ArchiveError> {
        let collection = Collection::ApiTokens;
        let documents = self.documents(collection)?;
        if documents.is_empty() {
            return Ok(());
        }
        if !tokens.recreate {
            for (id, _) in documents {
                let reason =
                    "its value cannot be read; recreate_api_tokens() makes one with a new value";
                self.skip(collection, &id, reason);
            }
            return Ok(());
        }
        let there = self.there(collection).await?;
        for (id, document) in documents {
            let is_there = there.as_ref().is_ok_and(|there| there.contains_key(&id));
            if is_there && tokens.kept.contains(&id) {
                self.items.push(PlannedItem::idle(collection, &id, Action::Leave));
                continue;
            }
            let end = time(&document);
            if end.is_some_and(|end| end <= self.client.inner.clock().now()) {
                let at = document.text("expiry").unwrap_or_default();
                self.skip(collection, &id, format!("it ended at {at}"));
                continue;
            }
            if is_there && !tokens.replace {
                let reason = "it is there already, and its value is not given again; \
                              replace_api_tokens() revokes it and makes it anew";
                self.skip(collection, &id, reason);
                continue;
            }
            let (mut body, mut notes) = body(document, MEMBERS, &["id", "token"]);
            if is_there {
                notes.push("it is revoked first: who calls with it needs the new value".to_owned());
            }
            match end {
                Some(_) => notes.push("its value is new".to_owned()),
                None => {
                    body.remove("expiry");
                    notes.push("its value is new, and its end is set by the service".to_owned());
                }
            }
            if !self.give_roles(&mut body, &mut notes) {
                self.skip(collection, &id, format!("no role is left to it: {}", notes.join("; ")));
                continue;
            }
            let path = path(&["apiTokens", &id]);
            let write = Write { operation: "create_api_token", method: Method::PUT, path, body };
            if is_there {
                let mut item = PlannedItem::idle(collection, &id, Action::Replace);
                (item.notes, item.write) = (notes, Some(write));
                self.items.push(item);
                continue;
            }
            self.plan(wish(collection, id, write, MEMBERS, notes), &there);
        }
        Ok(())
    }
}

/// When a token ends, if it tells.
fn time(token: &Members) -> Option<SystemTime> {
    token.text("expiry")?.parse::<Timestamp>().ok()?.to_system_time().ok()
}

/// That a new token ends at another time than was asked for, if it does.
pub(super) fn other_end(asked: &Members, made: &Json) -> Option<String> {
    let made: Members = made.parse().ok()?;
    let (wanted, got) = (time(asked)?, time(&made)?);
    let apart = wanted.duration_since(got).or_else(|_| got.duration_since(wanted)).ok()?;
    let (wanted, got) = (asked.text("expiry")?, made.text("expiry")?);
    (apart >= SAME_END).then(|| format!("it ends at {got}, not at {wanted}"))
}
