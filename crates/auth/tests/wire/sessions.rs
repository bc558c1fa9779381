//! What all sign-ins by a person share: each refresh token is used once, its
//! successor is kept before anything else happens, and only a refusal loses it.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use twinkit_auth::{
    AuthError, AuthErrorKind, BoxFuture, Credential, ExposeSecret, MemoryStore, SecretString,
    StoreKey, TokenRequest, TokenStore,
};

use crate::support::all_texts;
use crate::support::{
    Answer, Server, Traces, field, id_token, json, request, token, token_with, with_headers,
};

fn credential(server: &str, seed: &str, store: impl TokenStore + 'static) -> Credential {
    let builder = Credential::refresh_token("contoso.com", "app-id", seed);
    builder.authority(server).store(store).build().unwrap()
}

fn key(server: &str) -> StoreKey {
    StoreKey::new(server, "app-id", "contoso.com", "")
}

/// What a store keeps, as text.
async fn kept(store: &impl TokenStore, server: &str) -> Option<String> {
    let kept = store.load(&key(server)).await.unwrap();
    kept.map(|text| text.expose_secret().to_owned())
}

/// A service whose refresh tokens work once: `r-1` first, then each that it
/// gave. A second use ends the grant.
#[derive(Clone)]
struct Rotating {
    url: String,
    state: Arc<Mutex<(HashSet<String>, u32, bool)>>,
}

