//! [`CertificateAssertion`]: assertions signed with a certificate's key, which
//! is read anew where it comes from files.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde_json::{Map, Value};

use super::identity::Identity;
use super::{ClientCertificate, files};
use crate::oauth::{Algorithm, signed};
use crate::{AssertionRequest, AssertionSource, AuthError, AuthErrorKind, BoxFuture};

/// Signs with a certificate's key.
pub(in crate::entra) struct CertificateAssertion {
    shared: Arc<Shared>,
}

struct Shared {
    /// The way in, for errors.
    name: &'static str,
    certificate: ClientCertificate,
    state: Mutex<State>,
}

struct State {
    identity: Arc<Identity>,
    /// Of the content that the identity was made of.
    hash: Vec<u8>,
    /// What is amiss with the files now, if it has been told.
    told: Option<String>,
}

impl CertificateAssertion {
    /// Reads the certificate for the first time.
    ///
    /// # Errors
    /// It cannot be read or used.
    pub(in crate::entra) fn new(
        name: &'static str,
        certificate: ClientCertificate,
    ) -> Result<Self, AuthError> {
        let content = certificate.content(name)?;
        let identity = Arc::new(certificate.identity(name, &content)?);
        warn_of_readers(&certificate);
        let state = Mutex::new(State { identity, hash: content.hash, told: None });
        Ok(Self { shared: Arc::new(Shared { name, certificate, state }) })
    }

    async fn sign(&self, wanted: AssertionRequest<'_>) -> Result<SecretString, AuthError> {
        let shared = Arc::clone(&self.shared);
        if self.shared.certificate.paths().next().is_some() {
            // Should decoding panic, the identity at hand is still good.
            if let Ok(read) = tokio::task::spawn_blocking(move || shared.read_anew()).await {
                self.shared.take_in(read);
            }
        }
        let identity = Arc::clone(&self.shared.lock().identity);
        warn_of_expiry(&identity, wanted.now);
        let certificate = &self.shared.certificate;
        let naming = naming(&identity, certificate);
        signed(&identity.key, certificate.algorithm, &naming, wanted).ok_or_else(|| {
            let message = "the private key could not sign";
            AuthError::new(AuthErrorKind::Config, self.shared.name, message)
        })
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the files hold now, if it is new.
    fn read_anew(&self) -> Result<Option<(Identity, Vec<u8>)>, AuthError> {
        let content = self.certificate.content(self.name)?;
        if content.hash == self.lock().hash {
            return Ok(None);
        }
        let identity = self.certificate.identity(self.name, &content)?;
        Ok(Some((identity, content.hash)))
    }

    fn take_in(&self, read: Result<Option<(Identity, Vec<u8>)>, AuthError>) {
        let mut state = self.lock();
        match read {
            Ok(None) => state.told = None,
            Ok(Some((identity, hash))) => {
                *state = State { identity: Arc::new(identity), hash, told: None };
                drop(state);
                tracing::debug!(from = self.certificate.label(), "a new certificate is used");
                warn_of_readers(&self.certificate);
            }
            Err(error) => {
                let text = error.to_string();
                if state.told.as_ref() != Some(&text) {
                    tracing::warn!(%error, "the certificate read last is used on");
                    state.told = Some(text);
                }
            }
        }
    }
}

impl AssertionSource for CertificateAssertion {
    fn assertion<'a>(
        &'a self,
        wanted: AssertionRequest<'a>,
    ) -> BoxFuture<'a, Result<SecretString, AuthError>> {
        Box::pin(self.sign(wanted))
    }

    fn input_version(&self) -> u64 {
        self.shared
            .certificate
            .paths()
            .fold(0, |version, path| version.rotate_left(1) ^ files::version(path))
    }
}

impl fmt::Debug for CertificateAssertion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.shared.certificate.fmt(f)
    }
}

/// The header's fields that name the certificate (RFC 7515 section 4.1).
fn naming(identity: &Identity, certificate: &ClientCertificate) -> Map<String, Value> {
    let (field, hash) = match certificate.algorithm {
        Algorithm::Ps256 => ("x5t#S256", &digest::SHA256),
        Algorithm::Rs256 => ("x5t", &digest::SHA1_FOR_LEGACY_USE_ONLY),
    };
    let thumbprint = URL_SAFE_NO_PAD.encode(identity.thumbprint(hash));
    let mut naming = Map::new();
    naming.insert(field.to_owned(), thumbprint.into());
    if certificate.sends_chain {
        let chain: Vec<Value> =
            identity.chain.iter().map(|der| STANDARD.encode(der).into()).collect();
        naming.insert("x5c".to_owned(), chain.into());
    }
    naming
}

fn warn_of_readers(certificate: &ClientCertificate) {
    for path in certificate.paths().filter(|path| files::is_open_to_others(path)) {
        tracing::warn!(
            path = %path.display(),
            "users other than the owner may read this file, which may hold a private key"
        );
    }
}

fn warn_of_expiry(identity: &Identity, now: SystemTime) {
    if identity.has_expired(now) {
        tracing::warn!("the certificate has expired; the service will most likely refuse it");
    }
}
