//! What a path means. Words are matched in any case, as ARM does.

use percent_encoding::percent_decode_str;

use super::{RESOURCE_GROUP, SUBSCRIPTION_ID, error::ArmError, resources::Kind};

/// A subscription and, where the path names one, a resource group.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Scope {
    subscription: String,
    group: Option<String>,
}

impl Scope {
    /// Whether they are there.
    pub(super) fn check(&self) -> Result<(), ArmError> {
        if !self.subscription.eq_ignore_ascii_case(SUBSCRIPTION_ID) {
            return Err(ArmError::subscription_unknown(&self.subscription));
        }
        match &self.group {
            Some(group) if !group.eq_ignore_ascii_case(RESOURCE_GROUP) => {
                Err(ArmError::group_unknown(group))
            }
            _ => Ok(()),
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    Metadata,
    Tenants,
    Subscriptions,
    Subscription(Scope),
    Groups(Scope),
    Group(Scope),
    Resources(Scope, Kind),
    Resource(Scope, Kind, String),
    Keys(Scope, Kind, String),
}

impl Route {
    /// Reads a path; `None` if nothing is there.
    pub(super) fn read(path: &str) -> Option<Self> {
        let mut parts = Vec::new();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            parts.push(percent_decode_str(part).decode_utf8().ok()?.into_owned());
        }
        let words: Vec<String> = parts.iter().map(|part| part.to_ascii_lowercase()).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["metadata", "endpoints"] => return Some(Self::Metadata),
            ["tenants"] => return Some(Self::Tenants),
            ["subscriptions"] => return Some(Self::Subscriptions),
            _ => {}
        }
        let ["subscriptions", _, rest @ ..] = words.as_slice() else { return None };
        let subscription = parts.get(1)?.clone();
        let (group, rest) = match rest {
            [] => return Some(Self::Subscription(Scope { subscription, group: None })),
            ["resourcegroups"] => return Some(Self::Groups(Scope { subscription, group: None })),
            ["resourcegroups", _, rest @ ..] => (Some(parts.get(3)?.clone()), rest),
            rest => (None, rest),
        };
        let in_group = group.is_some();
        let scope = Scope { subscription, group };
        // Names are told as they were sent, so they are taken from the parts.
        let name = |behind: usize| parts.get(parts.len().checked_sub(behind)?).cloned();
        match rest {
            [] => Some(Self::Group(scope)),
            ["providers", provider, kind] => {
                Some(Self::Resources(scope, Kind::read(provider, kind)?))
            }
            ["providers", provider, kind, _] if in_group => {
                Some(Self::Resource(scope, Kind::read(provider, kind)?, name(1)?))
            }
            ["providers", provider, kind, _, "listkeys"] if in_group => {
                let kind = Kind::read(provider, kind).filter(|kind| *kind == Kind::Storage)?;
                Some(Self::Keys(scope, kind, name(2)?))
            }
            _ => None,
        }
    }

    /// Whether it is asked for by POST.
    pub(super) fn is_action(&self) -> bool {
        matches!(self, Self::Keys(..))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scope(group: Option<&str>) -> Scope {
        Scope { subscription: "S".to_owned(), group: group.map(str::to_owned) }
    }

    #[test]
    fn words_are_read_in_any_case_and_names_keep_theirs() {
        let twins = "PROVIDERS/microsoft.digitaltwins/DigitalTwinsInstances";
        assert_eq!(Route::read("/Metadata/Endpoints"), Some(Route::Metadata));
        assert_eq!(Route::read("//SUBSCRIPTIONS/"), Some(Route::Subscriptions));
        assert_eq!(Route::read("/subscriptions/S"), Some(Route::Subscription(scope(None))));
        assert_eq!(
            Route::read(&format!("/subscriptions/S/{twins}")),
            Some(Route::Resources(scope(None), Kind::DigitalTwins))
        );
        assert_eq!(
            Route::read(&format!("/subscriptions/S/resourcegroups/G%20g/{twins}/My%2Dname")),
            Some(Route::Resource(scope(Some("G g")), Kind::DigitalTwins, "My-name".to_owned()))
        );
        let account = "providers/Microsoft.Storage/storageAccounts/Box";
        assert_eq!(
            Route::read(&format!("/subscriptions/S/resourceGroups/G/{account}/LISTKEYS")),
            Some(Route::Keys(scope(Some("G")), Kind::Storage, "Box".to_owned()))
        );
        for path in [
            "",
            "/",
            "/subscriptions/S/locations",
            "/subscriptions/S/providers",
            "/subscriptions/S/providers/Microsoft.Other/things",
            // A single resource is always in its group.
            "/subscriptions/S/providers/Microsoft.Storage/storageAccounts/Box",
            "/subscriptions/%FF",
        ] {
            assert_eq!(Route::read(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn no_path_makes_the_reading_panic(path in "(/[a-zA-Z%/.]{0,12}){0,8}") {
            let _ = Route::read(&path);
        }
    }
}
