//! Which roles somebody is to have: chosen by constant, name or id, looked up,
//! and checked against the platform's rule before anything is sent. It must not
//! know who gets them.
//!
//! The rule: an assignment without `organization` takes roles of the
//! application, one with `organization` roles of organizations. Roles that were
//! made in the portal show no sign of which they are, so the service judges
//! them. The vendor's command line writes such a pair as `organization\role`;
//! here they are two values.

mod assignment;
mod built_in;
mod least;

use std::fmt;

use progenitor_client::Error;
use serde_json::Map;

pub(crate) use assignment::{all_shown, is_administrator, same};
pub use built_in::{BuiltInRole, RoleScope};

use crate::types::{Role, RoleAssignment};
use crate::{Client, guid, shapes};
use assignment::{check_assignment, is_same};

/// Where the right id of a role is found.
const ROLE_CURE: &str = "give the role's name, or its id as list_roles shows it";

/// A role for somebody, in the whole application or in one organization.
///
/// ```
/// use twinkit_iot_central::{BuiltInRole, RoleGrant};
///
/// let whole = RoleGrant::from(BuiltInRole::Operator);
/// let seattle = RoleGrant::from(BuiltInRole::OrgViewer).in_organization("seattle");
/// let by_name = RoleGrant::from("App Builder");
/// let by_id = RoleGrant::from("344138e9-8de4-4497-8c54-5237e96d6aaf");
/// # let _ = (whole, seattle, by_name, by_id);
/// ```
///
/// A text in the shape of a GUID is an id, any other a name. Names are looked
/// up in the application, whatever their case; the portal's names of the
/// built-in roles (`App Administrator`) do as well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    role: Chosen,
    organization: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Chosen {
    Id(String),
    Name(String),
}

impl RoleGrant {
    /// The role with this id, whatever its shape.
    #[must_use]
    pub fn by_id(id: impl Into<String>) -> Self {
        Self { role: Chosen::Id(id.into()), organization: None }
    }

    /// The role of this name, even if the name looks like an id.
    #[must_use]
    pub fn by_name(name: impl Into<String>) -> Self {
        Self { role: Chosen::Name(name.into()), organization: None }
    }

    /// Checks what can be known without asking the application.
    ///
    /// # Errors
    /// An empty name, an id that is no GUID, an organization that no URL can
    /// express, a built-in role by id that does not fit its organization.
    pub fn check(&self) -> Result<(), Error> {
        check_beforehand(self)
    }

    /// In this organization only, by its id.
    #[must_use]
    pub fn in_organization(mut self, organization: impl Into<String>) -> Self {
        self.organization = Some(organization.into());
        self
    }
}

impl From<BuiltInRole> for RoleGrant {
    fn from(role: BuiltInRole) -> Self {
        Self::by_id(role.id())
    }
}

impl From<&str> for RoleGrant {
    fn from(text: &str) -> Self {
        let text = text.trim();
        if guid::is_guid(text) { Self::by_id(text) } else { Self::by_name(text) }
    }
}

impl From<String> for RoleGrant {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl From<RoleAssignment> for RoleGrant {
    fn from(assignment: RoleAssignment) -> Self {
        Self { role: Chosen::Id(assignment.role), organization: assignment.organization }
    }
}

impl fmt::Display for RoleGrant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Chosen::Id(role) | Chosen::Name(role)) = &self.role;
        f.write_str(role)?;
        self.organization.as_ref().map_or(Ok(()), |id| write!(f, " in organization {id}"))
    }
}

impl Client {
    /// Looks up and checks roles, as [`onboarding`](Self::onboard_service_principal)
    /// and [API tokens](Self::make_api_token) do. The application's list of
    /// roles is asked for only if one is given by name.
    ///
    /// # Errors
    /// Before sending: none at all, an id that is no GUID, an organization whose
    /// id cannot be one, a built-in role with
    /// an organization that cannot have it or the other way round. After:
    /// no role of that name (the error lists those there are), or several.
    pub async fn resolve_roles(&self, grants: &[RoleGrant]) -> Result<Vec<RoleAssignment>, Error> {
        if grants.is_empty() {
            let message = "at least one role must be given".to_owned();
            return Err(Error::InvalidRequest(message).with_hint(ROLE_CURE));
        }
        // What can be refused without asking is refused first.
        for grant in grants {
            check_beforehand(grant)?;
        }
        let named = grants.iter().any(|grant| matches!(grant.role, Chosen::Name(_)));
        let listed = if named { self.list_roles().items().into_vec().await? } else { Vec::new() };
        let mut resolved: Vec<RoleAssignment> = Vec::new();
        for grant in grants {
            let role = match &grant.role {
                Chosen::Id(id) => id.trim().to_owned(),
                Chosen::Name(name) => find(name, &listed)?,
            };
            let assignment = RoleAssignment {
                role,
                organization: grant.organization.clone(),
                extra: Map::new(),
            };
            check_assignment(&assignment)?;
            if !resolved.iter().any(|known| is_same(known, &assignment)) {
                resolved.push(assignment);
            }
        }
        Ok(resolved)
    }
}

