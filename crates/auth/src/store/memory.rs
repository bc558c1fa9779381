//! Sign-ins kept as long as the process lives: the default.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::SecretString;

use super::{StoreKey, StoreLock, TokenStore};
use crate::{AuthError, BoxFuture};

/// Keeps sign-ins in memory, for this process only. Clones share what they
/// keep, so that several credentials can use one sign-in.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    values: HashMap<StoreKey, SecretString>,
    turns: HashMap<StoreKey, Arc<tokio::sync::Mutex<()>>>,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStore for MemoryStore {
    fn load<'a>(
        &'a self,
        key: &'a StoreKey,
    ) -> BoxFuture<'a, Result<Option<SecretString>, AuthError>> {
        Box::pin(async { Ok(self.kept().values.get(key).cloned()) })
    }

    fn save<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async {
            self.kept().values.insert(key.clone(), value.clone());
            Ok(())
        })
    }

    fn delete<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async {
            self.kept().values.remove(key);
            Ok(())
        })
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<StoreLock, AuthError>> {
        Box::pin(async {
            let turn = Arc::clone(self.kept().turns.entry(key.clone()).or_default());
            Ok(StoreLock::of(turn.lock_owned().await))
        })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}
