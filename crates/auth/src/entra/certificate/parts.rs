//! Reading keys and certificates out of files: PEM (RFC 7468) and PKCS#12
//! (RFC 7292). Which certificate belongs to which key is not asked here.

use p12_keystore::Pkcs12Archive;
use pkcs8::{EncryptedPrivateKeyInfoRef, Error, PrivateKeyInfoRef, pkcs5};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use x509_parser::pem::Pem;

/// What a file holds, in the file's order.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) keys: Vec<KeyDer>,
    /// Each in DER.
    pub(super) certificates: Vec<Vec<u8>>,
}

/// An RSA private key in one of its two forms.
pub(super) enum KeyDer {
    /// RFC 5208.
    Pkcs8(SecretSlice<u8>),
    /// `RSAPrivateKey` of RFC 8017.
    Pkcs1(SecretSlice<u8>),
}

/// What is wrong with a file. Never holds a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum PartsFault {
    #[error("neither PEM nor PFX")]
    Form,
    #[error("PEM that is damaged")]
    Damaged,
    #[error("an encrypted private key, and no password is given")]
    PasswordMissing,
    #[error("damaged, or encrypted under another password than the one given")]
    PasswordWrong,
    #[error("encrypted in a way that is not read here")]
    Encryption,
    #[error("a private key that is not RSA; Entra ID takes RSA certificates only")]
    NotRsa,
}

impl PartsFault {
    pub(super) fn hint(self) -> Option<&'static str> {
        match self {
            Self::PasswordMissing | Self::PasswordWrong => {
                Some("give the file's password to ClientCertificate::with_password")
            }
            Self::Encryption => {
                Some("convert the key: openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD -out NEW")
            }
            Self::NotRsa => Some("make an RSA key of 2048 bits or more"),
            Self::Form | Self::Damaged => None,
        }
    }
}

const RSA: &str = "1.2.840.113549.1.1.1";

/// How every DER structure in question begins: a sequence.
const SEQUENCE: u8 = 0x30;

impl Parts {
    /// Reads a file of either kind.
    pub(super) fn read(bytes: &[u8], password: Option<&SecretString>) -> Result<Self, PartsFault> {
        if !contains(bytes, b"-----BEGIN ") && bytes.first() == Some(&SEQUENCE) {
            return Self::read_pfx(bytes, password);
        }
        Self::read_pem(bytes, password)
    }

    /// Reads PEM; texts around the sections are passed over, and so are
    /// sections of other kinds.
    pub(super) fn read_pem(
        bytes: &[u8],
        password: Option<&SecretString>,
    ) -> Result<Self, PartsFault> {
        // Editors of some systems put a mark before the first line.
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        // The form of OpenSSL before PKCS#8: lines before the base64 text.
        if contains(bytes, b"Proc-Type: 4,ENCRYPTED") {
            return Err(PartsFault::Encryption);
        }
        let mut parts = Self::default();
        let mut is_pem = false;
        for section in Pem::iter_from_buffer(bytes) {
            let Pem { label, contents } = section.map_err(|_| PartsFault::Damaged)?;
            is_pem = true;
            match label.as_str() {
                "CERTIFICATE" => parts.certificates.push(contents),
                "RSA PRIVATE KEY" => parts.keys.push(KeyDer::Pkcs1(contents.into())),
                "PRIVATE KEY" => parts.keys.push(pkcs8(contents.into())?),
                "ENCRYPTED PRIVATE KEY" => parts.keys.push(decrypted(&contents, password)?),
                "EC PRIVATE KEY" => return Err(PartsFault::NotRsa),
                _ => {}
            }
        }
        if is_pem { Ok(parts) } else { Err(PartsFault::Form) }
    }

    /// Reads PKCS#12, whose password may be the empty one.
    pub(super) fn read_pfx(
        bytes: &[u8],
        password: Option<&SecretString>,
    ) -> Result<Self, PartsFault> {
        use p12_keystore::error::Error;
        let text = password.map_or("", ExposeSecret::expose_secret);
        let archive = Pkcs12Archive::from_pkcs12(bytes, text).map_err(|error| match error {
            Error::MacError(_) | Error::Pkcs5Error(_) | Error::UnpadError => match password {
                Some(_) => PartsFault::PasswordWrong,
                None => PartsFault::PasswordMissing,
            },
            Error::UnsupportedEncryptionScheme
            | Error::UnsupportedMacAlgorithm
            | Error::InvalidParameters => PartsFault::Encryption,
            _ => PartsFault::Form,
        })?;
        let keys = archive.keys.iter().map(|bag| pkcs8(bag.key.as_der().to_vec().into()));
        Ok(Self {
            keys: keys.collect::<Result<_, _>>()?,
            certificates: archive.certs.iter().map(|bag| bag.cert.as_der().to_vec()).collect(),
        })
    }

    /// Adds what another file holds.
    pub(super) fn join(&mut self, other: Self) {
        self.keys.extend(other.keys);
        self.certificates.extend(other.certificates);
    }
}

fn pkcs8(der: SecretSlice<u8>) -> Result<KeyDer, PartsFault> {
    let info = PrivateKeyInfoRef::try_from(der.expose_secret()).map_err(|_| PartsFault::Damaged)?;
    if info.algorithm.oid.to_string() != RSA {
        return Err(PartsFault::NotRsa);
    }
    Ok(KeyDer::Pkcs8(der))
}

fn decrypted(der: &[u8], password: Option<&SecretString>) -> Result<KeyDer, PartsFault> {
    let password = password.ok_or(PartsFault::PasswordMissing)?;
    let info = EncryptedPrivateKeyInfoRef::try_from(der).map_err(|_| PartsFault::Encryption)?;
    let plain = info.decrypt(password.expose_secret()).map_err(|error| match error {
        Error::EncryptedPrivateKey(
            pkcs5::Error::NoPbes1CryptSupport
            | pkcs5::Error::UnsupportedAlgorithm { .. }
            | pkcs5::Error::AlgorithmParametersInvalid { .. },
        ) => PartsFault::Encryption,
        _ => PartsFault::PasswordWrong,
    })?;
    pkcs8(plain.as_bytes().to_vec().into())
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
