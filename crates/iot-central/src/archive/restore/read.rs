//! Reading an archive: whole, and line by line. It must not know what becomes
//! of the documents.

use std::path::Path;

use crate::archive::document::Members;
use crate::archive::folder::Folder;
#[cfg(feature = "_fuzzing")]
use crate::archive::fuzzing::Contents;
use crate::archive::manifest::{Manifest, State};
use crate::archive::{ArchiveError, Collection};

/// An archive that is whole. No export writes into it as long as this lives.
#[derive(Debug)]
pub(super) struct Archive {
    folder: Folder,
    manifest: Manifest,
}

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Self, ArchiveError> {
        let folder = Folder::lock_shared(path)?;
        let manifest = folder.manifest()?;
        let manifest = manifest.ok_or_else(|| ArchiveError::NoArchive { folder: path.into() })?;
        if manifest.ended.is_none() {
            return Err(ArchiveError::Unfinished { folder: path.into() });
        }
        Ok(Self { folder, manifest })
    }

    /// Whether keys are in it.
    pub(super) fn has_secrets(&self) -> bool {
        self.manifest.secrets
    }

    /// Why a collection is missing, if it is.
    pub(super) fn missing(&self, collection: Collection) -> Option<String> {
        let entry = self.manifest.entry(collection);
        match entry.state {
            State::Complete => None,
            _ => Some(entry.reason.unwrap_or_else(|| "it was not exported".to_owned())),
        }
    }

    /// The documents of a collection, each with its id.
    pub(super) fn documents(
        &self,
        collection: Collection,
    ) -> Result<Vec<(String, Members)>, ArchiveError> {
        let entry = self.manifest.entry(collection);
        let mut lines = self.folder.read(collection, 0, entry.bytes)?;
        let mut documents = Vec::new();
        while let Some(line) = lines.next()? {
            let document: Members = serde_json::from_str(&line)
                .map_err(|error| lines.damaged(format!("it is no document: {error}")))?;
            let member = collection.id_member();
            // The one document without an id is the only one of its file.
            let id = match document.text(member) {
                Some(id) => id,
                None if collection == Collection::FileUploads => collection.name().to_owned(),
                None => return Err(lines.damaged(format!("it has no {member}"))),
            };
            documents.push((id, document));
        }
        let (found, written) = (documents.len() as u64, entry.items);
        if found != written || lines.position != entry.bytes {
            let path = self.folder.file(collection);
            let reason = format!("it has {found} lines, and {written} were written");
            return Err(ArchiveError::Damaged { path, line: None, reason });
        }
        Ok(documents)
    }
}

/// All ids in an archive, for fuzz targets.
#[cfg(feature = "_fuzzing")]
pub(in crate::archive) fn contents(path: &Path) -> Result<Contents, ArchiveError> {
    let archive = Archive::open(path)?;
    let ids = |collection| -> Result<Vec<String>, ArchiveError> {
        Ok(archive.documents(collection)?.into_iter().map(|(id, _)| id).collect())
    };
    let each = Collection::ALL.iter().map(|collection| {
        let found = match archive.missing(*collection) {
            Some(reason) => Err(reason),
            None => Ok(ids(*collection)?),
        };
        Ok((*collection, found))
    });
    each.collect()
}
