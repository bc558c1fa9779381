//! What an application holds: tables of documents by id.
//!
//! A document is kept as it was sent, without the members that only the service
//! writes; those are added when it is shown.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{
    file_upload::FileUpload,
    jobs::{Progress, Run},
    twin::{ConnectionKeys, Twin},
};
use crate::data::{self, Piece, Pieces, Whole};

/// The members of a resource.
pub(crate) type Document = Map<String, Value>;

/// One resource.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) document: Document,
    /// A new one after each change, also where the resource does not show it.
    pub(crate) etag: String,
}

/// Without values, as some of them are keys.
impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let members: Vec<&String> = self.document.keys().collect();
        f.debug_struct("Record").field("members", &members).field("etag", &self.etag).finish()
    }
}

impl Record {
    pub(crate) fn new(document: Document) -> Self {
        Self { document, etag: new_etag() }
    }

    /// A member that is text.
    pub(crate) fn text(&self, member: &str) -> Option<&str> {
        self.document.get(member)?.as_str()
    }
}

/// Opaque, with quotes and a tilde like those of the platform's templates, so
/// that nobody strips or parses it and gets away with it.
pub(crate) fn new_etag() -> String {
    format!("\"~{}\"", Uuid::new_v4().simple())
}

/// Things of one kind by id.
pub(crate) type ById<T> = data::Table<BTreeMap<String, T>>;

/// Resources of one kind by id.
pub(crate) type Table = ById<Record>;

/// What an application holds.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) organizations: Table,
    pub(crate) users: Table,
    pub(crate) api_tokens: Table,
    /// SHA-256 of each API token's text, by token id.
    pub(crate) token_digests: ById<Vec<u8>>,
    pub(crate) device_templates: Table,
    pub(crate) devices: Table,
    /// What there is of each device beside its document.
    pub(crate) twins: ById<Twin>,
    /// The devices that are simulated.
    pub(crate) simulated: ById<()>,
    /// Relationships between devices; their ids are unique in the application.
    pub(crate) relationships: Table,
    pub(crate) connection_keys: Whole<ConnectionKeys>,
    pub(crate) device_groups: Table,
    pub(crate) enrollment_groups: Table,
    pub(crate) file_upload: Whole<Option<FileUpload>>,
    pub(crate) jobs: Table,
    /// How far each job has come.
    pub(crate) job_runs: ById<Run>,
    pub(crate) scheduled_jobs: Table,
    /// How far each schedule has come.
    pub(crate) schedules: ById<Progress>,
    pub(crate) dashboards: Table,
    pub(crate) deployment_manifests: Table,
    pub(crate) destinations: Table,
    pub(crate) exports: Table,
    /// Whether changes of the configuration of file uploads are to fail.
    pub(crate) file_uploads_fail: Whole<bool>,
}

impl Pieces for State {
    fn pieces(&mut self) -> Vec<(&'static str, &mut dyn Piece)> {
        vec![
            ("organizations", &mut self.organizations),
            ("users", &mut self.users),
            ("apiTokens", &mut self.api_tokens),
            ("tokenDigests", &mut self.token_digests),
            ("deviceTemplates", &mut self.device_templates),
            ("devices", &mut self.devices),
            ("twins", &mut self.twins),
            ("simulated", &mut self.simulated),
            ("relationships", &mut self.relationships),
            ("connectionKeys", &mut self.connection_keys),
            ("deviceGroups", &mut self.device_groups),
            ("enrollmentGroups", &mut self.enrollment_groups),
            ("fileUpload", &mut self.file_upload),
            ("jobs", &mut self.jobs),
            ("jobRuns", &mut self.job_runs),
            ("scheduledJobs", &mut self.scheduled_jobs),
            ("schedules", &mut self.schedules),
            ("dashboards", &mut self.dashboards),
            ("deploymentManifests", &mut self.deployment_manifests),
            ("destinations", &mut self.destinations),
            ("exports", &mut self.exports),
            ("fileUploadsFail", &mut self.file_uploads_fail),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_documents_stay_out_of_debug() {
        let mut document = Document::new();
        document.insert("connectionString".to_owned(), "hidden".into());
        let shown = format!("{:?}", Record::new(document));
        assert!(shown.contains("connectionString") && !shown.contains("hidden"), "{shown}");
    }
}
