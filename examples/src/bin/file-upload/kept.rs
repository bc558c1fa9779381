//! Where an upload stands, kept beside the file for a run to come. The point holds a
//! signed address, which opens the storage to whoever has it: the file is its owner's
//! alone, and is gone when the upload is done.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use twinkit::itwin::{Secret, UploadPoint};

/// The place of one upload's point. Clones are the same one.
#[derive(Clone)]
pub(crate) struct Kept {
    path: PathBuf,
    /// Which contents go where: a point is for these alone.
    what: String,
    /// Blocks arrive side by side; one of them writes at a time.
    writing: Arc<Mutex<()>>,
}

#[derive(Serialize, Deserialize)]
struct Note {
    what: String,
    point: Secret,
}

impl Kept {
    /// The point of this file's way to `place`. A file that was changed since has none.
    pub(crate) fn of(file: &Path, place: &str) -> anyhow::Result<Self> {
        let about =
            fs::metadata(file).with_context(|| format!("{} cannot be read", file.display()))?;
        let changed = about.modified()?.duration_since(UNIX_EPOCH)?.as_nanos();
        let mut path = file.as_os_str().to_owned();
        path.push(".upload");
        let what = format!("{} bytes of {changed} to {place}", about.len());
        Ok(Self { path: path.into(), what, writing: Arc::default() })
    }

    /// What an earlier run left, if it was about the same. What cannot be read is no
    /// point: the upload begins anew.
    pub(crate) fn read(&self) -> Option<UploadPoint> {
        let note: Note = serde_json::from_slice(&fs::read(&self.path).ok()?).ok()?;
        (note.what == self.what).then(|| UploadPoint::from_secret(&note.point).ok())?
    }

    /// Keeps the point. An upload goes on without: it only could not be gone on with.
    pub(crate) fn write(&self, point: &UploadPoint) {
        let _turn = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = self.try_write(point) {
            eprintln!("{} cannot be written: {error}", self.path.display());
        }
    }

    /// In one step, so that a machine that stops in between leaves the old one.
    fn try_write(&self, point: &UploadPoint) -> std::io::Result<()> {
        let note = Note { what: self.what.clone(), point: point.to_secret() };
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        // Made with rights for its owner only.
        let mut file = tempfile::NamedTempFile::new_in(folder.unwrap_or(Path::new(".")))?;
        file.write_all(&serde_json::to_vec(&note)?)?;
        file.persist(&self.path)?;
        Ok(())
    }

    /// The upload is done.
    pub(crate) fn forget(&self) {
        // One that is not there need not go.
        let _ = fs::remove_file(&self.path);
    }
}
