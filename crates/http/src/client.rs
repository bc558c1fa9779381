//! How every `reqwest` client of the workspace is built: redirects and repeats off,
//! time to connect bounded, dead connections noticed, own certificate authorities and
//! proxy by explicit choice. There is no switch that turns certificate checks off.

use std::fmt;
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, Proxy, Url, redirect, retry};

use crate::endpoint;

/// Long enough for a slow handshake across continents, short enough that a
/// dead host is noticed while somebody waits.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// All calls share one connection of HTTP/2. One that is dead without a word would
/// take each of them, and each repeat, until its time limit: after this pause it is
/// asked whether it is there (RFC 9113 section 6.7).
const PING_AFTER: Duration = Duration::from_secs(10);
/// How long the answer to that may take.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// The kinds of proxies that requests can go through.
const PROXIES: [&str; 6] = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// Settings of an HTTP client; the default suits the public clouds.
#[derive(Clone, Default)]
pub struct HttpClientConfig {
    ca_pem: Vec<Vec<u8>>,
    proxy: Option<String>,
    user_agent: Option<String>,
}

/// The proxy's address stays out: it may hold a password.
impl fmt::Debug for HttpClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClientConfig")
            .field("certificate_authorities", &self.ca_pem.len())
            .field("proxy", &self.proxy.is_some())
            .field("user_agent", &self.user_agent)
            .finish()
    }
}

/// Why no HTTP client could be built from the settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// The bytes given as a certificate authority are not PEM certificates.
    #[error("the certificate authority is not a PEM bundle of certificates")]
    CertificateAuthority(#[source] Option<reqwest::Error>),
    /// The proxy's address is not a URL. It is not shown, as it may hold a password.
    #[error(
        "the proxy address is not a URL such as http://HOST:PORT; special characters of a \
         password are percent-encoded"
    )]
    Proxy,
    /// There is no proxy of this kind.
    #[error("a proxy address begins with {}, not with {scheme}", PROXIES.join(", "))]
    ProxyScheme {
        /// What it begins with.
        scheme: String,
    },
    /// The TLS library or the resolver could not be set up.
    #[error("the HTTP client could not be set up")]
    Setup(#[source] reqwest::Error),
}

impl HttpClientConfig {
    /// The default settings: the system's certificate store and proxy
    /// variables, and this workspace's user agent.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Trusts the authorities of a PEM bundle as well as the system's. For
    /// private endpoints and for the emulator.
    #[must_use]
    pub fn with_ca_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_pem.push(pem.into());
        self
    }

    /// Sends everything through this proxy instead of the one that the
    /// environment names.
    #[must_use]
    pub fn with_proxy(mut self, url: impl Into<String>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Names the application behind `twinkit/VERSION` in the `User-Agent`
    /// header (RFC 9110 section 10.1.5).
    #[must_use]
    pub fn with_user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
        self.user_agent = Some(suffix.into());
        self
    }

    /// [`build`](Self::build) for a client that talks to `target`. If that is
    /// this machine, the proxy that the environment names is left aside: it
    /// could not reach it, and would see what plain `http` carries. One that
    /// was set here is used.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_for(&self, target: &Url) -> Result<Client, ClientError> {
        let builder = if endpoint::is_loopback(target) {
            Client::builder().no_proxy()
        } else {
            Client::builder()
        };
        self.build_on(builder, CONNECT_TIMEOUT)
    }

    /// Builds a client for services that belong to the machine it runs on, such
    /// as the metadata service of a virtual machine: it goes through no proxy
    /// that the environment names, and gives up on a host that does not take
    /// the connection within `connect_timeout`.
    ///
    /// # Errors
    /// As [`build`](Self::build).
    pub fn build_direct(&self, connect_timeout: Duration) -> Result<Client, ClientError> {
        self.build_on(Client::builder().no_proxy(), connect_timeout)
    }

    /// Builds the client. Redirects are never followed: a redirected token
    /// request would repeat its secret elsewhere. Referers are never sent. Nothing is
    /// repeated here: whoever calls knows what may be.
    ///
    /// # Errors
    /// [`ClientError`] names the setting that is wrong.
    pub fn build(&self) -> Result<Client, ClientError> {
        self.build_on(Client::builder(), CONNECT_TIMEOUT)
    }

    fn build_on(
        &self,
        builder: ClientBuilder,
        connect_timeout: Duration,
    ) -> Result<Client, ClientError> {
        let product = concat!("twinkit/", env!("CARGO_PKG_VERSION"));
        let agent = match &self.user_agent {
            Some(suffix) => format!("{product} {suffix}"),
            None => product.to_owned(),
        };
        let mut builder = builder
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .http2_keep_alive_interval(PING_AFTER)
            .http2_keep_alive_timeout(PING_TIMEOUT)
            .http2_keep_alive_while_idle(true)
            .connect_timeout(connect_timeout)
            .user_agent(agent);
        for pem in &self.ca_pem {
            let certificates = Certificate::from_pem_bundle(pem)
                .map_err(|e| ClientError::CertificateAuthority(Some(e)))?;
            if certificates.is_empty() {
                return Err(ClientError::CertificateAuthority(None));
            }
            builder = builder.tls_certs_merge(certificates);
        }
        if let Some(url) = &self.proxy {
            // The error would show the address.
            let proxy = Proxy::all(url).map_err(|_| ClientError::Proxy)?;
            // Without one it is a host, which is taken for one of `http`.
            let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
            if let Some(scheme) = scheme.filter(|scheme| !PROXIES.contains(&scheme.as_str())) {
                // What is no scheme may be a password.
                let is_one = scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
                let named = is_one.then_some(ClientError::ProxyScheme { scheme });
                return Err(named.unwrap_or(ClientError::Proxy));
            }
            builder = builder.proxy(proxy);
        }
        builder.build().map_err(ClientError::Setup)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxy_password_is_never_shown() {
        let config = HttpClientConfig::new().with_proxy("http://user:canary@proxy.example");
        assert!(config.build().is_ok());
        assert!(!format!("{config:?}").contains("canary"));
        for odd in
            ["u:canary/x@p:8080", "u:canary#x@p", "u:canary?@p:1", "u:canary@h://x", "::canary"]
        {
            let error = HttpClientConfig::new().with_proxy(odd).build().unwrap_err();
            let mut causes =
                std::iter::successors(Some(&error as &dyn std::error::Error), |error| {
                    error.source()
                });
            assert!(causes.all(|cause| !format!("{cause} {cause:?}").contains("canary")), "{odd}");
        }
    }

    #[test]
    fn wrong_settings_are_named() {
        assert!(HttpClientConfig::new().with_user_agent_suffix("app/1").build().is_ok());
        let error = HttpClientConfig::new().with_ca_pem("not pem").build().unwrap_err();
        assert!(matches!(error, ClientError::CertificateAuthority(None)));
        let error = HttpClientConfig::new().with_proxy("::").build().unwrap_err();
        assert!(matches!(error, ClientError::Proxy));
        assert!(HttpClientConfig::new().with_proxy("socks5h://proxy.example:1080").build().is_ok());
        let error = HttpClientConfig::new().with_proxy("FTP://u:canary@p.example").build();
        let error = error.unwrap_err();
        assert!(error.to_string().contains("not with ftp"), "{error}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
        let error = HttpClientConfig::new().with_user_agent_suffix("a\nb").build().unwrap_err();
        assert!(matches!(error, ClientError::Setup(_)));
    }
}
