//! The APIs of the platform: by what path and in which version each is served.

/// One API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::itwin) enum Api {
    Users,
    ITwins,
    AccessControl,
    IModels,
    Storage,
    RealityManagement,
    Webhooks,
}

impl Api {
    const ALL: [Self; 7] = [
        Self::Users,
        Self::ITwins,
        Self::AccessControl,
        Self::IModels,
        Self::Storage,
        Self::RealityManagement,
        Self::Webhooks,
    ];

    /// The first word of its paths.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::ITwins => "itwins",
            Self::AccessControl => "accesscontrol",
            Self::IModels => "imodels",
            Self::Storage => "storage",
            Self::RealityManagement => "reality-management",
            Self::Webhooks => "webhooks",
        }
    }

    /// The one version that is served.
    pub(super) fn version(self) -> u32 {
        match self {
            Self::Users | Self::ITwins | Self::Storage | Self::RealityManagement => 1,
            Self::AccessControl | Self::IModels | Self::Webhooks => 2,
        }
    }

    /// The API whose paths begin with this word, in any case.
    pub(super) fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|api| api.word().eq_ignore_ascii_case(word))
    }
}
