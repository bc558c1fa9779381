//! What an application consists of, and where each part is asked for. It must
//! not know what is done with the answers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A part of an application; one file of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Collection {
    /// Roles, the application's own ones included.
    Roles,
    /// Organizations, without the root, which has no id.
    Organizations,
    /// Users, groups of users and service principals.
    Users,
    /// API tokens, without their values.
    ApiTokens,
    /// Published device templates.
    DeviceTemplates,
    /// Enrollment groups.
    EnrollmentGroups,
    /// What is known of the certificates of enrollment groups.
    EnrollmentGroupCertificates,
    /// Devices.
    Devices,
    /// Properties of devices, their components and modules.
    DeviceProperties,
    /// Attestations of single devices.
    DeviceAttestations,
    /// Relationships between devices.
    DeviceRelationships,
    /// Device groups.
    DeviceGroups,
    /// Where devices upload files to; none or one.
    FileUploads,
    /// Scheduled jobs.
    ScheduledJobs,
    /// The jobs that scheduled jobs started.
    ScheduledJobRuns,
    /// Jobs.
    Jobs,
    /// What became of each job on each device.
    JobDevices,
}

/// How a collection is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// A list of documents, in pages: operation and path.
    List(&'static str, &'static str),
    /// One document, or none: operation and path.
    Single(&'static str, &'static str),
    /// Something for each item of a collection that came before.
    Each(Collection),
}

impl Collection {
    /// All of them, in the order in which they are exported.
    pub const ALL: &[Self] = &[
        Self::Roles,
        Self::Organizations,
        Self::Users,
        Self::ApiTokens,
        Self::DeviceTemplates,
        Self::EnrollmentGroups,
        Self::EnrollmentGroupCertificates,
        Self::Devices,
        Self::DeviceProperties,
        Self::DeviceAttestations,
        Self::DeviceRelationships,
        Self::DeviceGroups,
        Self::FileUploads,
        Self::ScheduledJobs,
        Self::ScheduledJobRuns,
        Self::Jobs,
        Self::JobDevices,
    ];

    /// Its name in the manifest, and that of its file without `.ndjson`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::Organizations => "organizations",
            Self::Users => "users",
            Self::ApiTokens => "api-tokens",
            Self::DeviceTemplates => "device-templates",
            Self::EnrollmentGroups => "enrollment-groups",
            Self::EnrollmentGroupCertificates => "enrollment-group-certificates",
            Self::Devices => "devices",
            Self::DeviceProperties => "device-properties",
            Self::DeviceAttestations => "device-attestations",
            Self::DeviceRelationships => "device-relationships",
            Self::DeviceGroups => "device-groups",
            Self::FileUploads => "file-uploads",
            Self::ScheduledJobs => "scheduled-jobs",
            Self::ScheduledJobRuns => "scheduled-job-runs",
            Self::Jobs => "jobs",
            Self::JobDevices => "job-devices",
        }
    }

    /// The name of its file.
    #[must_use]
    pub fn file(self) -> String {
        format!("{}.ndjson", self.name())
    }

    /// The member that names an item within it.
    pub(super) fn id_member(self) -> &'static str {
        match self {
            Self::DeviceTemplates => "@id",
            Self::DeviceProperties | Self::DeviceAttestations => "device",
            Self::EnrollmentGroupCertificates => "group",
            Self::JobDevices => "job",
            Self::ScheduledJobRuns => "scheduledJob",
            _ => "id",
        }
    }

    pub(super) fn way(self) -> Way {
        match self {
            Self::Roles => Way::List("list_roles", "/api/roles"),
            Self::Organizations => Way::List("list_organizations", "/api/organizations"),
            Self::Users => Way::List("list_users", "/api/users"),
            Self::ApiTokens => Way::List("list_api_tokens", "/api/apiTokens"),
            Self::DeviceTemplates => Way::List("list_device_templates", "/api/deviceTemplates"),
            Self::EnrollmentGroups => Way::List("list_enrollment_groups", "/api/enrollmentGroups"),
            Self::Devices => Way::List("list_devices", "/api/devices"),
            Self::DeviceGroups => Way::List("list_device_groups", "/api/deviceGroups"),
            Self::FileUploads => Way::Single("get_file_upload", "/api/fileUploads"),
            Self::ScheduledJobs => Way::List("list_scheduled_jobs", "/api/scheduledJobs"),
            Self::Jobs => Way::List("list_jobs", "/api/jobs"),
            Self::EnrollmentGroupCertificates => Way::Each(Self::EnrollmentGroups),
            Self::DeviceProperties | Self::DeviceAttestations | Self::DeviceRelationships => {
                Way::Each(Self::Devices)
            }
            Self::ScheduledJobRuns => Way::Each(Self::ScheduledJobs),
            Self::JobDevices => Way::Each(Self::Jobs),
        }
    }
}

/// The name in the manifest.
impl fmt::Display for Collection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::OPERATIONS;

    #[test]
    fn names_are_those_of_the_manifest_and_all_are_listed() {
        for collection in Collection::ALL {
            let written = serde_json::to_value(collection).unwrap();
            assert_eq!(written, collection.name());
        }
        assert_eq!(Collection::ALL.last(), Some(&Collection::JobDevices));
        assert_eq!(Collection::ALL.len(), Collection::JobDevices as usize + 1);
    }

    #[test]
    fn ways_are_operations_and_follow_what_they_need() {
        for (index, collection) in Collection::ALL.iter().enumerate() {
            match collection.way() {
                Way::List(id, path) | Way::Single(id, path) => {
                    let row = OPERATIONS.iter().find(|row| row.id == id).unwrap();
                    assert_eq!((row.path, row.method), (path, "GET"));
                    let paged = matches!(collection.way(), Way::List(..));
                    assert_eq!(row.paging.is_some(), paged, "{id}");
                }
                Way::Each(of) => {
                    assert!(Collection::ALL[..index].contains(&of));
                    assert!(matches!(of.way(), Way::List(..)));
                }
            }
        }
    }
}
