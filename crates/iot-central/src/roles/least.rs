//! Which built-in role an operation takes. The vendor's guides tell what each
//! role is for, page by page of the portal; how that falls on single operations
//! is our reading, so that it serves advice and decides nothing.

use super::BuiltInRole;

/// What only administrators see to. An administrator of an organization sees to
/// its people as well.
const ADMINISTRATION: &[&str] = &["user", "api_token", "export", "destination"];
/// What builders set up.
const BUILDING: &[&str] = &["template", "enrollment", "file_upload", "verification", "manifest"];

impl BuiltInRole {
    /// The least of the roles of a whole application that permits an operation,
    /// given by its id in [`OPERATIONS`](crate::OPERATIONS), as the vendor's guides
    /// describe them; `None` if every role does. The service has the last word.
    ///
    /// ```
    /// use twinkit_iot_central::BuiltInRole;
    ///
    /// let role = BuiltInRole::for_operation("create_user");
    /// assert_eq!(role, Some(BuiltInRole::Administrator));
    /// assert_eq!(BuiltInRole::for_operation("list_devices"), None);
    /// ```
    #[must_use]
    pub fn for_operation(id: &str) -> Option<Self> {
        let is_about = |parts: &[&str]| parts.iter().any(|part| id.contains(part));
        let is_read = ["get_", "list_", "query"].iter().any(|verb| id.starts_with(verb));
        let is_of_connections = is_about(&["enrollment", "file_upload", "verification"]);
        match is_read {
            _ if is_about(ADMINISTRATION) => Some(Self::Administrator),
            true if is_of_connections => Some(Self::Builder),
            true => None,
            false if id.contains("organization") => Some(Self::Administrator),
            false if is_about(BUILDING) => Some(Self::Builder),
            false => Some(Self::Operator),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OPERATIONS;

    #[test]
    fn each_operation_takes_the_role_that_its_page_is_for() {
        use BuiltInRole::{Administrator, Builder, Operator};
        for (id, role) in [
            ("list_users", Some(Administrator)),
            ("delete_api_token", Some(Administrator)),
            ("create_organization", Some(Administrator)),
            ("list_organizations", None),
            ("list_roles", None),
            ("update_device_template", Some(Builder)),
            ("get_device_template", None),
            ("get_file_upload", Some(Builder)),
            ("create_enrollment_group", Some(Builder)),
            ("create_device", Some(Operator)),
            ("run_device_command", Some(Operator)),
            ("stop_job", Some(Operator)),
            ("get_device", None),
        ] {
            assert!(OPERATIONS.iter().any(|known| known.id == id), "{id}");
            assert_eq!(BuiltInRole::for_operation(id), role, "{id}");
        }
    }
}
