//! The key that signs tokens, and its public half as a key set.

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    rsa::{KeyPair, KeySize, PublicKeyComponents},
    signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, UnparsedPublicKey},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use tokio::sync::OnceCell;

/// An RSA key for RS256, made new for each emulator and never stored.
pub(crate) struct SigningKey {
    pair: KeyPair,
    id: String,
}

/// The cryptographic library refused to make or use a key.
#[derive(Debug, thiserror::Error)]
#[error("the signing key could not be made or used")]
pub(crate) struct KeyError;

impl SigningKey {
    /// Makes a 2,048-bit key; costs up to some hundred milliseconds of CPU.
    pub(crate) fn generate() -> Result<Self, KeyError> {
        let pair = KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError)?;
        let hash = digest::digest(&digest::SHA256, pair.public_key().as_ref());
        let id = URL_SAFE_NO_PAD.encode(hash.as_ref());
        Ok(Self { pair, id })
    }

    /// The same as pure computation beside the runtime's own threads.
    pub(crate) async fn generate_aside() -> Result<Self, KeyError> {
        tokio::task::spawn_blocking(Self::generate).await.map_err(|_| KeyError)?
    }

    /// The key id (`kid`) in tokens and key set.
    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .map_err(|_| KeyError)?;
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
#[derive(Default)]
pub(crate) struct LazyKey {
    cell: OnceCell<SigningKey>,
}

impl LazyKey {
    pub(crate) async fn get(&self) -> Result<&SigningKey, KeyError> {
        self.cell.get_or_try_init(SigningKey::generate_aside).await
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
}
