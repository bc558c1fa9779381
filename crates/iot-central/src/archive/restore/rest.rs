//! Planning enrollment groups, device groups and scheduled jobs, and saying
//! what is not carried.

use super::people::wish;
use super::planner::{Planner, body};
use crate::archive::document::{Members, text};
use crate::archive::requests::{Write, path};
use crate::archive::{ArchiveError, Collection};
use crate::{Error, Json, Method};

const ENROLLMENT_GROUP: &[&str] = &["displayName", "enabled", "type", "attestation"];
/// What is compared and changed of a group whose attestation is not carried.
const ENROLLMENT_GROUP_ALONE: &[&str] = &["displayName", "enabled"];
const DEVICE_GROUP: &[&str] = &["displayName", "description", "filter", "organizations"];
const SCHEDULED_JOB: &[&str] = &[
    "displayName",
    "description",
    "group",
    "batch",
    "cancellationThreshold",
    "data",
    "schedule",
    "enabled",
    "organizations",
];

impl Planner<'_> {
    pub(super) async fn enrollment_groups(&mut self) -> Result<(), ArchiveError> {
        let collection = Collection::EnrollmentGroups;
        let (documents, there) = self.both(collection).await?;
        for (id, document) in documents {
            let (mut body, mut notes) =
                body(document, ENROLLMENT_GROUP, &["id", "etag", "idScope"]);
            let attested = attest(&mut body, self.archive.has_secrets());
            let attested = attested.map_err(ArchiveError::service(collection))?;
            let path = path(&["enrollmentGroups", &id]);
            let is_there = there.as_ref().is_ok_and(|there| there.contains_key(&id));
            // Replaced as a whole, a group would lose the keys or certificates
            // that its devices here have.
            let (operation, method, members) = if is_there && attested.is_some() {
                body.keep(ENROLLMENT_GROUP_ALONE);
                notes.push("its attestation is left as the application has it".to_owned());
                ("update_enrollment_group", Method::PATCH, ENROLLMENT_GROUP_ALONE)
            } else {
                notes.extend(attested);
                ("create_enrollment_group", Method::PUT, ENROLLMENT_GROUP)
            };
            let write = Write { operation, method, path, body };
            self.plan(wish(collection, id, write, members, notes), &there);
        }
        Ok(())
    }

    pub(super) async fn device_groups(&mut self) -> Result<(), ArchiveError> {
        let collection = Collection::DeviceGroups;
        let (documents, there) = self.both(collection).await?;
        for (id, document) in documents {
            let (body, notes) = body(document, DEVICE_GROUP, &["id", "etag"]);
            let path = path(&["deviceGroups", &id]);
            let write = Write { operation: "create_device_group", method: Method::PUT, path, body };
            self.plan(wish(collection, id, write, DEVICE_GROUP, notes), &there);
        }
        Ok(())
    }

    pub(super) async fn scheduled_jobs(&mut self) -> Result<(), ArchiveError> {
        let collection = Collection::ScheduledJobs;
        let (documents, there) = self.both(collection).await?;
        for (id, document) in documents {
            if document.read("completed") == Some(true) {
                self.skip(collection, &id, "it has come to its end, and would run again");
                continue;
            }
            let (body, notes) = body(document, SCHEDULED_JOB, &["id", "etag", "completed"]);
            let path = path(&["scheduledJobs", &id]);
            let write =
                Write { operation: "create_scheduled_job", method: Method::PUT, path, body };
            self.plan(wish(collection, id, write, SCHEDULED_JOB, notes), &there);
        }
        Ok(())
    }

    /// What is in the archive and cannot be carried.
    pub(super) fn what_cannot_be_carried(&mut self) -> Result<(), ArchiveError> {
        let reasons = [
            (
                Collection::EnrollmentGroupCertificates,
                "the service gives thumbprints only: upload the certificates again",
            ),
            (
                Collection::FileUploads,
                "its connection string comes masked: set it anew (create_file_upload)",
            ),
            (Collection::Jobs, "it is history: making it would run it"),
        ];
        for (collection, reason) in reasons {
            for (id, _) in self.documents(collection)? {
                self.skip(collection, &id, reason);
            }
        }
        for collection in [Collection::ScheduledJobRuns, Collection::JobDevices] {
            let lines = self.documents(collection)?.len();
            if lines > 0 {
                self.skip(collection, "*", format!("{lines} lines of history"));
            }
        }
        Ok(())
    }
}

/// Leaves of a group's attestation what can be sent, and says what cannot.
fn attest(body: &mut Members, secrets: bool) -> Result<Option<String>, Error> {
    let Some(mut attestation) = body.read::<Members>("attestation") else { return Ok(None) };
    let note = match attestation.text("type").as_deref() {
        Some("symmetricKey") if secrets => None,
        Some("symmetricKey") => {
            // Without keys the service makes some; with half a member it refuses.
            attestation.remove("symmetricKey");
            Some("the archive has no keys: a new group gets new ones, and devices need theirs anew")
        }
        Some("x509") => {
            let mut empty = Members::default();
            empty.set("signingCertificates", Json::from(serde_json::json!({})));
            attestation = Members::default();
            attestation.set("type", text("x509"));
            attestation.set("x509", empty.to_json()?);
            Some("its certificates are not in the archive: upload them again")
        }
        _ => None,
    };
    body.set("attestation", attestation.to_json()?);
    Ok(note.map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_attestation_is_sent_without_what_the_archive_lacks() {
        let attested = |attestation, secrets| {
            let group = Json::from(json!({"attestation": attestation}));
            let mut body: Members = group.parse().unwrap();
            let note = attest(&mut body, secrets).unwrap();
            (body.read::<serde_json::Value>("attestation").unwrap(), note.is_some())
        };
        let keys = json!({"type": "symmetricKey", "symmetricKey": {"primaryKey": "k"}});
        assert_eq!(attested(keys.clone(), true), (keys.clone(), false));
        assert_eq!(attested(keys, false), (json!({"type": "symmetricKey"}), true));
        let info = json!({"primary": {"info": {"sha1Thumbprint": "t"}, "etag": "e"}});
        let x509 = json!({"type": "x509", "x509": {"signingCertificates": info}});
        let empty = json!({"type": "x509", "x509": {"signingCertificates": {}}});
        assert_eq!(attested(x509, true), (empty, true));
        let other = json!({"type": "new", "x": 1});
        assert_eq!(attested(other.clone(), false), (other, false));
    }
}
