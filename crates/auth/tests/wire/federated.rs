//! Client credentials with other issuers' tokens: from a callback, another
//! credential and a pod's token file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use twinkit_auth::{
    AssertionRequest, AssertionSource, AuthError, AuthErrorKind, BoxFuture, Credential,
    ExposeSecret, SecretString, WorkloadIdentityBuilder,
};

use crate::support::{
    Answer, SECRET, Server, Traces, all_texts, fields, json, request, token, with_headers,
};

const OUT_OF_TIME: &str = r#"{"error":"invalid_client","error_codes":[700024]}"#;

fn pod(server: &Server, file: &Path) -> WorkloadIdentityBuilder {
    Credential::workload_identity()
        .tenant("contoso.com")
        .client_id("app-id")
        .token_file(file)
        .authority(&server.url)
}

/// A folder that holds a token file with this content.
fn token_file(content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

fn sent_assertions(server: &Server) -> Vec<String> {
    server.requests().iter().map(|sent| fields(sent)["client_assertion"].clone()).collect()
}

#[tokio::test]
async fn a_pods_token_is_sent_as_it_is_in_the_file_now() {
    let (_folder, path) = token_file("one.b.c\r\n");
    let server = Server::start([]).await;
    let credential = pod(&server, &path).build().unwrap();
    let anew = request().with_force_refresh();
    credential.token(&anew).await.unwrap();
    std::fs::write(&path, "  two.b.c").unwrap();
    credential.token(&anew).await.unwrap();
    assert_eq!(sent_assertions(&server), ["one.b.c", "two.b.c"]);
    let form = fields(&server.requests()[0]);
    assert_eq!(form.len(), 5);
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["client_id"], "app-id");
    assert_eq!(form["scope"], "https://digitaltwins.azure.net/.default");
    assert!(form["client_assertion_type"].ends_with(":jwt-bearer"));
}

#[tokio::test]
async fn a_stale_token_is_read_again_once() {
    let (_folder, path) = token_file("stale.b.c");
    let refusal = |text: &'static str| {
        let path = path.clone();
        let action = move || std::fs::write(path, text).unwrap();
        let Answer::Text(answer) = json("401 x", OUT_OF_TIME) else { unreachable!() };
        Answer::After(Box::new(action), answer)
    };
    let server = Server::start([refusal("fresh.b.c"), token("t")]).await;
    pod(&server, &path).build().unwrap().token(&request()).await.unwrap();
    assert_eq!(sent_assertions(&server), ["stale.b.c", "fresh.b.c"]);

    let server = Server::start([refusal("x.b.c"), refusal("y.b.c"), token("t")]).await;
    let error = pod(&server, &path).build().unwrap().token(&request()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Rejected);
    assert!(error.hint().unwrap().contains("somebody renews it"), "{error}");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn a_file_that_holds_no_token_is_refused_unseen_and_nothing_is_sent() {
    let (traces, _guard) = Traces::start();
    let long = format!("canary.b.{}", "c".repeat(64 * 1024));
    let contents: [(&[u8], &str); 7] = [
        (b"", "is empty"),
        (b" \r\n", "is empty"),
        (b"canary", "not a JWT"),
        (b"canary.b\r\n.c", "not a JWT"),
        (b"canary.b.c.d.e", "not a JWT"),
        (b"canary.\xff.c", "not even text"),
        (long.as_bytes(), "larger than the limit of 65536 bytes"),
    ];
    let server = Server::start([]).await;
    for (content, said) in contents {
        let (_folder, path) = token_file(content);
        let error = pod(&server, &path).build().unwrap().token(&request()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Config, 0), "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.to_string().contains(&*path.to_string_lossy()), "{error}");
        assert!(!all_texts(&error).contains("canary"), "{error}");
    }
    let (folder, path) = token_file("a.b.c");
    for path in [folder.path(), &path.with_extension("none")] {
        let error = pod(&server, path).build().unwrap().token(&request()).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Config, 0), "{error}");
    }
    assert!(server.requests().is_empty());
    assert!(!traces.text().contains("canary"));
}

#[tokio::test]
async fn a_file_that_comes_late_is_found_at_once() {
    let (folder, path) = token_file("a.b.c");
    std::fs::remove_file(&path).unwrap();
    let server = Server::start([]).await;
    let credential = pod(&server, &path).build().unwrap();
    let error = credential.token(&request()).await.unwrap_err();
    assert!(error.to_string().contains("cannot be read"), "{error}");
    std::fs::write(&path, "a.b.c").unwrap();
    credential.token(&request()).await.unwrap();
    drop(folder);
}

