//! Azure Arc on the wire: the challenge, the key file, and an agent that is an
//! impostor.

use std::fs;
use std::path::{Path, PathBuf};

use crate::managed::with_variables;
use crate::support::{Answer, Server, Traces, all_texts, json, request, with_headers};
use twinkit_auth::{AuthError, AuthErrorKind, ManagedIdentityBuilder};

const KEY: &str = "canary-key-0001";

/// A folder of keys that goes when the test ends.
struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        fs::create_dir(folder.keys()).unwrap();
        fs::write(folder.keys().join("good.key"), format!("{KEY}\n")).unwrap();
        folder
    }

    fn keys(&self) -> PathBuf {
        self.0.path().join("tokens")
    }
}

fn builder(server: &Server, folder: &Folder) -> ManagedIdentityBuilder {
    let variables = vec![
        ("IDENTITY_ENDPOINT", format!("{}/metadata/identity/oauth2/token", server.url)),
        ("IMDS_ENDPOINT", server.url.clone()),
    ];
    with_variables(variables).arc_key_folder(folder.keys())
}

fn challenge(path: &Path) -> Answer {
    let header = format!("www-authenticate: Basic realm={}", path.display());
    with_headers("401 Unauthorized", &header, "")
}

async fn failure(server: &Server, folder: &Folder) -> AuthError {
    builder(server, folder).build().unwrap().token(&request()).await.unwrap_err()
}

#[tokio::test]
async fn the_key_is_shown_on_the_second_request_only() {
    let folder = Folder::new();
    let server = Server::start([challenge(&folder.keys().join("good.key"))]).await;
    builder(&server, &folder).build().unwrap().token(&request()).await.unwrap();
    let requests = server.requests();
    let line = "GET /metadata/identity/oauth2/token?api-version=2020-06-01\
                &resource=https%3A%2F%2Fdigitaltwins.azure.net HTTP/1.1\r\n";
    for request in &requests {
        assert!(request.starts_with(line), "{request}");
        assert!(request.contains("metadata: true\r\n"));
    }
    assert!(!requests[0].contains("authorization"));
    assert!(requests[1].contains(&format!("authorization: Basic {KEY}\r\n")), "{}", requests[1]);
    assert_eq!(requests.len(), 2);
}

#[tokio::test]
async fn paths_outside_the_folder_and_odd_files_are_not_read() {
    let folder = Folder::new();
    let (root, keys) = (folder.0.path(), folder.keys());
    fs::write(root.join("outside.key"), KEY).unwrap();
    fs::write(keys.join("wrong.txt"), KEY).unwrap();
    fs::write(keys.join("large.key"), "canary".repeat(1000)).unwrap();
    fs::write(keys.join("empty.key"), " \n").unwrap();
    fs::write(keys.join("binary.key"), [0xff, 0xfe]).unwrap();
    fs::write(keys.join("control.key"), "canary\u{1}").unwrap();
    fs::create_dir(keys.join("below")).unwrap();
    fs::write(keys.join("below/deep.key"), KEY).unwrap();
    fs::create_dir(keys.join("folder.key")).unwrap();
    let mut paths = vec![
        root.join("outside.key"),
        keys.join("../outside.key"),
        keys.join("../tokens/good.key"),
        keys.join("wrong.txt"),
        keys.join("large.key"),
        keys.join("empty.key"),
        keys.join("binary.key"),
        keys.join("control.key"),
        keys.join("below/deep.key"),
        keys.join("folder.key"),
        keys.join("missing.key"),
        keys.join(".key"),
        PathBuf::from("good.key"),
        PathBuf::from("/etc/passwd"),
        keys.clone(),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(root.join("outside.key"), keys.join("link.key")).unwrap();
        std::os::unix::fs::symlink(keys.join("wrong.txt"), keys.join("ending.key")).unwrap();
        let made = std::process::Command::new("mkfifo").arg(keys.join("pipe.key")).status();
        assert!(made.unwrap().success());
        paths.extend(["link.key", "ending.key", "pipe.key"].map(|name| keys.join(name)));
    }
    for path in paths {
        let server = Server::start([challenge(&path)]).await;
        let error = failure(&server, &folder).await;
        assert_eq!(server.requests().len(), 1, "{path:?} was shown: {error}");
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Protocol, 1), "{path:?}");
        assert!(!all_texts(&error).contains("canary"), "{error}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn links_within_the_folder_and_to_it_are_followed() {
    let folder = Folder::new();
    let keys = folder.keys();
    std::os::unix::fs::symlink(keys.join("good.key"), keys.join("link.key")).unwrap();
    let server = Server::start([challenge(&keys.join("link.key"))]).await;
    builder(&server, &folder).build().unwrap().token(&request()).await.unwrap();
    let other = folder.0.path().join("other");
    std::os::unix::fs::symlink(&keys, &other).unwrap();
    let server = Server::start([challenge(&other.join("good.key"))]).await;
    let builder = builder(&server, &folder).arc_key_folder(&other);
    builder.build().unwrap().token(&request()).await.unwrap();
}

