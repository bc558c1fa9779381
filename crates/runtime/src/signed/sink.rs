//! A file that is written bit by bit beside its final name, and takes it when
//! it is whole. It must not know where the bytes come from.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::disk::blocking;
use super::part_file;

/// So much is kept before it is written: few calls for many small pieces.
const KEPT: usize = 1024 * 1024;

/// A file under way, beside its final name with `.part` behind it, where no other
/// run writes meanwhile. What is neither [finished](Self::finish) nor
/// [kept](Self::keep) is thrown away.
#[derive(Debug)]
pub struct FileSink {
    /// Held as long as this lives, and by a write that outlives it.
    file: Arc<File>,
    /// How long the file is when all is written that was.
    length: u64,
    /// Whether a write failed, or was not awaited.
    broken: bool,
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
    /// The final name is no file's; the file cannot be made or opened, is somebody
    /// else's, or another run is at work on it: nothing is changed then.
    pub async fn begin(path: impl AsRef<Path>, resumed: Option<u64>) -> io::Result<(Self, u64)> {
        let path = path.as_ref().to_owned();
        // Made there, so that a new file goes again where nobody waits for it any more.
        blocking(move || {
            let part = part_file::beside(&path)?;
            let (file, length) = part_file::take(&part, resumed)?;
            let (file, kept, bytes, broken) = (Arc::new(file), Vec::new(), 0, false);
            let stays = length > 0;
            Ok((Self { file, length, broken, part, path, kept, bytes, stays }, length))
        })
        .await
    }

    /// What is written stays, whatever becomes of the rest: somebody knows how to go
    /// on with it.
    pub fn keep(&mut self) {
        self.stays = true;
    }

    /// Nobody can go on with what is written: it is thrown away with this.
    pub fn discard(&mut self) {
        self.stays = false;
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
        let bytes = std::mem::take(&mut self.bytes);
        if std::mem::replace(&mut self.broken, true) {
            return Err(io::Error::other("an earlier write failed"));
        }
        let file = Arc::clone(&self.file);
        blocking(move || kept.iter().try_for_each(|bytes| (&*file).write_all(bytes))).await?;
        self.length += bytes as u64;
        self.broken = false;
        Ok(())
    }

    /// Writes all of it to the disk and gives the file its name, in place of one
    /// that is there.
    ///
    /// # Errors
    /// The file cannot be written or renamed; [`io::ErrorKind::InvalidData`] if it is
    /// not as it was written: somebody else changed it, and it is thrown away.
    pub async fn finish(mut self) -> io::Result<()> {
        self.flush().await?;
        let (file, length) = (Arc::clone(&self.file), self.length);
        let (part, path) = (self.part.clone(), self.path.clone());
        let finished = blocking(move || {
            file.sync_all()?;
            if file.metadata()?.len() != length || !part_file::is_at(&file, &part)? {
                let message = format!("{} was changed by somebody else", part.display());
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
            std::fs::rename(part, path)
        })
        .await;
        match &finished {
            Ok(()) => self.stays = true,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => self.discard(),
            Err(_) => {}
        }
        finished
    }
}

impl Drop for FileSink {
    fn drop(&mut self) {
        // What somebody else put in its place is theirs.
        if !self.stays && part_file::is_at(&self.file, &self.part).unwrap_or(false) {
            // Nobody can go on with it, and nobody is there to be told of a failure.
            let _ = std::fs::remove_file(&self.part);
        }
    }
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

    #[tokio::test]
    async fn two_runs_never_write_one_file() {
        let (_folder, path, part) = place();
        let (mut first, _) = FileSink::begin(&path, None).await.unwrap();
        first.write(Bytes::from_static(b"abcdef")).await.unwrap();
        first.flush().await.unwrap();
        let busy = io::ErrorKind::ResourceBusy;
        for (resumed, kind) in
            [(None, io::ErrorKind::AlreadyExists), (Some(0), busy), (Some(3), busy)]
        {
            let error = FileSink::begin(&path, resumed).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{resumed:?}");
            assert!(error.to_string().contains("another download is at work"), "{error}");
            assert_eq!(std::fs::metadata(&part).unwrap().len(), 6);
        }
        first.write(Bytes::from_static(b"gh")).await.unwrap();
        first.finish().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"abcdefgh");
        // The place is free again, also for who began where the first one was.
        assert_eq!(FileSink::begin(&path, Some(3)).await.unwrap().1, 0);
    }

    #[tokio::test]
    async fn what_somebody_else_changed_gets_no_name() {
        let (_folder, path, part) = place();
        let (mut sink, _) = FileSink::begin(&path, None).await.unwrap();
        sink.write(Bytes::from_static(b"abc")).await.unwrap();
        sink.flush().await.unwrap();
        sink.keep();
        std::fs::OpenOptions::new().write(true).open(&part).unwrap().set_len(1).unwrap();
        let error = sink.finish().await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        assert!(!path.exists() && !part.exists());

        let (sink, _) = FileSink::begin(&path, None).await.unwrap();
        std::fs::remove_file(&part).unwrap();
        std::fs::write(&part, "").unwrap();
        assert!(sink.finish().await.is_err());
        assert!(!path.exists() && part.exists(), "theirs stays");
    }

    #[tokio::test]
    async fn a_name_that_no_file_can_take_is_told_at_once() {
        let (folder, path, part) = place();
        std::fs::create_dir(&path).unwrap();
        let error = FileSink::begin(&path, None).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
        for name in [folder.path().join("b/.."), PathBuf::from("/")] {
            assert!(FileSink::begin(name, None).await.is_err());
        }
        assert!(!part.exists());
        #[cfg(unix)]
        {
            let socket = folder.path().join("socket");
            let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
            let error = FileSink::begin(&socket, None).await.unwrap_err();
            assert_eq!(error.to_string(), "it is no plain file");
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_pipe_beside_the_name_is_not_opened() {
        let (_folder, path, part) = place();
        assert!(std::process::Command::new("mkfifo").arg(&part).status().unwrap().success());
        for resumed in [None, Some(0), Some(3)] {
            assert!(FileSink::begin(&path, resumed).await.is_err(), "{resumed:?}");
        }
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
