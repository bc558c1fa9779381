//! Files for what is too large to be kept in memory. They are in a folder of their own:
//! a temporary one, made with the first of them and removed with the storage, or one
//! that stays. Each is removed when nothing refers to it any more. It must not know what
//! is in them.

use std::{
    collections::HashMap,
    fs::{self, File},
    io::{self, Read, Seek as _, SeekFrom, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use tempfile::{NamedTempFile, TempDir, TempPath};

use crate::data::DataError;

/// The folder of one storage.
#[derive(Debug)]
pub(super) enum Disk {
    Temporary {
        /// Where the folder is made; among the system's temporary files if none.
        parent: Option<PathBuf>,
        folder: Mutex<Option<TempDir>>,
    },
    Lasting(Arc<Lasting>),
}

/// A folder that stays when the storage goes.
#[derive(Debug)]
pub(super) struct Lasting {
    folder: PathBuf,
    /// The files that somebody refers to, by name.
    known: Mutex<HashMap<String, Weak<Kept>>>,
    /// The files that nothing refers to any more. They are removed later, when it is
    /// written down that nothing does.
    doomed: Mutex<Vec<PathBuf>>,
    /// Set at the end, when everything is let go and nothing is to be removed.
    is_over: AtomicBool,
}

/// A file that is written and stays as it is.
#[derive(Debug)]
pub(super) enum Kept {
    Temporary(TempPath),
    Lasting {
        name: String,
        home: Arc<Lasting>,
    },
    /// One that was read about and is not found yet.
    Named(String),
}

impl Default for Disk {
    fn default() -> Self {
        Self::within(None)
    }
}

impl Disk {
    pub(super) fn within(parent: Option<PathBuf>) -> Self {
        Self::Temporary { parent, folder: Mutex::default() }
    }

    /// In a folder that is there and has no other use.
    pub(super) fn lasting(folder: PathBuf) -> Self {
        let (known, doomed, is_over) = Default::default();
        Self::Lasting(Arc::new(Lasting { folder, known, doomed, is_over }))
    }

    /// A new, empty file.
    pub(super) fn file(&self) -> io::Result<NamedTempFile> {
        let (parent, folder) = match self {
            Self::Lasting(home) => return NamedTempFile::new_in(&home.folder),
            Self::Temporary { parent, folder } => (parent, folder),
        };
        let mut folder = lock(folder);
        if folder.is_none() {
            let mut named = tempfile::Builder::new();
            named.prefix("twinkit-blobs-");
            *folder = Some(match parent {
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
        self.kept(file)
    }

    /// What was written to one of its files, without a handle: there may be thousands of
    /// them.
    pub(super) fn kept(&self, file: NamedTempFile) -> io::Result<Arc<Kept>> {
        let home = match self {
            Self::Temporary { .. } => return Ok(Arc::new(Kept::Temporary(file.into_temp_path()))),
            Self::Lasting(home) => home,
        };
        let path = file.into_temp_path().keep()?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(home.know(&name))
    }

    /// The file of a name that was read about, of at least this length.
    pub(super) fn find(&self, name: &str, length: u64) -> Result<Arc<Kept>, DataError> {
        let Self::Lasting(home) = self else { return Ok(Arc::new(Kept::Named(name.to_owned()))) };
        let path = home.folder.join(name);
        match fs::metadata(&path) {
            Ok(found) if found.len() >= length => Ok(home.know(name)),
            Ok(_) => Err(DataError::Io { path, source: io::ErrorKind::UnexpectedEof.into() }),
            Err(source) => Err(DataError::Io { path, source }),
        }
    }

    /// Removes what nothing refers to: what came in and was never answered for.
    pub(super) fn remove_strangers(&self) -> Result<(), DataError> {
        let Self::Lasting(home) = self else { return Ok(()) };
        let failed = |source| DataError::Io { path: home.folder.clone(), source };
        for entry in fs::read_dir(&home.folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !lock(&home.known).contains_key(&name) {
                remove(&entry.path());
            }
        }
        Ok(())
    }

    /// Removes what became of no use. Nothing that is written down may refer to it.
    pub(super) fn remove_doomed(&self) {
        if let Self::Lasting(home) = self {
            std::mem::take(&mut *lock(&home.doomed)).iter().for_each(|path| remove(path));
        }
    }

    /// From here on files stay, whoever lets them go.
    pub(super) fn end(&self) {
        if let Self::Lasting(home) = self {
            home.is_over.store(true, Ordering::Release);
        }
    }
}

impl Lasting {
    /// The one holder of a file.
    fn know(self: &Arc<Self>, name: &str) -> Arc<Kept> {
        let mut known = lock(&self.known);
        if let Some(kept) = known.get(name).and_then(Weak::upgrade) {
            return kept;
        }
        let kept = Arc::new(Kept::Lasting { name: name.to_owned(), home: Arc::clone(self) });
        known.insert(name.to_owned(), Arc::downgrade(&kept));
        kept
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let Self::Lasting { name, home } = self else { return };
        if !home.is_over.load(Ordering::Acquire) {
            lock(&home.known).remove(name);
            lock(&home.doomed).push(home.folder.join(name));
        }
    }
}

impl Kept {
    /// The name by which it is found again.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Temporary(path) => {
                path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
            }
            Self::Lasting { name, .. } | Self::Named(name) => name,
        }
    }

    pub(super) fn open(&self, from: u64) -> io::Result<File> {
        let mut file = match self {
            Self::Temporary(path) => File::open(path)?,
            Self::Lasting { name, home } => File::open(home.folder.join(name))?,
            Self::Named(_) => return Err(io::ErrorKind::NotFound.into()),
        };
        file.seek(SeekFrom::Start(from))?;
        Ok(file)
    }
}

fn remove(path: &Path) {
    // Nothing can be done about a file that is gone already.
    let _ = fs::remove_file(path);
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
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
