//! Bodies that no honest server sends.

use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use http_body::Frame;

/// Bytes per chunk of a huge body.
const CHUNK: usize = 64 * 1024;
/// What stands before and after the filling of a huge body.
const HEAD: &[u8] = br#"{"value":[""#;
const TAIL: &[u8] = br#""],"continuationToken":null,"nextLink":null}"#;

/// A valid JSON text of about `size` bytes, made while it is sent.
pub(crate) fn huge(size: u64) -> Body {
    let frame = u64::try_from(HEAD.len() + TAIL.len()).unwrap_or_default();
    let filling = size.saturating_sub(frame);
    let chunk = Bytes::from(vec![b'a'; CHUNK]);
    let head = stream::iter([Ok::<_, Infallible>(Bytes::from_static(HEAD))]);
    let middle = stream::unfold(filling, move |left| {
        let chunk = chunk.clone();
        async move {
            let length = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK);
            let rest = left.saturating_sub(u64::try_from(length).unwrap_or_default());
            (length > 0).then(|| (Ok(chunk.slice(..length)), rest))
        }
    });
    let tail = stream::iter([Ok(Bytes::from_static(TAIL))]);
    use futures_util::StreamExt as _;
    Body::from_stream(head.chain(middle).chain(tail))
}

/// The bytes in pieces, with a pause before each.
pub(crate) fn dripping(bytes: Bytes, piece: usize, pause: Duration) -> Body {
    Body::from_stream(stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        tokio::time::sleep(pause).await;
        let drop = rest.split_to(piece.clamp(1, rest.len()));
        Some((Ok::<_, Infallible>(drop), rest))
    }))
}

/// Sends the first `keep` bytes and then breaks off.
pub(crate) fn truncated(bytes: Bytes, keep: usize) -> Body {
    let keep = keep.min(bytes.len());
    Body::new(Truncated { rest: Some(bytes.slice(..keep)), has_waited: false })
}

/// Waits once between the bytes and the end, so that the server sends the
/// bytes before it learns that there will be no more.
struct Truncated {
    rest: Option<Bytes>,
    has_waited: bool,
}

/// The error that makes the server drop the connection.
#[derive(Debug, thiserror::Error)]
#[error("the body was cut off by a scheduled fault")]
struct CutOff;

impl http_body::Body for Truncated {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(bytes) = self.rest.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        if self.has_waited {
            return Poll::Ready(Some(Err(axum::Error::new(CutOff))));
        }
        self.has_waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}
