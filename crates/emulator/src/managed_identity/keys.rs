//! The key files of Azure Arc: written for one request, gone with the next.
//!
//! It must not know HTTP.

use std::{
    collections::VecDeque,
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use aws_lc_rs::{constant_time::verify_slices_are_equal, rand};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;

use crate::data::{Data, DataError};

/// Random bytes of a secret.
const SECRET_BYTES: usize = 32;
/// Challenges open at a time; the oldest one makes room.
const OPEN: usize = 64;

/// A new random text for headers and files.
pub(super) fn secret() -> io::Result<SecretString> {
    let mut bytes = [0; SECRET_BYTES];
    rand::fill(&mut bytes).map_err(|_| io::Error::other("no random numbers"))?;
    Ok(SecretString::from(URL_SAFE_NO_PAD.encode(bytes)))
}

/// A random text that is the same at each start.
pub(super) fn lasting_secret(data: &Data, name: &str) -> Result<SecretString, DataError> {
    data.random(name, SECRET_BYTES).map(|bytes| SecretString::from(URL_SAFE_NO_PAD.encode(bytes)))
}

/// The folder and the keys in it that were not used yet.
pub(super) struct KeyFolder {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    /// The folder, if it is ours to remove.
    own: Option<TempDir>,
    open: VecDeque<(PathBuf, SecretString)>,
    ended: bool,
}

impl KeyFolder {
    /// Uses `folder`, made if it is not there, or a new one.
    pub(super) fn new(folder: Option<PathBuf>) -> io::Result<Self> {
        let (path, own) = match folder {
            Some(folder) => {
                fs::create_dir_all(&folder)?;
                // Clients compare the folder as text.
                (std::path::absolute(folder)?, None)
            }
            None => {
                let own = tempfile::Builder::new().prefix("twinkit-arc-").tempdir()?;
                (own.path().to_owned(), Some(own))
            }
        };
        let state = Mutex::new(State { own, open: VecDeque::new(), ended: false });
        Ok(Self { path, state })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a new key that only the file's owner can read; answers where.
    pub(super) fn issue(&self) -> io::Result<PathBuf> {
        let key = secret()?;
        let path = self.path.join(format!("{}.key", uuid::Uuid::new_v4()));
        let mut state = self.lock();
        if state.ended {
            return Err(io::Error::other("the emulator ends"));
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(&path)?.write_all(key.expose_secret().as_bytes())?;
        if state.open.len() >= OPEN
            && let Some((oldest, _)) = state.open.pop_front()
        {
            remove(&oldest);
        }
        state.open.push_back((path.clone(), key));
        Ok(path)
    }

    /// Whether a text is that of an open key, which is closed by it.
    pub(super) fn redeem(&self, text: &str) -> bool {
        let mut state = self.lock();
        let found = state.open.iter().position(|(_, key)| {
            verify_slices_are_equal(key.expose_secret().as_bytes(), text.as_bytes()).is_ok()
        });
        match found.and_then(|index| state.open.remove(index)) {
            Some((path, _)) => {
                remove(&path);
                true
            }
            None => false,
        }
    }

    /// Removes what is there; no more keys are made.
    pub(super) fn end(&self) {
        let mut state = self.lock();
        state.ended = true;
        for (path, _) in state.open.drain(..) {
            remove(&path);
        }
        state.own = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn remove(path: &Path) {
    // Nothing can be done about a file that is gone already.
    let _ = fs::remove_file(path);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_opens_once_and_only_its_owner_reads_it() {
        let folder = KeyFolder::new(None).unwrap();
        let path = folder.issue().unwrap();
        assert_eq!(path.parent(), Some(folder.path()));
        assert_eq!(path.extension().unwrap(), "key");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        let key = fs::read_to_string(&path).unwrap();
        assert_ne!(key, fs::read_to_string(folder.issue().unwrap()).unwrap());
        assert!(!folder.redeem("") && !folder.redeem("wrong"));
        assert!(folder.redeem(&key) && !folder.redeem(&key));
        assert!(!path.exists());
    }

    #[test]
    fn open_keys_are_bounded_and_removed_at_the_end() {
        let outer = tempfile::tempdir().unwrap();
        let folder = KeyFolder::new(Some(outer.path().join("tokens"))).unwrap();
        for _ in 0..OPEN + 3 {
            folder.issue().unwrap();
        }
        let files = || fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(files(), OPEN);
        folder.end();
        assert_eq!(files(), 0);
        assert!(folder.issue().is_err());
        let own = KeyFolder::new(None).unwrap();
        own.end();
        assert!(!own.path().exists());
    }
}
