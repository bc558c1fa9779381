//! The maps that a table can be, with what both have under one name.

use std::{borrow::Borrow, collections::BTreeMap, hash::Hash};

use indexmap::IndexMap;
use serde::{Serialize, de::DeserializeOwned};

/// The maps that a table can be.
pub(crate) trait Entries: Default {
    type Key: Clone + Ord + Hash + Serialize + DeserializeOwned;
    type Value: Serialize + DeserializeOwned;

    fn find<Q>(&mut self, key: &Q) -> Option<(Self::Key, &mut Self::Value)>
    where
        Self::Key: Borrow<Q>,
        Q: Ord + Hash + ?Sized;
    fn look(&self, key: &Self::Key) -> Option<&Self::Value>;
    /// What entries are put in order by when they are written down.
    fn place(&self, key: &Self::Key) -> usize;
    fn put(&mut self, key: Self::Key, value: Self::Value) -> Option<Self::Value>;
    fn put_if_none(
        &mut self,
        key: Self::Key,
        make: impl FnOnce() -> Self::Value,
    ) -> &mut Self::Value;
    fn take<Q>(&mut self, key: &Q) -> Option<(Self::Key, Self::Value)>
    where
        Self::Key: Borrow<Q>,
        Q: Ord + Hash + ?Sized;
    /// Takes out what does not fit, all at once.
    fn keep(&mut self, fits: impl FnMut(&Self::Key, &Self::Value) -> bool);
    fn entries<'m>(&'m self) -> impl Iterator<Item = (&'m Self::Key, &'m Self::Value)>
    where
        Self::Key: 'm,
        Self::Value: 'm;
    fn each<'m>(&'m mut self) -> impl Iterator<Item = &'m mut Self::Value>
    where
        Self::Value: 'm;
}

/// One body for both maps: they have the same methods, and differ in how an entry is
/// taken out and in whether they have places.
macro_rules! entries {
    ($map:ident, $take:ident, |$self:ident, $key:ident| $place:expr) => {
        impl<K, V> Entries for $map<K, V>
        where
            K: Clone + Ord + Hash + Serialize + DeserializeOwned,
            V: Serialize + DeserializeOwned,
        {
            type Key = K;
            type Value = V;

            fn find<Q>(&mut self, key: &Q) -> Option<(K, &mut V)>
            where
                K: Borrow<Q>,
                Q: Ord + Hash + ?Sized,
            {
                let owned = self.get_key_value(key)?.0.clone();
                Some((owned, self.get_mut(key)?))
            }

            fn look(&self, key: &K) -> Option<&V> {
                self.get(key)
            }

            fn place(&$self, $key: &K) -> usize {
                $place
            }

            fn put(&mut self, key: K, value: V) -> Option<V> {
                self.insert(key, value)
            }

            fn put_if_none(&mut self, key: K, make: impl FnOnce() -> V) -> &mut V {
                self.entry(key).or_insert_with(make)
            }

            fn take<Q>(&mut self, key: &Q) -> Option<(K, V)>
            where
                K: Borrow<Q>,
                Q: Ord + Hash + ?Sized,
            {
                self.$take(key)
            }

            fn keep(&mut self, mut fits: impl FnMut(&K, &V) -> bool) {
                self.retain(|key, value| fits(key, value));
            }

            fn entries<'m>(&'m self) -> impl Iterator<Item = (&'m K, &'m V)>
            where
                K: 'm,
                V: 'm,
            {
                self.iter()
            }

            fn each<'m>(&'m mut self) -> impl Iterator<Item = &'m mut V>
            where
                V: 'm,
            {
                self.values_mut()
            }
        }
    };
}

entries!(BTreeMap, remove_entry, |self, _key| 0);
entries!(IndexMap, shift_remove_entry, |self, key| self.get_index_of(key).unwrap_or(usize::MAX));
