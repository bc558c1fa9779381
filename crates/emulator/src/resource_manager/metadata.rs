//! Where a tool finds everything else, in the shapes of three generations.

use serde_json::{Value, json};

use super::{AUDIENCES, Manager, error::ArmError};

impl Manager {
    /// One cloud in the first and the newest shape, a list of clouds between.
    pub(super) fn metadata(&self, version: &str) -> Result<Value, ArmError> {
        match version {
            "2015-01-01" => Ok(self.first_shape()),
            "2018-05-01" | "2019-05-01" | "2019-10-01" | "2020-06-01" => {
                Ok(json!([self.newest_shape()]))
            }
            "2022-09-01" => Ok(self.newest_shape()),
            _ => Err(ArmError::version_unknown(version)),
        }
    }

    fn first_shape(&self) -> Value {
        json!({
            "galleryEndpoint": self.base_url,
            "graphEndpoint": "https://graph.windows.net/",
            "portalEndpoint": self.base_url,
            "authentication": {
                "loginEndpoint": self.login_endpoint(),
                "audiences": audiences(),
            },
        })
    }

    fn newest_shape(&self) -> Value {
        json!({
            "name": "twinkit",
            "portal": self.base_url,
            "authentication": {
                "loginEndpoint": self.login_endpoint(),
                "audiences": audiences(),
                "tenant": "common",
                "identityProvider": "AAD",
            },
            "resourceManager": self.base_url,
            "graph": "https://graph.windows.net/",
            "graphAudience": "https://graph.windows.net/",
            "microsoftGraphResourceId": "https://graph.microsoft.com/",
            "gallery": self.base_url,
            "suffixes": {"storage": self.storage_suffix()},
        })
    }

    fn login_endpoint(&self) -> &str {
        &self.verifier.authority.base_url
    }

    /// Host and port of the storage service, which stand for its suffix.
    fn storage_suffix(&self) -> &str {
        self.storage_url.split_once("://").map_or("", |(_, host)| host)
    }
}

/// The audiences as they are published: with a slash at the end, which tokens
/// then carry.
fn audiences() -> Vec<String> {
    AUDIENCES.iter().map(|audience| format!("{audience}/")).collect()
}
