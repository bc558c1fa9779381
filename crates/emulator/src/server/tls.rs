//! A certificate authority for one emulator, and the server certificate it
//! signs.
//!
//! Both satisfy OpenSSL's strict checks, which Python 3.13 switched on: critical
//! basic constraints, key usage, subject and authority key identifiers (RFC
//! 5280, section 4.2), and a life below 825 days. The authority's key never leaves
//! memory, the server's only with the rest of the emulator's state.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SerialNumber, date_time_ymd,
};
use rustls::{
    ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
};
use serde::{Deserialize, Serialize};
use tokio_rustls::TlsAcceptor;

use crate::data::{Data, DataError};

/// Days that the certificates are good for, counted from the day before start.
const VALID_DAYS: i64 = 397;
/// Bytes of a serial number; RFC 5280 allows 20, positive.
const SERIAL_BYTES: usize = 16;

/// Days before the end from which on new certificates are made.
const SPARE_DAYS: i64 = 30;
/// Name under which the certificates are kept.
const NAME: &str = "tls";

/// What a listener needs to speak TLS, and the text that makes it trusted.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
}

/// Certificates with the server's key. That of the authority is used once and
/// forgotten.
#[derive(Serialize, Deserialize)]
struct Certificates {
    authority_pem: String,
    server: Vec<u8>,
    server_key: Vec<u8>,
    /// The last day that they are good for.
    until: Date,
}

/// Why TLS could not be prepared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsError {
    #[error("a certificate could not be made")]
    Certificate(#[from] rcgen::Error),
    #[error("the certificate was refused by the TLS library")]
    Config(#[from] rustls::Error),
    #[error("no random numbers")]
    Random(#[from] aws_lc_rs::error::Unspecified),
    #[error(transparent)]
    Data(#[from] DataError),
}

impl Tls {
    /// The authority and the certificate that are kept, so that whoever trusts them can
    /// go on; new ones if there are none or their time is nearly over.
    pub(crate) fn open(data: &Data) -> Result<Self, TlsError> {
        let kept = data.kept(NAME)?;
        let kept = kept.and_then(|kept| serde_json::from_slice::<Certificates>(&kept).ok());
        let last = today().saturating_add(SPARE_DAYS.days());
        let certificates = match kept.filter(|kept| kept.until > last) {
            Some(kept) => kept,
            None => {
                let new = Certificates::generate()?;
                data.keep(NAME, &serde_json::to_vec(&new).unwrap_or_default())?;
                new
            }
        };
        certificates.acceptor()
    }
}

impl Certificates {
    /// Makes a new authority and a certificate for `localhost`, `127.0.0.1` and
    /// `::1`.
    fn generate() -> Result<Self, TlsError> {
        let (mut authority, until) = base_params("twinkit emulator local CA")?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

        let (mut server, _) = base_params("localhost")?;
        for name in ["localhost", "127.0.0.1", "::1"] {
            server.subject_alt_names.push(san(name)?);
        }
        server.is_ca = IsCa::ExplicitNoCa;
        server.use_authority_key_identifier_extension = true;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let server_key = KeyPair::generate()?;
        let certificate = server.signed_by(&server_key, &issuer)?;
        Ok(Self {
            authority_pem: issuer.pem(),
            server: certificate.der().to_vec(),
            server_key: server_key.serialize_der(),
            until,
        })
    }

    fn acceptor(self) -> Result<Tls, TlsError> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.server_key));
        // The provider is named here, so that another one that the program may
        // have installed for the process is neither needed nor disturbed.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![CertificateDer::from(self.server)], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        Ok(Tls { acceptor, ca_pem: self.authority_pem })
    }
}

fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// What both certificates have, and the last day that they are good for.
fn base_params(name: &str) -> Result<(CertificateParams, Date), TlsError> {
    let mut params = CertificateParams::default();
    let mut subject = DistinguishedName::new();
    subject.push(DnType::CommonName, name);
    subject.push(DnType::OrganizationName, "twinkit");
    params.distinguished_name = subject;
    let mut serial = [0; SERIAL_BYTES];
    aws_lc_rs::rand::fill(&mut serial)?;
    if let Some(first) = serial.first_mut() {
        // Neither negative nor with a leading zero.
        *first = (*first & 0x7f) | 0x40;
    }
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    let from = today().saturating_sub(1.day());
    let until = from.saturating_add(VALID_DAYS.days());
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    let date = |day: Date| date_time_ymd(day.year().into(), part(day.month()), part(day.day()));
    params.not_before = date(from);
    params.not_after = date(until);
    Ok((params, until))
}

fn san(name: &str) -> Result<rcgen::SanType, TlsError> {
    Ok(match name.parse() {
        Ok(address) => rcgen::SanType::IpAddress(address),
        Err(_) => rcgen::SanType::DnsName(name.try_into()?),
    })
}

/// The authority's certificate in a file, removed when this is dropped.
#[derive(Debug)]
pub(crate) struct CaFile {
    path: PathBuf,
}

impl CaFile {
    /// File name in a folder that the user names.
    const NAME: &'static str = "twinkit-ca.pem";

    /// Writes the file into `folder`, or under a new name into the system's
    /// folder for temporary files.
    pub(crate) fn write(pem: &str, folder: Option<&Path>) -> io::Result<Self> {
        let path = match folder {
            Some(folder) => {
                fs::create_dir_all(folder)?;
                folder.join(Self::NAME)
            }
            None => tempfile::Builder::new()
                .prefix("twinkit-ca-")
                .suffix(".pem")
                .tempfile()?
                .into_temp_path()
                .keep()?,
        };
        let file = Self { path };
        fs::write(&file.path, pem)?;
        Ok(file)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for CaFile {
    fn drop(&mut self) {
        // Nothing can be done about a file that is gone already.
        let _ = fs::remove_file(&self.path);
    }
}
