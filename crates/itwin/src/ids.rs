//! The ids of the platform, each a type of its own, checked when it is made.
//!
//! What the platform cannot be asked about is refused here, before anything is
//! sent: the empty text, `.` and `..` (URL rules make them another path),
//! control characters, and words that stand in the same place of a path:
//! `/itwins/favorites` is no iTwin. Everything else arrives as written. Most ids
//! are GUIDs, those of Storage opaque texts, some free; which form one has and
//! whether it *exists* only the platform says.

use progenitor_client::id_type;

/// No limit is documented; this one only keeps out what cannot be meant.
const MAX_CHARS: usize = 512;

id_type!(
    /// Id of a briefcase: its number, as text.
    BriefcaseId,
    "briefcase id",
    MAX_CHARS,
    not "checkpoint"
);
id_type!(
    /// Id of a changeset group, a GUID.
    ChangesetGroupId,
    "changeset group id",
    MAX_CHARS
);
id_type!(
    /// A changeset of an iModel: its id of 40 hexadecimal digits, or its index, counted
    /// from 1; index 0 is the baseline.
    ChangesetKey,
    "changeset",
    MAX_CHARS,
    not "extendeddata"
);
id_type!(
    /// Id of an export of iTwins, a GUID.
    ExportId,
    "export id",
    MAX_CHARS
);
id_type!(
    /// Id of a file in Storage: an opaque text.
    FileId,
    "file id",
    MAX_CHARS
);
id_type!(
    /// Id of a folder in Storage: an opaque text.
    FolderId,
    "folder id",
    MAX_CHARS
);
id_type!(
    /// Id of a group of an iTwin, a GUID.
    GroupId,
    "group id",
    MAX_CHARS
);
id_type!(
    /// Id of an iModel, a GUID.
    IModelId,
    "iModel id",
    MAX_CHARS,
    not "favorites" "recents"
);
id_type!(
    /// Id of an iTwin, a GUID.
    ITwinId,
    "iTwin id",
    MAX_CHARS,
    not "exports" "favorites" "myprimaryaccount" "permissions" "recents" "repositories"
);
id_type!(
    /// Id of an invitation, a GUID.
    InvitationId,
    "invitation id",
    MAX_CHARS
);
id_type!(
    /// Id of a job of Access Control, a GUID.
    JobId,
    "job id",
    MAX_CHARS
);
id_type!(
    /// Id of a member of an iTwin: that of the user or of the group, a GUID.
    MemberId,
    "member id",
    MAX_CHARS
);
id_type!(
    /// Id of a named version, a GUID.
    NamedVersionId,
    "named version id",
    MAX_CHARS
);
id_type!(
    /// Id of reality data, a GUID.
    RealityDataId,
    "reality data id",
    MAX_CHARS
);
id_type!(
    /// Id of a repository of an iTwin, or of all: a GUID, or a word such as `cesium`.
    RepositoryId,
    "repository id",
    MAX_CHARS
);
id_type!(
    /// Id of a resource in a repository, free to choose.
    ResourceId,
    "resource id",
    MAX_CHARS
);
id_type!(
    /// Id of a role of an iTwin, a GUID.
    RoleId,
    "role id",
    MAX_CHARS
);
id_type!(
    /// Id of a share, a GUID.
    ShareId,
    "share id",
    MAX_CHARS
);
id_type!(
    /// Id of a user, a GUID.
    UserId,
    "user id",
    MAX_CHARS,
    not "groups" "me"
);
id_type!(
    /// Id of a webhook, a GUID.
    WebhookId,
    "webhook id",
    MAX_CHARS
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
