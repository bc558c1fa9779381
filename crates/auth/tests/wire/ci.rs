//! The identities of jobs of GitHub Actions and Azure Pipelines: what their
//! services are asked, and what comes of odd answers.

use std::time::Duration;

use twinkit_auth::{AuthErrorKind, Credential};

use crate::support::{
    Answer, Server, Traces, all_texts, fields, json, request, token, with_headers,
};

const CONNECTION: &str = "01234567-89ab-cdef-0123-456789abcdef";
const TOKEN: &str = "canary-job/token";

fn github(ids: &Server, authority: &Server) -> Credential {
    Credential::github_actions("contoso.com", "app-id")
        .id_token_request(format!("{}/ids/1?api-version=2.0", ids.url), TOKEN)
        .authority(&authority.url)
        .build()
        .unwrap()
}

fn pipelines(ids: &Server, authority: &Server) -> Credential {
    Credential::azure_pipelines("contoso.com", "app-id", CONNECTION)
        .request_uri(format!("{}/org/oidctoken", ids.url))
        .system_access_token(TOKEN)
        .authority(&authority.url)
        .build()
        .unwrap()
}

type Make = fn(&Server, &Server) -> Credential;

const BOTH: [(Make, &str); 2] = [(github, "value"), (pipelines, "oidcToken")];

