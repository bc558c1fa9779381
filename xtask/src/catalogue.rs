//! Which APIs there are, where their specs stand and which crate they feed.
//!
//! Every command reads this table; a new API joins by one more row.

use std::path::{Path, PathBuf};

/// One API: a spec and the client it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Api {
    /// The name used on the command line and in reports.
    pub id: &'static str,
    /// The OpenAPI document, relative to the repository.
    pub spec: &'static str,
    /// The package of the client.
    pub package: &'static str,
    /// The client's library name as Rust code writes it.
    pub library: &'static str,
    /// The Rust path of the generated module inside the client.
    pub module: &'static str,
    /// The folder of the generated client code, relative to the repository.
    pub generated: &'static str,
    /// The file of the generated contract-test callers, relative to the repository.
    pub callers: &'static str,
}

impl Api {
    /// The folder in which the spec, and what belongs to it, stand.
    pub fn spec_folder(&self) -> &'static Path {
        Path::new(self.spec).parent().unwrap_or(Path::new(""))
    }
}

/// All APIs, in the order in which commands work through them.
pub const APIS: &[Api] = &[
    Api {
        id: "digital-twins",
        spec: "specs/digital-twins/data-plane.yaml",
        package: "twinkit-digital-twins",
        library: "twinkit_digital_twins",
        module: "crate::generated",
        generated: "crates/digital-twins/src/generated",
        callers: "tests/src/generated/digital_twins.rs",
    },
    Api {
        id: "iot-central",
        spec: "specs/iot-central/data-plane.yaml",
        package: "twinkit-iot-central",
        library: "twinkit_iot_central",
        module: "crate::generated",
        generated: "crates/iot-central/src/generated",
        callers: "tests/src/generated/iot_central.rs",
    },
    Api {
        id: "iot-central-preview",
        spec: "specs/iot-central/preview.yaml",
        package: "twinkit-iot-central",
        library: "twinkit_iot_central",
        module: "crate::preview::generated",
        generated: "crates/iot-central/src/preview/generated",
        callers: "tests/src/generated/iot_central_preview.rs",
    },
    Api {
        id: "itwin-users",
        spec: "specs/itwin/users.yaml",
        package: "twinkit-itwin",
        library: "twinkit_itwin",
        module: "crate::users::generated",
        generated: "crates/itwin/src/users/generated",
        callers: "tests/src/generated/itwin_users.rs",
    },
    Api {
        id: "itwin-itwins",
        spec: "specs/itwin/itwins.yaml",
        package: "twinkit-itwin",
        library: "twinkit_itwin",
        module: "crate::itwins::generated",
        generated: "crates/itwin/src/itwins/generated",
        callers: "tests/src/generated/itwin_itwins.rs",
    },
    Api {
        id: "itwin-access-control",
        spec: "specs/itwin/access-control.yaml",
        package: "twinkit-itwin",
        library: "twinkit_itwin",
        module: "crate::access_control::generated",
        generated: "crates/itwin/src/access_control/generated",
        callers: "tests/src/generated/itwin_access_control.rs",
    },
    Api {
        id: "itwin-imodels",
        spec: "specs/itwin/imodels.yaml",
        package: "twinkit-itwin",
        library: "twinkit_itwin",
        module: "crate::imodels::generated",
        generated: "crates/itwin/src/imodels/generated",
        callers: "tests/src/generated/itwin_imodels.rs",
    },
    Api {
        id: "itwin-storage",
        spec: "specs/itwin/storage.yaml",
        package: "twinkit-itwin",
        library: "twinkit_itwin",
        module: "crate::storage::generated",
        generated: "crates/itwin/src/storage/generated",
        callers: "tests/src/generated/itwin_storage.rs",
    },
    Api {
        id: "itwin-reality-management",
        spec: "specs/itwin/reality-management.yaml",
        package: "twinkit-itwin",
        library: "twinkit_itwin",
        module: "crate::reality_management::generated",
        generated: "crates/itwin/src/reality_management/generated",
        callers: "tests/src/generated/itwin_reality_management.rs",
    },
    Api {
        id: "itwin-webhooks",
        spec: "specs/itwin/webhooks.yaml",
        package: "twinkit-itwin",
        library: "twinkit_itwin",
        module: "crate::webhooks::generated",
        generated: "crates/itwin/src/webhooks/generated",
        callers: "tests/src/generated/itwin_webhooks.rs",
    },
];

/// The row named `id`.
pub fn find(id: &str) -> anyhow::Result<&'static Api> {
    APIS.iter().find(|api| api.id == id).ok_or_else(|| {
        let known: Vec<_> = APIS.iter().map(|api| api.id).collect();
        anyhow::anyhow!("there is no API named `{id}`; known: {}", known.join(", "))
    })
}

/// The rows a command works on: the one named, or all.
pub fn select(id: Option<&str>) -> anyhow::Result<Vec<&'static Api>> {
    match id {
        Some(id) => Ok(vec![find(id)?]),
        None => Ok(APIS.iter().collect()),
    }
}

/// The repository's folder: the parent of this package's, where cargo runs it
/// from, else where it was built.
pub fn root() -> PathBuf {
    let package = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package.parent().map_or_else(PathBuf::new, Path::to_path_buf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_api_is_told_with_the_known_ones() {
        let error = find("nothing").unwrap_err().to_string();
        assert!(error.contains("digital-twins"), "{error}");
    }

    #[test]
    fn every_spec_of_the_table_exists() {
        for api in APIS {
            assert!(root().join(api.spec).is_file(), "{}", api.spec);
        }
    }
}
