//! Files for what is too large to be kept in memory. They are in a folder of
//! their own, made with the first of them and removed with the storage; each is
//! removed as soon as nothing refers to it. It must not know what is in them.

use std::{
    fs::File,
    io::{self, Read, Seek as _, SeekFrom, Write as _},
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use tempfile::{NamedTempFile, TempDir, TempPath};

/// The folder of one storage.
#[derive(Debug, Default)]
pub(super) struct Disk {
    /// Where the folder is made; among the system's temporary files if none.
    parent: Option<PathBuf>,
    folder: Mutex<Option<TempDir>>,
}

/// A file that is written and stays as it is.
#[derive(Debug)]
pub(super) struct Kept(TempPath);

impl Disk {
    pub(super) fn within(parent: Option<PathBuf>) -> Self {
        Self { parent, folder: Mutex::default() }
    }

    /// A new, empty file.
    pub(super) fn file(&self) -> io::Result<NamedTempFile> {
        let mut folder = self.folder.lock().unwrap_or_else(PoisonError::into_inner);
        if folder.is_none() {
            let mut named = tempfile::Builder::new();
            named.prefix("twinkit-blobs-");
            *folder = Some(match &self.parent {
                Some(parent) => named.tempdir_in(parent)?,
                None => named.tempdir()?,
            });
        }
        let folder = folder.as_ref().ok_or_else(|| io::Error::other("there is no folder"))?;
        NamedTempFile::new_in(folder)
    }

    /// A file with this content.
    pub(super) fn keep(&self, content: &[u8]) -> io::Result<Arc<Kept>> {
        let mut file = self.file()?;
        file.write_all(content)?;
        Ok(Kept::of(file))
    }
}

impl Kept {
    /// What was written, without a handle: there may be thousands of them.
    pub(super) fn of(file: NamedTempFile) -> Arc<Self> {
        Arc::new(Self(file.into_temp_path()))
    }

    pub(super) fn open(&self, from: u64) -> io::Result<File> {
        let mut file = File::open(&self.0)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(file)
    }
}

/// The next bytes of a file, `length` of them unless it ends.
pub(super) fn read(file: &mut File, length: usize) -> io::Result<Bytes> {
    let mut bytes = Vec::new();
    let wanted = u64::try_from(length).unwrap_or(u64::MAX);
    if Read::by_ref(file).take(wanted).read_to_end(&mut bytes)? < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(bytes.into())
}

/// Runs what waits for the disk where it holds nobody up.
pub(super) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}
