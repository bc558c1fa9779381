//! Sign-ins in files, for machines without a keyring, by explicit choice: the
//! files are not encrypted.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::folder::Folder;
use super::{StoreKey, StoreLock, TokenStore, apart, lock};
use crate::{AuthError, BoxFuture};

const NAME: &str = "file store";

/// Keeps sign-ins in the files of a folder, readable by their owner alone but
/// not encrypted: whoever is this user or the machine's administrator, or reads
/// its disk or backups, can use them. Prefer the system's keyring where there
/// is one.
///
/// Files have mode 0600 in a folder of mode 0700 and are replaced whole; a
/// folder or file that others may use, that belongs to somebody else or that is
/// a link is refused. While a token is refreshed, other processes wait. On
/// Windows the files are as safe as the folder that the user's profile is.
#[derive(Debug, Clone)]
pub struct FileStore(Folder);

impl FileStore {
    /// Keeps sign-ins in this folder, which is made if it is not there. It
    /// should be on a local disk: locks do not hold on every network's.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(Folder { source: NAME, path: folder.into() })
    }

    /// Keeps sign-ins where programs keep their state, in `twinkit/sign-ins`
    /// of:
    ///
    /// | system | folder |
    /// |---|---|
    /// | Linux and other Unix | `$XDG_STATE_HOME`, or `$HOME/.local/state` if that is unset or not absolute |
    /// | macOS | `$HOME/Library/Application Support` |
    /// | Windows | `%LOCALAPPDATA%` |
    ///
    /// # Errors
    /// The variables hold no absolute path.
    pub fn in_default_folder() -> Result<Self, AuthError> {
        Folder::standard(NAME, |name| std::env::var_os(name)).map(Self)
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0.path
    }
}

fn file_name(key: &StoreKey) -> String {
    format!("{}.json", key.name())
}

impl TokenStore for FileStore {
    fn load<'a>(
        &'a self,
        key: &'a StoreKey,
    ) -> BoxFuture<'a, Result<Option<SecretString>, AuthError>> {
        let (folder, name) = (self.0.clone(), file_name(key));
        Box::pin(apart(NAME, move || folder.read(&name)))
    }

    fn save<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        let (folder, name, value) = (self.0.clone(), file_name(key), value.clone());
        Box::pin(apart(NAME, move || folder.write(&name, value.expose_secret())))
    }

    fn delete<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<(), AuthError>> {
        let (folder, name) = (self.0.clone(), file_name(key));
        Box::pin(apart(NAME, move || folder.remove(&name)))
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<StoreLock, AuthError>> {
        Box::pin(lock::hold(self.0.clone(), key))
    }
}

#[cfg(all(test, unix))]
#[path = "file_tests.rs"]
mod tests;
