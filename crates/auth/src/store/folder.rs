//! [`Folder`]: a folder that only its owner can use, with files of the same
//! kind. Whatever somebody else could read, or could have put there, is
//! refused.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use crate::{AuthError, AuthErrorKind};

/// A private folder. It is made when it is first needed.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    pub(super) source: &'static str,
    pub(super) path: PathBuf,
}

impl Folder {
    /// Where programs keep their state, by the variables of `look_up`.
    pub(super) fn standard(
        source: &'static str,
        look_up: impl Fn(&str) -> Option<std::ffi::OsString>,
    ) -> Result<Self, AuthError> {
        let named = |name: &str| look_up(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let state = if cfg!(windows) {
            named("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            named("HOME").map(|home| home.join("Library/Application Support"))
        } else {
            named("XDG_STATE_HOME").or_else(|| Some(named("HOME")?.join(".local/state")))
        };
        let Some(state) = state else {
            let message = "there is no folder for this user's state: neither of the variables \
                           that name it holds an absolute path";
            return Err(AuthError::new(AuthErrorKind::Config, source, message)
                .with_hint("set HOME (LOCALAPPDATA on Windows), or name a folder"));
        };
        Ok(Self { source, path: state.join("twinkit").join("sign-ins") })
    }

    /// Makes the folder if it is not there, and checks it.
    pub(super) fn make(&self) -> Result<(), AuthError> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        private::folder(&mut builder);
        builder.create(&self.path).map_err(|error| self.failed("cannot be made", error))?;
        self.check().map(drop)
    }

    /// Whether the folder is there. It must be safe then.
    pub(super) fn check(&self) -> Result<bool, AuthError> {
        let facts = match fs::symlink_metadata(&self.path) {
            Ok(facts) => facts,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(self.failed("cannot be looked at", error)),
        };
        if !facts.is_dir() {
            return Err(self.unsafe_because(&self.path, "it is a link or no folder"));
        }
        match private::fault(&facts) {
            Some(fault) => Err(self.unsafe_because(&self.path, fault)),
            None => Ok(true),
        }
    }

    /// Opens a file that processes lock, making it if it is not there.
    pub(super) fn open_lock(&self, name: &str) -> Result<File, AuthError> {
        self.make()?;
        let path = self.path.join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = private::open(&mut options, &path);
        let file = file.map_err(|error| self.unopened(&path, error))?;
        self.check_file(&path, &file)?;
        Ok(file)
    }

    pub(super) fn check_file(&self, path: &Path, file: &File) -> Result<(), AuthError> {
        let facts = file.metadata().map_err(|error| self.failed("cannot be looked at", error))?;
        if !facts.is_file() {
            return Err(self.unsafe_because(path, "it is no plain file"));
        }
        match private::fault(&facts) {
            Some(fault) => Err(self.unsafe_because(path, fault)),
            None => Ok(()),
        }
    }

    pub(super) fn unopened(&self, path: &Path, error: io::Error) -> AuthError {
        if private::is_link(&error) {
            return self.unsafe_because(path, "it is a link");
        }
        self.failed("holds a file that cannot be opened", error)
    }

    pub(super) fn unsafe_because(&self, path: &Path, fault: &str) -> AuthError {
        let message = format!("{} is not safe to use: {fault}", path.display());
        AuthError::new(AuthErrorKind::Config, self.source, message).with_hint(
            "look who put it there; delete it and sign in again, or allow it to its owner alone \
             (chmod 700 for the folder, 600 for its files)",
        )
    }

    pub(super) fn failed(&self, what: &str, error: io::Error) -> AuthError {
        let message = format!("the folder {} {what}: {error}", self.path.display());
        AuthError::new(AuthErrorKind::Unavailable, self.source, message).with_cause(error)
    }
}

#[cfg(unix)]
pub(super) mod private {
    use super::{File, OpenOptions, Path, fs, io};
    use rustix::fs::OFlags;
    use rustix::io::Errno;
    use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};

    pub(super) fn folder(builder: &mut fs::DirBuilder) {
        builder.mode(0o700);
    }

    /// A link in a file's place is not followed, and a pipe not waited at.
    pub(in super::super) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits();
        options.mode(0o600).custom_flags(flags.cast_signed()).open(path)
    }

    pub(super) fn fault(facts: &fs::Metadata) -> Option<&'static str> {
        if facts.uid() != rustix::process::geteuid().as_raw() {
            Some("it belongs to somebody else")
        } else if facts.mode() & 0o077 != 0 {
            Some("others than its owner may use it")
        } else if facts.is_file() && facts.nlink() > 1 {
            Some("it has a second name")
        } else {
            None
        }
    }

    pub(super) fn is_link(error: &io::Error) -> bool {
        error.raw_os_error() == Some(Errno::LOOP.raw_os_error())
    }

    #[cfg(feature = "file-store")]
    pub(in super::super) fn sync_folder(path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }
}

/// Where there are no modes, the folder inherits from the user's profile that
/// others cannot use it.
#[cfg(not(unix))]
pub(super) mod private {
    use super::{File, OpenOptions, Path, fs, io};

    pub(super) fn folder(_builder: &mut fs::DirBuilder) {}

    pub(in super::super) fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
        options.open(path)
    }

    pub(super) fn fault(facts: &fs::Metadata) -> Option<&'static str> {
        facts.is_symlink().then_some("it is a link")
    }

    pub(super) fn is_link(_error: &io::Error) -> bool {
        false
    }

    #[cfg(feature = "file-store")]
    pub(in super::super) fn sync_folder(_path: &Path) -> io::Result<()> {
        Ok(())
    }
}
