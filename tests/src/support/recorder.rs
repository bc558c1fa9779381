//! A server that answers everything alike and keeps each request as it came.
//! It knows nothing of any API.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Recorded {
    /// Upper case.
    pub method: String,
    /// Path and query, still encoded.
    pub target: String,
    /// By lower-case name, in order; repeated ones repeat.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Bytes,
}

impl Recorded {
    /// The value of a header that must not repeat; repeated ones are joined.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let values: Vec<&str> = self
            .headers
            .iter()
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .collect();
        (!values.is_empty()).then(|| values.join(" AND "))
    }
}

/// An answer that is given to every request.
#[derive(Debug, Clone)]
pub struct Canned {
    /// The status.
    pub status: u16,
    /// Headers, without those of the body.
    pub headers: Vec<(String, String)>,
    /// Media type and body: JSON, or under another media type the bytes of a text.
    pub content: Option<(String, Value)>,
}

impl Canned {
    /// The body as it is sent.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match &self.content {
            None => Bytes::new(),
            Some((media_type, Value::String(bytes))) if !media_type.contains("json") => {
                Bytes::from(bytes.clone())
            }
            Some((_, value)) => Bytes::from(value.to_string()),
        }
    }
}

/// A running server; dropping it ends it.
#[derive(Debug)]
pub struct Recorder {
    url: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

#[derive(Debug)]
struct State {
    requests: Vec<Recorded>,
    answer: Canned,
}

impl Recorder {
    /// Starts a server on a free port of this machine.
    ///
    /// # Errors
    /// There is no port.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let answer = Canned { status: 204, headers: Vec::new(), content: None };
        let state = Arc::new(Mutex::new(State { requests: Vec::new(), answer }));
        let task = tokio::spawn(serve(listener, Arc::clone(&state)));
        Ok(Self { url, state, task })
    }

    /// The server's address, without a final slash.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What to answer from now on.
    pub fn answer_with(&self, answer: Canned) {
        lock(&self.state).answer = answer;
    }

    /// The requests since the last time, which are forgotten.
    #[must_use]
    pub fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut lock(&self.state).requests)
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>) {
    while let Ok((stream, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request| record(request, Arc::clone(&state)));
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service);
        // A connection that breaks is seen by the client under test.
        tokio::spawn(async { drop(connection.await) });
    }
}

async fn record(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let target = parts.uri.path_and_query().map_or_else(String::new, ToString::to_string);
    let headers = parts
        .headers
        .iter()
        .map(|(name, value)| {
            (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let mut state = lock(&state);
    state.requests.push(Recorded { method: parts.method.to_string(), target, headers, body });
    Ok(response(&state.answer))
}

fn response(answer: &Canned) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        response = response.header(name, value);
    }
    if let Some((media_type, _)) = &answer.content {
        response = response.header("content-type", media_type);
    }
    let broken = || Response::builder().status(500).body(Full::default()).unwrap_or_default();
    response.body(Full::new(answer.bytes())).unwrap_or_else(|_| broken())
}
