//! Webhooks, and what their callbacks are sent.

mod delivery;
mod events;
mod manage;
mod redelivery;

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_lc_rs::hmac;
use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri},
};
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};
use tokio_rustls::TlsAcceptor;

use crate::support::Caller;

const INVALID: &str = "InvalidWebhookRequest";
const SECRET: &str = "a secret that has 32 characters.";

/// How a callback answers: a status, or never.
type Manner = Option<u16>;

/// An address that messages go to.
struct Callback {
    url: String,
    arrived: mpsc::UnboundedReceiver<Arrived>,
    manners: Arc<Mutex<VecDeque<Manner>>>,
}

/// A message as it arrived.
#[derive(Debug, Clone)]
struct Arrived {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

type Shared = (mpsc::UnboundedSender<Arrived>, Arc<Mutex<VecDeque<Manner>>>);

impl Callback {
    /// Over plain HTTP.
    async fn new() -> Self {
        Self::with(None).await
    }

    async fn with(tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let (sender, arrived) = mpsc::unbounded_channel();
        let manners = Arc::new(Mutex::new(VecDeque::new()));
        let router = Router::new().fallback(take).with_state((sender, Arc::clone(&manners)));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (router, tls) = (router.clone(), tls.clone());
                tokio::spawn(async move {
                    let service = TowerToHyperService::new(router);
                    let server = hyper::server::conn::http1::Builder::new();
                    let Some(tls) = tls else {
                        // Whoever waits for an answer in vain ends the connection.
                        let _ = server.serve_connection(TokioIo::new(stream), service).await;
                        return;
                    };
                    // And so does who does not trust the certificate.
                    if let Ok(stream) = tls.accept(stream).await {
                        let stream = TokioIo::new(stream);
                        server.serve_connection(stream, service).await.unwrap();
                    }
                });
            }
        });
        Self { url: format!("{scheme}://localhost:{port}/hook?a=b%2Fc"), arrived, manners }
    }

    /// How the next messages are answered; those behind them with 204.
    fn answers(&self, manners: &[Manner]) {
        self.manners.lock().unwrap().extend(manners);
    }

    /// The next message.
    async fn next(&mut self) -> Arrived {
        let next = tokio::time::timeout(Duration::from_secs(30), self.arrived.recv());
        next.await.expect("a message").unwrap()
    }
}

async fn take(
    State((sender, manners)): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let target = uri.path_and_query().unwrap().to_string();
    let manner = manners.lock().unwrap().pop_front().unwrap_or(Some(204));
    sender.send(Arrived { method, target, headers, body }).unwrap();
    match manner {
        Some(status) => StatusCode::from_u16(status).unwrap(),
        None => std::future::pending().await,
    }
}

impl Arrived {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Checks the signature over the bytes of the body.
    #[track_caller]
    fn signed_with(&self, secret: &str) {
        let signature = self.headers["signature"].to_str().unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        let bytes: String =
            hmac::sign(&key, &self.body).as_ref().iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(signature, format!("sha256={bytes}"));
    }
}

/// Makes a webhook of an iTwin and starts it; answers its path.
async fn active(service: &Caller, itwin: &str, url: &str, kinds: &[&str]) -> String {
    let body = json!({
        "callbackUrl": url, "scope": "iTwin", "scopeId": itwin, "secret": SECRET,
        "eventTypes": kinds,
    });
    started(service, &body).await
}

/// Makes a webhook and starts it; answers its path.
async fn started(service: &Caller, body: &Value) -> String {
    let service = service.version(2);
    let made = service.post("/webhooks", body).await.expect(201).json();
    assert_eq!(made["active"], false);
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    service.patch(&path, &json!({"active": true})).await.expect(200);
    path
}
