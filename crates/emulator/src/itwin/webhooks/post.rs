//! One POST to a callback, over HTTP/1.1, with a connection of its own.

use std::{io, sync::Arc};

use bytes::Bytes;
use http::{Request, StatusCode, header};
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, InvalidDnsNameError, ServerName, pem::PemObject},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;
use url::{Host, Url};

/// Why a message did not arrive.
#[derive(Debug, thiserror::Error)]
pub(super) enum Undelivered {
    #[error("the callback has no address")]
    Address,
    #[error("no connection to the callback")]
    Connection(#[from] io::Error),
    #[error("the name of the callback is none")]
    Name(#[from] InvalidDnsNameError),
    #[error("the callback does not speak HTTP/1.1")]
    Http(#[from] hyper::Error),
    #[error("no request can be made for the callback")]
    Request(#[from] http::Error),
    #[error("the callback did not answer in time")]
    Late,
    #[error("the callback answered {0}")]
    Refused(StatusCode),
}

/// Why roots were not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RootsError {
    #[error("a root certificate for callbacks is no PEM")]
    Pem(#[from] rustls::pki_types::pem::Error),
    #[error("a root certificate for callbacks was refused by the TLS library")]
    Tls(#[from] rustls::Error),
}

/// Sends messages.
pub(super) struct Poster {
    connector: TlsConnector,
}

impl Poster {
    /// With certificates in PEM that are trusted.
    pub(super) fn new(roots: &[String]) -> Result<Self, RootsError> {
        let mut store = RootCertStore::empty();
        for pem in roots {
            for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
                store.add(certificate?)?;
            }
        }
        // The provider is named here, as for the listeners.
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(store)
            .with_no_client_auth();
        Ok(Self { connector: TlsConnector::from(Arc::new(config)) })
    }

    /// Sends a body with its signature; any answer but a success is a failure.
    pub(super) async fn post(
        &self,
        url: &str,
        signature: &str,
        body: Bytes,
    ) -> Result<(), Undelivered> {
        let url = Url::parse(url).map_err(|_| Undelivered::Address)?;
        let request = request(&url, signature, body)?;
        let port = url.port_or_known_default().ok_or(Undelivered::Address)?;
        let (stream, name) = match url.host() {
            Some(Host::Domain(name)) => {
                let stream = TcpStream::connect((name, port)).await?;
                (stream, ServerName::try_from(name.to_owned())?)
            }
            Some(Host::Ipv4(address)) => (
                TcpStream::connect((address, port)).await?,
                ServerName::from(std::net::IpAddr::from(address)),
            ),
            Some(Host::Ipv6(address)) => (
                TcpStream::connect((address, port)).await?,
                ServerName::from(std::net::IpAddr::from(address)),
            ),
            None => return Err(Undelivered::Address),
        };
        let status = if url.scheme() == "https" {
            exchange(self.connector.connect(name, stream).await?, request).await?
        } else {
            exchange(stream, request).await?
        };
        if status.is_success() { Ok(()) } else { Err(Undelivered::Refused(status)) }
    }
}

fn request(url: &Url, signature: &str, body: Bytes) -> Result<Request<Full<Bytes>>, http::Error> {
    let target = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    // The host with its port unless that is the usual one.
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Request::post(target)
        .header(header::HOST, host)
        .header(header::CONTENT_TYPE, "application/json")
        .header("signature", signature)
        .body(Full::new(body))
}

/// Sends the request and reads the head of the answer.
async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<StatusCode, hyper::Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, mut connection) = http1::handshake(TokioIo::new(stream)).await?;
    let mut answer = std::pin::pin!(sender.send_request(request));
    let response = tokio::select! {
        response = &mut answer => response?,
        // The connection is at its end; what it brought is the answer, or its lack.
        ended = &mut connection => {
            ended?;
            answer.await?
        }
    };
    Ok(response.status())
}
