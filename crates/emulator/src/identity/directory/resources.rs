//! The resources that tokens are given out for, and their scopes.

use super::{Directory, application::Registered};

/// A resource by all of its names, without `api://` and a final slash, with the
/// delegated scopes that it offers.
struct BuiltIn {
    names: &'static [&'static str],
    scopes: &'static [&'static str],
}

/// Microsoft's own resources, as far as clients of the platforms need them.
const BUILT_IN: [BuiltIn; 7] = [
    BuiltIn {
        names: &["https://digitaltwins.azure.net", "0b07f429-9f4b-4714-9392-cc5e8e80c8b0"],
        scopes: &["Read.Write"],
    },
    BuiltIn {
        names: &["https://apps.azureiotcentral.com", "9edfcdd9-0bc5-4bd4-b287-c3afc716aac7"],
        scopes: &["user_impersonation"],
    },
    BuiltIn { names: &["https://management.core.windows.net"], scopes: &["user_impersonation"] },
    BuiltIn { names: &["https://management.azure.com"], scopes: &["user_impersonation"] },
    BuiltIn { names: &[GRAPH, "00000003-0000-0000-c000-000000000000"], scopes: &["User.Read"] },
    BuiltIn { names: &["https://storage.azure.com"], scopes: &["user_impersonation"] },
    BuiltIn { names: &["AzureADTokenExchange"], scopes: &[] },
];

/// The resource meant where a scope names none.
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";

/// A resource found by one of its names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resource {
    /// The one name by which knobs and consents know it.
    pub(crate) key: String,
    pub(crate) scopes: Vec<String>,
}

impl Directory {
    pub(crate) fn resource(&self, audience: &str) -> Option<Resource> {
        let name = audience.trim_end_matches('/');
        let bare = name.strip_prefix("api://").unwrap_or(name);
        let known = BUILT_IN
            .iter()
            .find(|known| known.names.iter().any(|known| known.eq_ignore_ascii_case(bare)));
        if let Some(known) = known {
            let key = known.names.first().copied().unwrap_or_default().to_owned();
            let scopes = known.scopes.iter().map(|&scope| scope.to_owned()).collect();
            return Some(Resource { key, scopes });
        }
        self.read().applications.values().find(|known| known.0.is_named(name)).and_then(
            |Registered(application)| {
                let scopes = application.api.as_ref()?.scopes.clone();
                Some(Resource { key: application.client_id.clone(), scopes })
            },
        )
    }
}
