//! A file that is written bit by bit beside its final name, and takes it when
//! it is whole. It must not know where the bytes come from.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::body::blocking;

/// So much is kept before it is written: few calls for many small pieces.
const KEPT: usize = 1024 * 1024;

/// A file under way, beside its final name with `.part` behind it. What is neither
/// [finished](Self::finish) nor [kept](Self::keep) is thrown away.
#[derive(Debug)]
pub struct FileSink {
    file: Option<File>,
    part: PathBuf,
    path: PathBuf,
    kept: Vec<Bytes>,
    bytes: usize,
    /// Whether what is beside the final name stays when this is dropped.
    stays: bool,
}

impl FileSink {
    /// Begins a file. `resumed` says that an earlier run began it and how many bytes
    /// of it are to be kept; gives how many really are: none, unless there are at
    /// least that many. A file of this name that no earlier run began is somebody
    /// else's and is left alone, and links are not followed.
    ///
    /// # Errors
    /// The file cannot be made or opened, or is somebody else's.
    pub async fn begin(path: impl AsRef<Path>, resumed: Option<u64>) -> io::Result<(Self, u64)> {
        let path = path.as_ref().to_owned();
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        let place = part.clone();
        let (file, offset) = blocking(move || {
            let Some((mut file, offset)) = earlier(&place, resumed)? else {
                return Ok((made(&place)?, 0));
            };
            let offset = if file.metadata()?.len() >= offset { offset } else { 0 };
            file.set_len(offset)?;
            file.seek(SeekFrom::Start(offset))?;
            Ok((file, offset))
        })
        .await?;
        let stays = offset > 0;
        Ok((Self { file: Some(file), part, path, kept: Vec::new(), bytes: 0, stays }, offset))
    }

    /// What is written stays, whatever becomes of the rest: somebody knows how to go
    /// on with it.
    pub fn keep(&mut self) {
        self.stays = true;
    }

    /// Puts bytes behind the others.
    ///
    /// # Errors
    /// The file cannot be written.
    pub async fn write(&mut self, bytes: Bytes) -> io::Result<()> {
        self.bytes += bytes.len();
        self.kept.push(bytes);
        if self.bytes < KEPT { Ok(()) } else { self.flush().await }
    }

    /// Writes what is kept in memory.
    ///
    /// # Errors
    /// The file cannot be written; it is of no use then.
    pub async fn flush(&mut self) -> io::Result<()> {
        let kept = std::mem::take(&mut self.kept);
        self.bytes = 0;
        let Some(mut file) = self.file.take() else {
            return Err(io::Error::other("an earlier write failed"));
        };
        let file = blocking(move || {
            kept.iter().try_for_each(|bytes| file.write_all(bytes))?;
            Ok(file)
        });
        self.file = Some(file.await?);
        Ok(())
    }

    /// Writes all of it to the disk and gives the file its name, in place of one
    /// that is there.
    ///
    /// # Errors
    /// The file cannot be written or renamed.
    pub async fn finish(mut self) -> io::Result<()> {
        self.flush().await?;
        let (file, part, path) = (self.file.take(), self.part.clone(), self.path.clone());
        blocking(move || {
            if let Some(file) = file {
                file.sync_all()?;
            }
            std::fs::rename(part, path)
        })
        .await?;
        self.stays = true;
        Ok(())
    }
}

impl Drop for FileSink {
    fn drop(&mut self) {
        if !self.stays {
            // Nobody can go on with it, and nobody is there to be told of a failure.
            let _ = std::fs::remove_file(&self.part);
        }
    }
}

/// The file of an earlier run, with how much of it is to be kept.
fn earlier(part: &Path, resumed: Option<u64>) -> io::Result<Option<(File, u64)>> {
    let Some(offset) = resumed else { return Ok(None) };
    // Opening changes nothing yet.
    let file = match OpenOptions::new().write(true).open(part) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if !is_at(&file, part)? {
        let message = format!("{} is no plain file", part.display());
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    Ok(Some((file, offset)))
}

/// A new file, where none is.
fn made(part: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).open(part).map_err(|error| {
        if error.kind() != io::ErrorKind::AlreadyExists {
            return error;
        }
        let part = part.display();
        let message = format!("{part} is there already, and not of this download: remove it");
        io::Error::new(io::ErrorKind::AlreadyExists, message)
    })
}

/// Whether a plain file lies at a place itself, and not behind a link there.
fn is_at(file: &File, place: &Path) -> io::Result<bool> {
    let (at, opened) = (std::fs::symlink_metadata(place)?, file.metadata()?);
    #[cfg(unix)]
    let is_same = {
        use std::os::unix::fs::MetadataExt as _;
        (at.dev(), at.ino()) == (opened.dev(), opened.ino())
    };
    #[cfg(not(unix))]
    let is_same = at.len() == opened.len();
    Ok(at.is_file() && opened.is_file() && is_same)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let (path, part) = (folder.path().join("a"), folder.path().join("a.part"));
        (folder, path, part)
    }

    #[tokio::test]
    async fn what_nobody_can_go_on_with_is_thrown_away_and_the_rest_stays() {
        let (_folder, path, part) = place();
        let (mut sink, _) = FileSink::begin(&path, None).await.unwrap();
        sink.write(Bytes::from_static(b"abc")).await.unwrap();
        assert!(part.exists());
        drop(sink);
        assert!(!part.exists());

        let (mut sink, _) = FileSink::begin(&path, Some(7)).await.unwrap();
        sink.write(Bytes::from_static(b"abc")).await.unwrap();
        sink.flush().await.unwrap();
        sink.keep();
        drop(sink);
        let (mut sink, there) = FileSink::begin(&path, Some(2)).await.unwrap();
        assert_eq!(there, 2);
        sink.write(Bytes::from_static(b"x")).await.unwrap();
        sink.finish().await.unwrap();
        assert_eq!((std::fs::read(&path).unwrap(), part.exists()), (b"abx".to_vec(), false));
    }

    #[tokio::test]
    async fn a_file_of_somebody_else_is_left_alone() {
        let (_folder, path, part) = place();
        std::fs::write(&part, "theirs").unwrap();
        let error = FileSink::begin(&path, None).await.unwrap_err();
        assert!(error.to_string().contains("a.part is there already"), "{error}");
        assert_eq!(std::fs::read(&part).unwrap(), b"theirs");
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn links_are_not_followed() {
        let (folder, path, part) = place();
        let theirs = folder.path().join("theirs");
        for is_there in [true, false] {
            if is_there {
                std::fs::write(&theirs, "theirs").unwrap();
            } else {
                std::fs::remove_file(&theirs).unwrap();
            }
            std::os::unix::fs::symlink(&theirs, &part).unwrap();
            for resumed in [None, Some(0), Some(3)] {
                assert!(FileSink::begin(&path, resumed).await.is_err(), "{is_there} {resumed:?}");
            }
            assert_eq!(std::fs::read(&theirs).ok().as_deref(), is_there.then_some(&b"theirs"[..]));
            std::fs::remove_file(&part).unwrap();
        }
    }
}
