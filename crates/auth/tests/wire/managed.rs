//! Managed identity on the wire, host by host: what each is asked, what each
//! answers, and what attacks from its side come to.

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

use crate::support::{Answer, Server, Traces, all_texts, json, request, with_headers};
use tokio::time::Instant;
use twinkit_auth::{
    AuthError, AuthErrorKind, Credential, ExposeSecret, ManagedIdentityBuilder, TokenRequest,
};

const SECRET: &str = "canary-5F1E";

/// The kinds of hosts, each by the variables that tell it.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Host {
    AppService,
    MachineLearning,
    CloudShell,
    Imds,
}

const ALL: [Host; 4] = [Host::AppService, Host::MachineLearning, Host::CloudShell, Host::Imds];

fn builder(host: Host, url: &str) -> ManagedIdentityBuilder {
    let endpoint = format!("{url}/msi/token");
    let variables = match host {
        Host::AppService => {
            vec![("IDENTITY_ENDPOINT", endpoint), ("IDENTITY_HEADER", SECRET.to_owned())]
        }
        Host::MachineLearning => {
            vec![("MSI_ENDPOINT", endpoint), ("MSI_SECRET", SECRET.to_owned())]
        }
        Host::CloudShell => vec![("MSI_ENDPOINT", endpoint)],
        Host::Imds => vec![("AZURE_POD_IDENTITY_AUTHORITY_HOST", url.to_owned())],
    };
    with_variables(variables)
}

