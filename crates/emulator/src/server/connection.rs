//! From socket to router: accepting, TLS, HTTP/1.1, recording, faults.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Json, Router,
    body::Body,
    http::{HeaderValue, Request, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::TokioIo,
    server::graceful::{GracefulShutdown, Watcher},
};
use serde_json::json;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt as _;

use super::wire::{Wire, WireControl};
use crate::{
    clock::Clock,
    data::Failure,
    faults::{self, Effect, Faults},
    requests::RequestLog,
};

/// How long a shutdown waits for requests in progress.
const DRAIN: Duration = Duration::from_secs(5);
/// Pause after a failed accept, most likely for want of file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// One service behind its listeners.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) router: Router,
    /// What disturbs and records the requests; `None` for the control service.
    pub(crate) watch: Option<Watch>,
    /// Set when changes can no longer be kept.
    pub(crate) failure: Failure,
}

/// Recording and faults, shared by all services.
#[derive(Clone)]
pub(crate) struct Watch {
    pub(crate) faults: Faults,
    pub(crate) log: RequestLog,
    pub(crate) clock: Clock,
}

/// The connection is to be dropped instead of answered.
#[derive(Debug, thiserror::Error)]
#[error("the connection was reset by a scheduled fault")]
struct Dropped;

/// Serves one listener until `stop` changes, then drains.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    service: Arc<Service>,
    mut stop: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let graceful = GracefulShutdown::new();
    loop {
        tokio::select! {
            biased;
            () = stopped(&mut stop) => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    let (service, tls) = (Arc::clone(&service), tls.clone());
                    connections.spawn(connect(stream, tls, service, graceful.watcher()));
                }
                Err(error) => {
                    tracing::warn!(service = service.name, %error, "could not accept");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            },
        }
    }
    drop(listener);
    // Connections still in their handshake are not watched yet; dropping the
    // set ends them together with those that do not drain.
    let _ = tokio::time::timeout(DRAIN, graceful.shutdown()).await;
}

/// Ends when the emulator is to stop, also if it is gone already.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stopped| *stopped).await;
}

async fn connect(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    service: Arc<Service>,
    watcher: Watcher,
) {
    // Answers are small and awaited; waiting to fill packets only costs time.
    let _ = stream.set_nodelay(true);
    let (wire, control) = Wire::new(stream);
    let outcome = match tls {
        None => speak(wire, service, control, watcher).await,
        Some(acceptor) => match acceptor.accept(wire).await {
            Ok(stream) => speak(stream, service, control, watcher).await,
            Err(error) => Err(error.to_string()),
        },
    };
    if let Err(error) = outcome {
        tracing::debug!(error, "a connection ended early");
    }
}

async fn speak<S>(
    stream: S,
    service: Arc<Service>,
    control: Arc<WireControl>,
    watcher: Watcher,
) -> Result<(), String>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handler = service_fn(move |request: Request<Incoming>| {
        let (service, control) = (Arc::clone(&service), Arc::clone(&control));
        async move { service.handle(request.map(Body::new), &control).await }
    });
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), handler);
    watcher.watch(connection).await.map_err(|error| error.to_string())
}

impl Service {
    async fn handle(
        &self,
        request: Request<Body>,
        control: &WireControl,
    ) -> Result<Response, Dropped> {
        let Some(watch) = &self.watch else {
            return Ok(self.answer(request).await);
        };
        let number = watch.log.note(&self.name, &request);
        let fault = watch.faults.take(&self.name, request.method(), request.uri());
        let (id, outcome) = match fault {
            None => (None, Ok(self.answer(request).await)),
            Some((id, fault)) => {
                tokio::time::sleep(Duration::from_millis(fault.delay_millis)).await;
                (Some(id), self.disturb(request, &fault.effect, &watch.clock).await)
            }
        };
        let status = outcome.as_ref().ok().map(|response| response.status().as_u16());
        watch.log.finish(number, status, id);
        if outcome.is_err() {
            control.reset();
        }
        outcome.map(|response| dated(response, &watch.clock))
    }

    async fn disturb(
        &self,
        request: Request<Body>,
        effect: &Effect,
        clock: &Clock,
    ) -> Result<Response, Dropped> {
        if let Some(response) = faults::status_answer(effect, clock) {
            return Ok(response);
        }
        if *effect == Effect::Reset {
            return Err(Dropped);
        }
        let response = self.answer(request).await;
        if *effect == Effect::LoseAnswer {
            return Err(Dropped);
        }
        Ok(faults::alter(effect, response).await)
    }

    async fn answer(&self, request: Request<Body>) -> Response {
        let response = match self.router.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        match self.failure.get() {
            None => response,
            // What the service says may be gone at the next start.
            Some(failure) => not_kept(failure),
        }
    }
}

/// The answer to everything after a change could not be written down.
fn not_kept(failure: &str) -> Response {
    let message = format!("The emulator's state can no longer be kept: {failure}");
    let error = json!({"error": {"code": "StateNotKept", "message": message}});
    (StatusCode::INTERNAL_SERVER_ERROR, Json(error)).into_response()
}

/// With the emulator's time in `Date`, where hyper would put the machine's:
/// clients set their clocks by it.
fn dated(mut response: Response, clock: &Clock) -> Response {
    // The header's format begins with 1970; it ends with 9999, as our clock does.
    let time = SystemTime::from(clock.now()).max(SystemTime::UNIX_EPOCH);
    if let Ok(value) = HeaderValue::from_str(&httpdate::fmt_http_date(time)) {
        response.headers_mut().insert(header::DATE, value);
    }
    response
}
