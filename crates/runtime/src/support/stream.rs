//! A body that is read as it arrives, for answers that may be large. It must
//! not know what it carries.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_core::Stream;

use crate::Error;

/// The bytes of an answer as a stream. There is no limit on its length: what
/// is not wanted is simply not read on.
pub struct ByteStream(Pin<Box<dyn Stream<Item = reqwest::Result<Bytes>> + Send>>);

impl ByteStream {
    /// The body of an answer, read from the connection.
    pub(crate) fn coming(response: reqwest::Response) -> Self {
        Self(Box::pin(response.bytes_stream()))
    }
}

impl Stream for ByteStream {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.0.as_mut().poll_next(cx));
        Poll::Ready(item.map(|chunk| chunk.map_err(Error::from)))
    }
}

impl fmt::Debug for ByteStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ByteStream")
    }
}

#[cfg(test)]
mod tests {
    use crate::Response;
    use futures_util::StreamExt;

    #[tokio::test]
    async fn the_bytes_arrive() {
        let response = http::Response::builder().header("x-a", "b").body("hello").unwrap();
        let mut response = Response::stream(response.into());
        assert_eq!(response.header("x-a"), Some("b"));
        assert_eq!(response.next().await.unwrap().unwrap(), "hello");
        assert!(response.next().await.is_none());
    }
}
