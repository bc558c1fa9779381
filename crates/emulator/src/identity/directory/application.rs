//! Applications: how they prove who they are, where their users come back to,
//! and what they offer to others.

use std::time::Duration;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::Url;

use super::{new_id, seed::TENANT_ID};

/// Audience of federated tokens in the public cloud.
pub const FEDERATION_AUDIENCE: &str = "api://AzureADTokenExchange";

/// An application with its enterprise application (service principal).
#[derive(Clone, Debug)]
pub struct Application {
    /// The tenant it lives in.
    pub tenant_id: String,
    /// The application (client) id that signs in.
    pub client_id: String,
    /// The enterprise application's object id, the token's `oid`.
    pub object_id: String,
    /// What users read when they sign in to it.
    pub display_name: String,
    /// The secrets that open it.
    pub secrets: Vec<SecretString>,
    /// Secrets that opened it once; they are refused as expired.
    pub expired_secrets: Vec<SecretString>,
    /// The certificates that open it, in DER.
    pub certificates: Vec<Vec<u8>>,
    /// The foreign tokens that open it.
    pub federated_credentials: Vec<FederatedCredential>,
    /// A public client has no secret: a program on its user's machine. Its
    /// users sign in with PKCE or a device code.
    pub is_public: bool,
    /// Where users may be sent back to. The port does not matter for
    /// `http://localhost` and `http://127.0.0.1`.
    pub redirect_uris: Vec<String>,
    /// What it offers to other applications, if it is an API.
    pub api: Option<Api>,
    /// Whether each user must agree before it may act for them. If not, an
    /// administrator has agreed for all.
    pub requires_consent: bool,
    /// How long its tokens live; `None` takes the directory's value.
    pub token_lifetime: Option<Duration>,
    /// Application roles, the token's `roles`.
    pub app_roles: Vec<String>,
}

/// The delegated permissions that an application offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Api {
    /// Its address in scopes, such as `api://{client id}`. The client id itself
    /// stands for it too.
    pub identifier_uri: String,
    /// The names of its scopes, such as `access_as_user`.
    pub scopes: Vec<String>,
}

/// Which foreign tokens open an application; all three must match exactly.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FederatedCredential {
    /// The `iss` of the token.
    pub issuer: String,
    /// The `sub` of the token.
    pub subject: String,
    /// The `aud` of the token, mostly [`FEDERATION_AUDIENCE`].
    pub audience: String,
}

/// How an application is written down. Apart from it, so that nothing but what keeps
/// the directory can write its secrets.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Application", rename_all = "camelCase")]
pub(crate) struct ApplicationForm {
    tenant_id: String,
    client_id: String,
    object_id: String,
    display_name: String,
    #[serde(with = "crate::data::secrets")]
    secrets: Vec<SecretString>,
    #[serde(with = "crate::data::secrets")]
    expired_secrets: Vec<SecretString>,
    certificates: Vec<Vec<u8>>,
    federated_credentials: Vec<FederatedCredential>,
    is_public: bool,
    redirect_uris: Vec<String>,
    api: Option<Api>,
    requires_consent: bool,
    token_lifetime: Option<Duration>,
    app_roles: Vec<String>,
}

/// An application in the directory.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Registered(#[serde(with = "ApplicationForm")] pub(super) Application);

impl Application {
    /// A confidential application of the default tenant with one secret, fresh
    /// ids and no role anywhere.
    #[must_use]
    pub fn new(secret: SecretString) -> Self {
        Self { secrets: vec![secret], is_public: false, ..Self::public(&[]) }
    }

    /// A public application of the default tenant with fresh ids.
    #[must_use]
    pub fn public(redirect_uris: &[&str]) -> Self {
        Self {
            tenant_id: TENANT_ID.to_owned(),
            client_id: new_id(),
            object_id: new_id(),
            display_name: "An application".to_owned(),
            secrets: Vec::new(),
            expired_secrets: Vec::new(),
            certificates: Vec::new(),
            federated_credentials: Vec::new(),
            is_public: true,
            redirect_uris: redirect_uris.iter().map(|&uri| uri.to_owned()).collect(),
            api: None,
            requires_consent: false,
            token_lifetime: None,
            app_roles: Vec::new(),
        }
    }

    pub(crate) fn is_opened_by(&self, secret: &str) -> bool {
        contains(&self.secrets, secret)
    }

    pub(crate) fn was_opened_by(&self, secret: &str) -> bool {
        contains(&self.expired_secrets, secret)
    }

    /// Whether `audience` names this application.
    pub(crate) fn is_named(&self, audience: &str) -> bool {
        let audience = audience.trim_end_matches('/');
        let by_address =
            self.api.as_ref().is_some_and(|api| api.identifier_uri.eq_ignore_ascii_case(audience));
        let id = audience.strip_prefix("api://").unwrap_or(audience);
        by_address || id.eq_ignore_ascii_case(&self.client_id)
    }

    pub(crate) fn takes_redirect(&self, uri: &str) -> bool {
        let Ok(given) = Url::parse(uri) else { return false };
        given.fragment().is_none()
            && self.redirect_uris.iter().any(|known| {
                known == uri || Url::parse(known).is_ok_and(|known| differ_in_port(known, &given))
            })
    }
}

fn contains(secrets: &[SecretString], secret: &str) -> bool {
    secrets.iter().any(|known| {
        verify_slices_are_equal(known.expose_secret().as_bytes(), secret.as_bytes()).is_ok()
    })
}

/// Two loopback addresses that are the same but for the port (RFC 8252,
/// section 7.3).
fn differ_in_port(mut known: Url, given: &Url) -> bool {
    let is_loopback = known.scheme() == "http"
        && matches!(known.host_str(), Some("localhost" | "127.0.0.1"))
        && known.set_port(given.port()).is_ok();
    is_loopback && known == *given
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_matters_on_loopback_only() {
        let application = Application::public(&[
            "http://localhost",
            "http://127.0.0.1/cb",
            "https://app.example/cb",
            "msal1://auth",
        ]);
        for uri in [
            "http://localhost",
            "http://localhost:8400/",
            "http://127.0.0.1:1/cb",
            "https://app.example/cb",
            "msal1://auth",
        ] {
            assert!(application.takes_redirect(uri), "{uri}");
        }
        for uri in [
            "http://localhost:8400/other",
            "https://localhost",
            "http://localhost@evil.example/",
            "http://localhost:1/#x",
            "http://user@localhost:1/",
            "https://app.example:8443/cb",
            "https://app.example/cb/",
            "msal2://auth",
            "",
            "not a uri",
        ] {
            assert!(!application.takes_redirect(uri), "{uri}");
        }
    }

    #[test]
    fn an_audience_names_an_api_by_id_or_address() {
        let api = Api { identifier_uri: "https://api.example/x".to_owned(), scopes: Vec::new() };
        let application =
            Application { client_id: "a1".to_owned(), api: Some(api), ..Application::public(&[]) };
        for name in ["a1", "api://A1", "https://api.example/x", "https://api.example/x/"] {
            assert!(application.is_named(name), "{name}");
        }
        assert!(!application.is_named("a2"));
    }
}
