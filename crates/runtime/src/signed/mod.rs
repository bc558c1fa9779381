//! Requests to signed addresses: places at a storage service that whoever holds
//! the address may read or write. They go over the client's connections, are
//! repeated by the same [table](crate::retry), and cannot carry its credential:
//! what makes them holds none, nor the headers of the client's options or its
//! trace context.
//!
//! The address is a secret: nothing shows more of it than the place. This
//! module must not know which platform hands addresses out, nor how a storage
//! service takes large contents.

mod body;
mod client;
mod disk;
mod download;
mod file_source;
mod part_file;
mod range;
mod request;
mod sink;

use std::fmt;

use reqwest::Url;
use twinkit_http::{Origin, endpoint};

pub use body::ByteSource;
pub use client::SignedClient;
pub use download::{DownloadPoint, SignedDownload};
pub use file_source::FileSource;
#[cfg(feature = "_fuzzing")]
pub(crate) use range::content_range;
pub use request::SignedRequest;
pub use sink::FileSink;

use crate::{Error, ErrorKind, Secret};

/// The platform hands the address out, so that no setting of a client mends it.
const UNREACHABLE: &str =
    "check whether the network and the proxy settings let this machine reach the storage service";

/// An address that holds its own permission.
#[derive(Clone)]
pub struct SignedAddress(Url);

impl SignedAddress {
    /// Reads an address as a service gave it.
    ///
    /// # Errors
    /// It is not an absolute URL of `https` (or of `http` on this machine), or
    /// carries a user name. The text is not shown.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|reason| Error::InvalidRequest(unusable(reason)))
    }

    /// [`parse`](Self::parse) for an address that the answer of `operation` holds.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] of that operation.
    pub fn of_answer(text: &Secret, operation: &'static str) -> Result<Self, Error> {
        Self::read(text.expose()).map_err(|reason| {
            Error::new(ErrorKind::Decode, unusable(reason)).in_operation(operation)
        })
    }

    fn read(text: &str) -> Result<Self, &'static str> {
        let url = Url::parse(text.trim()).map_err(|_| "it is not an absolute URL")?;
        let is_safe = match url.scheme() {
            "https" => true,
            "http" => endpoint::is_loopback(&url),
            _ => false,
        };
        if !is_safe || url.host_str().is_none() {
            return Err("it is not of https");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it carries a user name");
        }
        Ok(Self(url))
    }

    /// The place without the signature: origin and path.
    #[must_use]
    pub fn place(&self) -> String {
        twinkit_http::redact::url(&self.0)
    }

    /// The whole address. Who holds it, may do what it allows.
    #[must_use]
    pub fn to_secret(&self) -> Secret {
        Secret::from(self.0.as_str())
    }

    /// Whether the address carries this query parameter.
    #[must_use]
    pub fn has_parameter(&self, name: &str) -> bool {
        self.0.query_pairs().any(|(known, _)| known.eq_ignore_ascii_case(name))
    }

    /// The same address with a parameter more. The signature stays as it is.
    #[must_use]
    pub fn with_parameter(&self, name: &str, value: &str) -> Self {
        let mut url = self.0.clone();
        // Appended by hand: the parameters that are there must keep their spelling.
        let more = query::encoded(name, value);
        let query = match url.query() {
            Some(query) if !query.is_empty() => format!("{query}&{more}"),
            _ => more,
        };
        url.set_query(Some(&query));
        Self(url)
    }

    /// The address of something below this one, for addresses of whole containers:
    /// `path` is not yet encoded, its parts are parted by `/`.
    ///
    /// # Errors
    /// A part is empty, `.` or `..`.
    pub fn below(&self, path: &str) -> Result<Self, Error> {
        let mut url = self.0.clone();
        let mut full = url.path().trim_end_matches('/').to_owned();
        for part in path.split('/') {
            if matches!(part, "" | "." | "..") || part.contains(|c: char| c.is_control()) {
                return Err(Error::InvalidRequest(format!(
                    "{path:?} names no place in a container"
                )));
            }
            full = format!("{full}/{}", crate::PathSegment(part));
        }
        url.set_path(&full);
        Ok(Self(url))
    }

    /// Says in an error who it is about, which is not the platform.
    fn name_in(&self, error: &mut Error) {
        let message = error.message().unwrap_or_default();
        let message = format!("{}: {message}", self.origin());
        let is_unreachable = error.kind() == ErrorKind::Connect && error.is_retryable();
        let facts = error.facts_mut();
        facts.message = Some(message);
        if is_unreachable {
            facts.hint = Some(UNREACHABLE.into());
        }
    }

    fn origin(&self) -> String {
        Origin::of(&self.0).map_or_else(String::new, |origin| origin.to_string())
    }
}

fn unusable(reason: &str) -> String {
    format!("the signed address cannot be used: {reason}")
}

mod query {
    /// A query parameter, encoded.
    pub(super) fn encoded(name: &str, value: &str) -> String {
        let mut url = reqwest::Url::parse("x:y").ok();
        if let Some(url) = &mut url {
            url.query_pairs_mut().append_pair(name, value);
        }
        url.as_ref().and_then(|url| url.query()).unwrap_or_default().to_owned()
    }
}

impl TryFrom<&Secret> for SignedAddress {
    type Error = Error;

    fn try_from(text: &Secret) -> Result<Self, Error> {
        Self::parse(text.expose())
    }
}

/// The place, without what opens it.
impl fmt::Debug for SignedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignedAddress({}?***)", self.place())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_kept_as_signed_and_not_shown() {
        let text = "https://a.blob.example/c/b%20x?sv=1&sig=can%2Bary%3D";
        let address = SignedAddress::parse(text).unwrap();
        let more = address.with_parameter("blockid", "a=/+");
        assert_eq!(more.0.as_str(), format!("{text}&blockid=a%3D%2F%2B"));
        assert_eq!(address.place(), "https://a.blob.example/c/b%20x");
        assert!(!format!("{address:?}").contains("ary"));
        let below = address.below("d e/f?g").unwrap();
        assert_eq!(
            below.0.as_str(),
            "https://a.blob.example/c/b%20x/d%20e/f%3Fg?sv=1&sig=can%2Bary%3D"
        );
        for path in ["", "a//b", "../a", "/a"] {
            assert!(address.below(path).is_err(), "{path}");
        }
    }

    #[test]
    fn what_would_show_the_address_is_refused_without_showing_it() {
        for text in
            ["canary", "http://storage.example/canary", "ftp://x/canary", "https://canary@x/"]
        {
            let error = SignedAddress::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            let error = SignedAddress::of_answer(&Secret::from(text), "get_x").unwrap_err();
            assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
            assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some("get_x")));
        }
        assert!(SignedAddress::parse("http://127.0.0.1:1/x").is_ok());
    }
}
