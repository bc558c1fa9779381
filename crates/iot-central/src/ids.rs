//! The ids of the data plane, each a type of its own, checked when it is made.
//!
//! What the service cannot be asked about is refused here, before anything is
//! sent: the empty text, `.` and `..` (URL rules make them another path),
//! control characters and texts longer than the service stores. Everything
//! else arrives as written, `/ ? # %`, spaces and non-ASCII included. Which
//! letters an id may have and whether it *exists* only the service says.

use progenitor_client::id_type;

id_type!(
    /// Id of an API token, chosen by whoever makes it. The service's limit is not
    /// documented; ours only keeps out what cannot be meant.
    ApiTokenId,
    "API token id",
    256
);
id_type!(
    /// Name of a command in a device template. 512 characters is DTDL v3's limit
    /// for names.
    CommandName,
    "command name",
    512
);
id_type!(
    /// Name of a component in a device template. 512 characters is DTDL v3's
    /// limit for names.
    ComponentName,
    "component name",
    512
);
id_type!(
    /// Id of a device group: letters, digits, `-` and `_`.
    DeviceGroupId,
    "device group id",
    255
);
id_type!(
    /// Id of a device: letters, digits and `-`.
    DeviceId,
    "device id",
    128
);
id_type!(
    /// Id of a device template: a DTMI such as `dtmi:example:pump;1`. 2,048
    /// characters is DTDL's own limit for interface ids.
    DeviceTemplateId,
    "device template id",
    2048
);
id_type!(
    /// Id of an enrollment group: letters, digits and `-`.
    EnrollmentGroupId,
    "enrollment group id",
    255
);
id_type!(
    /// Id of a job: letters, digits, `-` and `_`.
    JobId,
    "job id",
    255
);
id_type!(
    /// Name of a module of an edge device. The service's limit is not
    /// documented; ours only keeps out what cannot be meant.
    ModuleName,
    "module name",
    512
);
id_type!(
    /// Id of an organization: lower-case letters, digits and `-`.
    OrganizationId,
    "organization id",
    48
);
id_type!(
    /// Id of a relationship between devices. The service's limit is not
    /// documented; ours only keeps out what cannot be meant.
    RelationshipId,
    "relationship id",
    256
);
id_type!(
    /// Id of a role, a GUID; the built-in ones are the same in all applications.
    /// The service's limit is not documented; ours only keeps out what cannot be
    /// meant.
    RoleId,
    "role id",
    256
);
id_type!(
    /// Id of a scheduled job: letters, digits, `-` and `_`.
    ScheduledJobId,
    "scheduled job id",
    255
);
id_type!(
    /// Name of a telemetry in a device template. 512 characters is DTDL v3's
    /// limit for names.
    TelemetryName,
    "telemetry name",
    512
);
id_type!(
    /// Id of a user, free to choose: letters, digits, `-` and `_`.
    UserId,
    "user id",
    48
);
#[cfg(feature = "preview")]
id_type!(
    /// Id of a dashboard: letters, digits, `:` and `;`.
    DashboardId,
    "dashboard id",
    128
);
#[cfg(feature = "preview")]
id_type!(
    /// Id of a deployment manifest: letters, digits, `:` and `;`.
    DeploymentManifestId,
    "deployment manifest id",
    255
);
#[cfg(feature = "preview")]
id_type!(
    /// Id of a destination of exports. The service's limit is not documented;
    /// ours only keeps out what cannot be meant.
    DestinationId,
    "destination id",
    256
);
#[cfg(feature = "preview")]
id_type!(
    /// Id of an export. The service's limit is not documented; ours only keeps
    /// out what cannot be meant.
    ExportId,
    "export id",
    256
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_but_possible_ids_are_kept_as_written() {
        for text in ["a/b", "a?b#c%2F", "a\\b", "dtmi:x:y;1", "ä ö", "...", "a..b", " "] {
            assert_eq!(DeviceId::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn impossible_ids_are_refused_with_their_kind() {
        for text in ["", ".", "..", "a\nb", "a\u{0}", "a\u{85}b"] {
            let error = UserId::new(text).unwrap_err();
            assert!(error.to_string().contains("user id"), "{error}");
        }
        assert!(UserId::new("x".repeat(48)).is_ok() && UserId::new("x".repeat(49)).is_err());
    }

    #[test]
    fn serde_checks_too() {
        assert_eq!(serde_json::from_str::<JobId>("\"a\"").unwrap().as_str(), "a");
        assert!(serde_json::from_str::<JobId>("\"..\"").is_err());
    }
}
