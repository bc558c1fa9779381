//! The file that keeps the values of API tokens that a restore makes, a JSON
//! object for each and line: written and flushed one by one, so that a restore
//! that is stopped loses none. It must not know how tokens are made.
//!
//! The file may be that of an earlier run of the same restore, which is added to.
//! Whose token it is stands in each line: a file may hold those of several
//! applications.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde_json::json;

use crate::usage::wrong;

/// A line, but for the value, which is never read.
#[derive(Deserialize)]
struct Kept {
    application: String,
    id: String,
}

pub(super) struct TokenLog {
    path: PathBuf,
    application: String,
    kept: Vec<String>,
    file: Option<File>,
}

impl TokenLog {
    /// Reads which tokens of the application have their values there. No file is
    /// made yet.
    pub(super) fn read(path: PathBuf, application: &str) -> Result<Self> {
        let kept = match fs::symlink_metadata(&path) {
            Ok(there) if there.is_symlink() => {
                return Err(wrong(format!("{} is a symbolic link", path.display())));
            }
            Ok(there) if !there.is_file() => {
                return Err(wrong(format!("{} is no file", path.display())));
            }
            Ok(there) => {
                check_rights(&path, &there)?;
                kept(&path, application)?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                if !folder.is_none_or(Path::is_dir) {
                    return Err(wrong(format!("{} is in no folder", path.display())));
                }
                Vec::new()
            }
            Err(error) => return Err(wrong(format!("{}: {error}", path.display()))),
        };
        Ok(Self { path, application: application.to_owned(), kept, file: None })
    }

    /// The ids of the application's tokens whose values are there.
    pub(super) fn kept(&self) -> &[String] {
        &self.kept
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a value and has it on the disk.
    pub(super) fn add(&mut self, id: &str, token: &str) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(open(&self.path)?),
        };
        let line = json!({"application": self.application, "id": id, "token": token});
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_data()
    }

    /// Opens the file, so that what can fail fails before a token is made.
    pub(super) fn open(&mut self) -> Result<()> {
        let file = open(&self.path);
        let file = file.with_context(|| format!("{} cannot be written", self.path.display()))?;
        self.file = Some(file);
        Ok(())
    }
}

impl Drop for TokenLog {
    /// A file without a line is none.
    fn drop(&mut self) {
        let is_empty = |file: &File| file.metadata().is_ok_and(|there| there.len() == 0);
        if self.file.as_ref().is_some_and(is_empty) {
            // Left behind it does no harm.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// The file, to be added to; a new one is its owner's only.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // A link that was put there in the meantime is not followed.
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            if fs::symlink_metadata(path)?.is_symlink() {
                return Err(io::Error::other("it is a symbolic link"));
            }
            options.open(path)
        }
        opened => opened,
    }
}

#[cfg(unix)]
fn check_rights(path: &Path, there: &fs::Metadata) -> Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    if there.permissions().mode() & 0o077 == 0 {
        return Ok(());
    }
    let path = path.display();
    Err(wrong(format!("others than its owner may read {path}: `chmod 600 {path}` first")))
}

#[cfg(not(unix))]
fn check_rights(_: &Path, _: &fs::Metadata) -> Result<()> {
    Ok(())
}

/// A line that was cut off when the machine stopped holds no value, so that its
/// token has none.
fn kept(path: &Path, application: &str) -> Result<Vec<String>> {
    let unread = |error| wrong(format!("{} cannot be read: {error}", path.display()));
    let file = File::open(path).map_err(unread)?;
    let mut ids = Vec::new();
    let mut others = 0;
    for line in BufReader::new(file).lines() {
        let line = line.map_err(unread)?;
        match serde_json::from_str::<Kept>(&line) {
            Ok(kept) if kept.application == application => ids.push(kept.id),
            Ok(_) => {}
            Err(_) => others += 1,
        }
    }
    if ids.is_empty() && others > 0 {
        return Err(wrong(format!(
            "{} is there already and holds something else than tokens of a restore",
            path.display()
        )));
    }
    Ok(ids)
}