#[tokio::test]
async fn other_challenges_are_refused() {
    let folder = Folder::new();
    let good = folder.keys().join("good.key");
    let good = good.display();
    for answer in [
        with_headers("401 x", "a: b", ""),
        with_headers("401 x", &format!("www-authenticate: Bearer realm={good}"), ""),
        with_headers("401 x", &format!("www-authenticate: Digest realm={good}"), ""),
        with_headers(
            "401 x",
            &format!("www-authenticate: Basic realm={good}, Basic realm={good}"),
            "",
        ),
        with_headers(
            "401 x",
            &format!("www-authenticate: Basic realm={good}\nwww-authenticate: Basic realm={good}"),
            "",
        ),
        json("200 OK", r#"{"access_token":"canary","expires_in":"99"}"#),
    ] {
        let server = Server::start([answer]).await;
        let error = failure(&server, &folder).await;
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Protocol, 1), "{error}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn an_agent_that_passes_over_the_identity_asked_for_is_not_believed() {
    let folder = Folder::new();
    let good = folder.keys().join("good.key");
    let answer =
        |rest: &str| json("200 OK", &format!(r#"{{"access_token":"t","expires_in":"99"{rest}}}"#));
    for (rest, taken) in [
        ("", false),
        (r#","client_id":"other""#, false),
        (r#","client_id":7"#, false),
        (r#","object_id":"c-ID""#, false),
        (r#","client_id":"C-id""#, true),
    ] {
        let server = Server::start([challenge(&good), answer(rest)]).await;
        let credential = builder(&server, &folder).client_id("c-ID").build().unwrap();
        let outcome = credential.token(&request()).await;
        assert!(server.requests()[0].contains("&client_id=c-ID HTTP"));
        match outcome {
            Ok(_) => assert!(taken, "{rest}"),
            Err(error) => {
                assert_eq!((error.kind(), taken), (AuthErrorKind::Protocol, false), "{error}");
                assert!(error.hint().unwrap().contains("upgrade"), "{error}");
            }
        }
    }
    let server = Server::start([challenge(&good), answer(r#","msi_res_id":"/R""#)]).await;
    let builder = builder(&server, &folder).resource_id("/r");
    builder.build().unwrap().token(&request()).await.unwrap();
    assert!(server.requests()[1].contains("&msi_res_id=%2Fr HTTP"));
}

#[tokio::test]
async fn the_key_is_never_shown() {
    let folder = Folder::new();
    let body = format!(r#"{{"error":"{KEY}","error_description":"Basic {KEY}"}}"#);
    for answers in [
        vec![json("401 x", &body)],
        vec![json("400 x", &body)],
        vec![json("200 OK", KEY)],
        vec![with_headers("302 x", &format!("location: https://x/{KEY}"), "")],
    ] {
        let (traces, _guard) = Traces::start();
        let answers = [challenge(&folder.keys().join("good.key"))].into_iter().chain(answers);
        let server = Server::start(answers).await;
        let credential = builder(&server, &folder).build().unwrap();
        let error = credential.token(&request()).await.unwrap_err();
        assert!(server.requests()[1].contains(KEY), "not on the wire");
        let texts = all_texts(&error) + &traces.text() + &format!("{credential:?}");
        assert!(!texts.contains("canary-key"), "{texts}");
    }
}

#[tokio::test]
async fn a_stopped_agent_is_named() {
    let folder = Folder::new();
    let mut server = Server::start([]).await;
    server.url = "http://127.0.0.1:1".to_owned();
    let error = failure(&server, &folder).await;
    assert_eq!(error.kind(), AuthErrorKind::Transient);
    assert!(error.hint().unwrap().contains("himds"), "{error}");
}
