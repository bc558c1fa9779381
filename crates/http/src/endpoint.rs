//! Which base URLs may be spoken to: `https`, or `http` to this machine, or
//! `http` elsewhere by explicit permission. Checked before anything is sent.

use std::net::IpAddr;

use reqwest::Url;

/// Why a text cannot serve as the base URL of a service. No variant repeats
/// user name, password, query or fragment of the URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// Not an absolute URL.
    #[error("not an absolute URL ({reason}); write it as https://HOST")]
    NotAUrl {
        /// What the URL parser said.
        reason: String,
    },
    /// A scheme other than `http` and `https`.
    #[error("the scheme {scheme:?} is not https; write the endpoint as https://HOST")]
    Scheme {
        /// The scheme met.
        scheme: String,
    },
    /// Plain `http` to another machine without permission.
    #[error(
        "http to {host} would send tokens in clear text; use https, or allow plain http explicitly"
    )]
    PlainHttp {
        /// The host named.
        host: String,
    },
    /// User name or password in the URL.
    #[error("the endpoint carries a user name or password; credentials are given apart")]
    UserInfo,
    /// A query or a fragment in the URL.
    #[error("the endpoint carries a query or a fragment; give scheme, host and path only")]
    QueryOrFragment,
}

/// Parses and checks the base URL of a service. The path is kept; the caller
/// decides what a trailing `/` means.
///
/// # Errors
/// [`EndpointError`], each variant naming its cure.
pub fn parse(text: &str, allow_http: bool) -> Result<Url, EndpointError> {
    let url =
        Url::parse(text.trim()).map_err(|e| EndpointError::NotAUrl { reason: e.to_string() })?;
    match url.scheme() {
        "https" => {}
        "http" if allow_http || is_loopback(&url) => {}
        "http" => {
            let host = url.host_str().unwrap_or_default().to_owned();
            return Err(EndpointError::PlainHttp { host });
        }
        scheme => return Err(EndpointError::Scheme { scheme: scheme.to_owned() }),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::UserInfo);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(EndpointError::QueryOrFragment);
    }
    Ok(url)
}

/// Whether the URL's host is this machine by name or address: `localhost`,
/// `127.0.0.0/8` or `::1`. Names are not resolved.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn https_and_loopback_are_taken() {
        for text in [
            "https://a.example",
            " https://a.example/base/ ",
            "http://localhost:1",
            "http://127.9.9.9:1",
            "http://[::1]:80",
        ] {
            assert!(parse(text, false).is_ok(), "{text}");
        }
        assert!(parse("http://a.example", true).is_ok());
    }

    #[test]
    fn everything_else_is_refused_with_a_cure() {
        let refused = |text| parse(text, false).unwrap_err();
        assert!(matches!(refused("a.example"), EndpointError::NotAUrl { .. }));
        assert!(matches!(refused(""), EndpointError::NotAUrl { .. }));
        assert!(matches!(refused("ftp://a.example"), EndpointError::Scheme { .. }));
        assert!(matches!(refused("http://a.example"), EndpointError::PlainHttp { .. }));
        assert!(matches!(refused("http://localhost.evil"), EndpointError::PlainHttp { .. }));
        assert_eq!(refused("https://u:p@a.example"), EndpointError::UserInfo);
        assert_eq!(refused("https://a.example?x"), EndpointError::QueryOrFragment);
        assert_eq!(refused("https://a.example#x"), EndpointError::QueryOrFragment);
        assert!(!refused("https://user:canary@a.example").to_string().contains("canary"));
    }
}
