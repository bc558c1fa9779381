//! Contents that are read bit by bit while they are sent, and again from the
//! start when a request is repeated. It must not know where they go.

use std::fmt;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
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

    /// Whether the contents are still those of the beginning: what was sent of two
    /// states of them must not be taken for one.
    ///
    /// # Errors
    /// They were changed, or nobody can say.
    fn unchanged(&self) -> BoxFuture<'static, io::Result<()>> {
        Box::pin(std::future::ready(Ok(())))
    }
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

/// Told of each piece as it is handed to the connection: how many bytes of the
/// part were handed over so far.
pub(crate) type Sent = Arc<dyn Fn(u64) + Send + Sync>;

/// Why a part could not be read. Kept apart from what becomes of the connection,
/// which tells of it in its own way, and is not to blame.
#[derive(Clone, Default)]
pub(crate) struct ReadFault(Arc<Mutex<Option<io::Error>>>);

impl ReadFault {
    fn note(&self, fault: io::Error) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    pub(crate) fn take(&self) -> Option<io::Error> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

/// A part of a source as a request's body.
pub(crate) struct Part {
    pub(crate) source: Arc<dyn ByteSource>,
    pub(crate) offset: u64,
    pub(crate) left: u64,
    pub(crate) done: u64,
    pub(crate) sent: Option<Sent>,
    pub(crate) reading: Option<BoxFuture<'static, io::Result<Bytes>>>,
    pub(crate) fault: ReadFault,
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
        let read = read.and_then(|bytes| {
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
        });
        Poll::Ready(Some(read.map_err(|fault| {
            this.fault.note(fault);
            io::Error::other("the contents cannot be read")
        })))
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("offset", &self.offset).field("left", &self.left).finish()
    }
}