pub(crate) fn with_variables(variables: Vec<(&'static str, String)>) -> ManagedIdentityBuilder {
    Credential::managed_identity().environment(move |name| {
        let (_, value) = variables.iter().find(|(key, _)| *key == name)?;
        Some(OsString::from(value))
    })
}

async fn failure(host: Host, server: &Server) -> AuthError {
    builder(host, &server.url).build().unwrap().token(&request()).await.unwrap_err()
}

/// Head and body of the one request that `builder` makes.
async fn sent(
    host: Host,
    choose: impl Fn(ManagedIdentityBuilder) -> ManagedIdentityBuilder,
) -> (String, String) {
    let server = Server::start([]).await;
    let credential = choose(builder(host, &server.url)).build().unwrap();
    let token = credential.token(&request()).await.unwrap();
    assert_eq!(token.secret().expose_secret(), "later");
    let requests = server.requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    for never in ["x-forwarded", "forwarded:", "cookie", "accept-encoding", "referer"] {
        assert!(!head.to_lowercase().contains(never), "{head}");
    }
    assert!(head.contains("x-ms-client-request-id: ") && head.contains("accept: application/json"));
    (head.to_owned(), body.to_owned())
}

const RESOURCE: &str = "resource=https%3A%2F%2Fdigitaltwins.azure.net";

#[tokio::test]
async fn app_service_is_asked_as_documented() {
    let (head, _) = sent(Host::AppService, |b| b).await;
    assert!(
        head.starts_with(&format!("GET /msi/token?api-version=2019-08-01&{RESOURCE} HTTP/1.1\r\n")),
        "{head}"
    );
    assert!(head.contains(&format!("x-identity-header: {SECRET}\r\n")));
    assert!(head.contains("metadata: true\r\n"), "Automation needs it");
    for (choose, parameter) in choices("mi_res_id") {
        let (head, _) = sent(Host::AppService, choose).await;
        assert!(head.contains(&format!("{RESOURCE}&{parameter} HTTP")), "{head}");
    }
}

#[tokio::test]
async fn the_metadata_service_is_asked_as_documented() {
    let (head, _) = sent(Host::Imds, |b| b).await;
    let line = format!(
        "GET /metadata/identity/oauth2/token?api-version=2018-02-01&{RESOURCE} HTTP/1.1\r\n"
    );
    assert!(head.starts_with(&line), "{head}");
    assert!(head.contains("metadata: true\r\n"));
    for (choose, parameter) in choices("msi_res_id") {
        let (head, _) = sent(Host::Imds, choose).await;
        assert!(head.contains(&format!("{RESOURCE}&{parameter} HTTP")), "{head}");
    }
}

type Choose = fn(ManagedIdentityBuilder) -> ManagedIdentityBuilder;

fn choices(resource_id: &str) -> [(Choose, String); 3] {
    [
        (|b| b.client_id(" c-1 "), "client_id=c-1".to_owned()),
        (|b| b.object_id("o&1"), "object_id=o%261".to_owned()),
        (|b| b.resource_id("/subscriptions/s"), format!("{resource_id}=%2Fsubscriptions%2Fs")),
    ]
}

#[tokio::test]
async fn machine_learning_is_asked_as_documented() {
    let (head, _) = sent(Host::MachineLearning, |b| b).await;
    assert!(
        head.starts_with(&format!("GET /msi/token?api-version=2017-09-01&{RESOURCE} HTTP/1.1\r\n")),
        "{head}"
    );
    assert!(head.contains(&format!("\r\nsecret: {SECRET}\r\n")));
    let (head, _) = sent(Host::MachineLearning, |b| b.client_id("c")).await;
    assert!(head.contains(&format!("{RESOURCE}&clientid=c HTTP")), "{head}");
}

#[tokio::test]
async fn cloud_shell_is_asked_as_documented() {
    let (head, body) = sent(Host::CloudShell, |b| b).await;
    assert!(head.starts_with("POST /msi/token HTTP/1.1\r\n"), "{head}");
    assert!(head.contains("metadata: true\r\n"));
    assert!(head.contains("content-type: application/x-www-form-urlencoded"));
    assert_eq!(body, RESOURCE);
    let server = Server::start([]).await;
    let error = builder(Host::CloudShell, &server.url).client_id("c").build().unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Config);
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn tokens_of_every_documented_shape_are_taken() {
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(4_102_444_800); // 2100-01-01
    let day = SystemTime::now() + Duration::from_secs(86_400);
    let day = day.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    for (host, rest) in [
        (Host::AppService, format!(r#""expires_on":"{day}","resource":"r","client_id":"C""#)),
        (Host::MachineLearning, format!(r#""expires_on":{day}"#)),
        (Host::CloudShell, r#""expires_in":"86400""#.to_owned()),
        (
            Host::Imds,
            format!(
                r#""expires_in":"86399","ext_expires_in":"86399","expires_on":"{day}","not_before":"1","resource":"r","client_id":"c""#
            ),
        ),
    ] {
        let body = format!(r#"{{"access_token":"t","token_type":"Bearer",{rest}}}"#);
        let server = Server::start([json("200 OK", &body)]).await;
        let credential = builder(host, &server.url).build().unwrap();
        let token = credential.token(&request()).await.unwrap();
        let half = token.refresh_at().unwrap().duration_since(SystemTime::now()).unwrap();
        assert!(
            half > Duration::from_secs(43_000) && half <= Duration::from_secs(43_200),
            "{half:?}"
        );
        assert!(token.expires_at() < end);
        credential.token(&request()).await.unwrap();
        assert_eq!(server.requests().len(), 1, "the second came from the cache");
    }
}

#[tokio::test]
async fn what_hosts_cannot_do_is_refused_before_anything_is_sent() {
    let server = Server::start([]).await;
    let plain = request();
    let requests = [
        plain.clone().with_tenant("contoso.com").unwrap(),
        plain.clone().with_claims("{}").unwrap(),
        plain.clone().with_user_assertion("canary"),
        TokenRequest::new(["a/.default", "b/.default"]).unwrap(),
        TokenRequest::new(["/.default"]).unwrap(),
    ];
    for host in ALL {
        let credential = builder(host, &server.url).build().unwrap();
        for request in &requests {
            let error = credential.token(request).await.unwrap_err();
            assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Config, 0), "{error}");
        }
    }
    assert!(server.requests().is_empty());
    let credential = builder(Host::Imds, &server.url).build().unwrap();
    credential.token(&plain.with_cae()).await.unwrap();
}

#[tokio::test]
async fn documented_errors_have_their_kinds_and_hints() {
    use AuthErrorKind::{Rejected, Unavailable};
    let docker = "proxy: A socket operation was attempted to an unreachable network.";
    for (host, answer, kind, said, hint) in [
        (
            Host::Imds,
            json(
                "400 Bad Request",
                r#"{"error":"invalid_request","error_description":"Identity not found"}"#,
            ),
            Unavailable,
            "Identity not found",
            "az vm identity assign",
        ),
        (
            Host::Imds,
            json(
                "400 Bad Request",
                r#"{"error":"invalid_resource","error_description":"AADSTS500011: no"}"#,
            ),
            Rejected,
            "AADSTS500011",
            "check the scope",
        ),
        (
            Host::Imds,
            with_headers("403 Forbidden", "content-type: text/plain", docker),
            Unavailable,
            "unreachable",
            "no machine in Azure",
        ),
        (Host::Imds, json("403 Forbidden", r#"{"error":"x"}"#), Rejected, "x", "guest agent"),
        (
            Host::AppService,
            json(
                "400 Bad Request",
                r#"{"statusCode":400,"message":"No Managed Identity found","correlationId":"c-1"}"#,
            ),
            Rejected,
            "correlation id c-1",
            "az webapp identity assign",
        ),
        (Host::AppService, json("401 Unauthorized", ""), Rejected, "status 401", "IDENTITY_HEADER"),
        (
            Host::MachineLearning,
            json(
                "400 Bad Request",
                r#"{"error":{"code":"ManagedIdentityNotFound","message":"none"}}"#,
            ),
            Rejected,
            "ManagedIdentityNotFound: none",
            "az ml compute",
        ),
        (
            Host::CloudShell,
            json("400 Bad Request", r#"{"error":{"code":"AudienceNotSupported","message":"no"}}"#),
            Rejected,
            "AudienceNotSupported",
            "az login",
        ),
    ] {
        let server = Server::start([answer]).await;
        let error = failure(host, &server).await;
        assert_eq!((error.kind(), error.attempts()), (kind, 1), "{error}");
        assert!(error.to_string().contains(said), "{error}");
        assert!(error.hint().unwrap().contains(hint), "{error}");
        assert!(!error.to_string().contains(|c: char| c.is_control()));
    }
}

/// Lets the pauses between attempts pass at once.
async fn without_pauses<T>(server: &Server, outcome: impl Future<Output = T>) -> T {
    let (outcome, ()) = tokio::join!(outcome, server.stop_clock_at_first_request());
    tokio::time::resume();
    outcome
}

#[tokio::test]
async fn passing_failures_are_tried_again_as_each_host_wants() {
    for (host, statuses, attempts) in [
        (Host::Imds, vec!["404 x", "410 x", "429 x", "500 x", "503 x"], 6),
        (Host::AppService, vec!["429 x", "500 x", "503 x"], 3),
        (Host::AppService, vec!["404 x", "410 x"], 1),
    ] {
        for status in statuses {
            let answers = (0..9).map(|_| json(status, r#"{"error":"busy"}"#));
            let server = Server::start(answers).await;
            let error = without_pauses(&server, failure(host, &server)).await;
            assert_eq!(error.attempts(), attempts, "{host:?} {status}: {error}");
            assert_eq!(server.requests().len(), attempts as usize);
        }
    }
    let server = Server::start([json("410 Gone", "{}"), json("404 x", "{}")]).await;
    let credential = builder(Host::Imds, &server.url).build().unwrap();
    without_pauses(&server, credential.token(&request())).await.unwrap();
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_machine_of_another_cloud_is_no_host() {
    let server = Server::start([with_headers("404 x", "a: b", "<html>")]).await;
    let error = failure(Host::Imds, &server).await;
    assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Unavailable, 1), "{error}");
}

#[tokio::test]
async fn garbage_is_a_protocol_error_of_one_attempt() {
    for host in ALL {
        for answer in [
            json("200 OK", "<html>"),
            json("200 OK", ""),
            json("200 OK", "{}"),
            json("200 OK", r#"{"access_token":"","expires_on":"4000000000"}"#),
            json("200 OK", r#"{"access_token":"t","expires_on":"4000000000"}"#),
            json("200 OK", r#"{"access_token":"t","expires_on":"5"}"#),
            json("200 OK", r#"{"access_token":"t","token_type":"pop","expires_in":"99"}"#),
            json("200 OK", &"{\"a\":".repeat(10_000)),
            json("204 x", ""),
            Answer::Flood,
            Answer::Text("HTTP/1.1 200 OK\r\ncontent-length: 200000000\r\n\r\n{".into()),
        ] {
            let server = Server::start([answer]).await;
            let error = failure(host, &server).await;
            assert_eq!(
                (error.kind(), error.attempts() <= 1),
                (AuthErrorKind::Protocol, true),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for host in ALL {
        for status in ["301 x", "302 x", "307 x", "308 x"] {
            let elsewhere = Server::start([]).await;
            let location = format!("location: {}/steal?x", elsewhere.url);
            let server = Server::start([with_headers(status, &location, "")]).await;
            let error = failure(host, &server).await;
            assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Protocol, 1));
            assert!(
                error.to_string().contains(&elsewhere.url) && !error.to_string().contains("steal")
            );
            assert!(elsewhere.requests().is_empty());
        }
    }
}

#[tokio::test]
async fn a_long_retry_after_is_told_and_not_waited_for() {
    for host in ALL {
        let server = Server::start([with_headers("429 x", "retry-after: 99999999", "")]).await;
        let error = failure(host, &server).await;
        assert_eq!(error.retry_after(), Some(Duration::from_secs(99_999_999)));
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Transient, 1));
    }
}

#[tokio::test]
async fn hanging_and_dripping_answers_end_within_the_time_limits() {
    for host in ALL {
        for make in [|| Answer::Hang, || Answer::Drip] {
            let server = Server::start((0..6).map(|_| make())).await;
            let start = Instant::now();
            let error = without_pauses(&server, failure(host, &server)).await;
            assert_eq!(error.kind(), AuthErrorKind::Timeout, "{error}");
            assert!(start.elapsed() <= Duration::from_secs(121), "{:?}", start.elapsed());
        }
    }
}

#[tokio::test]
async fn broken_connections_are_tried_again() {
    let server = Server::start([Answer::Close]).await;
    let credential = builder(Host::AppService, &server.url).build().unwrap();
    credential.token(&request()).await.unwrap();
    assert_eq!(server.requests().len(), 2);
    let nobody = builder(Host::AppService, "http://127.0.0.1:1").build().unwrap();
    let error = nobody.token(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Transient, 3));
    assert!(error.hint().unwrap().contains("nobody listens"), "{error}");
}

#[tokio::test]
async fn the_hosts_secret_and_tokens_are_never_shown() {
    let fields =
        ["error", "error_description", "message", "correlationId", "trace_id", "timestamp"];
    let fields: Vec<String> = fields.iter().map(|name| format!(r#""{name}":"{SECRET}""#)).collect();
    let echo = || json("400 Bad Request", &format!("{{{}}}", fields.join(",")));
    let cases: Vec<(Host, Vec<Answer>)> = [Host::AppService, Host::MachineLearning]
        .into_iter()
        .flat_map(|host| {
            [
                (host, vec![echo()]),
                (host, vec![json("400 x", SECRET)]),
                (host, vec![json("200 OK", SECRET)]),
                (host, vec![json("200 OK", &format!(r#"{{"access_token":"{SECRET}"}}"#))]),
                (host, vec![with_headers("302 x", &format!("location: https://x/{SECRET}"), "")]),
                (
                    host,
                    vec![Answer::Text(format!("{SECRET}\r\n\r\n")), Answer::Close, Answer::Close],
                ),
            ]
        })
        .collect();
    for (index, (host, answers)) in cases.into_iter().enumerate() {
        let (traces, _guard) = Traces::start();
        let server = Server::start(answers).await;
        let builder = builder(host, &server.url);
        let credential = builder.clone().build().unwrap();
        let error = credential.token(&request()).await.unwrap_err();
        assert!(server.requests()[0].contains(SECRET), "case {index}: not on the wire");
        let traced = traces.text();
        assert!(
            traced.contains("auth.token") && traced.contains("authority=http://127"),
            "{traced}"
        );
        let texts = all_texts(&error) + &traced + &format!("{credential:?}{builder:?}{builder:#?}");
        assert!(!texts.contains("canary"), "case {index}: {texts}");
    }
    let (traces, _guard) = Traces::start();
    let body = r#"{"access_token":"canary","expires_in":"99"}"#;
    let server = Server::start([json("200 OK", body)]).await;
    let token = builder(Host::Imds, &server.url).build().unwrap().token(&request()).await.unwrap();
    assert!(!(traces.text() + &format!("{token:?}")).contains("canary"));
}

/// Set for the child process of the test below.
const TARGET: &str = "TWINKIT_TEST_IMDS";

/// Runs only as the child process: says what token it got.
#[tokio::test]
async fn child_asks_the_metadata_service() {
    let Ok(target) = std::env::var(TARGET) else { return };
    let credential = builder(Host::Imds, &target).build().unwrap();
    let token = credential.token(&request()).await.unwrap();
    println!("got {}", token.secret().expose_secret());
}

#[tokio::test]
async fn proxy_variables_are_passed_by() {
    let direct = crate::support::token("direct");
    let through = crate::support::token("through-the-proxy");
    let (service, proxy) = (Server::start([direct]).await, Server::start([through]).await);
    let mut child = tokio::process::Command::new(std::env::current_exe().unwrap());
    for name in ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"] {
        child.env(name, &proxy.url);
    }
    child.env_remove("no_proxy").env_remove("NO_PROXY").env(TARGET, &service.url);
    child.args(["--exact", "managed::child_asks_the_metadata_service", "--nocapture"]);
    let said = String::from_utf8(child.output().await.unwrap().stdout).unwrap();
    assert!(said.contains("got direct"), "{said}");
    assert!(proxy.requests().is_empty());
}
