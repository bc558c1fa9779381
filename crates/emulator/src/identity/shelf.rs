//! Things kept for a while under keys that nobody can guess: codes, refresh
//! tokens, sign-ins in progress.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::data::{Data, DataError, Kept, Piece, Pieces, Table, Writing};

/// Entries kept; the oldest make room.
const KEPT: usize = 10_000;

/// What can lie on a shelf.
pub(crate) trait Shelved: Serialize + DeserializeOwned {}

impl<T: Serialize + DeserializeOwned> Shelved for T {}

/// What is kept, in the order in which it was put there.
///
/// It has no `Debug`: its keys are what it keeps secret.
pub(crate) struct Shelf<T: Shelved> {
    state: Kept<Entries<T>>,
}

struct Entries<T: Shelved> {
    entries: Table<IndexMap<String, Entry<T>>>,
}

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    value: T,
    expires_at: i64,
}

impl<T: Shelved> Pieces for Entries<T> {
    fn pieces(&mut self) -> Vec<(&'static str, &mut dyn Piece)> {
        vec![("entries", &mut self.entries)]
    }
}

/// Why there is nothing under a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missing {
    /// There never was, or it had to make room.
    Unknown,
    /// There was until its time came.
    Expired,
}

impl<T: Shelved> Default for Shelf<T> {
    fn default() -> Self {
        Self { state: Kept::new(Entries { entries: Table::default() }) }
    }
}

impl<T: Shelved> Shelf<T> {
    /// Keeps what lies here in a folder from now on, after taking up what is there.
    pub(crate) fn attach(&self, data: &Data, part: &str) -> Result<(), DataError> {
        self.state.attach(data, part).map(drop)
    }

    /// Keeps `value` until `expires_at` under a new key, which begins with
    /// `prefix`.
    pub(crate) fn put(&self, prefix: &str, value: T, expires_at: i64) -> String {
        let key = format!("{prefix}{}{}", random(), random());
        self.put_under(key.clone(), value, expires_at);
        key
    }

    /// The same under a key of the caller's; what was there is replaced.
    pub(crate) fn put_under(&self, key: String, value: T, expires_at: i64) {
        let entries = &mut self.lock().entries;
        if entries.len() >= KEPT
            && let Some(oldest) = entries.keys().next().cloned()
        {
            entries.remove(&oldest);
        }
        entries.insert(key, Entry { value, expires_at });
    }

    /// Lets `look` see, and change, what is under a key.
    pub(crate) fn with<R>(
        &self,
        key: &str,
        now: i64,
        look: impl FnOnce(&mut T) -> R,
    ) -> Result<R, Missing> {
        let entries = &mut self.lock().entries;
        let entry = entries.get_mut(key).ok_or(Missing::Unknown)?;
        if now >= entry.expires_at {
            return Err(Missing::Expired);
        }
        Ok(look(&mut entry.value))
    }

    /// The same with the first entry, not yet expired, that fits.
    pub(crate) fn with_first<R>(
        &self,
        now: i64,
        fits: impl Fn(&T) -> bool,
        look: impl FnOnce(&mut T) -> R,
    ) -> Option<R> {
        let entries = &mut self.lock().entries;
        let is_it = |entry: &Entry<T>| now < entry.expires_at && fits(&entry.value);
        let key = entries.iter().find(|(_, entry)| is_it(entry))?.0.clone();
        entries.get_mut(&key).map(|entry| look(&mut entry.value))
    }

    /// Takes out what is under a key.
    pub(crate) fn take(&self, key: &str, now: i64) -> Option<T> {
        let entry = self.lock().entries.remove(key)?;
        (now < entry.expires_at).then_some(entry.value)
    }

    /// Whether something lies under a key, whatever its time.
    pub(crate) fn contains(&self, key: &str) -> bool {
        self.state.read().entries.contains_key(key)
    }

    fn lock(&self) -> Writing<'_, Entries<T>> {
        self.state.write()
    }
}

fn random() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_there_until_its_time() {
        let shelf = Shelf::default();
        let key = shelf.put("p.", 1, 10);
        assert!(key.starts_with("p.") && key.len() > 60);
        assert_eq!(shelf.with(&key, 9, |value| std::mem::replace(value, 2)), Ok(1));
        assert_eq!(shelf.with_first(9, |value| *value == 2, |value| *value), Some(2));
        assert_eq!(shelf.with(&key, 10, |value| *value), Err(Missing::Expired));
        assert_eq!(shelf.with("else", 9, |value| *value), Err(Missing::Unknown));
        assert_eq!(shelf.take(&key, 9), Some(2));
        assert_eq!(shelf.take(&key, 9), None);
    }

    #[test]
    fn it_does_not_grow_without_end() {
        let shelf = Shelf::default();
        let first = shelf.put("", 0, 10);
        for number in 0..KEPT {
            shelf.put("", number, 10);
        }
        assert_eq!(shelf.with(&first, 1, |_| ()), Err(Missing::Unknown));
        assert_eq!(shelf.lock().entries.len(), KEPT);
    }
}
