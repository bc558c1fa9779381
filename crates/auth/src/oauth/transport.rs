//! Reading failures to send and to receive.

use std::error::Error;
use std::io;

use secrecy::SecretString;
use twinkit_http::{ReadError, is_tls_failure, reason_of_leaving, redact};

use super::failure::NOT_THE_AUTHORITY;
use super::shown::holds_secret;
use crate::{AuthError, AuthErrorKind};

const MAX_REASON: usize = 200;

/// The error that a failure to send or to receive stands for.
pub(crate) fn from_transport(
    source: &'static str,
    host: &str,
    error: reqwest::Error,
    secrets: &[SecretString],
) -> AuthError {
    let (kind, message) = if is_tls_failure(&error) {
        (AuthErrorKind::Protocol, format!("no trusted TLS connection to {host}"))
    } else if error.is_timeout() {
        (AuthErrorKind::Timeout, format!("{host} did not answer in time"))
    } else if error.is_builder() {
        (AuthErrorKind::Config, format!("the request to {host} could not be made"))
    } else if error.is_connect() {
        (AuthErrorKind::Transient, format!("{host} could not be reached"))
    } else {
        (AuthErrorKind::Transient, format!("the connection to {host} broke off"))
    };
    let error = error.without_url();
    let hint = match kind {
        AuthErrorKind::Protocol => Some(
            "if its certificate authority is private, give it to HttpClientConfig::with_ca_pem",
        ),
        AuthErrorKind::Transient => {
            Some("check the authority's address, the network and the proxy settings")
        }
        _ => None,
    };
    let reason = root(&error).to_string();
    let result = if let Some(reason) = reason_of_leaving(&error) {
        AuthError::new(kind, source, format!("{message}: {reason}"))
    } else if may_be_the_peers(kind, &error)
        && holds_secret(&format!("{reason} {error:?}"), secrets)
    {
        AuthError::new(kind, source, message)
    } else {
        let reason = redact::text(&reason, &[], MAX_REASON);
        AuthError::new(kind, source, format!("{message}: {reason}")).with_cause(error)
    };
    match hint {
        Some(hint) => result.with_hint(hint),
        None => result,
    }
}

/// Whether the peer may have a say in the error's words, as by the names in its
/// certificate. All others are the system's and the libraries', of which nothing is cut:
/// what is missing in a known sentence could be guessed.
fn may_be_the_peers(kind: AuthErrorKind, error: &reqwest::Error) -> bool {
    let of_system = || {
        let error = root(error).downcast_ref::<io::Error>();
        error.is_some_and(|error| error.raw_os_error().is_some())
    };
    match kind {
        AuthErrorKind::Protocol => true,
        AuthErrorKind::Transient => !error.is_connect() && !of_system(),
        _ => false,
    }
}

/// The error of a successful answer whose body could not be read.
pub(crate) fn from_body(
    source: &'static str,
    host: &str,
    error: ReadError,
    secrets: &[SecretString],
) -> AuthError {
    match error {
        ReadError::Broken(error) => from_transport(source, host, error, secrets),
        other => AuthError::new(AuthErrorKind::Protocol, source, other.to_string())
            .with_hint(NOT_THE_AUTHORITY),
    }
}

fn root<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut root = error;
    while let Some(next) = root.source() {
        root = next;
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::Client;
    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpSocket};

    /// The error of a peer that closes the connection of HTTP/2 with these words.
    async fn closed_with(words: &'static str) -> reqwest::Error {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let (mut socket, _) = listener.accept().await.unwrap();
            // SETTINGS with none, then GOAWAY after stream 0 for PROTOCOL_ERROR.
            let mut frames = vec![0, 0, 0, 4, 0, 0, 0, 0, 0];
            frames.extend([0, 0, 8 + words.len() as u8, 7, 0, 0, 0, 0, 0]);
            frames.extend([0, 0, 0, 0, 0, 0, 0, 1]);
            frames.extend(words.as_bytes());
            socket.write_all(&frames).await.unwrap();
            // Closing before it has read what came would reset the connection.
            let _ = tokio::io::copy(&mut socket, &mut tokio::io::sink()).await;
        });
        let client = Client::builder().http2_prior_knowledge().build().unwrap();
        client.get(&url).send().await.unwrap_err()
    }

    #[tokio::test]
    async fn a_peers_last_words_are_not_shown() {
        // They may be of another caller, whose secrets are not known here.
        let error = closed_with("you sent canary-secret").await;
        let error = from_transport("test", "h", error, &[]);
        assert_eq!(error.kind(), AuthErrorKind::Transient);
        let told = "the connection to h broke off: the other side closed the connection";
        assert!(error.message().starts_with(told), "{error}");
        assert!(error.source().is_none());
        assert!(!format!("{error} {error:?}").contains("canary"));
    }

    #[tokio::test]
    async fn nothing_is_cut_out_of_the_systems_words() {
        // Nobody else gets the port, and nobody listens.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
        let port = socket.local_addr().unwrap().port();
        let plain = Client::new();
        let refused = || async { plain.get(format!("http://127.0.0.1:{port}/")).send().await };
        let expected = from_transport("test", "h", refused().await.unwrap_err(), &[]).to_string();
        assert!(expected.contains("could not be reached: "), "{expected}");
        let words = expected.split(|c: char| !c.is_alphanumeric()).map(SecretString::from);
        let secrets: Vec<_> = words.chain(["s".into(), " ".into()]).collect();
        let error = from_transport("test", "h", refused().await.unwrap_err(), &secrets);
        assert_eq!(error.to_string(), expected);
    }
}
