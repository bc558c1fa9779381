//! The pieces of a state, which know what of them has changed: tables, entry by entry,
//! and single values.
//!
//! They are read as what they hold. Every way to change them marks what was changed, so
//! that a change cannot be made and forgotten.

use std::{
    borrow::Borrow,
    collections::BTreeMap,
    hash::Hash,
    io,
    ops::{Deref, DerefMut},
};

use serde::{Serialize, de::DeserializeOwned};

use super::{Commit, Entry, Lines, maps::Entries};

/// A piece of a state by a name of its own.
pub(crate) trait Piece {
    /// Notes what has changed since the last time.
    fn changes(&mut self, name: &str, commit: &mut Commit);

    /// The same without noting it.
    fn forget_changes(&mut self);

    /// Writes everything down.
    fn all(&self, name: &str, lines: &mut Lines<'_>) -> io::Result<()>;

    /// Makes ready for being taken up.
    fn begin(&mut self);

    /// Takes up one entry.
    fn take_up(&mut self, entry: Entry) -> Result<(), serde_json::Error>;
}

/// A map that knows which of its entries have changed.
#[derive(Debug)]
pub(crate) struct Table<M: Entries> {
    map: M,
    /// The keys of what has changed, and whether it was taken out meanwhile: what is
    /// put back then stands at another place.
    touched: BTreeMap<M::Key, bool>,
}

impl<M: Entries> Default for Table<M> {
    fn default() -> Self {
        Self { map: M::default(), touched: BTreeMap::new() }
    }
}

impl<M: Entries> Deref for Table<M> {
    type Target = M;

    fn deref(&self) -> &M {
        &self.map
    }
}

impl<M: Entries> Table<M> {
    pub(crate) fn insert(&mut self, key: M::Key, value: M::Value) -> Option<M::Value> {
        self.touched.entry(key.clone()).or_default();
        self.map.put(key, value)
    }

    pub(crate) fn get_mut<Q>(&mut self, key: &Q) -> Option<&mut M::Value>
    where
        M::Key: Borrow<Q>,
        Q: Ord + Hash + ?Sized,
    {
        let (key, value) = self.map.find(key)?;
        self.touched.entry(key).or_default();
        Some(value)
    }

    /// What stands under a key, made if nothing does.
    pub(crate) fn get_or_insert_with(
        &mut self,
        key: M::Key,
        make: impl FnOnce() -> M::Value,
    ) -> &mut M::Value {
        self.touched.entry(key.clone()).or_default();
        self.map.put_if_none(key, make)
    }

    /// Takes an entry out; those behind it move up.
    pub(crate) fn remove<Q>(&mut self, key: &Q) -> Option<M::Value>
    where
        M::Key: Borrow<Q>,
        Q: Ord + Hash + ?Sized,
    {
        let (key, value) = self.map.take(key)?;
        self.touched.insert(key, true);
        Some(value)
    }

    /// Takes out what does not fit.
    pub(crate) fn retain(&mut self, fits: impl Fn(&M::Key, &M::Value) -> bool) {
        let touched = &mut self.touched;
        self.map.keep(|key, value| {
            let stays = fits(key, value);
            if !stays {
                touched.insert(key.clone(), true);
            }
            stays
        });
    }

    /// All values, to be changed in what is not written down of them.
    pub(crate) fn silently(&mut self) -> impl Iterator<Item = &mut M::Value> {
        self.map.each()
    }

    /// Changes every value that fits.
    pub(crate) fn change_where(
        &mut self,
        fits: impl Fn(&M::Value) -> bool,
        mut change: impl FnMut(&mut M::Value),
    ) {
        let fitting = self.map.entries().filter(|(_, value)| fits(value));
        let fitting: Vec<M::Key> = fitting.map(|(key, _)| key.clone()).collect();
        for key in fitting {
            if let Some(value) = self.get_mut(&key) {
                change(value);
            }
        }
    }
}

impl<M: Entries> Table<M>
where
    M::Value: Default,
{
    pub(crate) fn get_or_default(&mut self, key: M::Key) -> &mut M::Value {
        self.get_or_insert_with(key, M::Value::default)
    }
}

impl<M: Entries> Piece for Table<M> {
    fn changes(&mut self, name: &str, commit: &mut Commit) {
        let mut put = Vec::new();
        for (key, was_taken) in std::mem::take(&mut self.touched) {
            let is_there = self.map.look(&key).is_some();
            if was_taken || !is_there {
                commit.take(name, &key);
            }
            if is_there {
                put.push(key);
            }
        }
        put.sort_by_key(|key| self.map.place(key));
        for key in put {
            if let Some(value) = self.map.look(&key) {
                commit.put(name, &key, value);
            }
        }
    }

    fn forget_changes(&mut self) {
        self.touched.clear();
    }

    fn all(&self, name: &str, lines: &mut Lines<'_>) -> io::Result<()> {
        for (key, value) in self.map.entries() {
            let mut commit = Commit::default();
            commit.put(name, key, value);
            lines.write(commit)?;
        }
        Ok(())
    }

    fn begin(&mut self) {
        *self = Self::default();
    }

    fn take_up(&mut self, entry: Entry) -> Result<(), serde_json::Error> {
        let key: M::Key = serde_json::from_value(entry.key)?;
        if entry.is_gone {
            self.map.take(&key);
        } else {
            self.map.put(key, serde_json::from_value(entry.value)?);
        }
        Ok(())
    }
}

/// A value that is written down whole whenever somebody had their hands on it.
#[derive(Debug, Default)]
pub(crate) struct Whole<T> {
    value: T,
    is_touched: bool,
}

impl<T> From<T> for Whole<T> {
    fn from(value: T) -> Self {
        Self { value, is_touched: false }
    }
}

impl<T> Deref for Whole<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Whole<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.is_touched = true;
        &mut self.value
    }
}

impl<T: Serialize + DeserializeOwned> Piece for Whole<T> {
    fn changes(&mut self, name: &str, commit: &mut Commit) {
        if std::mem::take(&mut self.is_touched) {
            commit.put(name, &(), &self.value);
        }
    }

    fn forget_changes(&mut self) {
        self.is_touched = false;
    }

    fn all(&self, name: &str, lines: &mut Lines<'_>) -> io::Result<()> {
        let mut commit = Commit::default();
        commit.put(name, &(), &self.value);
        lines.write(commit)
    }

    /// One that an older file does not have stays as it is in a new one.
    fn begin(&mut self) {}

    fn take_up(&mut self, entry: Entry) -> Result<(), serde_json::Error> {
        self.value = serde_json::from_value::<T>(entry.value)?;
        Ok(())
    }
}
