//! A server that answers by a function and keeps what it was sent.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use twinkit_auth::{
    AccessToken, AuthError, BoxFuture, Credential, FetchContext, SecretString, TokenRequest,
    TokenSource,
};
use twinkit_itwin::{CallOptions, ITwin, ITwinBuilder};

pub(crate) const ITWIN: &str = "11111111-2222-3333-4444-555555555555";

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Method, path and query.
    pub(crate) line: String,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// A header's value; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let mut found = self.headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_str()).unwrap_or_default()
    }

    /// The body as JSON; null if it is none.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }
}

/// What is answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// Sends so many bytes of the body and closes the connection.
    cut: Option<usize>,
    /// Leaves the connection open then, and sends no more.
    stalls: bool,
    /// Tells no length beforehand.
    chunked: bool,
}

impl Answer {
    pub(crate) fn json(status: u16, body: Value) -> Self {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        Self { body, ..Self::new(status) }.header("content-type", "application/json")
    }

    pub(crate) fn new(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    #[allow(dead_code, reason = "of use to some features only")]
    pub(crate) fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    #[allow(dead_code, reason = "of use to some features only")]
    pub(crate) fn cut(mut self, bytes: usize) -> Self {
        self.cut = Some(bytes);
        self
    }

    #[allow(dead_code, reason = "of use to some features only")]
    pub(crate) fn chunked(mut self) -> Self {
        self.chunked = true;
        self
    }

    #[allow(dead_code, reason = "of use to some features only")]
    pub(crate) fn stall(self, bytes: usize) -> Self {
        Self { stalls: true, ..self.cut(bytes) }
    }
}

/// The platform's envelope.
pub(crate) fn refusal(status: u16, code: &str) -> Answer {
    let body = json!({"error": {"code": code, "message": "No."}});
    Answer::json(status, body).header("x-correlation-id", "r-1")
}

type Handler = dyn Fn(&Seen) -> Answer + Send + Sync;

pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(crate) async fn start(handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (kept, handler): (_, Arc<Handler>) = (Arc::clone(&seen), Arc::new(handler));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serve(socket, Arc::clone(&kept), Arc::clone(&handler)));
            }
        });
        Self { url, seen }
    }

    /// Answers in this order, and with the last one from then on.
    #[allow(dead_code, reason = "of use to some features only")]
    pub(crate) async fn script(answers: Vec<Answer>) -> Self {
        let answered = AtomicUsize::new(0);
        Self::start(move |_| {
            let number = answered.fetch_add(1, Ordering::SeqCst).min(answers.len() - 1);
            answers[number].clone()
        })
        .await
    }

    /// A client whose token is `administrator`, which repeats nothing.
    pub(crate) fn platform(&self) -> ITwin {
        self.builder().options(CallOptions::new().no_retry()).build().unwrap()
    }

    pub(crate) fn builder(&self) -> ITwinBuilder {
        ITwin::builder(credential("administrator")).endpoint(self.url.as_str())
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Method, path and query of all requests.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

async fn serve(mut socket: TcpStream, kept: Arc<Mutex<Vec<Seen>>>, handler: Arc<Handler>) {
    let mut bytes = Vec::new();
    while let Some(seen) = read(&mut socket, &mut bytes).await {
        let answer = handler(&seen);
        kept.lock().unwrap().push(seen);
        let mut text = format!("HTTP/1.1 {} Word\r\n", answer.status);
        for (name, value) in &answer.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        let body = answer.body.get(..answer.cut.unwrap_or(usize::MAX)).unwrap_or(&answer.body);
        if answer.chunked {
            text.push_str("transfer-encoding: chunked\r\n");
        } else if answer.status != 204 {
            text.push_str(&format!("content-length: {}\r\n", answer.body.len()));
        }
        text.push_str("\r\n");
        if answer.chunked {
            text.push_str(&format!("{:x}\r\n", body.len()));
        }
        let mut out = text.into_bytes();
        out.extend_from_slice(body);
        if answer.chunked {
            out.extend_from_slice(if answer.cut.is_some() { b"\r\n" } else { b"\r\n0\r\n\r\n" });
        }
        let sent = socket.write_all(&out).await;
        if answer.stalls {
            std::future::pending::<()>().await;
        }
        if sent.is_err() || answer.cut.is_some() {
            return;
        }
    }
}

async fn read(socket: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Seen> {
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let mut lines = head.lines();
            let line = lines.next().unwrap().strip_suffix(" HTTP/1.1").unwrap().to_owned();
            let headers: Vec<(String, String)> = lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect();
            let mut seen = Seen { line, headers, body: Vec::new() };
            let length: usize = seen.header("content-length").parse().unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                seen.body = bytes[end + 4..end + 4 + length].to_vec();
                bytes.drain(..end + 4 + length);
                return Some(seen);
            }
        }
        let mut block = vec![0; 64 * 1024];
        match socket.read(&mut block).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&block[..count]),
        }
    }
}

/// A credential that always gives this token.
pub(crate) fn credential(token: &str) -> Credential {
    Credential::from_source(Fixed(token.into()))
}

#[derive(Debug)]
struct Fixed(SecretString);

impl TokenSource for Fixed {
    fn name(&self) -> &'static str {
        "fixed token"
    }

    fn fetch<'a>(
        &'a self,
        _request: &'a TokenRequest,
        _context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        const LIFETIME: Duration = Duration::from_secs(3600);
        Box::pin(async { AccessToken::new(self.0.clone(), SystemTime::now() + LIFETIME) })
    }
}
