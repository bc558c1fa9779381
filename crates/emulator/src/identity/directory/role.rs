//! Roles of the Azure Digital Twins data plane.

use serde::{Deserialize, Serialize};

/// A built-in role of the Azure Digital Twins data plane.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Role {
    /// Azure Digital Twins Data Owner: everything.
    DataOwner,
    /// Azure Digital Twins Data Reader: reads and queries.
    DataReader,
}

impl Role {
    /// Whether the role holds a data action such as
    /// `Microsoft.DigitalTwins/digitaltwins/write`.
    #[must_use]
    pub fn allows(self, action: &str) -> bool {
        match self {
            Self::DataOwner => true,
            Self::DataReader => action.ends_with("/read") || action.ends_with("/query/action"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_read_and_query_only() {
        assert!(Role::DataReader.allows("Microsoft.DigitalTwins/models/read"));
        assert!(Role::DataReader.allows("Microsoft.DigitalTwins/query/action"));
        assert!(!Role::DataReader.allows("Microsoft.DigitalTwins/digitaltwins/write"));
        assert!(!Role::DataReader.allows("Microsoft.DigitalTwins/jobs/import/cancel/action"));
        assert!(Role::DataOwner.allows("Microsoft.DigitalTwins/digitaltwins/write"));
    }
}
