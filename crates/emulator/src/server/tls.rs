//! A certificate authority for one emulator, and the server certificate it
//! signs.
//!
//! Both satisfy OpenSSL's strict checks, which Python 3.13 switched on: critical
//! basic constraints, key usage, subject and authority key identifiers (RFC
//! 5280, section 4.2), and a life below 825 days. Keys never leave memory.

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
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio_rustls::TlsAcceptor;

/// Days that the certificates are good for, counted from the day before start.
const VALID_DAYS: i64 = 397;
/// Bytes of a serial number; RFC 5280 allows 20, positive.
const SERIAL_BYTES: usize = 16;

/// What a listener needs to speak TLS, and the text that makes it trusted.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    pub(crate) ca_pem: String,
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
}

impl Tls {
    /// Makes a new authority and a certificate for `localhost`, `127.0.0.1` and
    /// `::1`.
    pub(crate) fn generate() -> Result<Self, TlsError> {
        let mut authority = base_params("twinkit emulator local CA")?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

        let mut server = base_params("localhost")?;
        for name in ["localhost", "127.0.0.1", "::1"] {
            server.subject_alt_names.push(san(name)?);
        }
        server.is_ca = IsCa::ExplicitNoCa;
        server.use_authority_key_identifier_extension = true;
        server.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        server.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        let server_key = KeyPair::generate()?;
        let certificate = server.signed_by(&server_key, &issuer)?;

        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(server_key.serialize_der()));
        // The provider is named here, so that another one that the program may
        // have installed for the process is neither needed nor disturbed.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem: issuer.pem() })
    }
}

fn base_params(name: &str) -> Result<CertificateParams, TlsError> {
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
    let today = Timestamp::now().to_zoned(TimeZone::UTC).date();
    let from = today.saturating_sub(1.day());
    let until = from.saturating_add(VALID_DAYS.days());
    let part = |number: i8| u8::try_from(number).unwrap_or(1);
    let date = |day: Date| date_time_ymd(day.year().into(), part(day.month()), part(day.day()));
    params.not_before = date(from);
    params.not_after = date(until);
    Ok(params)
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
