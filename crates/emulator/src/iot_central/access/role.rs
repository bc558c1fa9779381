//! The built-in roles. Custom ones are made in the portal only, so here there
//! are none.
//!
//! What each may do follows the guides, which speak of pages of the portal; how
//! that maps to single operations is our choice, and stands in
//! [`Role::allows`].

/// A built-in role; its id is the same in every application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Administrator,
    Builder,
    Operator,
    OrgAdministrator,
    OrgOperator,
    OrgViewer,
}

/// What an operation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Area {
    /// Users and API tokens.
    People,
    Roles,
    Organizations,
    /// Device templates.
    Templates,
    /// Devices and all that hangs on them.
    Devices,
    DeviceGroups,
    /// Enrollment groups and the configuration of file uploads.
    Connections,
    /// Jobs, scheduled ones included.
    Jobs,
    Dashboards,
    /// Data exports and their destinations.
    Exports,
    /// Deployment manifests.
    Manifests,
    Query,
}

/// What an operation does there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

impl Role {
    pub(crate) const ALL: [Self; 6] = [
        Self::Administrator,
        Self::Builder,
        Self::Operator,
        Self::OrgAdministrator,
        Self::OrgOperator,
        Self::OrgViewer,
    ];

    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Administrator => "ca310b8d-2f4a-44e0-a36e-957c202cd8d4",
            Self::Builder => "344138e9-8de4-4497-8c54-5237e96d6aaf",
            Self::Operator => "ae2c9854-393b-4f97-8c42-479d70ce626e",
            Self::OrgAdministrator => "c495eb57-eb18-489e-9802-62c474e5645c",
            Self::OrgOperator => "b4935647-30e4-4ed3-9074-dcac66c2f8ef",
            Self::OrgViewer => "84cc62c1-dabe-49d3-b16e-8b291232b285",
        }
    }

    pub(crate) fn display_name(self) -> &'static str {
        match self {
            Self::Administrator => "Administrator",
            Self::Builder => "Builder",
            Self::Operator => "Operator",
            Self::OrgAdministrator => "Org Admin",
            Self::OrgOperator => "Org Operator",
            Self::OrgViewer => "Org Viewer",
        }
    }

    pub(crate) fn by_id(id: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.id().eq_ignore_ascii_case(id))
    }

    /// A role as the vendor's command line writes it behind an organization and a
    /// backslash: by id, or by its short name for the role of an organization.
    pub(crate) fn of_organization(text: &str) -> Option<Self> {
        match text {
            "admin" => Some(Self::OrgAdministrator),
            "operator" => Some(Self::OrgOperator),
            "viewer" => Some(Self::OrgViewer),
            id => Self::by_id(id),
        }
    }

    /// Whether it goes with an organization; the others go with the root.
    pub(crate) fn is_of_organization(self) -> bool {
        matches!(self, Self::OrgAdministrator | Self::OrgOperator | Self::OrgViewer)
    }

    /// Whether it permits `access` in `area`, within the assignment's reach.
    pub(crate) fn allows(self, area: Area, access: Access) -> bool {
        use Area::{
            Connections, Dashboards, DeviceGroups, Devices, Exports, Jobs, Manifests,
            Organizations, People, Query, Roles, Templates,
        };
        match (self, access) {
            (Self::Administrator, _) => true,
            (Self::Builder, Access::Write) => matches!(
                area,
                Templates | Devices | DeviceGroups | Connections | Jobs | Dashboards | Manifests
            ),
            (Self::Builder, Access::Read) => !matches!(area, People | Exports),
            (Self::Operator, Access::Write) => {
                matches!(area, Devices | DeviceGroups | Jobs | Dashboards)
            }
            (Self::Operator, Access::Read) => !matches!(area, People | Exports | Connections),
            (Self::OrgAdministrator, Access::Write) => {
                matches!(area, People | Organizations | Devices | DeviceGroups | Jobs | Dashboards)
            }
            (Self::OrgAdministrator, Access::Read) => !matches!(area, Exports | Connections),
            (Self::OrgOperator, Access::Write) => matches!(area, Devices | DeviceGroups | Jobs),
            (Self::OrgOperator, Access::Read) => !matches!(area, People | Exports | Connections),
            (Self::OrgViewer, Access::Write) => false,
            (Self::OrgViewer, Access::Read) => matches!(
                area,
                Templates
                    | Devices
                    | DeviceGroups
                    | Jobs
                    | Dashboards
                    | Query
                    | Roles
                    | Organizations
            ),
        }
    }
}
