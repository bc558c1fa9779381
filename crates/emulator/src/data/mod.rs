//! Where an emulator keeps what it knows: in memory, or in a folder as well.
//!
//! In a folder each part of the emulator (an instance, an application, the
//! directory, storage ...) has one file, its [`Journal`]: every line is one change,
//! whole and with its checksum. A change is handed to the system before the request
//! that made it is answered, so what was answered is there after the process was
//! killed at any moment; it is not forced to the disk, so the loss of the machine's
//! power may take the newest changes. A file that has grown to more than twice of
//! what it tells is written anew beside the old one and put into its place.
//!
//! - The last line may be torn; it was never answered and is dropped.
//! - Anything else that is wrong with a file is an error that names file and line,
//!   and no file is changed.
//! - If a change cannot be written, the emulator answers 500 to everything from then
//!   on, as nothing that it says could be trusted after a restart.
//!
//! Not kept, since a test sets it up for the moment: faults, recorded requests, rates
//! and how much of them is used, delivered events, the lag of queries. Webhook
//! deliveries that are still waiting are lost.
//!
//! This module must not know what the parts are.

mod checksum;
mod error;
mod folder;
mod journal;
mod kept;
mod lines;
mod maps;
pub(crate) mod secrets;
mod table;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

pub use error::DataError;
use folder::Folder;
pub(crate) use journal::{Journal, Read};
#[cfg(test)]
pub(crate) use kept::after_restart;
pub(crate) use kept::{Kept, Pieces, Reading, Writing};
pub(crate) use lines::{Commit, Entry, Lines};
pub(crate) use table::{Piece, Table, Whole};

/// Ending of the files of journals.
const JOURNAL: &str = "journal";

/// Where an emulator keeps what it knows; clones are the same place.
#[derive(Clone, Debug, Default)]
pub(crate) struct Data {
    folder: Option<Arc<Folder>>,
    failure: Failure,
}

/// Why a change could not be written, once that has happened.
#[derive(Clone, Debug, Default)]
pub(crate) struct Failure(Arc<OnceLock<String>>);

impl Failure {
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.get().map(String::as_str)
    }

    /// Only the first one is told.
    pub(crate) fn set(&self, error: &DataError) {
        let text = match std::error::Error::source(error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        tracing::error!(error = text, "a change was not kept; every answer is 500 from now on");
        // An earlier one tells more.
        let _ = self.0.set(text);
    }
}

impl Data {
    /// In a folder, made if it is not there. Nobody else can use it meanwhile.
    pub(crate) fn open(path: &Path) -> Result<Self, DataError> {
        let folder = Some(Arc::new(Folder::open(path)?));
        Ok(Self { folder, failure: Failure::default() })
    }

    /// Told when a change could not be written.
    pub(crate) fn failure(&self) -> &Failure {
        &self.failure
    }

    /// Whether something of a part is kept already.
    pub(crate) fn has(&self, part: &str) -> bool {
        self.folder.as_ref().is_some_and(|folder| folder.file(part, JOURNAL).exists())
    }

    /// The journal of a part that is kept: `read` is given what is in it, change by
    /// change. `None`: there is none.
    pub(crate) fn load(
        &self,
        part: &str,
        read: &mut Read<'_>,
    ) -> Result<Option<Journal>, DataError> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let path = folder.file(part, JOURNAL);
        let journal = Journal::load(&path, part, self.failure.clone(), read)?;
        Ok(journal.map(|journal| journal.in_folder(folder)))
    }

    /// The journal of a part that is new, with what `write` puts into it. `None`:
    /// there is no folder.
    pub(crate) fn create(
        &self,
        part: &str,
        write: impl FnOnce(&mut Lines<'_>) -> std::io::Result<()>,
    ) -> Result<Option<Journal>, DataError> {
        let Some(folder) = &self.folder else { return Ok(None) };
        let path = folder.file(part, JOURNAL);
        let journal = Journal::create(&path, part, self.failure.clone(), write)?;
        Ok(Some(journal.in_folder(folder)))
    }

    /// A folder for files of somebody else's, made if it is not there. `None`: there is no
    /// folder at all.
    pub(crate) fn subfolder(&self, name: &str) -> Result<Option<PathBuf>, DataError> {
        self.folder.as_ref().map(|folder| folder.subfolder(name)).transpose()
    }

    /// What is kept under a name for good, such as a key; made if it is not there.
    pub(crate) fn lasting(
        &self,
        name: &str,
        make: impl FnOnce() -> Result<Vec<u8>, DataError>,
    ) -> Result<Vec<u8>, DataError> {
        match self.kept(name)? {
            Some(bytes) => Ok(bytes),
            None => {
                let bytes = make()?;
                self.keep(name, &bytes)?;
                Ok(bytes)
            }
        }
    }

    /// What was kept under a name.
    pub(crate) fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, DataError> {
        self.folder.as_ref().map_or(Ok(None), |folder| folder.kept(name))
    }

    /// Keeps something under a name, in the place of what was there.
    pub(crate) fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), DataError> {
        self.folder.as_ref().map_or(Ok(()), |folder| folder.keep(name, bytes))
    }

    /// So many random bytes, the same ones at each start.
    pub(crate) fn random(&self, name: &str, length: usize) -> Result<Vec<u8>, DataError> {
        self.lasting(name, || {
            let mut bytes = vec![0; length];
            aws_lc_rs::rand::fill(&mut bytes).map_err(|_| DataError::Random)?;
            Ok(bytes)
        })
    }
}
