//! Reading an answer's body with a limit that holds while it streams, so that
//! a huge or endless answer costs no more memory than the limit.

use bytes::{Bytes, BytesMut};
use reqwest::Response;

/// Why a body could not be read whole.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The body is longer than the limit. What had come is dropped.
    #[error("the answer is larger than the limit of {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// The connection ended before the body did.
    #[error("the answer broke off")]
    Broken(#[source] reqwest::Error),
}

/// Reads a body of at most `limit` bytes. A body that arrives in one piece is
/// handed on without a copy.
///
/// # Errors
/// [`ReadError::TooLarge`] as soon as the announced or the received length
/// passes the limit; [`ReadError::Broken`] if the connection fails (the URL is
/// taken out of the source, because it may carry a signature).
pub async fn read_bounded(mut response: Response, limit: usize) -> Result<Bytes, ReadError> {
    drain_bounded(&mut response, limit).await
}

/// [`read_bounded`] for a caller that still needs the rest of the answer, its
/// status and headers. The answer is left without a body.
///
/// # Errors
/// As [`read_bounded`].
pub async fn drain_bounded(response: &mut Response, limit: usize) -> Result<Bytes, ReadError> {
    let announced = response.content_length();
    if announced.is_some_and(|length| length > limit as u64) {
        return Err(ReadError::TooLarge { limit });
    }
    let Some(first) = chunk(response).await? else { return Ok(Bytes::new()) };
    if first.len() > limit {
        return Err(ReadError::TooLarge { limit });
    }
    match chunk(response).await? {
        // Boxed: most answers come in one piece, and should not carry it.
        Some(next) => Box::pin(join(response, first, next, limit)).await,
        None => Ok(first),
    }
}

/// The body whose first two pieces are here.
async fn join(
    response: &mut Response,
    first: Bytes,
    mut next: Bytes,
    limit: usize,
) -> Result<Bytes, ReadError> {
    // What is still to come, where it was announced.
    let left = response.content_length().and_then(|left| usize::try_from(left).ok()).unwrap_or(0);
    let known = first.len().saturating_add(next.len()).saturating_add(left);
    let mut body = BytesMut::with_capacity(known.min(limit));
    body.extend_from_slice(&first);
    loop {
        if body.len() + next.len() > limit {
            return Err(ReadError::TooLarge { limit });
        }
        body.extend_from_slice(&next);
        match chunk(response).await? {
            Some(more) => next = more,
            None => return Ok(body.freeze()),
        }
    }
}

async fn chunk(response: &mut Response) -> Result<Option<Bytes>, ReadError> {
    response.chunk().await.map_err(|e| ReadError::Broken(e.without_url()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    /// Serves one raw answer and returns the response as reqwest sees it.
    async fn answer(raw: String) -> Response {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/secret?sig=canary", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = [0_u8; 1024];
            let _ = socket.read(&mut request).await;
            let _ = socket.write_all(raw.as_bytes()).await;
        });
        reqwest::Client::new().get(url).send().await.unwrap()
    }

    #[tokio::test]
    async fn whole_bodies_of_either_framing_arrive() {
        let fixed = answer("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello".into()).await;
        assert_eq!(read_bounded(fixed, 5).await.unwrap(), "hello");
        let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n";
        assert_eq!(read_bounded(answer(chunked.into()).await, 6).await.unwrap(), "abcdef");
        let empty = answer("HTTP/1.1 204 No Content\r\n\r\n".into()).await;
        assert!(read_bounded(empty, 0).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn the_limit_holds_for_announced_and_for_streamed_lengths() {
        let announced = answer("HTTP/1.1 200 OK\r\ncontent-length: 200000000\r\n\r\n".into()).await;
        assert!(matches!(
            read_bounded(announced, 10).await,
            Err(ReadError::TooLarge { limit: 10 })
        ));
        let body = "a".repeat(300_000);
        let streamed = answer(format!("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{body}")).await;
        assert!(matches!(read_bounded(streamed, 1000).await, Err(ReadError::TooLarge { .. })));
    }

    #[tokio::test]
    async fn a_broken_body_is_an_error_without_the_url() {
        let cut = answer("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhel".into()).await;
        let error = read_bounded(cut, 100).await.unwrap_err();
        assert!(matches!(error, ReadError::Broken(_)));
        assert!(!format!("{error:?}").contains("canary"));
    }
}
