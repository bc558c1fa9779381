//! A server that answers by a function and keeps what it was sent, and
//! credentials whose tokens say what a test wants.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use twinkit_auth::{
    AccessToken, AuthError, BoxFuture, Credential, FetchContext, SecretString, TokenRequest,
    TokenSource,
};
use twinkit_iot_central::{CallOptions, Client};

pub(crate) const TENANT: &str = "11111111-2222-3333-4444-555555555555";
pub(crate) const OBJECT: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
pub(crate) const APP: &str = "99999999-8888-7777-6666-555555555555";
pub(crate) const ADMINISTRATOR: &str = "ca310b8d-2f4a-44e0-a36e-957c202cd8d4";
pub(crate) const BUILDER: &str = "344138e9-8de4-4497-8c54-5237e96d6aaf";
pub(crate) const OPERATOR: &str = "ae2c9854-393b-4f97-8c42-479d70ce626e";
pub(crate) const ORG_VIEWER: &str = "84cc62c1-dabe-49d3-b16e-8b291232b285";

/// A request as it arrived; the API version is checked and cut off.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Method and path.
    pub(crate) line: String,
    pub(crate) authorization: String,
    pub(crate) content_type: String,
    /// Null if there was none.
    pub(crate) body: Value,
}

/// A status and a JSON body; null for none.
pub(crate) type Answer = (u16, Value);

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

    /// A client with an opaque token, which repeats nothing.
    pub(crate) fn client(&self) -> Client {
        self.client_of(credential("administrator"))
    }

    /// A client that calls with this credential and repeats nothing.
    pub(crate) fn client_of(&self, credential: Credential) -> Client {
        let builder = Client::builder(self.url.as_str(), credential);
        builder.options(CallOptions::new().no_retry()).build().unwrap()
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Method and path of all requests.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.line).collect()
    }
}

async fn serve(mut socket: TcpStream, kept: Arc<Mutex<Vec<Seen>>>, handler: Arc<Handler>) {
    let mut bytes = Vec::new();
    while let Some(seen) = read(&mut socket, &mut bytes).await {
        let (status, body) = handler(&seen);
        kept.lock().unwrap().push(seen);
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let text = format!(
            "HTTP/1.1 {status} Word\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        );
        if socket.write_all(text.as_bytes()).await.is_err() {
            return;
        }
    }
}

async fn read(socket: &mut TcpStream, bytes: &mut Vec<u8>) -> Option<Seen> {
    loop {
        let text = String::from_utf8_lossy(bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let header = |name: &str| {
                let lines = head.lines().skip(1).filter_map(|line| line.split_once(": "));
                let mut found = lines.filter(|(known, _)| known.eq_ignore_ascii_case(name));
                found.next().map(|(_, value)| value.to_owned()).unwrap_or_default()
            };
            let length = header("content-length").parse().unwrap_or(0);
            if body.len() >= length {
                let line = head.lines().next().unwrap();
                let line = line.strip_suffix(" HTTP/1.1").unwrap();
                let line = line.strip_suffix("?api-version=2022-07-31").unwrap().to_owned();
                let body = serde_json::from_str(body).unwrap_or_default();
                bytes.clear();
                let (authorization, content_type) =
                    (header("authorization"), header("content-type"));
                return Some(Seen { line, authorization, content_type, body });
            }
        }
        let mut block = [0; 4096];
        match socket.read(&mut block).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&block[..count]),
        }
    }
}

/// The platform's envelope.
pub(crate) fn refusal(status: u16, code: &str) -> Answer {
    (status, json!({"error": {"code": code, "message": "No.", "requestId": "r-1"}}))
}

pub(crate) fn list(items: Value) -> Answer {
    (200, json!({ "value": items }))
}

/// A credential that always gives this token.
pub(crate) fn credential(token: &str) -> Credential {
    Credential::from_source(Fixed(token.into()))
}

/// A credential whose tokens have these claims.
pub(crate) fn credential_of(claims: &Value) -> Credential {
    credential(&jwt(claims))
}

pub(crate) fn jwt(claims: &Value) -> String {
    format!("e30.{}.c2ln", URL_SAFE_NO_PAD.encode(claims.to_string()))
}

/// The claims of a program's token.
pub(crate) fn program(object_id: &str) -> Value {
    json!({"oid": object_id, "tid": TENANT, "appid": APP, "idtyp": "app"})
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