#[tokio::test]
async fn a_changed_token_file_ends_the_memory_of_a_refusal() {
    let (_folder, path) = token_file("a.b.c");
    let refused = json("401 x", r#"{"error":"invalid_client","error_codes":[700213]}"#);
    let server = Server::start([refused, token("t")]).await;
    let credential = pod(&server, &path).build().unwrap();
    let error = credential.token(&request()).await.unwrap_err();
    assert!(error.hint().unwrap().contains("subject"), "{error}");
    assert!(credential.token(&request()).await.unwrap_err().is_remembered());
    std::fs::write(&path, "other.b.c").unwrap();
    credential.token(&request()).await.unwrap();
    assert_eq!(sent_assertions(&server), ["a.b.c", "other.b.c"]);
}

fn counting(server: &Server) -> Credential {
    let calls = Arc::new(AtomicUsize::new(0));
    Credential::client_assertion_with("contoso.com", "app-id", move || {
        let call = calls.fetch_add(1, Ordering::Relaxed);
        async move { Ok(SecretString::from(format!("call.b.{call}"))) }
    })
    .authority(&server.url)
    .build()
    .unwrap()
}

#[tokio::test]
async fn a_callback_is_asked_for_each_attempt() {
    let busy = with_headers("503 x", "retry-after: 0", "");
    let server = Server::start([busy, json("401 x", OUT_OF_TIME), token("t")]).await;
    counting(&server).token(&request()).await.unwrap();
    assert_eq!(sent_assertions(&server), ["call.b.0", "call.b.1", "call.b.2"]);
}

#[tokio::test]
async fn what_a_callback_gives_and_why_it_fails_reach_the_caller_only() {
    let server = Server::start([]).await;
    let with = |give: fn() -> Result<SecretString, AuthError>| {
        Credential::client_assertion_with("t", "app", move || async move { give() })
            .authority(&server.url)
            .build()
            .unwrap()
    };
    let no_jwt = with(|| Ok("canary".into())).token(&request()).await.unwrap_err();
    assert_eq!((no_jwt.kind(), no_jwt.attempts()), (AuthErrorKind::Config, 0));
    assert!(no_jwt.to_string().contains("the assertion is not a JWT"), "{no_jwt}");
    assert!(!all_texts(&no_jwt).contains("canary"));
    let vault = || Err(AuthError::new(AuthErrorKind::Denied, "vault", "the vault is closed"));
    let closed = with(vault).token(&request()).await.unwrap_err();
    assert_eq!((closed.kind(), closed.source_name()), (AuthErrorKind::Denied, "vault"));
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn a_source_is_told_what_the_assertion_is_for() {
    #[derive(Debug)]
    struct Telling(std::sync::Mutex<Vec<String>>);
    impl AssertionSource for &'static Telling {
        fn assertion<'a>(
            &'a self,
            wanted: AssertionRequest<'a>,
        ) -> BoxFuture<'a, Result<SecretString, AuthError>> {
            self.0.lock().unwrap().push(format!("{} {}", wanted.client_id, wanted.audience));
            Box::pin(async { Ok("a.b.c".into()) })
        }
    }
    let telling: &'static Telling = Box::leak(Box::new(Telling(Vec::new().into())));
    let server = Server::start([]).await;
    let builder = Credential::client_assertion("contoso.com", "app-id", telling);
    builder.authority(&server.url).build().unwrap().token(&request()).await.unwrap();
    let expected = format!("app-id {}/contoso.com/oauth2/v2.0/token", server.url);
    assert_eq!(*telling.0.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn another_credential_stands_in_for_a_secret() {
    let server = Server::start([token("first.b.c"), token("second")]).await;
    let identity = Credential::client_secret("home.example", "identity", SECRET)
        .authority(&server.url)
        .build()
        .unwrap();
    let credential = Credential::client_assertion("contoso.com", "app-id", identity)
        .authority(&server.url)
        .build()
        .unwrap();
    let token = credential.token(&request()).await.unwrap();
    assert_eq!(token.secret().expose_secret(), "second");
    let requests = server.requests();
    assert!(requests[0].starts_with("POST /home.example/"));
    assert_eq!(fields(&requests[0])["scope"], "api://AzureADTokenExchange/.default");
    assert_eq!(fields(&requests[1])["client_assertion"], "first.b.c");
}

#[tokio::test]
async fn assertions_are_never_shown() {
    const JWT: &str = "canary.b-_.c";
    let (_folder, path) = token_file(JWT);
    for answer in [|| Answer::Echo, || Answer::Close, || Answer::Flood] {
        let (traces, _guard) = Traces::start();
        let server = Server::start((0..6).map(|_| answer())).await;
        let callback = Credential::client_assertion_with("t", "app", || async { Ok(JWT.into()) });
        let credentials = [
            pod(&server, &path).build().unwrap(),
            callback.authority(&server.url).build().unwrap(),
        ];
        for credential in credentials {
            let error = credential.token(&request()).await.unwrap_err();
            let texts = all_texts(&error) + &format!("{credential:?}{credential:#?}");
            assert!(!texts.contains("canary"), "{texts}");
        }
        assert!(server.requests().iter().all(|sent| sent.contains(JWT)), "on the wire");
        let traced = traces.text();
        assert!(traced.contains("auth.token") && !traced.contains("canary"), "{traced}");
    }
}
