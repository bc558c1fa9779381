//! What an application holds: tables of documents by id.
//!
//! A document is kept as it was sent, without the members that only the service
//! writes; those are added when it is shown.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::file_upload::FileUpload;

/// The members of a resource.
pub(crate) type Document = Map<String, Value>;

/// One resource.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) document: Document,
    /// A new one after each change, also where the resource does not show it.
    pub(crate) etag: String,
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

/// A new key of devices or groups, as long as those of the platform: 64 bytes in
/// base64.
pub(crate) fn new_key() -> String {
    let random: [[u8; 16]; 4] = std::array::from_fn(|_| Uuid::new_v4().into_bytes());
    STANDARD.encode(random.as_flattened())
}

/// A new id scope, by which devices name the application when they are
/// provisioned.
pub(crate) fn new_id_scope() -> String {
    let digits: String = Uuid::new_v4().simple().to_string().chars().take(8).collect();
    format!("0ne{}", digits.to_ascii_uppercase())
}

/// Resources of one kind by id.
pub(crate) type Table = BTreeMap<String, Record>;

/// What an application holds.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) organizations: Table,
    pub(crate) users: Table,
    pub(crate) api_tokens: Table,
    /// SHA-256 of each API token's text, by token id.
    pub(crate) token_digests: BTreeMap<String, Vec<u8>>,
    pub(crate) device_groups: Table,
    pub(crate) enrollment_groups: Table,
    pub(crate) id_scope: String,
    pub(crate) file_upload: Option<FileUpload>,
    /// Whether changes of the configuration of file uploads are to fail.
    pub(crate) file_uploads_fail: bool,
}
