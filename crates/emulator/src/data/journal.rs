//! The file of one part: changes in the order in which they were made, a line each.

use std::{
    fs::{File, OpenOptions},
    io::{self, BufRead as _, BufReader, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    Commit, DataError, Entry, Failure, Lines, checksum,
    folder::{Folder, failed, replace},
    lines::{check_head, length},
};

/// Bytes that a file may always grow by before it is written anew.
const SLACK: u64 = 4 * 1024 * 1024;

/// Takes up one change.
pub(crate) type Read<'r> = dyn FnMut(Vec<Entry>) -> Result<(), String> + 'r;

/// The journal of one part.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    part: String,
    file: File,
    /// Bytes when it was written anew last.
    base: u64,
    /// Bytes since then.
    grown: u64,
    failure: Failure,
    /// Nobody else may use it as long as somebody can write here.
    _home: Option<Arc<Folder>>,
}

impl Journal {
    /// Takes up what is in the file; `None` if there is no file.
    pub(super) fn load(
        path: &Path,
        part: &str,
        failure: Failure,
        read: &mut Read<'_>,
    ) -> Result<Option<Self>, DataError> {
        let mut reader = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => BufReader::new(opened.map_err(|source| failed(path, source))?),
        };
        let damaged =
            |line: usize, what: String| DataError::Damaged { path: path.to_owned(), line, what };
        let (mut lines, mut whole) = (0, 0);
        let mut line = Vec::new();
        let torn = loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(|source| failed(path, source))?;
            let Some(text) = line.strip_suffix(b"\n") else {
                // A last line without an end was never answered for.
                break length(&line);
            };
            lines += 1;
            let text = checksum::checked(text).map_err(|what| damaged(lines, what.to_owned()))?;
            if lines == 1 {
                check_head(text, part).map_err(|what| damaged(1, what))?;
            } else {
                let entries = serde_json::from_slice(text).map_err(|error| error.to_string());
                entries.and_then(&mut *read).map_err(|what| damaged(lines, what))?;
            }
            whole += length(&line);
        };
        if lines == 0 {
            return Err(damaged(1, "the file has no beginning".to_owned()));
        }
        let open = || -> io::Result<File> {
            let file = OpenOptions::new().append(true).open(path)?;
            if torn > 0 {
                tracing::warn!(file = %path.display(), "the last change was torn; it is dropped");
                file.set_len(whole)?;
            }
            Ok(file)
        };
        let file = open().map_err(|source| failed(path, source))?;
        let (path, part) = (path.to_owned(), part.to_owned());
        // How much of it is out of date is not known; the next look at it will tell.
        let (base, grown) = (0, whole);
        Ok(Some(Self { path, part, file, base, grown, failure, _home: None }))
    }

    /// The journal as one of this folder.
    pub(super) fn in_folder(self, folder: &Arc<Folder>) -> Self {
        Self { _home: Some(Arc::clone(folder)), ..self }
    }

    /// Makes the file, whole or not at all.
    pub(super) fn create(
        path: &Path,
        part: &str,
        failure: Failure,
        write: impl FnOnce(&mut Lines<'_>) -> io::Result<()>,
    ) -> Result<Self, DataError> {
        let (file, base) = fill(path, part, write).map_err(|source| failed(path, source))?;
        let (path, part) = (path.to_owned(), part.to_owned());
        Ok(Self { path, part, file, base, grown: 0, failure, _home: None })
    }

    /// Writes a change down. After a failure nothing more is written.
    pub(crate) fn append(&mut self, commit: Commit) -> io::Result<()> {
        if let Some(failure) = self.failure.get() {
            return Err(io::Error::other(failure.to_owned()));
        }
        let line = commit.line().inspect_err(|error| self.fail(error))?;
        self.file.write_all(&line).inspect_err(|error| self.fail(error))?;
        self.grown = self.grown.saturating_add(length(&line));
        Ok(())
    }

    /// Whether it is time to write the file anew.
    pub(crate) fn is_long(&self) -> bool {
        self.grown > self.base.saturating_add(SLACK)
    }

    /// Writes the file anew. If that fails the old one goes on.
    pub(crate) fn rewrite(&mut self, write: impl FnOnce(&mut Lines<'_>) -> io::Result<()>) {
        match fill(&self.path, &self.part, write) {
            Ok((file, base)) => (self.file, self.base) = (file, base),
            Err(error) => {
                tracing::warn!(%error, file = %self.path.display(), "not written anew");
                // Tried again only when it has grown as much once more.
                self.base = self.base.saturating_add(self.grown);
            }
        }
        self.grown = 0;
    }

    fn fail(&self, error: &io::Error) {
        let error = io::Error::new(error.kind(), error.to_string());
        self.failure.set(&failed(&self.path, error));
    }
}

fn fill(
    path: &Path,
    part: &str,
    write: impl FnOnce(&mut Lines<'_>) -> io::Result<()>,
) -> io::Result<(File, u64)> {
    let mut bytes = 0;
    let file = replace(path, |file| {
        let mut lines = Lines::begin(file, part)?;
        write(&mut lines)?;
        bytes = lines.end()?;
        Ok(())
    })?;
    Ok((file, bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{super::lines::line, *};

    fn put(key: &str, value: u64) -> Commit {
        let mut commit = Commit::default();
        commit.put("p", &key, &value);
        commit
    }

    fn load(path: &Path) -> Result<(Option<Journal>, Vec<String>), DataError> {
        let mut seen = Vec::new();
        let mut read = |entries: Vec<Entry>| {
            let shown = entries.iter().map(|entry| match entry.is_gone {
                true => format!("{} {} gone", entry.piece, entry.key),
                false => format!("{} {} {}", entry.piece, entry.key, entry.value),
            });
            seen.push(shown.collect::<Vec<_>>().join(", "));
            Ok(())
        };
        let journal = Journal::load(path, "part", Failure::default(), &mut read)?;
        Ok((journal, seen))
    }

    fn journal(path: &Path) -> Journal {
        let write = |lines: &mut Lines<'_>| lines.write(put("a", 1));
        let mut journal = Journal::create(path, "part", Failure::default(), write).unwrap();
        let mut two = put("b", 2);
        two.take("p", &"a");
        journal.append(two).unwrap();
        journal
    }

    #[test]
    fn changes_are_taken_up_in_their_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.journal");
        assert!(load(&path).unwrap().0.is_none());
        drop(journal(&path));
        let (again, seen) = load(&path).unwrap();
        assert_eq!(seen, [r#"p "a" 1"#, r#"p "b" 2, p "a" gone"#]);
        again.unwrap().append(put("c", 3)).unwrap();
        assert_eq!(load(&path).unwrap().1.len(), 3);
    }

    #[test]
    fn a_file_cut_anywhere_gives_the_changes_that_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.journal");
        drop(journal(&path));
        let bytes = fs::read(&path).unwrap();
        let ends: Vec<usize> = (1..=bytes.len()).filter(|end| bytes[end - 1] == b'\n').collect();
        for cut in 0..=bytes.len() {
            fs::write(&path, &bytes[..cut]).unwrap();
            let whole = ends.iter().filter(|end| **end <= cut).count();
            if whole == 0 {
                assert!(matches!(load(&path), Err(DataError::Damaged { line: 1, .. })), "{cut}");
                continue;
            }
            let (journal, seen) = load(&path).unwrap();
            assert_eq!(seen.len(), whole - 1, "{cut}");
            journal.unwrap().append(put("c", 3)).unwrap();
            assert_eq!(load(&path).unwrap().1.len(), whole, "{cut}");
        }
    }

    #[test]
    fn damage_is_told_and_left_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.journal");
        drop(journal(&path));
        let bytes = fs::read(&path).unwrap();
        for place in 0..bytes.len() - 1 {
            let mut damaged = bytes.clone();
            damaged[place] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert!(matches!(load(&path), Err(DataError::Damaged { .. })), "{place}");
            assert_eq!(fs::read(&path).unwrap(), damaged);
        }
        fs::write(&path, line(br#"{"format":2,"part":"part"}"#)).unwrap();
        assert!(load(&path).unwrap_err().to_string().contains("format is 2"));
        fs::write(&path, line(br#"{"format":1,"part":"other"}"#)).unwrap();
        assert!(load(&path).unwrap_err().to_string().contains("\"other\""));
    }

    #[test]
    fn a_long_file_is_written_anew_and_goes_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.journal");
        let mut journal = journal(&path);
        let text = "x".repeat(1024);
        while !journal.is_long() {
            let mut commit = Commit::default();
            commit.put("p", &"b", &text);
            journal.append(commit).unwrap();
        }
        journal.rewrite(|lines| lines.write(put("b", 9)));
        assert!(!journal.is_long());
        journal.append(put("c", 3)).unwrap();
        assert_eq!(load(&path).unwrap().1, [r#"p "b" 9"#, r#"p "c" 3"#]);
        journal.rewrite(|_| Err(io::Error::other("full")));
        journal.append(put("d", 4)).unwrap();
        assert_eq!(load(&path).unwrap().1.len(), 3);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn after_a_failure_nothing_more_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.journal");
        let mut journal = journal(&path);
        let bytes = fs::read(&path).unwrap();
        // A device that is always full.
        let full = OpenOptions::new().append(true).open("/dev/full").unwrap();
        let file = std::mem::replace(&mut journal.file, full);
        assert!(journal.append(put("c", 3)).is_err());
        journal.file = file;
        assert!(journal.append(put("d", 4)).is_err());
        assert!(journal.failure.get().unwrap().contains("x.journal"));
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}
