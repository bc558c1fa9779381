//! A server that follows a script over real sockets and keeps what it was
//! sent.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What to do with one request. The last step of a script repeats.
#[derive(Clone)]
pub(super) enum Step {
    /// Answer and keep the connection.
    Answer(String),
    /// Close without a byte.
    Close,
    /// Send this much and close.
    Cut(String),
    /// Send this much and then nothing more.
    Hang(String),
}

impl Step {
    pub(super) fn status(status: u16) -> Self {
        Self::with(status, &[], "")
    }

    pub(super) fn json(body: &str) -> Self {
        Self::with(200, &["content-type: application/json"], body)
    }

    pub(super) fn with(status: u16, headers: &[&str], body: &str) -> Self {
        Self::Answer(raw(status, headers, body.len(), body))
    }
}

pub(super) fn raw(status: u16, headers: &[&str], length: usize, body: &str) -> String {
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    format!("HTTP/1.1 {status} Word\r\n{headers}content-length: {length}\r\n\r\n{body}")
}

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) line: String,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

pub(super) struct Server {
    pub(super) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    pub(super) async fn start(steps: impl IntoIterator<Item = Step>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(Vec::new()));
        let script = Script { steps: steps.into_iter().collect(), seen: Arc::clone(&seen) };
        let script = Arc::new(script);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let script = Arc::clone(&script);
                tokio::spawn(async move { script.serve(socket).await });
            }
        });
        Self { url, seen }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

struct Script {
    steps: Vec<Step>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Script {
    async fn serve(&self, mut socket: TcpStream) {
        while let Some(request) = read(&mut socket).await {
            let step = {
                let mut seen = self.seen.lock().unwrap();
                let step = self.steps[seen.len().min(self.steps.len() - 1)].clone();
                seen.push(request);
                step
            };
            match step {
                Step::Answer(text) => socket.write_all(text.as_bytes()).await.unwrap_or_default(),
                Step::Close => return,
                Step::Cut(text) => {
                    let _ = socket.write_all(text.as_bytes()).await;
                    return;
                }
                Step::Hang(text) => {
                    let _ = socket.write_all(text.as_bytes()).await;
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

async fn read(socket: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    let head_end = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let mut part = [0; 4096];
        match socket.read(&mut part).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&part[..count]),
        }
    };
    let head = String::from_utf8(bytes[..head_end].to_vec()).unwrap();
    let mut lines = head.lines();
    let line = lines.next().unwrap().to_owned();
    let headers: Vec<_> = lines
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut seen = Seen { line, headers, body: String::new() };
    let length = seen.header("content-length").map_or(0, |text| text.parse().unwrap());
    let mut body = bytes[head_end + 4..].to_vec();
    let missing = length - body.len();
    let mut rest = vec![0; missing];
    socket.read_exact(&mut rest).await.ok()?;
    body.extend_from_slice(&rest);
    seen.body = String::from_utf8(body).unwrap();
    Some(seen)
}
