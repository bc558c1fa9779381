//! A server that answers with whatever bytes it is given, and keeps what it got.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What is sent after the head.
#[derive(Clone)]
pub(super) enum Body {
    Bytes(Vec<u8>),
    /// These bytes again and again, until the other side hangs up.
    Endless(&'static [u8]),
}

pub(super) struct Hostile {
    url: String,
    got: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Hostile {
    /// Answers every request with this status line and these headers, of which
    /// `{url}` is the server's own address.
    pub(super) async fn start(head: impl Fn(&str) -> String, body: Body) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let got: Arc<Mutex<Vec<String>>> = Arc::default();
        let head = head(&url);
        let task = tokio::spawn({
            let got = Arc::clone(&got);
            async move {
                while let Ok((socket, _)) = listener.accept().await {
                    // Whoever hangs up early has had enough.
                    let _ = answer(socket, &head, &body, &got).await;
                }
            }
        });
        Self { url, got, task }
    }

    /// Answers 200 with JSON.
    pub(super) async fn json(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        let length = text.len();
        let head = format!("200 OK\r\ncontent-type: application/json\r\ncontent-length: {length}");
        Self::start(move |_| head.clone(), Body::Bytes(text)).await
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The requests that came, heads only.
    pub(super) fn got(&self) -> Vec<String> {
        self.got.lock().unwrap().clone()
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(
    mut socket: TcpStream,
    head: &str,
    body: &Body,
    got: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        let read = socket.read(&mut buffer).await?;
        if read == 0 {
            return Ok(());
        }
        request.extend_from_slice(&buffer[..read]);
    }
    got.lock().unwrap().push(String::from_utf8_lossy(&request).into_owned());
    let start = format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n");
    socket.write_all(start.as_bytes()).await?;
    match body {
        Body::Bytes(bytes) => socket.write_all(bytes).await?,
        Body::Endless(bytes) => {
            let piece = bytes.repeat(64 * 1024 / bytes.len() + 1);
            loop {
                socket.write_all(&piece).await?;
            }
        }
    }
    socket.shutdown().await
}
