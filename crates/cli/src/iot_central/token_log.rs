//! The file that keeps the values of API tokens that a restore makes, a JSON
//! object for each and line: written and flushed one by one, so that a restore
//! that is stopped loses none. It must not know how tokens are made.
//!
//! The file may be that of an earlier run of the same restore, which is added to.
//! Whose token it is stands in each line: a file may hold those of several
//! applications. A line that was cut off, as when the disk was full, stands alone:
//! what is written after it begins a line of its own.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::application::normal;
use crate::usage::wrong;

/// How each line begins.
const HEAD: &[u8] = br#"{"application":""#;

/// A line, but for the value, which is never read.
#[derive(Deserialize)]
struct Kept {
    application: String,
    id: String,
    #[serde(rename = "token")]
    _token: IgnoredAny,
}

pub(super) struct TokenLog {
    path: PathBuf,
    application: String,
    kept: Vec<String>,
    file: Option<File>,
}

impl TokenLog {
    /// Reads which tokens of the application at this endpoint have their values
    /// there. No file is made yet.
    pub(super) fn read(path: PathBuf, endpoint: &str) -> Result<Self> {
        let application = normal(endpoint);
        let kept = match fs::symlink_metadata(&path) {
            Ok(there) if there.is_symlink() => {
                return Err(wrong(format!("{} is a symbolic link", path.display())));
            }
            Ok(there) if !there.is_file() => {
                return Err(wrong(format!("{} is no file", path.display())));
            }
            Ok(there) => {
                check_rights(&path, &there)?;
                kept(&path, &application)?
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
        Ok(Self { path, application, kept, file: None })
    }

    /// The ids of the application's tokens whose values are there.
    pub(super) fn kept(&self) -> &[String] {
        &self.kept
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a value and has it on the disk; or leaves the file as it was.
    pub(super) fn add(&mut self, id: &str, token: &str) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(open(&self.path)?),
        };
        let line = json!({"application": self.application, "id": id, "token": token});
        let before = file.metadata()?.len();
        let written = end_line(file)
            .and_then(|()| file.write_all(format!("{line}\n").as_bytes()))
            .and_then(|()| file.sync_data());
        if written.is_err() {
            // Half a line that stays does no harm: the next one ends it first.
            let _ = file.set_len(before);
        }
        written
    }

    /// Opens the file, so that what can fail fails before a token is made.
    pub(super) fn open(&mut self) -> Result<()> {
        let file = open(&self.path).and_then(|mut file| end_line(&mut file).map(|()| file));
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
    options.read(true).append(true);
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

/// Ends the last line, if it has no end.
fn end_line(file: &mut File) -> io::Result<()> {
    let Some(last) = file.metadata()?.len().checked_sub(1) else { return Ok(()) };
    let mut byte = [0];
    file.seek(SeekFrom::Start(last))?;
    file.read_exact(&mut byte)?;
    // What is written goes to the end, wherever was read.
    if byte == *b"\n" { Ok(()) } else { file.write_all(b"\n") }
}

/// A line that was cut off holds no value, so that its token has none.
fn kept(path: &Path, application: &str) -> Result<Vec<String>> {
    let unread = |error| wrong(format!("{} cannot be read: {error}", path.display()));
    let file = File::open(path).map_err(unread)?;
    let mut ids = Vec::new();
    let (mut known, mut others) = (0, 0);
    for line in BufReader::new(file).split(b'\n') {
        let line = line.map_err(unread)?;
        match serde_json::from_slice::<Kept>(&line) {
            Ok(kept) => {
                known += 1;
                if normal(&kept.application) == application {
                    ids.push(kept.id);
                }
            }
            Err(error) if error.is_eof() && is_begun(&line) => {}
            Err(_) => others += 1,
        }
    }
    if known == 0 && others > 0 {
        return Err(wrong(format!(
            "{} is there already and holds something else than tokens of a restore",
            path.display()
        )));
    }
    Ok(ids)
}

/// Whether a line of ours may have begun so.
fn is_begun(line: &[u8]) -> bool {
    line.starts_with(HEAD) || HEAD.starts_with(line)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const HERE: &str = "https://myapp.azureiotcentral.com";

    fn log(folder: &tempfile::TempDir) -> Result<TokenLog> {
        TokenLog::read(folder.path().join("tokens"), HERE)
    }

    fn written(folder: &tempfile::TempDir, text: &str) {
        let path = folder.path().join("tokens");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }

    #[test]
    fn a_line_that_was_cut_off_takes_no_other_along() {
        let folder = tempfile::tempdir().unwrap();
        let line = |id: &str| format!("{}\n", json!({"application": HERE, "id": id, "token": "t"}));
        let whole = line("two");
        for cut in 0..whole.len() {
            for before in [String::new(), line("one")] {
                written(&folder, &format!("{before}{}", whole.get(..cut).unwrap()));
                let mut log = log(&folder).unwrap();
                let known = usize::from(!before.is_empty()) + usize::from(cut + 1 == whole.len());
                assert_eq!(log.kept().len(), known, "{before}, {cut}");
                log.open().unwrap();
                log.add("three", "t").unwrap();
                log.add("four", "t").unwrap();
                let kept = self::log(&folder).unwrap().kept().to_vec();
                assert_eq!(kept.len(), known + 2, "{before}, {cut}");
                assert!(kept.ends_with(&["three".to_owned(), "four".to_owned()]), "{kept:?}");
            }
        }
    }

    #[test]
    fn only_what_is_none_of_a_restore_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let elsewhere = json!({"application": "https://other.example", "id": "x", "token": "t"});
        for (text, refused) in [
            (elsewhere.to_string(), false),
            (format!("{elsewhere}\n{{\"appl"), false),
            (format!("{elsewhere}\nsomething\n"), false),
            ("{\"applicant\": ".to_owned(), true),
            ("{\"application\":\"a\"}\n".to_owned(), true),
            ("passwords\n".to_owned(), true),
        ] {
            written(&folder, &text);
            assert_eq!(log(&folder).is_err(), refused, "{text}");
        }
    }

    #[test]
    fn an_application_is_known_however_it_is_spelled() {
        let folder = tempfile::tempdir().unwrap();
        written(&folder, "");
        let path = || folder.path().join("tokens");
        let spellings = [HERE, "HTTPS://MyApp.azureiotcentral.com:443/", &format!("{HERE}/api/")];
        for (index, spelling) in spellings.iter().enumerate() {
            let mut log = TokenLog::read(path(), spelling).unwrap();
            assert_eq!(log.kept().len(), index, "{spelling}");
            log.add(&index.to_string(), "t").unwrap();
        }
        // As a version before this one wrote it.
        let old = json!({"application": format!("{HERE}/api"), "id": "old", "token": "t"});
        let there = fs::read_to_string(path()).unwrap();
        fs::write(path(), format!("{there}{old}\n")).unwrap();
        assert_eq!(log(&folder).unwrap().kept(), ["0", "1", "2", "old"]);
        assert!(TokenLog::read(path(), "https://other.example").unwrap().kept().is_empty());
    }
}
