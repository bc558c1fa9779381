//! A state behind a lock that is written down as it changes.

use std::{
    io,
    ops::{Deref, DerefMut},
    sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use super::{Commit, Data, DataError, Entry, Journal, Lines, Piece};

/// A state that is made of pieces.
pub(crate) trait Pieces {
    /// All of them by name. A name is never given to another piece.
    fn pieces(&mut self) -> Vec<(&'static str, &mut dyn Piece)>;
}

/// A state with its lock and, if it is kept, its journal.
#[derive(Debug, Default)]
pub(crate) struct Kept<S: Pieces> {
    inner: RwLock<Inner<S>>,
}

#[derive(Debug, Default)]
struct Inner<S> {
    state: S,
    journal: Option<Journal>,
}

impl<S: Pieces> Kept<S> {
    /// In memory only, until it is given a place.
    pub(crate) fn new(state: S) -> Self {
        Self { inner: RwLock::new(Inner { state, journal: None }) }
    }

    /// Gives it a place under a name: takes up what is there already, or else writes
    /// down what it holds now. Answers whether it is new there.
    pub(crate) fn attach(&self, data: &Data, part: &str) -> Result<bool, DataError> {
        let Inner { state, journal } = &mut *self.lock();
        let is_new = !data.has(part);
        if is_new {
            *journal = data.create(part, |lines| write_all(state, lines))?;
        } else {
            state.pieces().into_iter().for_each(|(_, piece)| piece.begin());
            *journal = data.load(part, &mut |entries| take_up(state, entries))?;
        }
        forget_changes(state);
        Ok(is_new)
    }

    /// The state for reading. A panic while it was held left it whole, since changes
    /// are made after all checks; so poison is no reason to stop.
    pub(crate) fn read(&self) -> Reading<'_, S> {
        Reading(self.inner.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The state for writing. What was changed is written down before it is let go.
    pub(crate) fn write(&self) -> Writing<'_, S> {
        Writing(self.lock())
    }

    fn lock(&self) -> RwLockWriteGuard<'_, Inner<S>> {
        self.inner.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A state for reading.
pub(crate) struct Reading<'k, S>(RwLockReadGuard<'k, Inner<S>>);

impl<S> Deref for Reading<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0.state
    }
}

/// A state for writing.
pub(crate) struct Writing<'k, S: Pieces>(RwLockWriteGuard<'k, Inner<S>>);

impl<S: Pieces> Deref for Writing<'_, S> {
    type Target = S;

    fn deref(&self) -> &S {
        &self.0.state
    }
}

impl<S: Pieces> DerefMut for Writing<'_, S> {
    fn deref_mut(&mut self) -> &mut S {
        &mut self.0.state
    }
}

impl<S: Pieces> Drop for Writing<'_, S> {
    fn drop(&mut self) {
        let Inner { state, journal } = &mut *self.0;
        let Some(journal) = journal else { return forget_changes(state) };
        let mut commit = Commit::default();
        for (name, piece) in state.pieces() {
            piece.changes(name, &mut commit);
        }
        // A failure is told by the journal to whoever answers.
        if !commit.is_empty() && journal.append(commit).is_ok() && journal.is_long() {
            journal.rewrite(|lines| write_all(state, lines));
        }
    }
}

fn forget_changes<S: Pieces>(state: &mut S) {
    state.pieces().into_iter().for_each(|(_, piece)| piece.forget_changes());
}

fn write_all<S: Pieces>(state: &mut S, lines: &mut Lines<'_>) -> io::Result<()> {
    state.pieces().into_iter().try_for_each(|(name, piece)| piece.all(name, lines))
}

fn take_up<S: Pieces>(state: &mut S, entries: Vec<Entry>) -> Result<(), String> {
    let mut pieces = state.pieces();
    for entry in entries {
        let found = pieces.iter_mut().find(|(name, _)| *name == entry.piece);
        let Some((name, piece)) = found else {
            return Err(format!("this version does not know {:?}", entry.piece));
        };
        piece.take_up(entry).map_err(|error| format!("{name}: {error}"))?;
    }
    Ok(())
}

