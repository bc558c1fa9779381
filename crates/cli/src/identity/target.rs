//! What a token is for: the platforms by name, or any scope.

use std::fmt;
use std::str::FromStr;

use anyhow::{Result, bail};
use twinkit::auth::TokenRequest;

use super::profile::Service;

/// The scope of the iTwin Platform, whose identity service is Bentley IMS.
const ITWIN_SCOPE: &str = "itwin-platform";

/// A platform, or a scope of Microsoft Entra ID.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    DigitalTwins,
    IotCentral,
    Itwin,
    Scope(String),
}

impl Target {
    /// The scope to ask for.
    pub(crate) fn scope(&self) -> &str {
        match self {
            Self::DigitalTwins => "https://digitaltwins.azure.net/.default",
            Self::IotCentral => "https://apps.azureiotcentral.com/.default",
            Self::Itwin => ITWIN_SCOPE,
            Self::Scope(scope) => scope,
        }
    }

    /// Whether Bentley IMS signs in for it; else it is Microsoft Entra ID.
    pub(crate) fn is_ims(&self) -> bool {
        *self == Self::Itwin
    }

    /// The identity service that signs in for it.
    pub(crate) fn service(&self) -> Service {
        if self.is_ims() { Service::Ims } else { Service::Entra }
    }

    /// The request for a token.
    pub(crate) fn request(&self) -> Result<TokenRequest> {
        Ok(TokenRequest::new([self.scope()])?)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DigitalTwins => "digital-twins",
            Self::IotCentral => "iot-central",
            Self::Itwin => "itwin",
            Self::Scope(scope) => scope,
        })
    }
}

impl FromStr for Target {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        Ok(match text {
            "digital-twins" => Self::DigitalTwins,
            "iot-central" => Self::IotCentral,
            "itwin" | ITWIN_SCOPE => Self::Itwin,
            scope if scope.contains(['/', ':']) => {
                TokenRequest::new([scope])?;
                Self::Scope(scope.to_owned())
            }
            other => bail!(
                "{other:?} is neither digital-twins, iot-central or itwin, nor a scope such as \
                 https://RESOURCE/.default"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_names_and_scopes_are_taken_as_they_are() {
        for (text, scope, ims) in [
            ("digital-twins", "https://digitaltwins.azure.net/.default", false),
            ("iot-central", "https://apps.azureiotcentral.com/.default", false),
            ("itwin", "itwin-platform", true),
            ("itwin-platform", "itwin-platform", true),
            ("https://x//.default", "https://x//.default", false),
            ("api://x/read", "api://x/read", false),
        ] {
            let target: Target = text.parse().unwrap();
            assert_eq!((target.scope(), target.is_ims()), (scope, ims));
        }
        assert!("https://a b/.default".parse::<Target>().is_err());
        assert!("twins".parse::<Target>().unwrap_err().to_string().contains("digital-twins"));
    }
}
