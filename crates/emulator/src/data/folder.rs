//! The folder itself: who may use it, what its files are called, and small files that
//! are replaced whole.
//!
//! Files are for their owner only, as there are keys among them.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{DataError, checksum};

/// Locked as long as an emulator uses the folder, and the mark of such a folder.
const LOCK: &str = "emulator.lock";
/// Ending of the small files.
const KEPT: &str = "kept";
/// What stays as it is in the name of a file.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_');

/// A folder that is used by this emulator only.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Unlocked when it is closed, also by the end of the process.
    _lock: File,
}

impl Folder {
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let path = std::path::absolute(path).map_err(|source| failed(path, source))?;
        if path.exists() && !path.is_dir() {
            return Err(DataError::NoFolder(path));
        }
        make(&path).map_err(|source| failed(&path, source))?;
        if is_foreign(&path).map_err(|source| failed(&path, source))? {
            return Err(DataError::Foreign(path));
        }
        let lock_path = path.join(LOCK);
        let lock = owners(OpenOptions::new().create(true).append(true))
            .open(&lock_path)
            .map_err(|source| failed(&lock_path, source))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(DataError::InUse(path)),
            Err(TryLockError::Error(source)) => Err(failed(&lock_path, source)),
        }
    }

    /// The file of a name, which may hold anything.
    pub(super) fn file(&self, name: &str, extension: &str) -> PathBuf {
        self.path.join(format!("{}.{extension}", utf8_percent_encode(name, PLAIN)))
    }

    /// A folder in it, made if it is not there.
    pub(super) fn subfolder(&self, name: &str) -> Result<PathBuf, DataError> {
        let path = self.path.join(name);
        make(&path).map_err(|source| failed(&path, source))?;
        Ok(path)
    }

    pub(super) fn kept(&self, name: &str) -> Result<Option<Vec<u8>>, DataError> {
        let path = self.file(name, KEPT);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(|source| failed(&path, source))?,
        };
        match checksum::checked(&bytes) {
            Ok(content) => Ok(Some(content.to_vec())),
            Err(what) => Err(DataError::Damaged { path, line: 1, what: what.to_owned() }),
        }
    }

    pub(super) fn keep(&self, name: &str, bytes: &[u8]) -> Result<(), DataError> {
        let path = self.file(name, KEPT);
        let write = |file: &mut File| file.write_all(&checksum::with(bytes));
        replace(&path, write).map(drop).map_err(|source| failed(&path, source))
    }
}

/// Writes a file beside the one at `path` and puts it into its place, so that at any
/// moment there is the old one or the new one, whole. Answers the new one, open for
/// more.
pub(super) fn replace(
    path: &Path,
    write: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<File> {
    let new = path.with_extension("new");
    // What a killed emulator left half written.
    match fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = owners(OpenOptions::new().append(true).create_new(true)).open(&new)?;
    write(&mut file)?;
    // Else the name could be on the disk before the content is.
    file.sync_all()?;
    fs::rename(&new, path)?;
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(file)
}

pub(super) fn failed(path: &Path, source: io::Error) -> DataError {
    DataError::Io { path: path.to_owned(), source }
}

/// Whether a folder holds things, and none of them is the mark.
fn is_foreign(path: &Path) -> io::Result<bool> {
    let mut is_empty = true;
    for entry in fs::read_dir(path)? {
        if entry?.file_name() == LOCK {
            return Ok(false);
        }
        is_empty = false;
    }
    Ok(!is_empty)
}

/// A new file is for its owner only.
fn owners(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn make(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_for_one_emulator_and_for_nothing_else() {
        let outer = tempfile::tempdir().unwrap();
        let path = outer.path().join("state");
        let folder = Folder::open(&path).unwrap();
        assert!(matches!(Folder::open(&path), Err(DataError::InUse(_))));
        drop(folder);
        drop(Folder::open(&path).unwrap());
        assert!(matches!(Folder::open(outer.path()), Err(DataError::Foreign(_))));
        assert_eq!(fs::read_dir(outer.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_is_no_folder_and_stays_as_it_is() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(&file, "mine").unwrap();
        let error = Folder::open(file.path()).unwrap_err();
        assert!(error.to_string().ends_with("is no folder; name one for the state"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }

    #[test]
    fn a_file_is_replaced_whole_and_only_its_owner_reads_it() {
        let outer = tempfile::tempdir().unwrap();
        let folder = Folder::open(&outer.path().join("state")).unwrap();
        assert_eq!(folder.kept("../a key").unwrap(), None);
        folder.keep("../a key", b"one").unwrap();
        folder.keep("../a key", b"two").unwrap();
        assert_eq!(folder.kept("../a key").unwrap().unwrap(), b"two");
        let path = folder.file("../a key", KEPT);
        assert_eq!(path.parent(), Some(&*folder.path));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(&folder.path)), (0o600, 0o700));
        }
        let half = |file: &mut File| {
            file.write_all(b"thr")?;
            Err(io::Error::other("full"))
        };
        replace(&path, half).unwrap_err();
        assert_eq!(folder.kept("../a key").unwrap().unwrap(), b"two");
        folder.keep("../a key", b"three").unwrap();
        assert_eq!(folder.kept("../a key").unwrap().unwrap(), b"three");
        fs::write(&path, b"three").unwrap();
        assert!(matches!(folder.kept("../a key"), Err(DataError::Damaged { .. })));
    }
}