/// What would be there after a restart, for tests.
#[cfg(test)]
pub(crate) fn after_restart<S: Pieces>(state: &mut S, mut fresh: S) -> S {
    let folder = tempfile::tempdir().unwrap();
    let data = Data::open(&folder.path().join("state")).unwrap();
    drop(data.create("part", |lines| write_all(state, lines)).unwrap());
    fresh.pieces().into_iter().for_each(|(_, piece)| piece.begin());
    drop(data.load("part", &mut |entries| take_up(&mut fresh, entries)).unwrap());
    fresh
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::{super::Table, *};
    use crate::data::Whole;

    #[derive(Debug, Default)]
    struct State {
        rooms: Table<IndexMap<String, Vec<u8>>>,
        count: Whole<u64>,
    }

    impl Pieces for State {
        fn pieces(&mut self) -> Vec<(&'static str, &mut dyn Piece)> {
            vec![("rooms", &mut self.rooms), ("count", &mut self.count)]
        }
    }

    fn shown(state: &State) -> (Vec<(String, Vec<u8>)>, u64) {
        (
            state.rooms.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
            *state.count,
        )
    }

    #[test]
    fn every_way_to_change_a_state_is_there_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let open = || {
            let data = Data::open(&folder.path().join("state")).unwrap();
            let kept = Kept::new(State { count: 7.into(), ..State::default() });
            let is_new = kept.attach(&data, "part").unwrap();
            (data, kept, is_new)
        };
        let steps: [fn(&mut State); 9] = [
            |_| {},
            |state| {
                for (number, name) in [(3, "c"), (1, "a"), (2, "b")] {
                    state.rooms.insert(name.to_owned(), vec![number]);
                }
            },
            |state| *state.count += 1,
            |state| state.rooms.get_mut("a").unwrap().push(9),
            |state| {
                let first = state.rooms.remove("c").unwrap();
                state.rooms.insert("c".to_owned(), first);
            },
            |state| state.rooms.get_or_default("d".to_owned()).push(4),
            |state| state.rooms.change_where(|room| room.len() == 1, |room| room.push(0)),
            |state| state.rooms.retain(|_, room| room.len() == 1 || room[0] != 2),
            |state| {
                state.rooms.insert("e".to_owned(), vec![5]);
                state.rooms.remove("e");
            },
        ];
        for (number, step) in steps.into_iter().enumerate() {
            let (_data, kept, is_new) = open();
            assert_eq!(is_new, number == 0);
            step(&mut kept.write());
            let before = shown(&kept.read());
            drop((_data, kept));
            let (_data, kept, _) = open();
            assert_eq!(shown(&kept.read()), before, "step {number}");
        }
        let (_data, kept, _) = open();
        let names: Vec<String> = kept.read().rooms.keys().cloned().collect();
        assert_eq!((names.join(" "), *kept.read().count), ("a c d".to_owned(), 8));
    }

    #[test]
    fn a_state_without_a_place_notes_nothing() {
        let kept = Kept::<State>::default();
        kept.write().rooms.insert("a".to_owned(), vec![1]);
        *kept.write().count = 2;
        let mut commit = Commit::default();
        let mut state = kept.write();
        for (name, piece) in state.pieces() {
            piece.changes(name, &mut commit);
        }
        assert!(commit.is_empty());
    }

    #[test]
    fn what_this_version_does_not_know_is_refused() {
        let mut state = State::default();
        let entry = |piece: &str, value: serde_json::Value| Entry {
            piece: piece.to_owned(),
            key: "a".into(),
            value,
            is_gone: false,
        };
        assert!(
            take_up(&mut state, vec![entry("cellars", 1.into())]).unwrap_err().contains("cellars")
        );
        assert!(take_up(&mut state, vec![entry("rooms", 1.into())]).unwrap_err().contains("rooms"));
    }
}
