//! Where IMS listens.

use std::fmt;

use reqwest::Url;
use twinkit_http::{Origin, endpoint};

use crate::{AuthError, AuthErrorKind};

const NAME: &str = "IMS host";

/// The base address of an IMS: production unless another is named. A named one
/// is trusted with the client's secret.
#[derive(Clone, PartialEq, Eq)]
pub struct ImsHost(Url);

impl ImsHost {
    /// Production; its tokens are for `https://api.bentley.com`.
    pub const PRODUCTION: &'static str = "https://ims.bentley.com";
    /// The environment for quality assurance; its tokens are for
    /// `https://qa-api.bentley.com`. Most accounts exist in production only.
    pub const QA: &'static str = "https://qa-ims.bentley.com";

    /// Reads a base address: a URL, or a bare host name, which means `https`.
    /// Plain `http` is taken only for this machine.
    ///
    /// # Errors
    /// Not a URL, another scheme, `http` to another machine, or a user name,
    /// query or fragment in it.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        endpoint::parse(&full, false).map(Self).map_err(|error| {
            let message = format!("not the address of an IMS: {error}");
            AuthError::new(AuthErrorKind::Config, NAME, message)
                .with_hint(format!("write it like {}", Self::PRODUCTION))
        })
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// The token endpoint.
    pub(super) fn token_url(&self) -> Url {
        self.endpoint("token")
    }

    /// Where a person's browser is sent to sign in.
    #[cfg(feature = "interactive")]
    pub(super) fn authorize_url(&self) -> Url {
        self.endpoint("authorize")
    }

    fn endpoint(&self, name: &str) -> Url {
        let mut url = self.0.clone();
        // Fails only for URLs without a host, which are refused.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["connect", name]);
        }
        url
    }
}

impl fmt::Display for ImsHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Origin::of(&self.0) {
            Some(origin) => origin.fmt(f),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ImsHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ImsHost({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_host_gives_the_endpoint() {
        for text in [ImsHost::QA, "qa-ims.bentley.com", " https://qa-ims.bentley.com/ "] {
            let host = ImsHost::parse(text).unwrap();
            assert_eq!(host.token_url().as_str(), "https://qa-ims.bentley.com/connect/token");
            assert_eq!(host.to_string(), ImsHost::QA);
        }
        let local = ImsHost::parse("http://localhost:1/base").unwrap();
        assert_eq!(local.token_url().as_str(), "http://localhost:1/base/connect/token");
        for bad in ["", "http://ims.example", "https://u:canary@ims.example"] {
            let error = ImsHost::parse(bad).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config, "{bad}");
            assert!(!format!("{error:?}").contains("canary"));
        }
    }
}
