//! The files of an archive: locked, written so that the manifest never says
//! more than is on the disk. It must not know what the lines say.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::manifest::Manifest;
use super::{ArchiveError, Collection, FORMAT};

const MANIFEST: &str = "manifest.json";
const NEW_MANIFEST: &str = "manifest.json.new";
const LOCK: &str = ".lock";

/// A folder that is locked as long as this lives.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Files are made readable by their owner only.
    private: bool,
    _lock: File,
}

impl Folder {
    /// Makes the folder if needed, and keeps every other export out of it.
    pub(super) fn lock(path: &Path, private: bool) -> Result<Self, ArchiveError> {
        make_folder(path, private).map_err(ArchiveError::io(path))?;
        let lock = path.join(LOCK);
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        let file =
            plain(&lock).and_then(|()| options.open(&lock)).map_err(ArchiveError::io(&lock))?;
        let taken = file.try_lock();
        Self::locked(path, private, file, taken)
    }

    /// Keeps exports out of a folder that is only read.
    pub(super) fn lock_shared(path: &Path) -> Result<Self, ArchiveError> {
        if !path.join(MANIFEST).exists() {
            return Err(ArchiveError::NoArchive { folder: path.to_owned() });
        }
        // An archive that was copied may lack the lock's file, and one on a
        // read-only disk needs none: the manifest stands in as what is locked.
        let lock = Some(path.join(LOCK)).filter(|lock| lock.exists());
        let lock = lock.unwrap_or_else(|| path.join(MANIFEST));
        let file =
            plain(&lock).and_then(|()| File::open(&lock)).map_err(ArchiveError::io(&lock))?;
        match file.try_lock_shared() {
            // Some network file systems have no locks; that is no reason to read no file.
            Err(TryLockError::Error(_)) => {
                Ok(Self { path: path.to_owned(), private: false, _lock: file })
            }
            taken => Self::locked(path, false, file, taken),
        }
    }

    fn locked(
        path: &Path,
        private: bool,
        file: File,
        taken: Result<(), TryLockError>,
    ) -> Result<Self, ArchiveError> {
        match taken {
            Ok(()) => Ok(Self { path: path.to_owned(), private, _lock: file }),
            Err(TryLockError::WouldBlock) => Err(ArchiveError::Busy { folder: path.to_owned() }),
            Err(TryLockError::Error(source)) => Err(ArchiveError::io(path.join(LOCK))(source)),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn file(&self, collection: Collection) -> PathBuf {
        self.path.join(collection.file())
    }

    /// A file of an archive's that is there.
    pub(super) fn occupied(&self) -> Option<PathBuf> {
        Collection::ALL.iter().map(|collection| self.file(*collection)).find(|file| file.exists())
    }

    pub(super) fn manifest(&self) -> Result<Option<Manifest>, ArchiveError> {
        #[derive(Deserialize)]
        struct Format {
            format: u64,
        }
        let path = self.path.join(MANIFEST);
        let text = match plain(&path).and_then(|()| fs::read(&path)) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(ArchiveError::io(path)(error)),
        };
        let damaged = |error: serde_json::Error| ArchiveError::Damaged {
            path: path.clone(),
            line: None,
            reason: format!("it is no manifest: {error}"),
        };
        let Format { format } = serde_json::from_slice(&text).map_err(damaged)?;
        if format != u64::from(FORMAT) {
            return Err(ArchiveError::Format { path, found: format });
        }
        serde_json::from_slice(&text).map(Some).map_err(damaged)
    }

    /// Replaces the manifest as a whole: there is the old one or the new one,
    /// never a part.
    pub(super) fn write_manifest(&self, manifest: &Manifest) -> Result<(), ArchiveError> {
        let path = self.path.join(MANIFEST);
        let new = self.path.join(NEW_MANIFEST);
        let write = || {
            let mut text = serde_json::to_vec_pretty(manifest)?;
            text.push(b'\n');
            let mut file = self.create(&new)?;
            file.set_len(0)?;
            file.write_all(&text)?;
            file.sync_data()?;
            fs::rename(&new, &path)?;
            sync_folder(&self.path)
        };
        write().map_err(ArchiveError::io(&path))
    }

    /// The file of a collection, cut to `bytes`, to write on at its end.
    pub(super) fn append(&self, collection: Collection, bytes: u64) -> Result<Lines, ArchiveError> {
        let path = self.file(collection);
        let open = || {
            let mut file = self.create(&path)?;
            let there = file.metadata()?.len();
            file.set_len(bytes.min(there))?;
            file.seek(SeekFrom::End(0))?;
            Ok((file, there))
        };
        let (file, there) = open().map_err(ArchiveError::io(&path))?;
        if there < bytes {
            return Err(shorter(path, there, bytes));
        }
        Ok(Lines { path, file })
    }

    /// Whether a file that is done has the length that was recorded; what
    /// stands behind it is cut off.
    pub(super) fn check(&self, collection: Collection, bytes: u64) -> Result<(), ArchiveError> {
        let path = self.file(collection);
        let there = fs::metadata(&path).map_err(ArchiveError::io(&path))?.len();
        match there {
            _ if there < bytes => Err(shorter(path, there, bytes)),
            _ if there > bytes => self.append(collection, bytes).map(drop),
            _ => Ok(()),
        }
    }

    pub(super) fn remove(&self, collection: Collection) -> Result<(), ArchiveError> {
        let path = self.file(collection);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(ArchiveError::io(path)(error)),
            _ => Ok(()),
        }
    }

