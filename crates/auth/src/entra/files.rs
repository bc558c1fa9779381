//! Small files that hold secrets: read with a limit, and only where they are
//! files. It must not know what is in them.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use secrecy::SecretSlice;

use crate::{AuthError, AuthErrorKind};

/// Why a file was not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileFault {
    #[error("{} cannot be read: {error}", path.display())]
    Io {
        path: PathBuf,
        #[source]
        error: io::Error,
    },
    /// A folder, or a pipe, whose reader would wait for ever.
    #[error("{} is not a file", path.display())]
    NotAFile { path: PathBuf },
    #[error("{} is larger than the limit of {limit} bytes", path.display())]
    TooLarge { path: PathBuf, limit: u64 },
}

impl FileFault {
    pub(super) fn into_error(self, source: &'static str) -> AuthError {
        AuthError::new(AuthErrorKind::Config, source, self.to_string()).with_cause(self)
    }
}

/// The whole content of a file of at most `limit` bytes.
pub(super) fn read(path: &Path, limit: u64) -> Result<SecretSlice<u8>, FileFault> {
    let fault = |error| FileFault::Io { path: path.to_owned(), error };
    // Asked by name first: opening a pipe would already wait.
    let facts = fs::metadata(path).map_err(fault)?;
    if !facts.is_file() {
        return Err(FileFault::NotAFile { path: path.to_owned() });
    }
    let too_large = || FileFault::TooLarge { path: path.to_owned(), limit };
    if facts.len() > limit {
        return Err(too_large());
    }
    // The right room from the start: growing would leave copies behind.
    let room = usize::try_from(facts.len()).unwrap_or_default();
    let mut bytes = Vec::with_capacity(room);
    let file = File::open(path).map_err(fault)?;
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(fault)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    Ok(bytes.into())
}

/// A number that changes when the file does. Where the system keeps it, the
/// time of the inode's change counts as well, which a writer cannot set back.
pub(super) fn version(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    if let Ok(facts) = fs::metadata(path) {
        (facts.len(), facts.modified().ok()).hash(&mut hasher);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            (facts.ino(), facts.ctime(), facts.ctime_nsec()).hash(&mut hasher);
        }
    }
    hasher.finish()
}

/// Whether users other than the owner may read the file; unknown on systems
/// without such bits.
#[cfg(feature = "certificates")]
pub(super) fn is_open_to_others(path: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::metadata(path).is_ok_and(|facts| facts.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_file_is_read_whole_up_to_the_limit() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "0123456789").unwrap();
        assert_eq!(read(&path, 10).unwrap().expose_secret(), b"0123456789");
        assert!(matches!(read(&path, 9), Err(FileFault::TooLarge { limit: 9, .. })));
        fs::write(&path, "").unwrap();
        assert!(read(&path, 10).unwrap().expose_secret().is_empty());
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(read(folder.path(), 10), Err(FileFault::NotAFile { .. })));
        let missing = read(&folder.path().join("none"), 10).unwrap_err();
        let error = missing.into_error("test");
        assert_eq!(error.kind(), AuthErrorKind::Config);
        assert!(error.to_string().contains("none cannot be read"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn endless_and_waiting_files_are_refused() {
        let zero = read(Path::new("/dev/zero"), 10).unwrap_err();
        assert!(matches!(zero, FileFault::NotAFile { .. }));
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
        assert!(made.success());
        assert!(matches!(read(&pipe, 10), Err(FileFault::NotAFile { .. })));
    }

    #[test]
    fn the_version_follows_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let absent = version(&path);
        fs::write(&path, "1").unwrap();
        let first = version(&path);
        assert_ne!(absent, first);
        assert_eq!(first, version(&path));
        let other = folder.path().join("other");
        fs::write(&other, "2").unwrap();
        let times =
            fs::FileTimes::new().set_modified(fs::metadata(&path).unwrap().modified().unwrap());
        File::options().write(true).open(&other).unwrap().set_times(times).unwrap();
        fs::rename(&other, &path).unwrap();
        if cfg!(unix) {
            assert_ne!(first, version(&path), "same length and time, another file");
        }
    }

    #[cfg(all(unix, feature = "certificates"))]
    #[test]
    fn files_for_the_owner_alone_are_told_from_others() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "1").unwrap();
        for (mode, open) in [(0o600, false), (0o400, false), (0o640, true), (0o604, true)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_open_to_others(&path), open, "{mode:o}");
        }
    }
}