impl Rotating {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let valid = HashSet::from(["r-1".to_owned()]);
        let rotating = Self { url, state: Arc::new(Mutex::new((valid, 1, false))) };
        let service = rotating.clone();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let service = service.clone();
                tokio::spawn(async move {
                    let mut bytes = Vec::new();
                    let mut block = [0; 4096];
                    while !is_whole(&bytes) {
                        let count = socket.read(&mut block).await.unwrap();
                        bytes.extend_from_slice(&block[..count]);
                    }
                    let Answer::Text(answer) = service.answer(&String::from_utf8(bytes).unwrap())
                    else {
                        return;
                    };
                    let _ = socket.write_all(answer.as_bytes()).await;
                });
            }
        });
        rotating
    }

    fn answer(&self, request: &str) -> Answer {
        let mut state = self.state.lock().unwrap();
        let (valid, count, is_reused) = &mut *state;
        if !valid.remove(&field(request, "refresh_token")) {
            *is_reused = true;
            valid.clear();
            return json("400 Bad Request", r#"{"error":"invalid_grant"}"#);
        }
        *count += 1;
        let next = format!("r-{count}");
        valid.insert(next.clone());
        token_with(&format!("t-{count}"), &format!(r#""refresh_token":"{next}""#))
    }

    /// How many tokens were given, if none was used twice.
    fn given(&self) -> u32 {
        let state = self.state.lock().unwrap();
        assert!(!state.2, "a refresh token was used twice");
        state.1 - 1
    }
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.is_some_and(|length| body.len() >= length.parse().unwrap())
}

fn scope(index: usize) -> TokenRequest {
    TokenRequest::new([format!("https://api-{index}/.default")]).unwrap()
}

#[tokio::test]
async fn an_end_is_seen_whatever_the_refresh_token_is_like() {
    for seed in ["grant", "invalid_grant", "d"] {
        let server = Server::start([json("400 Bad Request", r#"{"error":"invalid_grant"}"#)]).await;
        let credential = credential(&server.url, seed, MemoryStore::new());
        let error = credential.token(&request()).await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::InteractionRequired, "{seed}");
        assert!(error.message().contains("has ended"), "{error}");
        assert!(all_texts(&error).contains("invalid_grant"), "{seed}: {error:?}");
    }
}

/// What a caller gets who has no runtime, and so cannot wait.
fn at_once<T>(asked: impl Future<Output = T>) -> T {
    let outcome = match pin!(asked).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => Some(outcome),
        Poll::Pending => None,
    };
    outcome.unwrap()
}

#[test]
fn without_a_runtime_the_error_says_so() {
    let session = Credential::device_code("organizations", "app-id", |_| {}).session().unwrap();
    assert!(!at_once(session.is_signed_in()).unwrap(), "the memory needs none");
    let error = at_once(session.sign_in(&request())).unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Config);
    assert!(error.to_string().contains("tokio runtime"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_refresh_token_is_used_once_by_fifty_callers_of_several_scopes() {
    let service = Rotating::start().await;
    let store = MemoryStore::new();
    let shared = credential(&service.url, "r-1", store.clone());
    let mut callers = Vec::new();
    for index in 0..50 {
        let credential = shared.clone();
        let wanted = scope(index % 5);
        let wanted = if index % 10 == 9 { wanted.with_force_refresh() } else { wanted };
        callers.push(tokio::spawn(async move { credential.token(&wanted).await.map(drop) }));
    }
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    let given = service.given();
    assert!((5..=10).contains(&given), "{given} tokens for five scopes");
    let last = format!(r#"{{"refresh_token":"r-{}"}}"#, given + 1);
    assert_eq!(kept(&store, &service.url).await, Some(last));

    // Two credentials over one store take turns as well.
    let other = credential(&service.url, "r-1", store.clone());
    let mut callers = Vec::new();
    for index in 0..20 {
        let credential = if index % 2 == 0 { shared.clone() } else { other.clone() };
        let wanted = scope(index).with_force_refresh();
        callers.push(tokio::spawn(async move { credential.token(&wanted).await.map(drop) }));
    }
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert_eq!(service.given(), given + 20);
}

#[tokio::test]
async fn the_successor_is_kept_even_if_the_caller_goes_away() {
    let server = Server::start([token_with("t", r#""refresh_token":"r-2""#)]).await;
    let store = MemoryStore::new();
    let credential = credential(&server.url, "r-1", store.clone());
    let wanted = request();
    tokio::select! {
        biased;
        _ = credential.token(&wanted) => panic!("too fast to be given up"),
        () = tokio::task::yield_now() => {}
    }
    // The flight is on its way: its task has run up to the first wait.
    for _ in 0..3 {
        tokio::task::yield_now().await;
    }
    drop(credential);
    let turn = loop {
        let turn = store.lock(&key(&server.url)).await.unwrap();
        if kept(&store, &server.url).await.is_some() {
            break turn;
        }
        drop(turn);
        tokio::task::yield_now().await;
    };
    drop(turn);
    assert_eq!(kept(&store, &server.url).await.as_deref(), Some(r#"{"refresh_token":"r-2"}"#));
}

#[tokio::test]
async fn a_refused_token_is_deleted_and_asks_for_a_person() {
    let refused =
        r#"{"error":"invalid_grant","error_description":"AADSTS700082: you sent canary-2"}"#;
    let server = Server::start([
        token_with("t", r#""refresh_token":"canary-2""#),
        json("400 Bad Request", refused),
    ])
    .await;
    let store = MemoryStore::new();
    let credential = credential(&server.url, "r-1", store.clone());
    credential.token(&request()).await.unwrap();
    let error = credential.token(&request().with_force_refresh()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired, "{error}");
    assert!(error.hint().unwrap().contains("sign in again"));
    assert!(!all_texts(&error).contains("canary"));
    assert_eq!(kept(&store, &server.url).await, None);
    let sent = server.requests();
    assert_eq!((sent.len(), field(&sent[1], "refresh_token").as_str()), (2, "canary-2"));
}

#[tokio::test]
async fn other_failures_lose_nothing() {
    let busy = || with_headers("503 x", "retry-after: 99", "");
    let no_client = || json("401 x", r#"{"error":"invalid_client"}"#);
    let step_up = || json("400 x", r#"{"error":"invalid_grant","suberror":"basic_action"}"#);
    let cases: [Vec<Answer>; 4] = [
        vec![busy()],
        vec![Answer::Close, Answer::Close, Answer::Close],
        vec![no_client()],
        vec![step_up()],
    ];
    for (index, answers) in cases.into_iter().enumerate() {
        let server = Server::start([token_with("t", r#""refresh_token":"r-2""#)]).await;
        let store = MemoryStore::new();
        let credential = credential(&server.url, "r-1", store.clone());
        credential.token(&request()).await.unwrap();
        answers.into_iter().for_each(|answer| server.then(answer));
        let again = request().with_force_refresh();
        let error = credential.token(&again).await.unwrap_err();
        assert_ne!(error.kind(), AuthErrorKind::Config, "case {index}");
        let last = kept(&store, &server.url).await;
        assert_eq!(last.as_deref(), Some(r#"{"refresh_token":"r-2"}"#), "case {index}");
        credential.token(&again).await.unwrap();
    }
}

#[tokio::test]
async fn a_kept_token_goes_before_the_given_one_which_is_tried_if_it_fails() {
    let refused = json("400 x", r#"{"error":"invalid_grant"}"#);
    let server = Server::start([refused, token_with("t", r#""refresh_token":"r-9""#)]).await;
    let store = MemoryStore::new();
    store.save(&key(&server.url), &r#"{"refresh_token":"old"}"#.into()).await.unwrap();
    let credential = credential(&server.url, "fresh", store.clone());
    credential.token(&request()).await.unwrap();
    let used: Vec<String> =
        server.requests().iter().map(|sent| field(sent, "refresh_token")).collect();
    assert_eq!(used, ["old", "fresh"]);
    assert_eq!(kept(&store, &server.url).await.as_deref(), Some(r#"{"refresh_token":"r-9"}"#));
}

#[tokio::test]
async fn what_is_kept_serves_a_later_process() {
    let payload = id_token(r#"{"preferred_username":"a@b","oid":"o"}"#);
    let answer = format!(r#""refresh_token":"r-2","id_token":"{payload}""#);
    let server = Server::start([token_with("t", &answer), token("u")]).await;
    let store = MemoryStore::new();
    credential(&server.url, "r-1", store.clone()).token(&request()).await.unwrap();
    let session = Credential::device_code("contoso.com", "app-id", |_| panic!("disturbed"))
        .authority(server.url.clone())
        .store(store)
        .session()
        .unwrap();
    assert_eq!(session.account().await.unwrap().unwrap().username.as_deref(), Some("a@b"));
    session.credential().token(&request()).await.unwrap();
    assert_eq!(field(&server.requests()[1], "refresh_token"), "r-2");
    assert!(session.account().await.unwrap().is_some(), "kept, as no other came");
}

/// A store that has gone bad.
#[derive(Debug)]
struct ReadOnly;

impl TokenStore for ReadOnly {
    fn load<'a>(
        &'a self,
        _key: &'a StoreKey,
    ) -> BoxFuture<'a, Result<Option<SecretString>, AuthError>> {
        Box::pin(async { Ok(None) })
    }

    fn save<'a>(
        &'a self,
        _key: &'a StoreKey,
        _value: &'a SecretString,
    ) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async { Err(AuthError::new(AuthErrorKind::Unavailable, "disk", "it is full")) })
    }

    fn delete<'a>(&'a self, _key: &'a StoreKey) -> BoxFuture<'a, Result<(), AuthError>> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn no_token_goes_out_before_its_successor_is_kept() {
    let server = Server::start([token_with("t", r#""refresh_token":"r-2""#)]).await;
    let error = credential(&server.url, "r-1", ReadOnly).token(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.source_name()), (AuthErrorKind::Unavailable, "disk"));
}

#[tokio::test]
async fn refresh_and_id_tokens_are_never_shown() {
    let echo = r#"{"error":"canary-r","error_description":"canary-r","suberror":"canary-r"}"#;
    let cases = [
        json("400 Bad Request", echo),
        json("200 OK", r#"{"access_token":"t","expires_in":9,"refresh_token":"canary-r"#),
        token_with("t", r#""refresh_token":["canary-r"]"#),
        token_with("", r#""id_token":"canary-r""#),
        json("403 x", "canary-r"),
        with_headers("302 x", "location: https://x.example/?canary-r", ""),
    ];
    for (index, answer) in cases.into_iter().enumerate() {
        let (traces, _guard) = Traces::start();
        let server = Server::start([answer]).await;
        let builder = Credential::refresh_token("t", "app-id", "canary-r");
        let builder = builder.authority(server.url.clone());
        let shown = format!("{builder:?}{builder:#?}");
        let session = builder.session().unwrap();
        let error = session.credential().token(&request()).await.unwrap_err();
        assert_eq!(field(&server.requests()[0], "refresh_token"), "canary-r");
        let texts = all_texts(&error) + &traces.text() + &shown + &format!("{session:#?}");
        assert!(!texts.contains("canary"), "case {index}: {texts}");
    }
    for bad in ["", "canary\n", "canaryä"] {
        let error = Credential::refresh_token("t", "app-id", bad).build().unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Config);
        assert!(!all_texts(&error).contains("canary"));
    }
}

#[cfg(feature = "file-store")]
mod files {
    use super::*;
    use std::process::Stdio;
    use twinkit_auth::FileStore;

    /// Set for the second process: the service's address and the folder.
    const OTHER: [&str; 2] = ["TWINKIT_TEST_SERVICE", "TWINKIT_TEST_FOLDER"];

    /// How often the second process refreshes.
    const TIMES: u32 = 40;

    async fn refresh(credential: &Credential) {
        credential.token(&request().with_force_refresh()).await.unwrap();
    }

    /// The second process of the test below; as a test of its own it has
    /// nothing to do.
    #[tokio::test]
    async fn the_other_process() {
        let [url, folder] = OTHER.map(|name| std::env::var(name).ok());
        if let (Some(url), Some(folder)) = (url, folder) {
            let credential = credential(&url, "r-1", FileStore::new(folder));
            for _ in 0..TIMES {
                refresh(&credential).await;
            }
        }
    }

    #[test]
    fn without_a_runtime_the_error_says_so() {
        let folder = tempfile::tempdir().unwrap();
        let session = Credential::device_code("organizations", "app-id", |_| {})
            .store(FileStore::new(folder.path().join("sign-ins")))
            .session()
            .unwrap();
        for error in
            [at_once(session.is_signed_in()).unwrap_err(), at_once(session.sign_out()).unwrap_err()]
        {
            assert_eq!(error.kind(), AuthErrorKind::Config);
            assert!(error.to_string().contains("tokio runtime"), "{error}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn two_processes_use_each_refresh_token_once() {
        let service = Rotating::start().await;
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("sign-ins").to_str().unwrap().to_owned();
        // The first refresh moves the sign-in from what was given to the store.
        let credential = credential(&service.url, "r-1", FileStore::new(&folder));
        refresh(&credential).await;
        let mut other = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "sessions::files::the_other_process"])
            .envs([(OTHER[0], &service.url), (OTHER[1], &folder)])
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut times = 1;
        let ended = loop {
            if let Some(ended) = other.try_wait().unwrap() {
                break ended;
            }
            refresh(&credential).await;
            times += 1;
        };
        assert!(ended.success());
        assert_eq!(service.given(), times + TIMES);
    }
}
