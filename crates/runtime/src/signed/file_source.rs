//! A file whose contents are sent, as long as it stays what it was when it was
//! opened. It must not know where they go.

use std::fs::{self, File, Metadata};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use bytes::Bytes;
use futures_core::future::BoxFuture;

use super::ByteSource;
use super::disk::blocking;

/// A plain file, of the length that it has when it is opened.
#[derive(Debug)]
pub struct FileSource {
    path: Arc<PathBuf>,
    file: Arc<Mutex<File>>,
    length: u64,
    modified: Option<SystemTime>,
}

impl FileSource {
    /// Opens a file. This and reading it happen on threads made for it.
    ///
    /// # Errors
    /// The file cannot be opened or read; it is no plain one, or has more contents than
    /// the length it tells, so that nobody knows how much is to be sent.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        blocking(move || {
            // To open a pipe is to wait for whoever writes it.
            plain(&fs::metadata(&path)?)?;
            let mut file = File::open(&path)?;
            let about = file.metadata()?;
            plain(&about)?;
            let (length, modified) = (about.len(), about.modified().ok());
            if !piece(&mut file, length, 1)?.is_empty() {
                let message = format!("it has more contents than the {length} bytes it tells of");
                return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
            }
            Ok(Self { path: Arc::new(path), file: Arc::new(Mutex::new(file)), length, modified })
        })
        .await
    }

    /// Does something with the file, and names it in an error.
    fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut File) -> io::Result<T> + Send + 'static,
    ) -> BoxFuture<'static, io::Result<T>> {
        let (path, file) = (Arc::clone(&self.path), Arc::clone(&self.file));
        Box::pin(blocking(move || {
            let done = match file.lock() {
                Ok(mut file) => work(&mut file),
                Err(_) => Err(io::Error::other("an earlier read failed")),
            };
            let named = |error: io::Error| format!("{}: {error}", path.display());
            done.map_err(|error| io::Error::new(error.kind(), named(error)))
        }))
    }
}

impl ByteSource for FileSource {
    fn length(&self) -> u64 {
        self.length
    }

    fn read(&self, offset: u64, length: usize) -> BoxFuture<'static, io::Result<Bytes>> {
        self.with(move |file| piece(file, offset, length as u64))
    }

    fn unchanged(&self) -> BoxFuture<'static, io::Result<()>> {
        let before = (self.length, self.modified);
        self.with(move |file| {
            let about = file.metadata()?;
            if (about.len(), about.modified().ok()) == before {
                return Ok(());
            }
            Err(io::Error::new(io::ErrorKind::InvalidData, "the file was changed meanwhile"))
        })
    }
}

fn plain(about: &Metadata) -> io::Result<()> {
    if about.is_file() {
        return Ok(());
    }
    let what = if about.is_dir() { "it is a folder" } else { "it is no plain file" };
    Err(io::Error::new(io::ErrorKind::InvalidInput, what))
}

fn piece(file: &mut File, offset: u64, length: u64) -> io::Result<Bytes> {
    file.seek(SeekFrom::Start(offset))?;
    let mut bytes = Vec::new();
    Read::by_ref(file).take(length).read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_changes_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "abc").unwrap();
        let source = FileSource::open(&path).await.unwrap();
        assert_eq!((source.length(), source.read(1, 9).await.unwrap().as_ref()), (3, &b"bc"[..]));
        source.unchanged().await.unwrap();
        let file = File::options().append(true).open(&path).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        let error = source.unchanged().await.unwrap_err();
        assert!(error.to_string().ends_with("a: the file was changed meanwhile"), "{error}");
        let source = FileSource::open(&path).await.unwrap();
        file.set_len(4).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
        assert_eq!(source.unchanged().await.unwrap_err().kind(), io::ErrorKind::InvalidData);
    }

    #[tokio::test]
    async fn what_has_no_length_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = FileSource::open(folder.path()).await.unwrap_err();
        assert_eq!(error.to_string(), "it is a folder");
        #[cfg(target_os = "linux")]
        {
            let pipe = folder.path().join("pipe");
            assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
            for path in [&pipe, Path::new("/dev/null")] {
                let error = FileSource::open(path).await.unwrap_err();
                assert_eq!(error.to_string(), "it is no plain file", "{path:?}");
            }
            let error = FileSource::open("/proc/self/status").await.unwrap_err();
            assert!(error.to_string().contains("more contents than the 0 bytes"), "{error}");
        }
        let empty = folder.path().join("empty");
        std::fs::write(&empty, "").unwrap();
        assert_eq!(FileSource::open(&empty).await.unwrap().length(), 0);
    }
}
