//! The managed identities that every emulator starts with: one of the host
//! itself, and one of its own that the host may use too.
//!
//! They are applications that no secret opens; their tokens come from
//! [`managed_identity`](crate::managed_identity).

use secrecy::SecretString;

use super::directory::{Application, Directory, DirectoryError};

/// Client id of the seeded system-assigned managed identity.
pub const SYSTEM_IDENTITY_CLIENT_ID: &str = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
/// Object id of the seeded system-assigned managed identity.
pub const SYSTEM_IDENTITY_OBJECT_ID: &str = "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb";
/// Client id of the seeded user-assigned managed identity.
pub const USER_IDENTITY_CLIENT_ID: &str = "cccccccc-cccc-cccc-cccc-cccccccccccc";
/// Object (principal) id of the seeded user-assigned managed identity.
pub const USER_IDENTITY_OBJECT_ID: &str = "dddddddd-dddd-dddd-dddd-dddddddddddd";
/// Resource id of the seeded user-assigned managed identity.
pub const USER_IDENTITY_RESOURCE_ID: &str = "/subscriptions/eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee\
    /resourceGroups/twinkit/providers/Microsoft.ManagedIdentity\
    /userAssignedIdentities/twinkit-identity";

/// Puts them into the directory.
pub(crate) fn add_to(directory: &Directory) -> Result<(), DirectoryError> {
    for (client_id, object_id) in [
        (SYSTEM_IDENTITY_CLIENT_ID, SYSTEM_IDENTITY_OBJECT_ID),
        (USER_IDENTITY_CLIENT_ID, USER_IDENTITY_OBJECT_ID),
    ] {
        directory.add_application(Application {
            client_id: client_id.to_owned(),
            object_id: object_id.to_owned(),
            secrets: Vec::new(),
            ..Application::new(SecretString::from(""))
        })?;
    }
    Ok(())
}
