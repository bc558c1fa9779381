//! Sign-ins in the operating system's keyring: Keychain on macOS, Credential
//! Manager on Windows, the Secret Service (GNOME Keyring, KWallet) on Linux.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use keyring_core::api::CredentialStore;
use keyring_core::{Entry, Error};
use secrecy::{ExposeSecret, SecretString};

use super::folder::Folder;
use super::{StoreKey, StoreLock, TokenStore, apart, lock};
use crate::{AuthError, AuthErrorKind, BoxFuture};

const NAME: &str = "keyring";
/// Under which people find the entries in their keyring's program.
const SERVICE: &str = "twinkit";

type Opened = Arc<CredentialStore>;

/// Keeps sign-ins in the operating system's keyring, encrypted with what the
/// user logs in with. The keyring may ask the user to unlock it.
///
/// While a token is refreshed, other processes wait, by a lock on an empty file
/// in the user's state folder.
#[derive(Clone)]
pub struct KeyringStore {
    opened: Arc<Mutex<Option<Opened>>>,
}

impl KeyringStore {
    /// The keyring of the user who runs this process. It is opened when it is
    /// first needed.
    #[must_use]
    pub fn new() -> Self {
        Self { opened: Arc::default() }
    }

    #[cfg(test)]
    fn over(store: Opened) -> Self {
        Self { opened: Arc::new(Mutex::new(Some(store))) }
    }

    /// Does `work` with a key's entry on a thread that may block, as keyrings
    /// do, sometimes until the user has typed a password.
    async fn with_entry<T: Send + 'static>(
        &self,
        key: &StoreKey,
        work: impl FnOnce(Entry) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, AuthError> {
        let (opened, name) = (Arc::clone(&self.opened), key.name());
        apart(NAME, move || {
            let store = {
                let mut opened = opened.lock().unwrap_or_else(PoisonError::into_inner);
                match &*opened {
                    Some(store) => Arc::clone(store),
                    None => Arc::clone(opened.insert(open().map_err(|error| failure(&error))?)),
                }
            };
            let entry = store.build(SERVICE, &name, None);
            entry.and_then(work).map_err(|error| failure(&error))
        })
        .await
    }
}

impl Default for KeyringStore {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(target_os = "linux")]
fn open() -> Result<Opened, Error> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

#[cfg(target_os = "macos")]
fn open() -> Result<Opened, Error> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

#[cfg(windows)]
fn open() -> Result<Opened, Error> {
    Ok(windows_native_keyring_store::Store::new()?)
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn open() -> Result<Opened, Error> {
    Err(Error::NotSupportedByStore("no keyring is known for this system".to_owned()))
}

/// The keyring's errors may hold what was kept, so only their sort is told,
/// with the platform's own words where those are about the keyring.
fn failure(error: &Error) -> AuthError {
    let message = match error {
        Error::PlatformFailure(reason) => format!("the keyring failed: {reason}"),
        Error::NoStorageAccess(reason) => format!("the keyring cannot be used: {reason}"),
        Error::BadEncoding(_) | Error::BadDataFormat(..) | Error::BadStoreFormat(_) => {
            "the keyring holds something else in this sign-in's place".to_owned()
        }
        Error::TooLong(_, limit) => {
            format!("the sign-in is longer than the {limit} bytes that this keyring takes")
        }
        Error::NotSupportedByStore(reason) => format!("the keyring cannot do this: {reason}"),
        _ => "the keyring failed".to_owned(),
    };
    let message = twinkit_http::redact::text(&message, &[], 300);
    AuthError::new(AuthErrorKind::Unavailable, NAME, message)
        .with_hint("unlock the keyring; on a machine without one, keep sign-ins in a file store")
}

impl TokenStore for KeyringStore {
    fn load<'a>(
        &'a self,
        key: &'a StoreKey,
    ) -> BoxFuture<'a, Result<Option<SecretString>, AuthError>> {
        Box::pin(self.with_entry(key, |entry| match entry.get_secret() {
            // Whoever reads it finds out whether it is a sign-in.
            Ok(bytes) => Ok(String::from_utf8(bytes).ok().map(SecretString::from)),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        }))
    }

    fn save<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        let value = value.clone();
        Box::pin(
            self.with_entry(key, move |entry| entry.set_secret(value.expose_secret().as_bytes())),
        )
    }

    fn delete<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(self.with_entry(key, |entry| match entry.delete_credential() {
            Err(Error::NoEntry) => Ok(()),
            outcome => outcome,
        }))
    }

    fn lock<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<StoreLock, AuthError>> {
        Box::pin(async {
            lock::hold(Folder::standard(NAME, |name| std::env::var_os(name))?, key).await
        })
    }
}

impl fmt::Debug for KeyringStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyringStore").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> StoreKey {
        StoreKey::new("https://a", "c", "t", "")
    }

    #[tokio::test]
    async fn what_is_saved_is_loaded_until_it_is_deleted() {
        let store = KeyringStore::over(keyring_core::mock::Store::new().unwrap());
        assert!(store.load(&key()).await.unwrap().is_none());
        store.delete(&key()).await.unwrap();
        for value in ["canary-1", "canary-2"] {
            store.save(&key(), &value.into()).await.unwrap();
            let kept = store.load(&key()).await.unwrap().unwrap();
            assert_eq!(kept.expose_secret(), value);
        }
        assert!(!format!("{store:?}").contains("canary"));
        store.delete(&key()).await.unwrap();
        assert!(store.load(&key()).await.unwrap().is_none());
    }

    #[test]
    fn errors_that_hold_what_was_kept_do_not_show_it() {
        let reason = || Box::new(std::io::Error::other("locked")) as _;
        for (error, said) in [
            (Error::BadEncoding(b"canary".to_vec()), "something else"),
            (Error::BadDataFormat(b"canary".to_vec(), reason()), "something else"),
            (Error::NoStorageAccess(reason()), "locked"),
            (Error::TooLong("password".into(), 2560), "2560"),
        ] {
            let shown = failure(&error);
            assert_eq!(shown.kind(), AuthErrorKind::Unavailable);
            assert!(shown.to_string().contains(said), "{shown}");
            let texts = format!("{shown:?}");
            assert!(!texts.contains("canary") && !texts.contains("99, 97, 110"), "{texts}");
        }
    }
}
