//! Certificates by which an application proves who it is: where they are read
//! from (`parts`), what belongs together in them (`identity`) and the assertion
//! signed with them (`assertion`). It must not know any grant.

mod assertion;
mod identity;
mod parts;
#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use aws_lc_rs::digest;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use self::identity::Identity;
use self::parts::Parts;
use super::files;
use crate::oauth::Algorithm;
use crate::{AuthError, AuthErrorKind};

pub(super) use self::assertion::CertificateAssertion;

/// A key with a few chains is some 20 KB.
const MAX_FILE: u64 = 1024 * 1024;

/// A certificate with its private key, and how assertions are signed with it.
///
/// Files are PEM or PFX (PKCS#12), known by their content, not their name. PEM
/// holds the key (`PRIVATE KEY`, `RSA PRIVATE KEY` or, with a password,
/// `ENCRYPTED PRIVATE KEY`) and the certificates in any order; the certificate
/// that belongs to the key is found by its public key. Keys are RSA of 2048
/// bits or more.
///
/// Assertions are signed with PS256 and name the certificate by its SHA-256
/// thumbprint, unless [`with_rs256`](Self::with_rs256) says otherwise. The key
/// is never shown; it is wiped from memory as far as the libraries that decode
/// it allow.
#[derive(Clone)]
pub struct ClientCertificate {
    place: Place,
    password: Option<SecretString>,
    sends_chain: bool,
    algorithm: Algorithm,
}

#[derive(Clone)]
enum Place {
    Pem(SecretString),
    Pfx(Arc<SecretSlice<u8>>),
    Files { main: PathBuf, key: Option<PathBuf> },
}

/// The bytes of all files, and a hash that stands for them.
struct Content {
    files: Vec<SecretSlice<u8>>,
    hash: Vec<u8>,
}

impl ClientCertificate {
    /// Key and certificates as PEM text, one after the other in any order.
    pub fn from_pem(pem: impl Into<SecretString>) -> Self {
        Self::new(Place::Pem(pem.into()))
    }

    /// Key and certificates as the bytes of a PFX file. Without
    /// [`with_password`](Self::with_password) its password is taken to be empty.
    pub fn from_pfx(pfx: impl Into<Vec<u8>>) -> Self {
        Self::new(Place::Pfx(Arc::new(pfx.into().into())))
    }

    /// A PEM or PFX file of at most 1 MiB.
    ///
    /// It is read for each token that is fetched, so that a renewed certificate
    /// is used without a restart. A fetch is rare, and times of change do not
    /// tell reliably whether a file has changed. If it cannot be read or used
    /// at some later time, perhaps because it is being replaced just then, the
    /// certificate read last is used on and a warning is traced.
    ///
    /// A warning is traced too if users other than the owner may read the file.
    pub fn from_file(path: impl Into<PathBuf>) -> Self {
        Self::new(Place::Files { main: path.into(), key: None })
    }

    /// The certificates of one PEM file and the private key of another; both
    /// are read as [`from_file`](Self::from_file) says.
    pub fn from_files(certificates: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        Self::new(Place::Files { main: certificates.into(), key: Some(key.into()) })
    }

    fn new(place: Place) -> Self {
        Self { place, password: None, sends_chain: false, algorithm: Algorithm::Ps256 }
    }

    /// The password under which the PFX file or the PEM's key is encrypted.
    #[must_use]
    pub fn with_password(mut self, password: impl Into<SecretString>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// Sends the certificates themselves in each assertion (`x5c`), for
    /// applications that trust an issuer and a subject name instead of single
    /// certificates.
    #[must_use]
    pub fn with_chain(mut self) -> Self {
        self.sends_chain = true;
        self
    }

    /// Signs with RS256 and names the certificate by its SHA-1 thumbprint, as
    /// AD FS wants it.
    #[must_use]
    pub fn with_rs256(mut self) -> Self {
        self.algorithm = Algorithm::Rs256;
        self
    }

    /// The files it is read from; none if it was given as such.
    fn paths(&self) -> impl Iterator<Item = &Path> {
        let (main, key) = match &self.place {
            Place::Files { main, key } => (Some(main), key.as_ref()),
            _ => (None, None),
        };
        main.into_iter().chain(key).map(PathBuf::as_path)
    }

    /// Reads everything anew.
    fn content(&self, name: &'static str) -> Result<Content, AuthError> {
        let files = match &self.place {
            Place::Pem(text) => vec![text.expose_secret().as_bytes().to_vec().into()],
            Place::Pfx(bytes) => vec![bytes.expose_secret().to_vec().into()],
            Place::Files { .. } => self
                .paths()
                .map(|path| files::read(path, MAX_FILE))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|fault| fault.into_error(name))?,
        };
        let mut hash = digest::Context::new(&digest::SHA256);
        for file in &files {
            hash.update(digest::digest(&digest::SHA256, file.expose_secret()).as_ref());
        }
        Ok(Content { files, hash: hash.finish().as_ref().to_vec() })
    }

    fn identity(&self, name: &'static str, content: &Content) -> Result<Identity, AuthError> {
        let fault = |text: String| {
            let message = format!("{}: {text}", self.label());
            AuthError::new(AuthErrorKind::Config, name, message)
        };
        let mut parts = Parts::default();
        for file in &content.files {
            let bytes = file.expose_secret();
            let read = match &self.place {
                Place::Pem(_) => Parts::read_pem(bytes, self.password.as_ref()),
                Place::Pfx(_) => Parts::read_pfx(bytes, self.password.as_ref()),
                Place::Files { .. } => Parts::read(bytes, self.password.as_ref()),
            };
            parts.join(read.map_err(|bad| {
                let error = fault(bad.to_string());
                match bad.hint() {
                    Some(hint) => error.with_hint(hint),
                    None => error,
                }
            })?);
        }
        Identity::new(parts).map_err(|bad| {
            fault(bad.to_string()).with_hint(
                "give an RSA private key and its certificate, in one file or in two \
                 (ClientCertificate::from_files)",
            )
        })
    }

    /// What it is called in errors.
    fn label(&self) -> String {
        match &self.place {
            Place::Pem(_) => "the certificate's PEM text".to_owned(),
            Place::Pfx(_) => "the certificate's PFX bytes".to_owned(),
            Place::Files { .. } => {
                let paths: Vec<String> =
                    self.paths().map(|path| path.display().to_string()).collect();
                format!("the certificate in {}", paths.join(" and "))
            }
        }
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientCertificate")
            .field("from", &self.label())
            .field("sends_chain", &self.sends_chain)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}
