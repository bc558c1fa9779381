//! Telling failures to connect that may pass from those that will not.

use std::error::Error;
use std::io;

/// Whether a request failed because no trusted TLS connection could be made
/// (certificate refused, no common protocol, a peer that does not speak TLS).
/// Such a failure is final: another try meets the same peer.
#[must_use]
pub fn is_tls_failure(error: &reqwest::Error) -> bool {
    error.is_connect() && error.source().is_some_and(holds_invalid_data)
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
