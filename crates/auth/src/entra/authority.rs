//! Where an Entra ID authority listens: its host, and the token endpoint of a
//! tenant on it. Endpoints are known by their layout; nothing is discovered.

use std::fmt;

use reqwest::Url;
use twinkit_http::{Origin, endpoint};

use crate::{AuthError, AuthErrorKind};

const NAME: &str = "authority";

/// The base address of an authority: the public cloud's unless another is
/// named. A named authority is trusted with the client's secret.
///
/// A sovereign cloud has an authority of its own and may have other audiences:
/// set the authority on the credential's builder, and the scope
/// (`AUDIENCE/.default`) on the platform's client. For Azure Digital
/// Twins and IoT Central in other clouds no audience is documented; the public
/// one is the first to try. Newer sovereign authorities are
/// `login.sovcloud-identity.fr`, `.de` and `.sg`.
#[derive(Clone, PartialEq, Eq)]
pub struct AuthorityHost(Url);

impl AuthorityHost {
    /// The public cloud's authority.
    pub const PUBLIC: &'static str = "https://login.microsoftonline.com";
    /// The authority for the government of the United States.
    pub const US_GOVERNMENT: &'static str = "https://login.microsoftonline.us";
    /// The authority of the cloud in China, run by 21Vianet.
    pub const CHINA: &'static str = "https://login.chinacloudapi.cn";

    /// Reads an authority as `AZURE_AUTHORITY_HOST` holds it: a URL, or a bare
    /// host name, which means `https`. Plain `http` is taken only for this
    /// machine.
    ///
    /// # Errors
    /// Not a URL, another scheme, `http` to another machine, or a user name,
    /// query or fragment in it.
    pub fn parse(text: &str) -> Result<Self, AuthError> {
        let text = text.trim();
        let full = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
        endpoint::parse(&full, false).map(Self).map_err(|error| {
            AuthError::new(AuthErrorKind::Config, NAME, format!("not an authority: {error}"))
                .with_hint(format!("write it like {}", Self::PUBLIC))
        })
    }

    pub(super) fn url(&self) -> &Url {
        &self.0
    }

    /// The v2.0 token endpoint of `tenant`, which has been checked.
    pub(super) fn token_url(&self, tenant: &str) -> Url {
        self.endpoint(tenant, "token")
    }

    /// Where a person's browser is sent to sign in.
    pub(super) fn authorize_url(&self, tenant: &str) -> Url {
        self.endpoint(tenant, "authorize")
    }

    /// Where a code for sign-in on another device is had (RFC 8628).
    pub(super) fn device_code_url(&self, tenant: &str) -> Url {
        self.endpoint(tenant, "devicecode")
    }

    /// AD FS, named by the tenant `adfs`, has no versions in its paths.
    fn endpoint(&self, tenant: &str, name: &str) -> Url {
        let mut url = self.0.clone();
        let version = (!tenant.eq_ignore_ascii_case("adfs")).then_some("v2.0");
        // Fails only for URLs without a host, which are no authorities.
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend([tenant, "oauth2"]).extend(version).push(name);
        }
        url
    }
}

impl fmt::Display for AuthorityHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match Origin::of(&self.0) {
            Some(origin) => origin.fmt(f),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for AuthorityHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AuthorityHost({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token_url(authority: &str, tenant: &str) -> String {
        AuthorityHost::parse(authority).unwrap().token_url(tenant).to_string()
    }

    #[test]
    fn every_form_of_an_authority_gives_the_endpoint() {
        let expected = "https://login.microsoftonline.us/t/oauth2/v2.0/token";
        for text in [
            "https://login.microsoftonline.us",
            "https://login.microsoftonline.us/",
            " login.microsoftonline.us ",
            "HTTPS://LOGIN.microsoftonline.us:443",
        ] {
            assert_eq!(token_url(text, "t"), expected, "{text}");
        }
        assert_eq!(
            token_url("http://localhost:8080/base/", "t.example"),
            "http://localhost:8080/base/t.example/oauth2/v2.0/token"
        );
        assert_eq!(token_url("https://fs.example", "adfs"), "https://fs.example/adfs/oauth2/token");
        for known in [AuthorityHost::PUBLIC, AuthorityHost::US_GOVERNMENT, AuthorityHost::CHINA] {
            assert_eq!(AuthorityHost::parse(known).unwrap().to_string(), known);
        }
    }

    #[test]
    fn unsafe_authorities_are_refused_without_their_password() {
        for text in [
            "",
            "http://login.example",
            "ftp://login.example",
            "https://u:canary@login.example",
            "https://login.example?canary",
            "https://login.example#canary",
            "https://a b",
        ] {
            let error = AuthorityHost::parse(text).unwrap_err();
            assert_eq!(error.kind(), AuthErrorKind::Config, "{text}");
            assert!(!format!("{error} {error:?}").contains("canary"), "{text}");
        }
    }
}
