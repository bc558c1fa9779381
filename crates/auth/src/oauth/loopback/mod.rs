//! The listener on this machine to which the browser returns after a sign-in
//! (RFC 8252 section 7.3).
//!
//! It listens on the loopback interface only, for one answer: what has the
//! right path, method, host and state ends the listening; everything else is
//! turned away and changes nothing. Dropping it frees the port at once. It must
//! not know any identity service.

mod page;
mod request;

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::StatusCode;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use self::request::Outcome;
use crate::{AuthError, AuthErrorKind};

pub(crate) use self::request::Expected;

/// A person who needs longer has gone away.
const LIMIT: Duration = Duration::from_secs(5 * 60);

/// One connection, from its start to its answer.
const CONNECTION_LIMIT: Duration = Duration::from_secs(5);

/// The head of a request; codes in addresses have some two kilobytes.
const MAX_HEAD: usize = 16 * 1024;

/// Browsers open a few connections ahead; more is somebody else.
const MAX_CONNECTIONS: usize = 32;

/// A port that is free at one address may be taken at the other.
const FREE_PORT_TRIES: u32 = 8;

/// Where the browser returns to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// 0 for one that is free, where the service lets the port vary.
    pub(crate) port: u16,
    /// Begins with `/`.
    pub(crate) path: String,
    /// The address as it is registered, where that counts to the letter.
    pub(crate) uri: Option<String>,
}

/// A bound listener.
#[derive(Debug)]
pub(crate) struct Loopback {
    v4: TcpListener,
    /// Browsers may take `localhost` for this one first.
    v6: Option<TcpListener>,
    port: u16,
    path: String,
}

impl Loopback {
    /// Takes the port, on both loopback addresses where there are two.
    pub(crate) async fn bind(source: &'static str, place: &Place) -> Result<Self, AuthError> {
        let mut tries = if place.port == 0 { FREE_PORT_TRIES } else { 1 };
        loop {
            let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, place.port)).await;
            let bound = v4.and_then(|listener| Ok((listener.local_addr()?.port(), listener)));
            let (port, v4) = bound.map_err(|error| unbound(source, place.port, error))?;
            tries -= 1;
            let v6 = match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
                Ok(listener) => Some(listener),
                // Somebody else's: the browser might bring the code to them.
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && tries == 0 => {
                    return Err(unbound(source, port, error));
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => continue,
                // A machine without IPv6.
                Err(_) => None,
            };
            return Ok(Self { v4, v6, port, path: place.path.clone() });
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Waits for the browser. The port is free again when this ends or is
    /// dropped.
    pub(crate) async fn wait(self, expected: Expected) -> Outcome {
        let source = expected.source;
        timeout(LIMIT, self.serve(expected)).await.unwrap_or_else(|_| {
            let minutes = LIMIT.as_secs() / 60;
            let message = format!("nobody signed in within {minutes} minutes");
            Err(AuthError::new(AuthErrorKind::Timeout, source, message)
                .with_hint("sign in again; the browser page has to be completed"))
        })
    }

    async fn serve(self, expected: Expected) -> Outcome {
        let Self { v4, v6, port, path } = self;
        let desk = Arc::new(Desk { expected, path, port, is_done: AtomicBool::new(false) });
        let mut connections = JoinSet::new();
        loop {
            let has_room = connections.len() < MAX_CONNECTIONS;
            tokio::select! {
                // The one with the answer ends when its page has been sent.
                Some(Ok(Some(outcome))) = connections.join_next() => return outcome,
                socket = accept(&v4, v6.as_ref()), if has_room => match socket {
                    Ok(socket) => { connections.spawn(Arc::clone(&desk).answer(socket)); }
                    // Out of file handles, or a connection that has gone: the
                    // browser tries again.
                    Err(_) => sleep(Duration::from_millis(50)).await,
                },
            }
        }
    }
}

async fn accept(v4: &TcpListener, v6: Option<&TcpListener>) -> io::Result<TcpStream> {
    let Some(v6) = v6 else { return Ok(v4.accept().await?.0) };
    let (socket, _): (TcpStream, SocketAddr) = tokio::select! {
        accepted = v4.accept() => accepted?,
        accepted = v6.accept() => accepted?,
    };
    Ok(socket)
}

/// Where connections are answered.
#[derive(Debug)]
struct Desk {
    expected: Expected,
    path: String,
    port: u16,
    /// Set by the one answer that counts.
    is_done: AtomicBool,
}

impl Desk {
    /// Serves one connection; gives the answer if it was there.
    async fn answer<S>(self: Arc<Self>, socket: S) -> Option<Outcome>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let found = Mutex::new(None);
        let service = service_fn(|request| async {
            let judged = request::judge(request, &self.expected, &self.path, self.port).await;
            let page = match judged {
                Ok(_) if self.is_done.swap(true, Ordering::Relaxed) => {
                    page::refusal(StatusCode::NOT_FOUND)
                }
                Ok(outcome) => {
                    let page = page::of_outcome(&outcome);
                    *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                    page
                }
                Err(status) => {
                    tracing::debug!(%status, "a request to the sign-in listener is turned away");
                    page::refusal(status)
                }
            };
            Ok::<_, Infallible>(page)
        });
        let connection = http1::Builder::new()
            .keep_alive(false)
            .max_buf_size(MAX_HEAD)
            .serve_connection(TokioIo::new(socket), service);
        // What goes wrong with one connection is that peer's business.
        let _ = timeout(CONNECTION_LIMIT, connection).await;
        found.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One connection without a port to come to, for the fuzz targets.
#[cfg(feature = "_fuzzing")]
pub(crate) async fn connection<S>(
    socket: S,
    expected: Expected,
    path: &str,
    port: u16,
) -> Option<Outcome>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let (path, is_done) = (path.to_owned(), AtomicBool::new(false));
    Arc::new(Desk { expected, path, port, is_done }).answer(socket).await
}

fn unbound(source: &'static str, port: u16, error: io::Error) -> AuthError {
    let message = match port {
        0 => format!("no port on this machine is free to return to after the sign-in: {error}"),
        port => format!("port {port}, to return to after the sign-in, cannot be had: {error}"),
    };
    AuthError::new(AuthErrorKind::Unavailable, source, message)
        .with_hint("end the program that has the port, or sign in by device code")
        .with_cause(error)
}