#[inline]
fn check_beforehand(grant: &RoleGrant) -> Result<(), Error> {
    if let Some(organization) = &grant.organization {
        shapes::organization_id(organization)?;
    }
    match &grant.role {
        Chosen::Id(id) => {
            let role = guid::checked("role id", id, ROLE_CURE)?;
            check_assignment(&RoleAssignment {
                role,
                organization: grant.organization.clone(),
                extra: Map::new(),
            })
        }
        Chosen::Name(name) if name.trim().is_empty() => {
            Err(Error::InvalidRequest("a role's name is empty".to_owned()).with_hint(ROLE_CURE))
        }
        Chosen::Name(_) => Ok(()),
    }
}

/// The id of the role called so. What the application lists goes before the
/// names that are known here: a role of its own may be called like the portal's.
#[inline]
fn find(name: &str, listed: &[Role]) -> Result<String, Error> {
    let called = |role: &&Role| {
        let known = role.display_name.as_deref().map(str::trim).unwrap_or_default();
        known.to_lowercase() == name.trim().to_lowercase()
    };
    let found: Vec<&str> =
        listed.iter().filter(called).filter_map(|role| role.id.as_deref()).collect();
    match (found.as_slice(), BuiltInRole::from_name(name)) {
        ([id], _) => Ok((*id).to_owned()),
        ([], Some(role)) => Ok(role.id().to_owned()),
        ([], None) => {
            let names: Vec<&str> =
                listed.iter().filter_map(|role| role.display_name.as_deref()).collect();
            let message = format!("the application has no role called {name:?}");
            let hint = format!("it has: {}", names.join(", "));
            Err(Error::InvalidRequest(message).with_hint(hint))
        }
        (several, _) => {
            let message = format!("the application has several roles called {name:?}");
            let hint = format!("give the id of the one that is meant: {}", several.join(", "));
            Err(Error::InvalidRequest(message).with_hint(hint))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(id: &str, name: &str) -> Role {
        Role { id: Some(id.to_owned()), display_name: Some(name.to_owned()) }
    }

    #[test]
    fn names_are_those_of_the_application_or_the_portal() {
        let listed = [role("1", "Plumber"), role("2", "App Operator"), role("3", "ÄRZTE")];
        assert_eq!(find("plumber", &listed).unwrap(), "1");
        assert_eq!(find("ärzte", &listed).unwrap(), "3");
        assert_eq!(find("app operator", &listed).unwrap(), "2", "the application's own first");
        assert_eq!(find("App Builder", &listed).unwrap(), BuiltInRole::Builder.id());
        let error = find("Pilot", &listed).unwrap_err();
        assert!(error.hint().unwrap().contains("Plumber"), "{:?}", error.hint());
        let twice = [role("1", "Plumber"), role("4", "PLUMBER")];
        assert!(find("plumber", &twice).unwrap_err().hint().unwrap().contains("1, 4"));
    }

    #[test]
    fn texts_are_ids_or_names() {
        let id = BuiltInRole::Builder.id();
        assert_eq!(RoleGrant::from(id), RoleGrant::by_id(id));
        assert_eq!(RoleGrant::from(" App Builder "), RoleGrant::by_name("App Builder"));
        let grant = RoleGrant::from("Org Viewer").in_organization("seattle");
        assert_eq!(grant.to_string(), "Org Viewer in organization seattle");
        let assignment = RoleAssignment {
            role: id.to_owned(),
            organization: Some("seattle".to_owned()),
            extra: Map::new(),
        };
        let same_grant = RoleGrant::from(assignment);
        assert_eq!(same_grant, RoleGrant::by_id(id).in_organization("seattle"));
    }
}
