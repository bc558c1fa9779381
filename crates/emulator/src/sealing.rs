//! Sealed texts: what the emulator hands out and wants back unchanged, such as
//! the token of a list's next page.
//!
//! It knows nothing of what is in them.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use aws_lc_rs::hmac;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::data::{Data, DataError};

/// Length of the seal.
const SEAL: usize = 32;

/// Seals contents with a key of its own, and opens what it sealed.
#[derive(Clone)]
pub(crate) struct Sealer {
    key: Arc<RwLock<hmac::Key>>,
}

fn key(secret: &[u8]) -> hmac::Key {
    hmac::Key::new(hmac::HMAC_SHA256, secret)
}

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    issued: i64,
    content: T,
}

impl Sealer {
    /// With a new key.
    pub(crate) fn new() -> Self {
        let secret = [uuid::Uuid::new_v4().into_bytes(), uuid::Uuid::new_v4().into_bytes()];
        Self { key: Arc::new(RwLock::new(key(secret.as_flattened()))) }
    }

    /// Takes the key that is kept for a part, so that it opens after a restart what it
    /// seals from now on.
    pub(crate) fn attach(&self, data: &Data, part: &str) -> Result<(), DataError> {
        let secret = data.random(&format!("{part} seal"), SEAL)?;
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = key(&secret);
        Ok(())
    }

    fn key(&self) -> RwLockReadGuard<'_, hmac::Key> {
        self.key.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// The content as a text that fits into a query string as it is. `now` is in
    /// seconds.
    pub(crate) fn seal<T: Serialize>(&self, content: T, now: i64) -> String {
        let content = serde_json::to_vec(&Sealed { issued: now, content }).unwrap_or_default();
        let mut bytes = hmac::sign(&self.key(), &content).as_ref().to_vec();
        bytes.extend(content);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The content of a text that was sealed here, at most `lifetime` seconds
    /// ago.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        text: &str,
        now: i64,
        lifetime: i64,
    ) -> Option<T> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (seal, content) = bytes.split_at_checked(SEAL)?;
        hmac::verify(&self.key(), content, seal).ok()?;
        let sealed: Sealed<T> = serde_json::from_slice(content).ok()?;
        (now.saturating_sub(sealed.issued) <= lifetime).then_some(sealed.content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIFETIME: i64 = 60;

    #[test]
    fn texts_are_sealed_and_expire() {
        let sealer = Sealer::new();
        let text = sealer.seal(["a"], 100);
        let open = |text: &str, now| sealer.open::<Vec<String>>(text, now, LIFETIME);
        assert_eq!(open(&text, 100), Some(vec!["a".to_owned()]));
        assert_eq!(open(&text, 100 + LIFETIME), Some(vec!["a".to_owned()]));
        assert_eq!(open(&text, 101 + LIFETIME), None);
        assert_eq!(Sealer::new().open::<Vec<String>>(&text, 100, LIFETIME), None);
        assert_eq!(open("", 100), None);
        assert_eq!(open("not sealed", 100), None);
        let mut bytes = URL_SAFE_NO_PAD.decode(&text).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        assert_eq!(open(&URL_SAFE_NO_PAD.encode(bytes), 100), None);
    }
}
