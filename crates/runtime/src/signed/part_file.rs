//! The file beside a final name: found or made, and held as long as it is open, so
//! that no other run writes it at the same time. It must not know what is written.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

/// The place beside a final name, which must be one that a file can take.
pub(super) fn beside(path: &Path) -> io::Result<PathBuf> {
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no name of a file"));
    };
    // Told before anything is fetched. A link is replaced, and not what it leads to.
    if let Ok(there) = fs::symlink_metadata(path) {
        if there.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "it is a folder"));
        }
        if !there.is_file() && !there.is_symlink() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file"));
        }
    }
    let mut name = name.to_owned();
    name.push(".part");
    Ok(path.with_file_name(name))
}

/// Opens what an earlier run began, or begins a file. `resumed` says that there was
/// an earlier run and how many of its bytes are to be kept; gives how many really are.
/// Nothing is changed while another run holds the file.
pub(super) fn take(part: &Path, resumed: Option<u64>) -> io::Result<(File, u64)> {
    let Some(offset) = resumed else { return Ok((made(part)?, 0)) };
    let Some(mut file) = earlier(part)? else { return Ok((made(part)?, 0)) };
    let offset = if file.metadata()?.len() >= offset { offset } else { 0 };
    file.set_len(offset)?;
    file.seek(SeekFrom::Start(offset))?;
    Ok((file, offset))
}

/// The file of an earlier run, if it is there, as it is.
fn earlier(part: &Path) -> io::Result<Option<File>> {
    match fs::symlink_metadata(part) {
        // To open a pipe is to wait for whoever reads it.
        Ok(there) if !there.is_file() => {
            let message = format!("{} is no plain file", part.display());
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    }
    let file = OpenOptions::new().write(true).open(part)?;
    if !hold(&file, part)? {
        // Whoever may be at work there would write into what this run goes on with.
        fs::remove_file(part)?;
        return Ok(None);
    }
    // Who held it before may have given it its final name since it was opened here.
    match is_at(&file, part) {
        Ok(true) => Ok(Some(file)),
        Ok(false) => Err(busy(part)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// A new file, where none is.
fn made(part: &Path) -> io::Result<File> {
    let made = OpenOptions::new().write(true).create_new(true).open(part);
    let file = made.map_err(|error| match error.kind() {
        // To ask whether it is locked would be to lock it, which another run may see.
        io::ErrorKind::AlreadyExists => {
            let message = format!(
                "{} is there already: another download is at work on it, or it is not of this \
                 one; remove it if no other is",
                part.display()
            );
            io::Error::new(io::ErrorKind::AlreadyExists, message)
        }
        _ => error,
    })?;
    hold(&file, part)?;
    Ok(file)
}

/// Keeps other runs out until the file is closed, and tells whether that can be done:
/// some network file systems have no locks, which is no reason to write no file.
fn hold(file: &File, part: &Path) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Err(busy(part)),
        Err(TryLockError::Error(_)) => Ok(false),
    }
}

fn busy(part: &Path) -> io::Error {
    let message = format!(
        "another download is at work on {}: let it end, or stop it and try again",
        part.display()
    );
    io::Error::new(io::ErrorKind::ResourceBusy, message)
}

/// Whether a plain file lies at a place itself, and not behind a link there.
pub(super) fn is_at(file: &File, place: &Path) -> io::Result<bool> {
    let (at, opened) = (fs::symlink_metadata(place)?, file.metadata()?);
    #[cfg(unix)]
    let is_same = {
        use std::os::unix::fs::MetadataExt as _;
        (at.dev(), at.ino()) == (opened.dev(), opened.ino())
    };
    #[cfg(not(unix))]
    let is_same = at.len() == opened.len();
    Ok(at.is_file() && opened.is_file() && is_same)
}
