//! A token endpoint that answers by script over real TCP and keeps what it was
//! sent, and a collector of traces.

use std::collections::{BTreeMap, VecDeque};
use std::error::Error;
use std::io::Write;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tracing::Dispatch;
use twinkit_auth::{AuthError, Credential, TokenRequest};

/// What one connection gets.
pub(crate) enum Answer {
    /// This, and the end of the connection.
    Text(String),
    /// The action is done, then this is the answer.
    After(Box<dyn FnOnce() + Send>, String),
    /// An error answer that repeats the request in every field.
    Echo,
    /// The connection ends without an answer.
    Close,
    /// No answer, and the connection stays.
    Hang,
    /// A head, then a byte every ten seconds.
    Drip,
    /// A head, then bytes without end.
    Flood,
}

/// An answer with a JSON body.
pub(crate) fn json(status: &str, body: &str) -> Answer {
    with_headers(status, "content-type: application/json", body)
}

/// An answer with these headers, one per line.
pub(crate) fn with_headers(status: &str, headers: &str, body: &str) -> Answer {
    let headers = headers.replace('\n', "\r\n");
    let length = body.len();
    let framing = format!("content-length: {length}\r\nconnection: close");
    Answer::Text(format!("HTTP/1.1 {status}\r\n{headers}\r\n{framing}\r\n\r\n{body}"))
}

/// A good token answer.
pub(crate) fn token(name: &str) -> Answer {
    let body = format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{name}"}}"#);
    json("200 OK", &body)
}

/// A token answer with these further fields, such as a refresh token.
pub(crate) fn token_with(name: &str, fields: &str) -> Answer {
    let body =
        format!(r#"{{"token_type":"Bearer","expires_in":3599,"access_token":"{name}",{fields}}}"#);
    json("200 OK", &body)
}

/// An ID token with this payload.
pub(crate) fn id_token(payload: &str) -> String {
    use base64::Engine as _;
    let payload = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(payload);
    format!("e30.{payload}.canary-signature")
}

/// The fields of a form or a query, in their order.
pub(crate) fn pairs(encoded: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse(&format!("http://x/?{encoded}")).unwrap();
    url.query_pairs().into_owned().collect()
}

/// One field of a request's form.
pub(crate) fn field(request: &str, name: &str) -> String {
    fields(request).remove(name).unwrap_or_default()
}

/// A running server.
pub(crate) struct Server {
    /// `http://127.0.0.1:PORT`.
    pub(crate) url: String,
    answers: Arc<Mutex<VecDeque<Answer>>>,
    requests: watch::Sender<Vec<String>>,
}

impl Server {
    /// Starts a server that gives `answers`, one per connection, then good
    /// tokens.
    pub(crate) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = watch::Sender::new(Vec::new());
        let seen = requests.clone();
        let answers = Arc::new(Mutex::new(answers.into_iter().collect::<VecDeque<_>>()));
        let script = Arc::clone(&answers);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let next = script.lock().unwrap().pop_front();
                let answer = next.unwrap_or_else(|| token("later"));
                tokio::spawn(serve(socket, answer, seen.clone()));
            }
        });
        Self { url, answers, requests }
    }

    /// Gives `answer` after those that are still to be given.
    pub(crate) fn then(&self, answer: Answer) {
        self.answers.lock().unwrap().push_back(answer);
    }

    /// The requests so far, as text.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.borrow().clone()
    }

    /// Stops the clock once the first request is here, so that time limits end
    /// at once. Not earlier: a stopped clock runs ahead while a connection is
    /// being made.
    pub(crate) async fn stop_clock_at_first_request(&self) {
        self.requests.subscribe().wait_for(|requests| !requests.is_empty()).await.unwrap();
        tokio::time::pause();
    }
}

async fn serve(mut socket: TcpStream, answer: Answer, seen: watch::Sender<Vec<String>>) {
    let request = read_request(&mut socket).await;
    let echo = echo(&request);
    seen.send_modify(|requests| requests.push(request));
    match answer {
        Answer::Text(text) => {
            let _ = socket.write_all(text.as_bytes()).await;
        }
        Answer::After(action, text) => {
            action();
            let _ = socket.write_all(text.as_bytes()).await;
        }
        Answer::Echo => {
            let _ = socket.write_all(echo.as_bytes()).await;
        }
        Answer::Close => {}
        Answer::Hang => std::future::pending().await,
        Answer::Drip => {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await;
            while socket.write_all(b" ").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(10)).await;
            }
        }
        Answer::Flood => {
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await;
            let block = [b' '; 64 * 1024];
            while socket.write_all(&block).await.is_ok() {}
        }
    }
}

fn echo(request: &str) -> String {
    let fields = ["error", "error_description", "suberror", "claims", "trace_id", "correlation_id"];
    let decoded = request.replace("%3D", "=").replace("%2B", "+").replace("%2F", "/");
    let said = format!("AADSTS1: {request} {decoded}");
    let mut body: serde_json::Map<String, serde_json::Value> =
        fields.iter().map(|name| ((*name).to_owned(), said.clone().into())).collect();
    body.insert("message".to_owned(), said.into());
    match json("400 Bad Request", &serde_json::Value::Object(body).to_string()) {
        Answer::Text(text) => text,
        _ => String::new(),
    }
}

/// How a peer begins that expects TLS; it gets the same plain answers.
const TLS_HANDSHAKE: u8 = 0x16;

async fn read_request(socket: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if bytes.first() == Some(&TLS_HANDSHAKE) {
            return text;
        }
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>())
            });
            if body.len() >= length.map_or(0, Result::unwrap) {
                return text;
            }
        }
        let mut block = [0; 4096];
        match socket.read(&mut block).await {
            Ok(0) | Err(_) => return text,
            Ok(count) => bytes.extend_from_slice(&block[..count]),
        }
    }
}

pub(crate) const SECRET: &str = "canary:/+ =~secret";
/// The secret as it travels in a form.
pub(crate) const ENCODED: &str = "canary%3A%2F%2B+%3D%7Esecret";

/// A credential with [`SECRET`] at this authority.
pub(crate) fn credential(authority: &str) -> Credential {
    Credential::client_secret("contoso.com", "app-id", SECRET).authority(authority).build().unwrap()
}

pub(crate) fn request() -> TokenRequest {
    TokenRequest::new(["https://digitaltwins.azure.net/.default"]).unwrap()
}

/// The body's fields, decoded.
pub(crate) fn fields(request: &str) -> BTreeMap<String, String> {
    pairs(request.split_once("\r\n\r\n").unwrap().1).into_iter().collect()
}

/// Everything that an error says, in every way it can be printed.
pub(crate) fn all_texts(error: &AuthError) -> String {
    let mut texts = format!("{error}\n{error:?}\n{error:#?}");
    let mut source = error.source();
    while let Some(error) = source {
        texts.push_str(&format!("\n{error}\n{error:?}\n{error:#?}"));
        source = error.source();
    }
    texts
}

/// Collects what is traced on this thread while the guard lives.
#[derive(Clone, Default)]
pub(crate) struct Traces(Arc<Mutex<Vec<u8>>>);

impl Traces {
    pub(crate) fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        // With a single subscriber in the process, tracing asks the thread that
        // first comes to a span whether it is wanted, and another test's thread
        // says no for all. This second one makes it ask the subscribers.
        static SECOND: LazyLock<Dispatch> = LazyLock::new(|| tracing_subscriber::registry().into());
        LazyLock::force(&SECOND);
        let traces = Self::default();
        let writer = traces.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .finish();
        (traces, tracing::subscriber::set_default(subscriber))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Traces {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
