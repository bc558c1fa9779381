//! Origins (scheme, host, port: RFC 6454) and sets of them. This is what binds
//! a credential to the server it was made for; it knows nothing of credentials.

use std::fmt;

use reqwest::Url;

use crate::EndpointError;

/// Scheme, host and port of a URL. Two URLs have the same origin only if all
/// three are equal; a missing port means the scheme's own.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of an absolute `http` or `https` URL; path and query are left
    /// out.
    ///
    /// # Errors
    /// [`EndpointError`] if the text is not such a URL.
    pub fn parse(url: &str) -> Result<Self, EndpointError> {
        let url = Url::parse(url).map_err(|e| EndpointError::NotAUrl { reason: e.to_string() })?;
        Self::of(&url).ok_or_else(|| EndpointError::Scheme { scheme: url.scheme().to_owned() })
    }

    /// The origin of a parsed URL, or `None` if it is not `http` or `https`.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        Some(Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str()?.to_owned(),
            port: url.port_or_known_default()?,
        })
    }

    /// Whether `url` lies on this origin. Allocates nothing: it is asked for
    /// each request.
    #[must_use]
    pub fn contains(&self, url: &Url) -> bool {
        url.scheme() == self.scheme
            && url.host_str() == Some(self.host.as_str())
            && url.port_or_known_default() == Some(self.port)
    }

    /// Host name or address, IPv6 in brackets, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Port, the scheme's own if the URL named none.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host)?;
        match (self.scheme.as_str(), self.port) {
            ("https", 443) | ("http", 80) => Ok(()),
            (_, port) => write!(f, ":{port}"),
        }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

/// The origins that a credential may be sent to. Mostly one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OriginSet(Vec<Origin>);

impl OriginSet {
    /// An empty set: nothing may be sent anywhere.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The set with `origin` added.
    #[must_use]
    pub fn with(mut self, origin: Origin) -> Self {
        if !self.0.contains(&origin) {
            self.0.push(origin);
        }
        self
    }

    /// Whether `url` lies on one of the origins.
    #[must_use]
    pub fn contains(&self, url: &Url) -> bool {
        self.0.iter().any(|origin| origin.contains(url))
    }

    /// The origins, in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Origin> {
        self.0.iter()
    }
}

impl From<Origin> for OriginSet {
    fn from(origin: Origin) -> Self {
        Self(vec![origin])
    }
}

impl FromIterator<Origin> for OriginSet {
    fn from_iter<I: IntoIterator<Item = Origin>>(origins: I) -> Self {
        origins.into_iter().fold(Self::new(), Self::with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_ports_and_case_do_not_matter() {
        let bare = Origin::parse("https://a.example").unwrap();
        assert_eq!(bare, Origin::parse("HTTPS://A.example:443/x?y#z").unwrap());
        assert_eq!(bare.to_string(), "https://a.example");
        assert_eq!(Origin::parse("http://[::1]:8080/").unwrap().to_string(), "http://[::1]:8080");
    }

    #[test]
    fn scheme_host_and_port_all_count() {
        let set = OriginSet::from(Origin::parse("https://a.example").unwrap());
        for other in [
            "http://a.example/",
            "https://a.example:8443/",
            "https://b.example/",
            "https://a.example.evil/",
            "https://evil/https://a.example/",
            "ftp://a.example/",
        ] {
            assert!(!set.contains(&Url::parse(other).unwrap()), "{other}");
        }
        assert!(set.contains(&Url::parse("https://user@a.example/path").unwrap()));
    }

    #[test]
    fn other_schemes_and_texts_are_refused() {
        assert!(matches!(Origin::parse("mailto:x@y"), Err(EndpointError::Scheme { .. })));
        assert!(matches!(Origin::parse("a.example"), Err(EndpointError::NotAUrl { .. })));
    }
}
