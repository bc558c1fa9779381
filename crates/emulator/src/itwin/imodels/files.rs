//! Files of iModels in storage: one container for each iModel, so that a signature
//! for one opens no other.

use bytes::Bytes;
use serde_json::{Value, json};

use crate::{itwin::Platform, storage::Permissions};

/// The file that an iModel starts from.
pub(super) const BASELINE: &str = "baseline.bim";
/// The picture of an iModel.
pub(super) const THUMBNAIL: &str = "thumbnail.png";

/// The container of an iModel.
pub(super) fn container(imodel_id: &str) -> String {
    format!("imodel-{imodel_id}")
}

/// The file of a changeset.
pub(super) fn changeset(id: &str) -> String {
    format!("changesets/{id}.cs")
}

/// A link to download a file.
pub(super) fn download(platform: &Platform, imodel_id: &str, file: &str) -> Value {
    signed(platform, imodel_id, file, Permissions::read())
}

/// A link to put a file.
pub(super) fn upload(platform: &Platform, imodel_id: &str, file: &str) -> Value {
    signed(platform, imodel_id, file, Permissions::write())
}

fn signed(platform: &Platform, imodel_id: &str, file: &str, permissions: Permissions) -> Value {
    let (container, lifetime) = (container(imodel_id), platform.config.signed_url);
    let href = platform.storage.signed_url(&container, file, permissions, lifetime);
    json!({"href": href, "storageType": "azure"})
}

/// A file, if it is there.
pub(super) fn read(platform: &Platform, imodel_id: &str, file: &str) -> Option<Bytes> {
    let address = platform.storage.blob_url(&container(imodel_id), file);
    platform.storage.read(&address).ok()
}

/// How many bytes a file has, if it is there.
pub(super) fn length(platform: &Platform, imodel_id: &str, file: &str) -> Option<u64> {
    platform.storage.size(&container(imodel_id), file)
}

/// Stores a file.
pub(super) fn put(platform: &Platform, imodel_id: &str, file: &str, bytes: Bytes) {
    platform.storage.put(&container(imodel_id), file, bytes);
}

/// Copies a file of an iModel to another one, if it is there.
pub(super) fn copy(platform: &Platform, from: &str, to: &str, file: &str) {
    platform.storage.copy((&container(from), file), (&container(to), file));
}

/// Gives an iModel a file with the content of another of its files; answers whether
/// that is there.
pub(super) fn double(platform: &Platform, imodel_id: &str, file: &str, other: &str) -> bool {
    let container = container(imodel_id);
    platform.storage.copy((&container, file), (&container, other))
}
