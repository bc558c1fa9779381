//! Whom the ways to sign in meet, as far as they have to tell what they saw: a
//! server that sends back what it got, a store, a browser.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use twinkit_auth::{
    AuthError, BoxFuture, ExposeSecret as _, MemoryStore, SecretString, StoreKey, TokenStore,
};

/// A server that puts each request into every field of its answer.
pub(crate) struct Echo {
    pub(crate) url: String,
    pub(crate) got: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Echo {
    pub(crate) async fn start(kind: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let got = Arc::default();
        let task = tokio::spawn(Self::serve(listener, kind, Arc::clone(&got)));
        Self { url, got, task }
    }

    async fn serve(listener: TcpListener, kind: &'static str, got: Arc<Mutex<Vec<String>>>) {
        while let Ok((mut socket, _)) = listener.accept().await {
            let request = read_request(&mut socket).await;
            let plain: String = url::form_urlencoded::parse(request.as_bytes())
                .map(|(name, value)| format!("{name} {value} "))
                .collect();
            let all = format!("AADSTS1: {plain} {request}");
            got.lock().unwrap().push(request);
            let fields = [
                "error",
                "error_description",
                "suberror",
                "claims",
                "trace_id",
                "correlation_id",
                "error_uri",
                "timestamp",
                "message",
                "correlationId",
                "token_type",
                "expires_on",
            ];
            let body = fields.map(|name| (name.to_owned(), json!(all)));
            let body = serde_json::Value::Object(body.into_iter().collect()).to_string();
            let head = format!("HTTP/1.1 {kind}\r\nconnection: close");
            let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    }
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Head and body.
async fn read_request(socket: &mut TcpStream) -> String {
    let mut request = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| {
                let (name, value) = line.split_once(": ")?;
                name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
            });
            if body.len() >= length.unwrap_or(0) {
                return text;
            }
        }
        if socket.read_buf(&mut request).await.unwrap_or(0) == 0 {
            return text;
        }
    }
}

/// A store that tells the refresh tokens it was given.
#[derive(Debug, Clone, Default)]
pub(crate) struct Open(MemoryStore, Arc<Mutex<Vec<SecretString>>>);

impl Open {
    pub(crate) fn take(&self) -> Vec<String> {
        let kept = std::mem::take(&mut *self.1.lock().unwrap());
        let token = |text: &SecretString| {
            let kept: serde_json::Value = serde_json::from_str(text.expose_secret()).unwrap();
            kept["refresh_token"].as_str().unwrap().to_owned()
        };
        assert!(!kept.is_empty());
        kept.iter().map(token).collect()
    }
}

impl TokenStore for Open {
    fn load<'a>(
        &'a self,
        key: &'a StoreKey,
    ) -> BoxFuture<'a, Result<Option<SecretString>, AuthError>> {
        self.0.load(key)
    }

    fn save<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        self.1.lock().unwrap().push(value.clone());
        self.0.save(key, value)
    }

    fn delete<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<(), AuthError>> {
        self.0.delete(key)
    }
}

/// A browser that logs nothing of its own and tells the codes it carried.
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser(Arc<Mutex<Vec<String>>>);

impl Browser {
    pub(crate) fn take(&self) -> Vec<String> {
        let carried = std::mem::take(&mut *self.0.lock().unwrap());
        assert!(!carried.is_empty());
        carried
    }

    pub(crate) fn opener(
        &self,
        name: &'static str,
    ) -> impl Fn(&str) -> io::Result<()> + Send + Sync + 'static {
        let (browser, runtime) = (self.clone(), Handle::current());
        move |url| {
            let (browser, url) = (browser.clone(), url.to_owned());
            runtime.spawn(async move {
                let query = browser.sign_in(&url, name).await;
                let redirect = url::Url::parse(&url).unwrap();
                let to = redirect.query_pairs().find(|(name, _)| name == "redirect_uri").unwrap().1;
                get(&url::Url::parse(&format!("{to}?{query}")).unwrap()).await;
            });
            Ok(())
        }
    }

    /// Signs in at the page; gives the query that it sends the browser on with.
    pub(crate) async fn sign_in(&self, url: &str, name: &str) -> String {
        let mut url = url::Url::parse(url).unwrap();
        if !url.query_pairs().any(|(name, _)| name == "login_hint") {
            url.query_pairs_mut().append_pair("login_hint", name);
        }
        url.query_pairs_mut().append_pair("auto", "1");
        let answer = get(&url).await;
        let location = answer.lines().find_map(|line| line.strip_prefix("location: ")).unwrap();
        let location = url::Url::parse(location.trim()).unwrap();
        let code = location.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        self.0.lock().unwrap().push(code);
        location.query().unwrap().to_owned()
    }
}

/// One request on a socket of its own.
async fn get(url: &url::Url) -> String {
    let (host, port) = (url.host_str().unwrap(), url.port().unwrap());
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let head = format!("GET {target} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n\r\n");
    socket.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    answer
}
