//! The ids of the platform, each a type of its own, checked when it is made.
//!
//! What the platform cannot be asked about is refused here, before anything is
//! sent: the empty text, `.` and `..` (URL rules make them another path),
//! control characters, and words that stand in the same place of a path:
//! `/itwins/favorites` is no iTwin. Everything else arrives as written. Most ids
//! are GUIDs, those of Storage opaque texts, some free; which form one has and
//! whether it *exists* only the platform says.

use std::fmt;
use std::str::FromStr;

use progenitor_client::{IdError, validate_id};
use serde::{Deserialize, Serialize};

/// No limit is documented; this one only keeps out what cannot be meant.
const MAX_CHARS: usize = 512;

/// Refuses the words of a path. Services take them in any case.
fn not_reserved(kind: &'static str, text: &str, words: &[&str]) -> Result<(), IdError> {
    if words.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return Err(IdError::Reserved { kind, id: text.to_owned() });
    }
    Ok(())
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $kind:literal $(, not $($word:literal)+)?) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks and keeps the text.
            ///
            /// # Errors
            /// [`IdError`] if the text is empty, `.`, `..`, too long, holds a
            /// control character or is a word of the path.
            pub fn new(text: impl Into<String>) -> Result<Self, IdError> {
                let text = text.into();
                validate_id($kind, &text, MAX_CHARS)?;
                $(not_reserved($kind, &text, &[$($word),+])?;)?
                Ok(Self(text))
            }

            /// The id as written.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:?})"), self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = IdError;
            fn try_from(text: &str) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                Self::new(text)
            }
        }

        impl TryFrom<&String> for $name {
            type Error = IdError;
            fn try_from(text: &String) -> Result<Self, IdError> {
                Self::new(text.as_str())
            }
        }

        impl From<&$name> for $name {
            fn from(id: &$name) -> Self {
                id.clone()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    };
}

id!(
    /// Id of a briefcase: its number, as text.
    BriefcaseId,
    "briefcase id",
    not "checkpoint"
);
id!(
    /// Id of a changeset group, a GUID.
    ChangesetGroupId,
    "changeset group id"
);
id!(
    /// A changeset of an iModel: its id of 40 hexadecimal digits, or its index, counted
    /// from 1; index 0 is the baseline.
    ChangesetKey,
    "changeset",
    not "extendeddata"
);
id!(
    /// Id of an export of iTwins, a GUID.
    ExportId,
    "export id"
);
id!(
    /// Id of a file in Storage: an opaque text.
    FileId,
    "file id"
);
id!(
    /// Id of a folder in Storage: an opaque text.
    FolderId,
    "folder id"
);
id!(
    /// Id of a group of an iTwin, a GUID.
    GroupId,
    "group id"
);
id!(
    /// Id of an iModel, a GUID.
    IModelId,
    "iModel id",
    not "favorites" "recents"
);
id!(
    /// Id of an iTwin, a GUID.
    ITwinId,
    "iTwin id",
    not "exports" "favorites" "myprimaryaccount" "permissions" "recents" "repositories"
);
id!(
    /// Id of an invitation, a GUID.
    InvitationId,
    "invitation id"
);
id!(
    /// Id of a job of Access Control, a GUID.
    JobId,
    "job id"
);
id!(
    /// Id of a member of an iTwin: that of the user or of the group, a GUID.
    MemberId,
    "member id"
);
id!(
    /// Id of a named version, a GUID.
    NamedVersionId,
    "named version id"
);
id!(
    /// Id of reality data, a GUID.
    RealityDataId,
    "reality data id"
);
id!(
    /// Id of a repository of an iTwin, or of all: a GUID, or a word such as `cesium`.
    RepositoryId,
    "repository id"
);
id!(
    /// Id of a resource in a repository, free to choose.
    ResourceId,
    "resource id"
);
id!(
    /// Id of a role of an iTwin, a GUID.
    RoleId,
    "role id"
);
id!(
    /// Id of a share, a GUID.
    ShareId,
    "share id"
);
id!(
    /// Id of a user, a GUID.
    UserId,
    "user id",
    not "groups" "me"
);
id!(
    /// Id of a webhook, a GUID.
    WebhookId,
    "webhook id"
);

impl From<u64> for ChangesetKey {
    /// By its index.
    fn from(index: u64) -> Self {
        Self(index.to_string())
    }
}

impl From<u64> for BriefcaseId {
    fn from(number: u64) -> Self {
        Self(number.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_but_possible_ids_are_kept_as_written() {
        for text in ["a/b", "a?b#c%2F", "a\\b", "UQBsw5AFgkK-L-0", "ä ö", "...", "favorite", " "]
        {
            assert_eq!(ITwinId::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn impossible_ids_are_refused_with_their_kind() {
        for text in ["", ".", "..", "a\nb", "a\u{0}", "me", "ME", "groups"] {
            let error = UserId::new(text).unwrap_err();
            assert!(error.to_string().contains("user id"), "{error}");
        }
        assert!(UserId::new("x".repeat(512)).is_ok() && UserId::new("x".repeat(513)).is_err());
        // A word of another path is no word of this one.
        assert!(FolderId::new("me").is_ok() && IModelId::new("Recents").is_err());
    }

    #[test]
    fn numbers_name_changesets_and_briefcases() {
        assert_eq!(ChangesetKey::from(0).as_str(), "0");
        assert_eq!(BriefcaseId::from(7).as_str(), "7");
        assert!(ChangesetKey::new("extendedData").is_err());
    }

    #[test]
    fn serde_checks_too() {
        assert_eq!(serde_json::from_str::<JobId>("\"a\"").unwrap().as_str(), "a");
        assert!(serde_json::from_str::<JobId>("\"..\"").is_err());
    }
}
