//! Where sign-ins are kept between processes: [`TokenStore`], and the stores
//! that come with this crate.
//!
//! A store keeps opaque secrets under keys. It must not know what is in them,
//! nor when they are read.

#[cfg(feature = "file-store")]
mod file;
#[cfg(any(feature = "file-store", feature = "keyring"))]
mod folder;
mod key;
#[cfg(feature = "keyring")]
mod keyring;
#[cfg(any(feature = "file-store", feature = "keyring"))]
mod lock;
mod memory;

use std::any::Any;
use std::fmt;

use secrecy::SecretString;

use crate::{AuthError, BoxFuture};

#[cfg(feature = "file-store")]
pub use file::FileStore;
pub use key::StoreKey;
#[cfg(feature = "keyring")]
pub use keyring::KeyringStore;
pub use memory::MemoryStore;

/// Keeps refresh tokens. They are worth as much as a password for as long as
/// they live, so a store must keep them from everybody but their owner.
///
/// Refresh tokens of many services work once: the new one of each answer
/// replaces the one sent. [`lock`](Self::lock) therefore keeps others away
/// from a key from before the token is read until the next one is saved.
pub trait TokenStore: Send + Sync + fmt::Debug {
    /// What is kept under `key`, if anything.
    ///
    /// # Errors
    /// The store cannot be read, or is not safe to use.
    fn load<'a>(
        &'a self,
        key: &'a StoreKey,
    ) -> BoxFuture<'a, Result<Option<SecretString>, AuthError>>;

    /// Keeps `value` under `key` in place of what was there. It must have been
    /// kept for good when the future is ready.
    ///
    /// # Errors
    /// The store cannot be written, or is not safe to use.
    fn save<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), AuthError>>;

    /// Deletes what is kept under `key`; that nothing is there is no error.
    ///
    /// # Errors
    /// The store cannot be written, or is not safe to use.
    fn delete<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<(), AuthError>>;

    /// Waits until nobody else uses `key`, and keeps it so while the result
    /// lives. The default keeps nobody away: good for a store that only one
    /// credential uses.
    ///
    /// # Errors
    /// Somebody else has held it for longer than a refresh may take.
    fn lock<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<StoreLock, AuthError>> {
        let _ = key;
        Box::pin(async { Ok(StoreLock::of(())) })
    }
}

/// Somebody's hold on a key; ends when it is dropped.
pub struct StoreLock(#[expect(dead_code, reason = "held for its drop")] Box<dyn Any + Send>);

impl StoreLock {
    /// The hold is what dropping `guard` ends.
    #[must_use]
    pub fn of(guard: impl Any + Send) -> Self {
        Self(Box::new(guard))
    }
}

impl fmt::Debug for StoreLock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StoreLock")
    }
}

/// Does `work` on a thread that may block.
#[cfg(any(feature = "file-store", feature = "keyring"))]
async fn apart<T: Send + 'static>(
    source: &'static str,
    work: impl FnOnce() -> Result<T, AuthError> + Send + 'static,
) -> Result<T, AuthError> {
    crate::runtime::runtime(source)?.spawn_blocking(work).await.unwrap_or_else(|error| {
        let message = "the store was cut off (its task panicked, or its runtime was shut down)";
        Err(AuthError::new(crate::AuthErrorKind::Transient, source, message).with_cause(error))
    })
}
