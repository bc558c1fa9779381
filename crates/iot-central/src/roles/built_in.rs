//! The six roles that every application has, with the same ids. It must not know
//! to whom they are given.

use std::fmt;

/// Where a role can be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RoleScope {
    /// In the whole application: an assignment without `organization`.
    Application,
    /// In one organization: an assignment with `organization`.
    Organization,
}

/// A role that the platform brings along.
///
/// ```
/// use twinkit_iot_central::{BuiltInRole, RoleScope};
///
/// let role = BuiltInRole::from_name("app administrator").unwrap();
/// assert_eq!(role, BuiltInRole::Administrator);
/// assert_eq!(role.id(), "ca310b8d-2f4a-44e0-a36e-957c202cd8d4");
/// assert_eq!(role.scope(), RoleScope::Application);
/// ```
///
/// The roles of organizations show in an application's list once it has an
/// organization. Roles that were made in the portal have other ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BuiltInRole {
    /// May do everything. At least one user must have it.
    Administrator,
    /// May do everything but manage users and the application itself.
    Builder,
    /// May work with devices.
    Operator,
    /// May do everything within an organization.
    OrgAdmin,
    /// May work with the devices of an organization.
    OrgOperator,
    /// May look at the devices of an organization.
    OrgViewer,
}

impl BuiltInRole {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Administrator,
        Self::Builder,
        Self::Operator,
        Self::OrgAdmin,
        Self::OrgOperator,
        Self::OrgViewer,
    ];

    /// Id, name in the API, name in the portal.
    const fn texts(self) -> [&'static str; 3] {
        match self {
            Self::Administrator => {
                ["ca310b8d-2f4a-44e0-a36e-957c202cd8d4", "Administrator", "App Administrator"]
            }
            Self::Builder => ["344138e9-8de4-4497-8c54-5237e96d6aaf", "Builder", "App Builder"],
            Self::Operator => ["ae2c9854-393b-4f97-8c42-479d70ce626e", "Operator", "App Operator"],
            Self::OrgAdmin => {
                ["c495eb57-eb18-489e-9802-62c474e5645c", "Org Admin", "Org Administrator"]
            }
            Self::OrgOperator => {
                ["b4935647-30e4-4ed3-9074-dcac66c2f8ef", "Org Operator", "Org Operator"]
            }
            Self::OrgViewer => ["84cc62c1-dabe-49d3-b16e-8b291232b285", "Org Viewer", "Org Viewer"],
        }
    }

    /// The role's id, the same in every application.
    #[must_use]
    pub const fn id(self) -> &'static str {
        let [id, _, _] = self.texts();
        id
    }

    /// What the API calls it: `Administrator`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        let [_, name, _] = self.texts();
        name
    }

    /// What the portal calls it: `App Administrator`.
    #[must_use]
    pub const fn portal_name(self) -> &'static str {
        let [_, _, name] = self.texts();
        name
    }

    /// Where it can be given.
    #[must_use]
    pub const fn scope(self) -> RoleScope {
        match self {
            Self::Administrator | Self::Builder | Self::Operator => RoleScope::Application,
            Self::OrgAdmin | Self::OrgOperator | Self::OrgViewer => RoleScope::Organization,
        }
    }

    /// The role with that id; `None` if it is a role of the application's own.
    #[must_use]
    pub fn from_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id().eq_ignore_ascii_case(id))
    }

    /// The role that the API or the portal calls so, whatever the case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let name = name.trim();
        let called =
            |role: &Self| role.texts().iter().any(|known| known.eq_ignore_ascii_case(name));
        Self::ALL.into_iter().find(called)
    }
}

/// The API's name.
impl fmt::Display for BuiltInRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_found_by_id_and_by_either_name() {
        for role in BuiltInRole::ALL {
            assert!(crate::guid::is_guid(role.id()));
            assert_eq!(BuiltInRole::from_id(&role.id().to_uppercase()), Some(role));
            assert_eq!(BuiltInRole::from_name(&role.name().to_lowercase()), Some(role));
            assert_eq!(BuiltInRole::from_name(&format!(" {} ", role.portal_name())), Some(role));
            let of_organization = role.name().starts_with("Org");
            assert_eq!(role.scope() == RoleScope::Organization, of_organization);
        }
        assert_eq!(BuiltInRole::from_name("Plumber"), None);
        assert_eq!(BuiltInRole::from_id("Administrator"), None);
    }
}
