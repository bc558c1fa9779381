//! What the libraries' errors say of a request that got no answer: whether trying again
//! can help, whether anything was done, and what of their words may be shown. It must not
//! know what was asked.

use std::error::Error;
use std::io;

/// Whether a request failed because no trusted TLS connection could be made
/// (certificate refused, no common protocol, a peer that does not speak TLS).
/// Such a failure is final: another try meets the same peer.
#[must_use]
pub fn is_tls_failure(error: &reqwest::Error) -> bool {
    error.is_connect() && error.source().is_some_and(holds_invalid_data)
}

/// Whether the other side says that it has not begun with the request, so that nothing was
/// done: a stream of HTTP/2 that was refused, or a connection that it is closing in good
/// order (RFC 9113 section 8.7).
#[must_use]
pub fn is_not_taken(error: &reqwest::Error) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<h2::Error>()).any(|error| {
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        let is_leaving = error.is_go_away() && error.reason() == Some(h2::Reason::NO_ERROR);
        error.is_remote() && (is_refused || is_leaving)
    })
}

/// Why the other side closed a connection of HTTP/2 (RFC 9113 section 7), if that is what
/// happened. The error itself is not to be shown then: it repeats what that side said as
/// it left, which may be anything that was sent over the connection, by whomever.
#[must_use]
pub fn reason_of_leaving(error: &(dyn Error + 'static)) -> Option<String> {
    let mut errors = causes(error).filter_map(|cause| cause.downcast_ref::<h2::Error>());
    let error = errors.find(|error| error.is_go_away() && error.is_remote())?;
    let reason = error.reason().map(|reason| format!(" ({reason})")).unwrap_or_default();
    Some(format!("the other side closed the connection{reason}"))
}

/// Whether this process, or the machine, has as many files open as it may.
#[must_use]
pub fn has_too_many_files(error: &reqwest::Error) -> bool {
    // EMFILE and ENFILE, the same wherever there is Unix; WSAEMFILE.
    let codes: &[i32] = if cfg!(windows) { &[10024] } else { &[24, 23] };
    causes(error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .filter_map(io::Error::raw_os_error)
        .any(|code| codes.contains(&code))
}

/// The causes of an error, the nearest first.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(error.source(), |&cause| cause.source())
}

/// TLS libraries report what they refuse as `InvalidData`. I/O errors wrap one
/// another without showing it in their `source`, so they are opened.
fn holds_invalid_data(error: &(dyn Error + 'static)) -> bool {
    if let Some(io) = error.downcast_ref::<io::Error>() {
        if io.kind() == io::ErrorKind::InvalidData {
            return true;
        }
        if let Some(inner) = io.get_ref() {
            return holds_invalid_data(inner);
        }
    }
    error.source().is_some_and(holds_invalid_data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn a_peer_without_tls_is_told_from_a_closed_port() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("https://{}/", listener.local_addr().unwrap());
        let peer = tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut hello = [0_u8; 1024];
            let _ = socket.read(&mut hello).await;
            let _ = socket.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        });
        let error = reqwest::get(&url).await.unwrap_err();
        assert!(is_tls_failure(&error), "{error:?}");
        peer.await.unwrap();
        let error = reqwest::get(&url).await.unwrap_err();
        assert!(error.is_connect() && !is_tls_failure(&error), "{error:?}");
    }
}
