//! An IoT Central application in memory: documents by path, lists in pages of
//! 25, and faults on demand. It knows as little of the platform as export and
//! restore need, and trusts every caller.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// Items on a page.
pub const PAGE: usize = 25;

/// A request as it came, with its path decoded.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Upper case.
    pub method: String,
    /// Below `/api/`, decoded.
    pub path: String,
    /// Still encoded.
    pub query: String,
    /// The body, or null.
    pub body: Value,
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Fate {
    /// It is served.
    Served,
    /// It fails with this status.
    Status(u16),
    /// It is served this body instead, as it is.
    Body(String),
    /// It is never answered; [`Application::stuck`] tells of it.
    Stuck,
}

type Rule = Box<dyn FnMut(usize, &Asked) -> Fate + Send>;

/// A running application; dropping it ends it.
#[derive(Debug)]
pub struct Application {
    url: String,
    state: Arc<Mutex<State>>,
    stuck: Arc<Notify>,
    task: JoinHandle<()>,
}

#[derive(Default)]
struct State {
    url: String,
    /// Lists by path, such as `devices/d1/relationships`.
    lists: BTreeMap<String, Vec<Value>>,
    /// Documents by path that are in no list, such as `fileUploads`.
    singles: BTreeMap<String, Value>,
    renames_templates: bool,
    asked: Vec<Asked>,
    stuck: usize,
    rule: Option<Rule>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("asked", &self.asked.len()).finish_non_exhaustive()
    }
}

