//! A file that is written bit by bit beside its final name, and takes it when
//! it is whole. It must not know where the bytes come from.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;

use super::body::blocking;

/// So much is kept before it is written: few calls for many small pieces.
const KEPT: usize = 1024 * 1024;

/// A file under way. What is not [finished](Self::finish) stays beside the final
/// name, with `.part` behind it.
#[derive(Debug)]
pub struct FileSink {
    file: Option<File>,
    part: PathBuf,
    path: PathBuf,
    kept: Vec<Bytes>,
    bytes: usize,
}

impl FileSink {
    /// Begins a file of which `offset` bytes are there from an earlier run, and
    /// gives how many really are: none, unless there are at least that many.
    ///
    /// # Errors
    /// The file cannot be made or opened.
    pub async fn begin(path: impl AsRef<Path>, offset: u64) -> io::Result<(Self, u64)> {
        let path = path.as_ref().to_owned();
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        let opened = part.clone();
        let (file, offset) = blocking(move || {
            let mut file =
                OpenOptions::new().create(true).write(true).truncate(false).open(opened)?;
            let offset = if file.metadata()?.len() >= offset { offset } else { 0 };
            file.set_len(offset)?;
            file.seek(SeekFrom::Start(offset))?;
            Ok((file, offset))
        })
        .await?;
        Ok((Self { file: Some(file), part, path, kept: Vec::new(), bytes: 0 }, offset))
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
        let Self { file, part, path, .. } = self;
        blocking(move || {
            if let Some(file) = file {
                file.sync_all()?;
            }
            std::fs::rename(part, path)
        })
        .await
    }
}
