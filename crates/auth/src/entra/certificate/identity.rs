//! [`Identity`]: a private key with the certificate that belongs to it and the
//! chain above that.

use std::fmt;
use std::time::{Duration, SystemTime};

use aws_lc_rs::digest;
use aws_lc_rs::signature::{KeyPair, RsaKeyPair};
use secrecy::ExposeSecret;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::parts::{KeyDer, Parts};

/// What an assertion is signed with.
pub(super) struct Identity {
    pub(super) key: RsaKeyPair,
    /// DER, the key's own certificate first, then whoever issued it, as far as
    /// the file holds them.
    pub(super) chain: Vec<Vec<u8>>,
    not_after: SystemTime,
}

/// Why a file's parts make no identity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum IdentityFault {
    #[error("no private key")]
    NoKey,
    #[error("{0} private keys where one is needed")]
    Keys(usize),
    #[error("a private key that cannot be used ({0})")]
    Key(String),
    #[error("an RSA key of less than 2048 bits")]
    SmallKey,
    #[error("no certificate")]
    NoCertificate,
    #[error("a certificate that is damaged")]
    Certificate,
    #[error("{0} certificate(s), of which none belongs to the private key")]
    NoMatch(usize),
}

impl Identity {
    pub(super) fn new(parts: Parts) -> Result<Self, IdentityFault> {
        let key = one_key(&parts.keys)?;
        let certificates = parts
            .certificates
            .iter()
            .map(|der| X509Certificate::from_der(der).map(|(_, read)| (der, read)))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| IdentityFault::Certificate)?;
        if certificates.is_empty() {
            return Err(IdentityFault::NoCertificate);
        }
        let own = key.public_key().as_ref();
        // A renewed certificate may share its key with the one before it.
        let leaf = certificates
            .iter()
            .filter(|(_, read)| read.public_key().subject_public_key.data.as_ref() == own)
            .max_by_key(|(_, read)| read.validity().not_after.timestamp())
            .ok_or(IdentityFault::NoMatch(certificates.len()))?;
        let end = u64::try_from(leaf.1.validity().not_after.timestamp()).unwrap_or_default();
        let not_after = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(end));
        let mut chain = vec![leaf];
        // A certificate that issued itself ends it: its issuer is in there already.
        while let Some(last) = chain.last()
            && let Some(issuer) = certificates.iter().find(|(der, read)| {
                read.subject().as_raw() == last.1.issuer().as_raw()
                    && chain.iter().all(|(known, known_read)| {
                        known != der && known_read.subject().as_raw() != read.subject().as_raw()
                    })
            })
        {
            chain.push(issuer);
        }
        let chain = chain.iter().map(|(der, _)| (*der).clone()).collect();
        Ok(Self { key, chain, not_after: not_after.unwrap_or(SystemTime::UNIX_EPOCH) })
    }

    /// The hash of the key's certificate, by which services know it.
    pub(super) fn thumbprint(&self, algorithm: &'static digest::Algorithm) -> digest::Digest {
        digest::digest(algorithm, self.chain.first().map_or(&[], Vec::as_slice))
    }

    pub(super) fn has_expired(&self, now: SystemTime) -> bool {
        now > self.not_after
    }
}

/// The file's one key; the same key twice counts once.
fn one_key(keys: &[KeyDer]) -> Result<RsaKeyPair, IdentityFault> {
    let mut pairs = Vec::<RsaKeyPair>::new();
    for key in keys {
        let pair = match key {
            KeyDer::Pkcs8(der) => RsaKeyPair::from_pkcs8(der.expose_secret()),
            KeyDer::Pkcs1(der) => RsaKeyPair::from_der(der.expose_secret()),
        };
        let pair = pair.map_err(|rejected| match rejected.to_string().as_str() {
            "TooSmall" => IdentityFault::SmallKey,
            reason => IdentityFault::Key(reason.to_owned()),
        })?;
        let public = |pair: &RsaKeyPair| pair.public_key().as_ref().to_vec();
        if pairs.iter().all(|known| public(known) != public(&pair)) {
            pairs.push(pair);
        }
    }
    match (pairs.len(), pairs.pop()) {
        (1, Some(pair)) => Ok(pair),
        (0, _) => Err(IdentityFault::NoKey),
        (count, _) => Err(IdentityFault::Keys(count)),
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("chain", &self.chain.len()).finish_non_exhaustive()
    }
}
