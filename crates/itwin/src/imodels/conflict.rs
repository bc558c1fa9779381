//! What a refused change of locks, or a refused push, says of who is in the way.
//! It must not know how errors are read.

use progenitor_client::Error;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::enums::LockLevel;

/// Who or what is in the way, from the body of a refusal with the code
/// `ConflictWithAnotherUser` or `NewerChangesExist`.
///
/// ```no_run
/// # use twinkit_itwin::{ITwin, imodels::{Conflict, types}};
/// # async fn f(platform: ITwin, change: types::LockUpdate) {
/// let change = platform.imodels().update_locks().id("an-imodel").body(change);
/// if let Err(error) = change.send().await {
///     for lock in Conflict::of(&error).locks {
///         println!("{} is held by {:?}", lock.object_id, lock.briefcase_ids);
///     }
/// }
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// The locks of other briefcases (`conflictingLocks`).
    pub locks: Vec<ConflictingLock>,
    /// The elements that newer changesets changed (`objectIds`).
    pub object_ids: Vec<String>,
}

/// A lock that is in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ConflictingLock {
    /// The element, such as `0x5`.
    pub object_id: String,
    /// How it is locked.
    pub lock_level: LockLevel,
    /// The briefcases that hold it, by their numbers.
    pub briefcase_ids: Vec<i64>,
}

impl Conflict {
    /// What an error says; nothing for one that is about something else. What
    /// has another form than expected is left out: all of it is in
    /// [`Error::member`].
    #[must_use]
    pub fn of(error: &Error) -> Self {
        Self {
            locks: list(error.member("conflictingLocks")),
            object_ids: list(error.member("objectIds")),
        }
    }
}

fn list<T: serde::de::DeserializeOwned>(member: Option<&Value>) -> Vec<T> {
    let all = member.and_then(Value::as_array).into_iter().flatten();
    all.filter_map(|one| T::deserialize(one).ok()).collect()
}
