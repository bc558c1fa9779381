//! The key that signs tokens, and its public half as a key set.

use aws_lc_rs::{
    digest,
    encoding::AsDer as _,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize, PublicKeyComponents},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

use crate::data::{Data, DataError};

/// An RSA key for RS256.
pub(crate) struct SigningKey {
    pair: KeyPair,
    id: String,
}

/// There is no key, or it does not work.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeyError {
    /// The cryptographic library refused.
    #[error("the signing key could not be made or used")]
    Crypto,
    /// It could not be kept or taken up.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl SigningKey {
    /// Makes a 2,048-bit key; costs up to some hundred milliseconds of CPU.
    pub(crate) fn generate() -> Result<Self, KeyError> {
        KeyPair::generate(KeySize::Rsa2048).map(Self::of).map_err(|_| KeyError::Crypto)
    }

    fn of(pair: KeyPair) -> Self {
        let hash = digest::digest(&digest::SHA256, pair.public_key().as_ref());
        let id = URL_SAFE_NO_PAD.encode(hash.as_ref());
        Self { pair, id }
    }

    /// The key that is kept under a name, made if there is none. Pure computation,
    /// beside the runtime's own threads.
    pub(crate) async fn lasting(data: &Data, name: &'static str) -> Result<Self, KeyError> {
        let data = data.clone();
        let make = move || match Self::kept(&data, name)? {
            Some(key) => Ok(key),
            None => {
                let key = Self::generate()?;
                let der = key.pair.as_der().map_err(|_| KeyError::Crypto)?;
                data.keep(name, der.as_ref())?;
                Ok(key)
            }
        };
        tokio::task::spawn_blocking(make).await.map_err(|_| KeyError::Crypto)?
    }

    /// The key that is kept under a name.
    fn kept(data: &Data, name: &str) -> Result<Option<Self>, KeyError> {
        let Some(der) = data.kept(name)? else { return Ok(None) };
        let pair = KeyPair::from_pkcs8(&der).map_err(|_| KeyError::Crypto)?;
        Ok(Some(Self::of(pair)))
    }

    /// The key id (`kid`) in tokens and key set.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError::Crypto)?;
        Ok(signature)
    }

    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.pair.public_key().as_ref())
            .verify(message, signature)
            .is_ok()
    }

    /// The JSON Web Key Set (RFC 7517) with the public key.
    pub(crate) fn key_set(&self, issuer: &str) -> Value {
        let public = PublicKeyComponents::<Vec<u8>>::from(self.pair.public_key());
        json!({"keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.id,
            "x5t": self.id,
            "n": URL_SAFE_NO_PAD.encode(&public.n),
            "e": URL_SAFE_NO_PAD.encode(&public.e),
            "issuer": issuer,
        }]})
    }
}

/// A key that is made when it is first asked for, beside the runtime's own
/// threads: most emulators never need it.
pub(crate) struct LazyKey {
    cell: OnceCell<SigningKey>,
    data: Data,
    name: &'static str,
}

impl LazyKey {
    /// One that is kept under a name, there at once if it was made before.
    pub(crate) fn open(data: &Data, name: &'static str) -> Result<Self, KeyError> {
        let cell = OnceCell::new_with(SigningKey::kept(data, name)?);
        Ok(Self { cell, data: data.clone(), name })
    }

    pub(crate) async fn get(&self) -> Result<&SigningKey, KeyError> {
        self.cell.get_or_try_init(|| SigningKey::lasting(&self.data, self.name)).await
    }

    /// The key if it was made already; nothing is signed by it if not.
    pub(crate) fn made(&self) -> Option<&SigningKey> {
        self.cell.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_what_it_verifies() {
        let key = SigningKey::generate().unwrap();
        let signature = key.sign(b"text").unwrap();
        assert!(key.verifies(b"text", &signature));
        assert!(!key.verifies(b"tekst", &signature));
    }

    #[tokio::test]
    async fn a_key_that_is_kept_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let data = Data::open(&folder.path().join("state")).unwrap();
        let lazy = LazyKey::open(&data, "key").unwrap();
        assert!(lazy.made().is_none());
        let signature = lazy.get().await.unwrap().sign(b"text").unwrap();
        let again = LazyKey::open(&data, "key").unwrap();
        assert!(again.made().unwrap().verifies(b"text", &signature));
        data.keep("key", b"no key").unwrap();
        assert!(LazyKey::open(&data, "key").is_err());
    }
}