fn id_token(field: &str, token: &str) -> Answer {
    json("200 OK", &format!(r#"{{"{field}":"{token}","count":1}}"#))
}

#[tokio::test]
async fn github_is_asked_for_the_audience_with_the_jobs_token() {
    let (ids, authority) =
        (Server::start([id_token("value", "a.b.c")]).await, Server::start([]).await);
    github(&ids, &authority).token(&request()).await.unwrap();
    let asked = &ids.requests()[0];
    let line = "GET /ids/1?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange HTTP/1.1\r\n";
    assert!(asked.starts_with(line), "{asked}");
    assert!(asked.contains(&format!("authorization: Bearer {TOKEN}\r\n")), "{asked}");
    assert!(asked.contains("accept: application/json\r\n"), "{asked}");
    let exchanged = &authority.requests()[0];
    assert_eq!(fields(exchanged)["client_assertion"], "a.b.c");
    assert!(!exchanged.contains("canary"), "the job's token is for its own service only");
}

#[tokio::test]
async fn a_byte_order_mark_costs_neither_the_token_nor_the_reason() {
    let marked = |status, body| json(status, &format!("\u{feff}{body}"));
    let ids = Server::start([
        marked("200 OK", r#"{"value":"a.b.c"}"#),
        marked("403 x", r#"{"message":"not this job"}"#),
    ])
    .await;
    let authority = Server::start([]).await;
    let credential = github(&ids, &authority);
    credential.token(&request()).await.unwrap();
    let error = credential.token(&request().with_force_refresh()).await.unwrap_err();
    assert!(error.to_string().contains("not this job"), "{error}");
}

#[tokio::test]
async fn the_audience_can_be_set() {
    let (ids, authority) =
        (Server::start([id_token("value", "a.b.c")]).await, Server::start([]).await);
    Credential::github_actions("contoso.com", "app-id")
        .id_token_request(&ids.url, TOKEN)
        .audience(" api://other ")
        .authority(&authority.url)
        .build()
        .unwrap()
        .token(&request())
        .await
        .unwrap();
    assert!(ids.requests()[0].starts_with("GET /?audience=api%3A%2F%2Fother HTTP"));
}

#[tokio::test]
async fn pipelines_are_asked_for_the_service_connection() {
    let ids = Server::start([id_token("oidcToken", "a.b.c")]).await;
    let authority = Server::start([]).await;
    pipelines(&ids, &authority).token(&request()).await.unwrap();
    let asked = &ids.requests()[0];
    let line = format!(
        "POST /org/oidctoken?api-version=7.1&serviceConnectionId={CONNECTION} HTTP/1.1\r\n"
    );
    assert!(asked.starts_with(&line), "{asked}");
    for header in [
        &format!("authorization: Bearer {TOKEN}"),
        "x-tfs-fedauthredirect: Suppress",
        "content-type: application/json",
    ] {
        assert!(asked.contains(&format!("{header}\r\n")), "{header} missing in {asked}");
    }
    assert_eq!(asked.matches("content-length: 0\r\n").count(), 1, "{asked}");
    assert_eq!(fields(&authority.requests()[0])["client_assertion"], "a.b.c");
}

#[tokio::test]
async fn each_attempt_takes_a_new_id_token_and_passing_failures_are_tried_again() {
    for (make, field) in BOTH {
        let busy = || with_headers("503 x", "retry-after: 0", "");
        let ids = Server::start([busy(), id_token(field, "one.b.c"), id_token(field, "two.b.c")]);
        let (ids, authority) = (ids.await, Server::start([busy(), token("t")]).await);
        make(&ids, &authority).token(&request()).await.unwrap();
        let sent: Vec<String> = authority
            .requests()
            .iter()
            .map(|sent| fields(sent)["client_assertion"].clone())
            .collect();
        assert_eq!(sent, ["one.b.c", "two.b.c"]);
        assert_eq!(ids.requests().len(), 3);
    }
}

#[tokio::test]
async fn refusals_say_who_refused_and_what_to_do() {
    for (make, _) in BOTH {
        let headers = "content-type: application/json\nx-vss-e2eid: e2e-1\nx-msedge-ref: Ref A: 2";
        let said = r#"{"message":"not allowed\r\nhere"}"#;
        let ids = Server::start([with_headers("403 Forbidden", headers, said)]).await;
        let authority = Server::start([]).await;
        let error = make(&ids, &authority).token(&request()).await.unwrap_err();
        assert_eq!((error.kind(), error.http_status()), (AuthErrorKind::Rejected, Some(403)));
        assert_eq!(error.attempts(), 1);
        let line = error.to_string();
        assert!(line.contains(&ids.url) && line.contains("not allowed  here"), "{line}");
        match error.source_name() {
            "GitHub Actions" => assert!(line.contains("id-token: write"), "{line}"),
            name => {
                assert_eq!(name, "Azure Pipelines");
                assert!(line.contains("SYSTEM_ACCESSTOKEN"), "{line}");
                assert!(line.contains("x-vss-e2eid e2e-1, x-msedge-ref Ref A: 2"), "{line}");
            }
        }
        assert!(authority.requests().is_empty());
    }
}

#[tokio::test]
async fn the_services_wait_is_kept() {
    for (make, _) in BOTH {
        let ids = Server::start([with_headers("429 x", "retry-after: 3000", "")]).await;
        let error = make(&ids, &ids).token(&request()).await.unwrap_err();
        assert_eq!(error.kind(), AuthErrorKind::Transient);
        assert_eq!(error.retry_after(), Some(Duration::from_secs(3000)));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    for (make, _) in BOTH {
        for status in ["302 x", "307 x"] {
            let elsewhere = Server::start([]).await;
            let headers = format!("location: {}/_signin?{TOKEN}", elsewhere.url);
            let ids = Server::start([with_headers(status, &headers, "")]).await;
            let error = make(&ids, &elsewhere).token(&request()).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Protocol, 1));
            assert!(error.to_string().contains(&elsewhere.url), "{error}");
            assert!(!error.to_string().contains("signin"), "{error}");
            assert!(elsewhere.requests().is_empty());
        }
    }
}

#[tokio::test]
async fn answers_without_an_id_token_are_refused_unseen() {
    for (make, field) in BOTH {
        for answer in [
            json("200 OK", ""),
            json("200 OK", "{}"),
            json("200 OK", "<html>canary</html>"),
            json("200 OK", r#"["canary.b.c"]"#),
            json("200 OK", &format!(r#"{{"{field}":7}}"#)),
            json("200 OK", &format!(r#"{{"{field}":null,"other":"canary.b.c"}}"#)),
            json("200 OK", &format!(r#"{{"{field}":"canary.b.c"#)),
            json("200 OK", &"{\"a\":".repeat(10_000)),
            id_token(field, ""),
            id_token(field, "canary"),
            id_token(field, "canary.b c.d"),
            json("204 No Content", ""),
            json("203 x", &format!(r#"{{"{field}":"canary.b.c"}}"#)),
            Answer::Flood,
        ] {
            let (traces, _guard) = Traces::start();
            let ids = Server::start([answer]).await;
            let authority = Server::start([]).await;
            let error = make(&ids, &authority).token(&request()).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Protocol, 1), "{error}");
            let texts = all_texts(&error) + &traces.text();
            assert!(!texts.contains("canary"), "{texts}");
            assert!(authority.requests().is_empty());
        }
    }
}

#[tokio::test]
async fn a_service_that_does_not_answer_costs_limited_time() {
    for (make, _) in BOTH {
        let ids = Server::start([Answer::Hang, Answer::Drip, Answer::Hang]).await;
        let credential = make(&ids, &ids);
        let request = request();
        let (outcome, ()) =
            tokio::join!(credential.token(&request), ids.stop_clock_at_first_request());
        tokio::time::resume();
        assert_eq!(outcome.unwrap_err().kind(), AuthErrorKind::Timeout);
    }
}

#[tokio::test]
async fn the_jobs_token_is_never_shown() {
    for (make, field) in BOTH {
        for answer in [
            || Answer::Echo,
            || Answer::Close,
            || with_headers("302 x", "location: https://x.example/?canary-job/token", ""),
            || {
                with_headers(
                    "500 x",
                    "x-vss-e2eid: canary-job/token",
                    r#"{"message":"canary-job/token"}"#,
                )
            },
            || Answer::Text("canary-job/token\r\n\r\n".to_owned()),
        ] {
            let (traces, _guard) = Traces::start();
            let ids = Server::start((0..3).map(|_| answer())).await;
            let credential = make(&ids, &ids);
            let error = credential.token(&request()).await.unwrap_err();
            assert!(ids.requests()[0].contains(TOKEN), "on the wire");
            let texts =
                all_texts(&error) + &traces.text() + &format!("{credential:?}{credential:#?}");
            assert!(!texts.contains(TOKEN), "{texts}");
        }
        let ids = Server::start([id_token(field, "canary.b.c")]).await;
        let authority = Server::start([Answer::Echo]).await;
        let error = make(&ids, &authority).token(&request()).await.unwrap_err();
        assert!(!all_texts(&error).contains("canary"), "{error}");
    }
}

#[test]
fn settings_are_checked_before_anything_is_sent() {
    let github = |url: &str, token: &str| {
        Credential::github_actions("t", "app").id_token_request(url, token).build().unwrap_err()
    };
    for url in [
        "http://ids.example/?x",
        "https://canary:canary@ids.example",
        "https://ids.example/#canary",
        "ftp://ids.example",
        "canary",
    ] {
        let error = github(url, TOKEN);
        assert_eq!(error.kind(), AuthErrorKind::Config, "{url}");
        assert!(!all_texts(&error).contains("canary"), "{error}");
    }
    for token in ["", " ", "canary canary", "canary\r\nx: y"] {
        let error = github("https://ids.example", token);
        assert!(error.to_string().contains("token to ask"), "{error}");
        assert!(!all_texts(&error).contains("canary"), "{error}");
    }
    for connection in ["", "name", "01234567-89ab-cdef-0123-456789abcdef&x=1"] {
        let error = Credential::azure_pipelines("t", "app", connection)
            .request_uri("https://dev.example")
            .system_access_token(TOKEN)
            .build()
            .unwrap_err();
        assert!(error.to_string().contains("service connection"), "{error}");
    }
    let builder = Credential::github_actions("t", "app").id_token_request("https://x", TOKEN);
    let pipelines = Credential::azure_pipelines("t", "app", "x").system_access_token(TOKEN);
    assert!(!format!("{builder:?}{pipelines:?}").contains("canary"));
}
