//! The locks of an iModel: which briefcases keep which elements, and who let go of
//! what at which changeset.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// How an element is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Level {
    Shared,
    Exclusive,
}

/// Who keeps an element.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Held {
    pub(crate) level: Level,
    /// The numbers of briefcases; more than one only if it is shared.
    pub(crate) briefcases: BTreeSet<u32>,
}

/// The last time that somebody let go of an element.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Released {
    pub(crate) level: Level,
    /// The index of the changeset that the briefcase was at.
    pub(crate) index: usize,
}

/// All locks of an iModel.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Locks {
    held: BTreeMap<String, Held>,
    released: BTreeMap<String, Released>,
}

impl Locks {
    /// Who keeps an element.
    pub(crate) fn of(&self, object: &str) -> Option<&Held> {
        self.held.get(object)
    }

    /// What a briefcase keeps, by level.
    pub(crate) fn by(&self, briefcase: u32) -> BTreeMap<Level, Vec<&str>> {
        let mut kept: BTreeMap<Level, Vec<&str>> = BTreeMap::new();
        let own = self.held.iter().filter(|(_, held)| held.briefcases.contains(&briefcase));
        for (object, held) in own {
            kept.entry(held.level).or_default().push(object);
        }
        kept
    }

    /// Who is in the way of a briefcase that wants an element.
    pub(crate) fn in_the_way(&self, object: &str, level: Level, briefcase: u32) -> Option<Held> {
        let mut held = self.held.get(object)?.clone();
        held.briefcases.remove(&briefcase);
        let clashes = level == Level::Exclusive || held.level == Level::Exclusive;
        (clashes && !held.briefcases.is_empty()).then_some(held)
    }

    /// Whether an element may have been changed after this changeset.
    pub(crate) fn is_newer(&self, object: &str, index: usize) -> bool {
        self.released
            .get(object)
            .is_some_and(|last| last.level == Level::Exclusive && last.index > index)
    }

    /// Gives an element to a briefcase, in whose way nobody is.
    pub(crate) fn take(&mut self, object: &str, level: Level, briefcase: u32) {
        let fresh = || Held { level, briefcases: BTreeSet::new() };
        let held = self.held.entry(object.to_owned()).or_insert_with(fresh);
        held.level = level;
        held.briefcases.insert(briefcase);
    }

    /// Lets go of an element, if the briefcase keeps it.
    pub(crate) fn release(&mut self, object: &str, briefcase: u32, index: usize) {
        let Some(held) = self.held.get_mut(object) else { return };
        if !held.briefcases.remove(&briefcase) {
            return;
        }
        self.released.insert(object.to_owned(), Released { level: held.level, index });
        if held.briefcases.is_empty() {
            self.held.remove(object);
        }
    }

    /// Lets go of so many elements of a briefcase at the most; answers whether none
    /// is left.
    pub(crate) fn release_some(&mut self, briefcase: u32, index: usize, most: usize) -> bool {
        let own = self.held.iter().filter(|(_, held)| held.briefcases.contains(&briefcase));
        let mut objects: Vec<String> =
            own.map(|(object, _)| object.clone()).take(most.saturating_add(1)).collect();
        let is_last = objects.len() <= most;
        objects.truncate(most);
        for object in objects {
            self.release(&object, briefcase, index);
        }
        is_last
    }

    /// What was let go after a changeset, by level.
    pub(crate) fn released_after(&self, index: usize) -> BTreeMap<Level, Vec<&str>> {
        let mut found: BTreeMap<Level, Vec<&str>> = BTreeMap::new();
        for (object, last) in self.released.iter().filter(|(_, last)| last.index > index) {
            found.entry(last.level).or_default().push(object);
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_locks_go_together_and_exclusive_ones_stand_alone() {
        let mut locks = Locks::default();
        locks.take("0x1", Level::Shared, 2);
        assert_eq!(locks.in_the_way("0x1", Level::Shared, 3), None);
        locks.take("0x1", Level::Shared, 3);
        let others = locks.in_the_way("0x1", Level::Exclusive, 3).unwrap();
        assert_eq!((others.level, others.briefcases), (Level::Shared, BTreeSet::from([2])));
        locks.release("0x1", 2, 0);
        assert_eq!(locks.in_the_way("0x1", Level::Exclusive, 3), None);
        locks.take("0x1", Level::Exclusive, 3);
        assert!(locks.in_the_way("0x1", Level::Shared, 2).is_some());
    }

    #[test]
    fn an_element_that_was_let_go_is_newer_than_earlier_changesets() {
        let mut locks = Locks::default();
        locks.take("0x1", Level::Exclusive, 2);
        locks.take("0x2", Level::Shared, 2);
        assert!(!locks.release_some(2, 3, 1));
        assert!(locks.release_some(2, 3, 1));
        assert!(locks.is_newer("0x1", 2) && !locks.is_newer("0x1", 3));
        assert!(!locks.is_newer("0x2", 2), "shared elements are not changed");
        assert_eq!(locks.released_after(2).len(), 2);
        assert!(locks.released_after(3).is_empty() && locks.of("0x1").is_none());
    }
}
