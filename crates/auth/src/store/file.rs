//! Sign-ins in files, for machines without a keyring, by explicit choice: the
//! files are not encrypted.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};

use super::folder::{Folder, private};
use super::{StoreKey, StoreLock, TokenStore, apart, lock};
use crate::{AuthError, BoxFuture};

const NAME: &str = "file store";

/// Refresh tokens have some two kilobytes.
const MAX_FILE: u64 = 64 * 1024;

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

impl Folder {
    /// The text of a file, if it is there.
    fn read(&self, name: &str) -> Result<Option<SecretString>, AuthError> {
        if !self.check()? {
            return Ok(None);
        }
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        options.read(true);
        let file = match private::open(&mut options, &path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(self.unopened(&path, error)),
        };
        self.check_file(&path, &file)?;
        let length = file.metadata().map_err(|error| self.failed("cannot be read", error))?.len();
        if length > MAX_FILE {
            return Err(self.unsafe_because(&path, "it is larger than any sign-in"));
        }
        // Roomy enough not to grow: each growth would leave a copy of a secret.
        let mut text = String::with_capacity(usize::try_from(length + 1).unwrap_or_default());
        let read = file.take(length).read_to_string(&mut text);
        read.map_err(|error| self.failed("holds a file that cannot be read", error))?;
        Ok(Some(text.into()))
    }

    /// Puts a text in the place of a file, whole or not at all.
    fn write(&self, name: &str, text: &str) -> Result<(), AuthError> {
        self.make()?;
        let new = self.path.join(format!("{name}.{}.new", twinkit_http::random::uuid()));
        let put = || {
            let mut options = OpenOptions::new();
            options.write(true).create_new(true);
            let mut file = private::open(&mut options, &new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            drop(file);
            fs::rename(&new, self.path.join(name))?;
            private::sync_folder(&self.path)
        };
        put().map_err(|error| {
            // It may not even be there.
            let _ = fs::remove_file(&new);
            self.failed("cannot be written to", error)
        })
    }

    /// Removes a file; that it is not there is no error.
    fn remove(&self, name: &str) -> Result<(), AuthError> {
        if !self.check()? {
            return Ok(());
        }
        match fs::remove_file(self.path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(self.failed("cannot be written to", error))
            }
            _ => Ok(()),
        }
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
