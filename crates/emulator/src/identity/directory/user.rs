//! Users: people who sign in.

use serde::{Deserialize, Serialize};

use super::{new_id, seed::TENANT_ID};

/// A member of a tenant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// The home tenant.
    pub tenant_id: String,
    /// The object id, the token's `oid`.
    pub object_id: String,
    /// The user principal name, an address such as `ada@twinkit.onmicrosoft.com`.
    pub user_name: String,
    /// What others call this person.
    pub display_name: String,
    /// Object ids of the groups that this person is in.
    pub groups: Vec<String>,
}

impl User {
    /// A user of the default tenant with a fresh object id.
    #[must_use]
    pub fn new(user_name: &str) -> Self {
        Self {
            tenant_id: TENANT_ID.to_owned(),
            object_id: new_id(),
            user_name: user_name.to_owned(),
            display_name: user_name.split('@').next().unwrap_or_default().to_owned(),
            groups: Vec::new(),
        }
    }
}
