//! Contents that are read bit by bit while they are sent, and again from the
//! start when a request is repeated. It must not know where they go.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;
use futures_core::future::BoxFuture;

/// How much is read at once: few calls for large files, little memory for many
/// transfers.
const PIECE: u64 = 256 * 1024;

/// Contents of a known length that can be read from any place, more than once.
pub trait ByteSource: Send + Sync + 'static {
    /// How many bytes there are.
    fn length(&self) -> u64;

    /// The bytes from `offset` on: `length` of them, fewer only at the end.
    fn read(&self, offset: u64, length: usize) -> BoxFuture<'static, io::Result<Bytes>>;
}

impl ByteSource for Bytes {
    fn length(&self) -> u64 {
        self.len() as u64
    }

    fn read(&self, offset: u64, length: usize) -> BoxFuture<'static, io::Result<Bytes>> {
        let start = usize::try_from(offset).unwrap_or(usize::MAX).min(self.len());
        let part = self.slice(start..start.saturating_add(length).min(self.len()));
        Box::pin(std::future::ready(Ok(part)))
    }
}

/// A file, of the length that it has when it is opened.
#[derive(Debug)]
pub struct FileSource {
    file: Arc<Mutex<File>>,
    length: u64,
}

impl FileSource {
    /// Opens a file. Both happen on threads made for it.
    ///
    /// # Errors
    /// The file cannot be opened or read.
    pub async fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref().to_owned();
        blocking(move || {
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            Ok(Self { file: Arc::new(Mutex::new(file)), length })
        })
        .await
    }
}

impl ByteSource for FileSource {
    fn length(&self) -> u64 {
        self.length
    }

    fn read(&self, offset: u64, length: usize) -> BoxFuture<'static, io::Result<Bytes>> {
        let file = Arc::clone(&self.file);
        Box::pin(blocking(move || {
            let mut file =
                file.lock().map_err(|_| io::Error::other("a read of the file failed"))?;
            file.seek(SeekFrom::Start(offset))?;
            let mut bytes = Vec::new();
            Read::by_ref(&mut *file).take(length as u64).read_to_end(&mut bytes)?;
            Ok(bytes.into())
        }))
    }
}

/// Runs what waits for a disk where it holds nobody up.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)?
}

/// Told of each piece as it is handed to the connection: how many bytes of the
/// part were handed over so far.
pub(crate) type Sent = Arc<dyn Fn(u64) + Send + Sync>;

/// A part of a source as a request's body.
pub(crate) struct Part {
    pub(crate) source: Arc<dyn ByteSource>,
    pub(crate) offset: u64,
    pub(crate) left: u64,
    pub(crate) done: u64,
    pub(crate) sent: Option<Sent>,
    pub(crate) reading: Option<BoxFuture<'static, io::Result<Bytes>>>,
}

impl Stream for Part {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.left == 0 {
            return Poll::Ready(None);
        }
        let wanted = usize::try_from(this.left.min(PIECE)).unwrap_or(usize::MAX);
        let reading = this.reading.get_or_insert_with(|| this.source.read(this.offset, wanted));
        let read = ready!(reading.as_mut().poll(cx));
        this.reading = None;
        Poll::Ready(Some(read.and_then(|bytes| {
            let length = bytes.len() as u64;
            if length == 0 || length > this.left {
                let message = "the contents have another length than when the transfer began";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
            }
            this.offset += length;
            this.left -= length;
            this.done += length;
            if let Some(sent) = &this.sent {
                sent(this.done);
            }
            Ok(bytes)
        })))
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("offset", &self.offset).field("left", &self.left).finish()
    }
}
