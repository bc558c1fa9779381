//! The browser of a scripted person: it is told where to go, and the test says
//! what it brings back.

use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use twinkit_auth::{Credential, InteractiveBuilder};

use crate::support::{Server, pairs};

/// A browser that is told where to go.
pub(crate) struct Browser(mpsc::UnboundedReceiver<String>);

/// A sign-in page that the browser was sent to.
pub(crate) struct Page {
    pub(crate) url: String,
    pub(crate) port: u16,
    pub(crate) state: String,
}

pub(crate) fn browser() -> (impl Fn(&str) -> std::io::Result<()> + Send + Sync + 'static, Browser) {
    let (sender, opened) = mpsc::unbounded_channel();
    let open = move |url: &str| sender.send(url.to_owned()).map_err(std::io::Error::other);
    (open, Browser(opened))
}

impl Browser {
    pub(crate) async fn opened(&mut self) -> Page {
        let url = self.0.recv().await.unwrap();
        let value = |name: &str| {
            let found = pairs(url.split_once('?').unwrap().1);
            found.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
        };
        let redirect = reqwest::Url::parse(&value("redirect_uri").unwrap()).unwrap();
        Page { port: redirect.port().unwrap(), state: value("state").unwrap(), url }
    }

    pub(crate) fn was_opened(&mut self) -> bool {
        self.0.try_recv().is_ok()
    }
}

impl Page {
    pub(crate) fn field(&self, name: &str) -> Option<String> {
        let found = pairs(self.url.split_once('?').unwrap().1);
        found.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    pub(crate) async fn send(&self, raw: &str) -> String {
        let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.unwrap();
        // The listener may turn a giant away before it is all sent.
        let _ = socket.write_all(raw.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    pub(crate) async fn post_as(&self, path: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        let raw =
            format!("POST {path} HTTP/1.1\r\n{headers}\r\ncontent-length: {length}\r\n\r\n{body}");
        self.send(&raw).await
    }

    pub(crate) async fn post(&self, body: &str) -> String {
        let host = format!("host: localhost:{}\r\n{FORM}", self.port);
        self.post_as("/", &host, body).await
    }

    pub(crate) async fn get(&self, target: &str) -> String {
        self.send(&format!("GET {target} HTTP/1.1\r\nhost: localhost:{}\r\n\r\n", self.port)).await
    }

    pub(crate) fn good(&self) -> String {
        format!("code=canary-code&state={}&session_state=x", self.state)
    }
}

pub(crate) const FORM: &str = "content-type: application/x-www-form-urlencoded";

pub(crate) fn builder(server: &Server) -> InteractiveBuilder {
    Credential::interactive("organizations", "app-id").authority(server.url.clone())
}

pub(crate) fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

pub(crate) async fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.is_ok()
}
