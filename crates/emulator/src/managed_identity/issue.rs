//! From a request to a token: the rules that all hosts share.

use super::{
    ExpiresOn, Hosts,
    call::{Call, Repeated},
};
use crate::identity::{
    Application, Client, Order, Proof, SYSTEM_IDENTITY_CLIENT_ID, SYSTEM_IDENTITY_OBJECT_ID,
    TENANT_ID, USER_IDENTITY_CLIENT_ID, USER_IDENTITY_OBJECT_ID, USER_IDENTITY_RESOURCE_ID,
};

/// Ids by which a request may name an identity.
#[derive(Clone, Copy)]
pub(super) enum IdKind {
    Client,
    Object,
    Resource,
}

/// Why there is no token.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A parameter is not there.
    Missing(&'static str),
    /// A parameter, or the choice of an identity, is there more than once.
    Repeated(&'static str),
    /// No such version.
    Version(String),
    /// No such identity is assigned.
    Identity,
    /// No such resource in the tenant.
    Resource(String),
    /// The key would not sign.
    Signing,
}

impl Refusal {
    /// A sentence for people.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Missing(name) => format!("The parameter '{name}' is missing."),
            Self::Repeated(name) => format!("The parameter '{name}' is given more than once."),
            Self::Version(version) => {
                format!("The api-version '{version}' is not one that this host takes.")
            }
            Self::Identity => "Identity not found".to_owned(),
            Self::Resource(resource) => {
                format!("AADSTS500011: The resource '{resource}' has no principal in the tenant.")
            }
            Self::Signing => "The token could not be signed.".to_owned(),
        }
    }
}

/// A token with all that any host tells about it.
pub(super) struct Granted {
    pub(super) token: String,
    pub(super) resource: String,
    pub(super) client_id: String,
    pub(super) lifetime_seconds: u64,
    pub(super) not_before: i64,
    pub(super) expires_on: i64,
    /// The parameter and the id by which the identity was asked for.
    pub(super) asked_by: Option<(&'static str, String)>,
}

/// What one host takes.
pub(super) struct Dialect {
    /// Whether a version of the right form is served; `None` if none is asked for.
    pub(super) version: Option<fn(&str) -> bool>,
    /// Parameters that name an identity.
    pub(super) ids: &'static [(&'static str, IdKind)],
}

/// Whether the text is a date not before `oldest`.
pub(super) fn is_version_from(oldest: &str, text: &str) -> bool {
    let is_date = text.len() == oldest.len()
        && text.bytes().zip(oldest.bytes()).all(|(given, known)| {
            given == known || (given.is_ascii_digit() && known.is_ascii_digit())
        });
    is_date && text >= oldest
}

impl Hosts {
    /// Judges a request whose sender has shown that it may ask.
    pub(super) fn grant(&self, call: &Call, dialect: &Dialect) -> Result<Granted, Refusal> {
        if let Some(served) = dialect.version {
            let version = require(call, "api-version")?;
            if !served(version) {
                return Err(Refusal::Version(version.to_owned()));
            }
        }
        let resource = require(call, "resource")?;
        let asked_by = asked_by(call, dialect)?;
        let identity = self
            .identity(asked_by.as_ref().map(|(_, kind, id)| (*kind, id.as_str())))
            .ok_or(Refusal::Identity)?;
        let authority = &self.authority;
        if authority.directory.resource(resource).is_none() {
            return Err(Refusal::Resource(resource.to_owned()));
        }
        let client = Client { application: identity, proof: Proof::Assertion };
        let issuer = authority.issuer(&client.application.tenant_id);
        let order = Order {
            client: &client,
            issuer,
            audience: resource,
            user: None,
            handles_challenges: false,
        };
        let issued = authority.issue(order).map_err(|_| Refusal::Signing)?;
        let now = authority.clock.unix_seconds();
        Ok(Granted {
            token: issued.token,
            resource: resource.to_owned(),
            client_id: client.application.client_id,
            lifetime_seconds: issued.lifetime_seconds,
            not_before: now,
            expires_on: now.saturating_add_unsigned(issued.lifetime_seconds),
            asked_by: asked_by.map(|(name, _, id)| (name, id)),
        })
    }

    /// The identity of these ids, or the system-assigned one.
    fn identity(&self, id: Option<(IdKind, &str)>) -> Option<Application> {
        let known: &[(&str, &str)] = match id {
            None => &[("", SYSTEM_IDENTITY_CLIENT_ID)],
            Some((IdKind::Client, _)) => &[
                (SYSTEM_IDENTITY_CLIENT_ID, SYSTEM_IDENTITY_CLIENT_ID),
                (USER_IDENTITY_CLIENT_ID, USER_IDENTITY_CLIENT_ID),
            ],
            Some((IdKind::Object, _)) => &[
                (SYSTEM_IDENTITY_OBJECT_ID, SYSTEM_IDENTITY_CLIENT_ID),
                (USER_IDENTITY_OBJECT_ID, USER_IDENTITY_CLIENT_ID),
            ],
            Some((IdKind::Resource, _)) => &[(USER_IDENTITY_RESOURCE_ID, USER_IDENTITY_CLIENT_ID)],
        };
        let id = id.map_or("", |(_, id)| id);
        let (_, client_id) = known.iter().find(|(known, _)| known.eq_ignore_ascii_case(id))?;
        self.authority.directory.application(Some(TENANT_ID), client_id)
    }

    /// `expires_on` for the hosts that may write it as a date.
    pub(super) fn expires_on_text(&self, granted: &Granted, usual: ExpiresOn) -> String {
        let format = match self.expires_on.unwrap_or(usual) {
            ExpiresOn::Epoch => return granted.expires_on.to_string(),
            ExpiresOn::LinuxDate => "%m/%d/%Y %H:%M:%S +00:00",
            ExpiresOn::WindowsDate => "%-m/%-d/%Y %-I:%M:%S %p +00:00",
        };
        jiff::Timestamp::from_second(granted.expires_on)
            .unwrap_or(jiff::Timestamp::MAX)
            .strftime(format)
            .to_string()
    }
}

fn require<'c>(call: &'c Call, name: &'static str) -> Result<&'c str, Refusal> {
    field(call, name)?.ok_or(Refusal::Missing(name))
}

fn field<'c>(call: &'c Call, name: &'static str) -> Result<Option<&'c str>, Refusal> {
    call.field(name).map_err(|Repeated| Refusal::Repeated(name))
}

/// The one parameter that names an identity.
fn asked_by(
    call: &Call,
    dialect: &Dialect,
) -> Result<Option<(&'static str, IdKind, String)>, Refusal> {
    let mut found = None;
    for &(name, kind) in dialect.ids {
        if let Some(id) = field(call, name)? {
            if found.is_some() {
                return Err(Refusal::Repeated(name));
            }
            found = Some((name, kind, id.to_owned()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_dates_from_the_oldest_on() {
        for version in ["2018-02-01", "2021-12-13"] {
            assert!(is_version_from("2018-02-01", version), "{version}");
        }
        for version in ["2017-12-01", "", "latest", "2018-02", "20180201xx", "2018-02-0é"] {
            assert!(!is_version_from("2018-02-01", version), "{version}");
        }
    }
}
