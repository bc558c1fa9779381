//! What is told of a restore, on the way and at its end.

use std::collections::BTreeMap;
use std::fmt;

use super::NOT_IN_THE_API;
use crate::Secret;
use crate::archive::Collection;

/// Where a restore stands after an item.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RestoreProgress {
    /// What is being carried.
    pub collection: Collection,
    /// Items done with, of all collections.
    pub done: usize,
    /// Items in the plan.
    pub total: usize,
}

impl fmt::Display for RestoreProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { collection, done, total } = self;
        write!(f, "{collection}: {done} of {total} items done")
    }
}

/// What a restore did.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RestoreReport {
    /// Every item of the archive, in the order in which they were carried.
    pub items: Vec<RestoredItem>,
    /// API tokens that were made. Their values are nowhere else, but with
    /// [`on_api_token`](super::Restore::on_api_token).
    pub tokens: Vec<RestoredToken>,
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RestoredItem {
    /// What it is.
    pub collection: Collection,
    /// Its id in the archive; `*` for all of the collection.
    pub id: String,
    /// What became of it.
    pub outcome: Outcome,
    /// What of it was not carried, and what changed on the way.
    pub notes: Vec<String>,
}

/// What became of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// It was made.
    Created,
    /// It was there, and was replaced.
    Replaced,
    /// It was there, the same.
    Same,
    /// It was not carried.
    NotCarried {
        /// Why not.
        reason: String,
    },
}

/// An API token that was made.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RestoredToken {
    /// Its id.
    pub id: String,
    /// Its new value.
    pub token: Secret,
}

impl RestoreReport {
    /// The items that were not carried, with the reason.
    pub fn not_carried(&self) -> impl Iterator<Item = (&RestoredItem, &str)> {
        self.items.iter().filter_map(|item| match &item.outcome {
            Outcome::NotCarried { reason } => Some((item, reason.as_str())),
            _ => None,
        })
    }

    /// What no API can carry, and must be set up by hand.
    #[must_use]
    pub fn not_in_the_api(&self) -> &'static [&'static str] {
        NOT_IN_THE_API
    }
}

/// In one line, how many items came to what.
impl fmt::Display for RestoreReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |wanted: fn(&Outcome) -> bool| {
            self.items.iter().filter(|item| wanted(&item.outcome)).count()
        };
        write!(
            f,
            "{} items created, {} replaced, {} the same, {} not carried",
            count(|outcome| matches!(outcome, Outcome::Created)),
            count(|outcome| matches!(outcome, Outcome::Replaced)),
            count(|outcome| matches!(outcome, Outcome::Same)),
            count(|outcome| matches!(outcome, Outcome::NotCarried { .. })),
        )
    }
}

/// How many items of each collection fell to each of four places, in words.
pub(super) fn counts(
    items: impl Iterator<Item = (Collection, usize)>,
    words: [&str; 4],
) -> BTreeMap<Collection, String> {
    let mut counts: BTreeMap<Collection, [usize; 4]> = BTreeMap::new();
    for (collection, place) in items {
        if let Some(count) = counts.entry(collection).or_default().get_mut(place) {
            *count += 1;
        }
    }
    let line = |counts: [usize; 4]| {
        let counted = counts.into_iter().zip(words).filter(|(count, _)| *count > 0);
        counted.map(|(count, word)| format!("{count} {word}")).collect::<Vec<_>>().join(", ")
    };
    counts.into_iter().map(|(collection, counts)| (collection, line(counts))).collect()
}