impl Application {
    /// Starts an empty application on a free port of this machine.
    ///
    /// # Errors
    /// There is no port.
    pub async fn start() -> std::io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let state = State { url: url.clone(), ..State::default() };
        let (state, stuck) = (Arc::new(Mutex::new(state)), Arc::new(Notify::new()));
        let task = tokio::spawn(serve(listener, Arc::clone(&state), Arc::clone(&stuck)));
        Ok(Self { url, state, stuck, task })
    }

    /// The application's address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Sets a list.
    pub fn list(&self, path: &str, items: impl IntoIterator<Item = Value>) {
        self.lock().lists.insert(path.to_owned(), items.into_iter().collect());
    }

    /// Sets a document that is in no list.
    pub fn single(&self, path: &str, document: Value) {
        self.lock().singles.insert(path.to_owned(), document);
    }

    /// A list as it stands.
    #[must_use]
    pub fn items(&self, path: &str) -> Vec<Value> {
        self.lock().lists.get(path).cloned().unwrap_or_default()
    }

    /// A document as it stands, of a list or not.
    #[must_use]
    pub fn document(&self, path: &str) -> Option<Value> {
        self.lock().find(path)
    }

    /// Has the application choose the ids of templates itself.
    pub fn rename_templates(&self) {
        self.lock().renames_templates = true;
    }

    /// Decides the fate of each request from now on, by its number from 0.
    pub fn rule(&self, rule: impl FnMut(usize, &Asked) -> Fate + Send + 'static) {
        let mut state = self.lock();
        (state.asked, state.stuck) = Default::default();
        state.rule = Some(Box::new(rule));
    }

    /// Serves everything again.
    pub fn heal(&self) {
        let mut state = self.lock();
        state.asked.clear();
        state.rule = None;
    }

    /// The requests since the last rule.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        self.lock().asked.clone()
    }

    /// Waits until a request is stuck under the present rule.
    pub async fn stuck(&self) {
        while self.lock().stuck == 0 {
            self.stuck.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl Drop for Application {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn find(&self, path: &str) -> Option<Value> {
        if let Some(document) = self.singles.get(path) {
            return Some(document.clone());
        }
        let (list, id) = path.rsplit_once('/')?;
        self.lists.get(list)?.iter().find(|item| id_of(item) == id).cloned()
    }

    fn serve(&mut self, asked: &Asked) -> (u16, Value) {
        match asked.method.as_str() {
            "GET" => self.get(asked),
            "PUT" => self.put(&asked.path, asked.body.clone()),
            "PATCH" => self.patch(&asked.path, &asked.body),
            "DELETE" => self.delete(&asked.path),
            _ => refusal(404),
        }
    }

    fn get(&self, asked: &Asked) -> (u16, Value) {
        if let Some(document) = self.find(&asked.path) {
            return (200, document);
        }
        let items = match self.lists.get(&asked.path) {
            Some(items) => items.clone(),
            None if self.is_list(&asked.path) => Vec::new(),
            None => return refusal(404),
        };
        let token = asked.query.split('&').find_map(|part| part.strip_prefix("%24skiptoken="));
        let from: usize = token.and_then(|token| token.parse().ok()).unwrap_or(0);
        let to = from + PAGE;
        let mut page = json!({"value": items.iter().skip(from).take(PAGE).collect::<Vec<_>>()});
        if to < items.len() {
            let (url, path) = (&self.url, &asked.path);
            let link = format!("{url}/api/{path}?api-version=2022-07-31&%24skiptoken={to}");
            set(&mut page, "nextLink", &link);
        }
        (200, page)
    }

    /// Lists that are there although nothing is in them: those of the
    /// application, and those of an item that there is.
    fn is_list(&self, path: &str) -> bool {
        match path.rsplit_once('/') {
            None => path != "fileUploads",
            Some((item, list)) => {
                let known = ["relationships", "modules", "devices", "jobs"];
                known.contains(&list) && self.find(item).is_some()
            }
        }
    }

    fn patch(&mut self, path: &str, patch: &Value) -> (u16, Value) {
        let (list, id) = path.rsplit_once('/').unwrap_or_default();
        let items = self.lists.get_mut(list).into_iter().flatten();
        if let Some(item) = items.into_iter().find(|item| id_of(item) == id) {
            merge(item, patch);
            return (200, item.clone());
        }
        let document = self.singles.entry(path.to_owned()).or_insert_with(|| json!({}));
        merge(document, patch);
        (202, document.clone())
    }

    fn delete(&mut self, path: &str) -> (u16, Value) {
        let Some((list, id)) = path.rsplit_once('/') else { return refusal(404) };
        let items = self.lists.entry(list.to_owned()).or_default();
        let before = items.len();
        items.retain(|item| id_of(item) != id);
        if items.len() < before { (204, Value::Null) } else { refusal(404) }
    }

    fn put(&mut self, path: &str, mut document: Value) -> (u16, Value) {
        let Some((list, id)) = path.rsplit_once('/') else { return refusal(404) };
        if document.get("etag").is_some() {
            return refusal(412);
        }
        if id == "attestation" {
            self.singles.insert(path.to_owned(), document.clone());
            return (200, document);
        }
        if list == "devices"
            && let Some(template) = document.get("template").and_then(Value::as_str)
            && self.find(&format!("deviceTemplates/{template}")).is_none()
        {
            return refusal(400);
        }
        match list {
            "deviceTemplates" if self.renames_templates => {
                let here = format!("dtmi:modelDefinition:{}", id.replace(':', "_"));
                set(&mut document, "@id", &here);
            }
            "deviceTemplates" => {}
            "apiTokens" => {
                set(&mut document, "id", id);
                let mut answer = document.clone();
                set(&mut answer, "token", &format!("SharedAccessSignature canary {id}"));
                self.lists.entry(list.to_owned()).or_default().push(document);
                return (200, answer);
            }
            _ => set(&mut document, "id", id),
        }
        set(&mut document, "etag", "\"here\"");
        let items = self.lists.entry(list.to_owned()).or_default();
        match items.iter_mut().find(|item| id_of(item) == id_of(&document)) {
            Some(item) => *item = document.clone(),
            None => items.push(document.clone()),
        }
        (200, document)
    }
}

fn id_of(document: &Value) -> &str {
    let id = document.get("@id").or_else(|| document.get("id")).or_else(|| document.get("name"));
    id.and_then(Value::as_str).unwrap_or_default()
}

fn set(document: &mut Value, name: &str, value: &str) {
    if let Value::Object(members) = document {
        members.insert(name.to_owned(), value.into());
    }
}

/// RFC 7396, without taking away.
fn merge(document: &mut Value, patch: &Value) {
    match (document, patch) {
        (Value::Object(members), Value::Object(patch)) => {
            for (name, value) in patch {
                merge(members.entry(name).or_insert(Value::Null), value);
            }
        }
        (document, patch) => *document = patch.clone(),
    }
}

fn refusal(status: u16) -> (u16, Value) {
    (status, json!({"error": {"code": "Refused", "message": "No."}}))
}

async fn serve(listener: TcpListener, state: Arc<Mutex<State>>, stuck: Arc<Notify>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (state, stuck) = (Arc::clone(&state), Arc::clone(&stuck));
        let service =
            service_fn(move |request| answer(request, Arc::clone(&state), Arc::clone(&stuck)));
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service);
        // A connection that breaks is seen by the client under test.
        tokio::spawn(async { drop(connection.await) });
    }
}

async fn answer(
    request: Request<Incoming>,
    state: Arc<Mutex<State>>,
    stuck: Arc<Notify>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let path = parts.uri.path().trim_start_matches("/api/");
    let asked = Asked {
        method: parts.method.to_string(),
        path: percent_decode_str(path).decode_utf8_lossy().into_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body: serde_json::from_slice(&body).unwrap_or_default(),
    };
    let fate = {
        let mut state = lock(&state);
        let number = state.asked.len();
        state.asked.push(asked.clone());
        state.rule.as_mut().map_or(Fate::Served, |rule| rule(number, &asked))
    };
    let (status, body) = match fate {
        Fate::Served => {
            let (status, body) = lock(&state).serve(&asked);
            (status, body.to_string())
        }
        Fate::Status(status) => (status, refusal(status).1.to_string()),
        Fate::Body(body) => (200, body),
        Fate::Stuck => {
            lock(&state).stuck += 1;
            stuck.notify_one();
            std::future::pending().await
        }
    };
    let response = Response::builder().status(status).header("content-type", "application/json");
    Ok(response.body(Full::new(Bytes::from(body))).unwrap_or_default())
}