    /// The recorded part of a collection's file, from `position` on.
    pub(super) fn read(
        &self,
        collection: Collection,
        position: u64,
        bytes: u64,
    ) -> Result<ReadLines, ArchiveError> {
        let path = self.file(collection);
        let open = || {
            plain(&path)?;
            let mut file = File::open(&path)?;
            file.seek(SeekFrom::Start(position))?;
            Ok(BufReader::new(file.take(bytes.saturating_sub(position))))
        };
        let file = open().map_err(ArchiveError::io(&path))?;
        Ok(ReadLines { path, file, position, line: 0 })
    }

    /// Opens a file for writing, and makes it if it is not there.
    fn create(&self, path: &Path) -> std::io::Result<File> {
        plain(path)?;
        let mut options = OpenOptions::new();
        options.create(true).truncate(false).write(true);
        #[cfg(unix)]
        if self.private {
            use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
            let file = options.mode(0o600).open(path)?;
            // It may have been there before, open to others.
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
            return Ok(file);
        }
        options.open(path)
    }
}

/// The end of a file that is being written.
#[derive(Debug)]
pub(super) struct Lines {
    path: PathBuf,
    file: File,
}

impl Lines {
    /// Adds lines, and returns when they are on the disk.
    pub(super) fn write(&mut self, lines: &str) -> Result<(), ArchiveError> {
        let written = self.file.write_all(lines.as_bytes()).and_then(|()| self.file.sync_data());
        written.map_err(ArchiveError::io(&self.path))
    }
}

/// A file that is read line by line.
#[derive(Debug)]
pub(super) struct ReadLines {
    path: PathBuf,
    file: BufReader<std::io::Take<File>>,
    /// Behind the last line that was read.
    pub(super) position: u64,
    line: u64,
}

impl ReadLines {
    /// The next line, without its end.
    pub(super) fn next(&mut self) -> Result<Option<String>, ArchiveError> {
        let mut line = Vec::new();
        let read = self.file.read_until(b'\n', &mut line).map_err(ArchiveError::io(&self.path))?;
        if read == 0 {
            return Ok(None);
        }
        self.position = self.position.saturating_add(read as u64);
        self.line += 1;
        if line.pop() != Some(b'\n') {
            return Err(self.damaged("the line has no end"));
        }
        String::from_utf8(line).map(Some).map_err(|_| self.damaged("the line is not UTF-8"))
    }

    /// The line read last is not as it must be. Its number counts from where
    /// reading began.
    pub(super) fn damaged(&self, reason: impl Into<String>) -> ArchiveError {
        ArchiveError::Damaged {
            path: self.path.clone(),
            line: Some(self.line),
            reason: reason.into(),
        }
    }
}

/// Refuses what is there and no plain file, before it is opened: a pipe would keep
/// whoever opens it waiting for its other end.
fn plain(path: &Path) -> std::io::Result<()> {
    match fs::metadata(path) {
        Ok(about) if !about.is_file() => {
            Err(std::io::Error::new(ErrorKind::InvalidInput, "it is no plain file"))
        }
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn shorter(path: PathBuf, there: u64, bytes: u64) -> ArchiveError {
    let reason = format!("it has {there} bytes, and {bytes} were written; overwrite() begins anew");
    ArchiveError::Damaged { path, line: None, reason }
}

fn make_folder(path: &Path, private: bool) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    if private {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    #[cfg(not(unix))]
    let _ = private;
    builder.create(path)
}

/// A renaming is on the disk when its folder is. Elsewhere than on Unix a
/// folder cannot be opened, and the file system is trusted with it.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    File::open(path)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}
