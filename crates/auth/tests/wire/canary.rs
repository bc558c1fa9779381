//! Canary secrets through every failure: none may show in `Display`, `Debug`,
//! the chain of sources, or traces at the finest level. Each case first shows
//! that the secret did reach the wire.

use crate::support::{
    Answer, ENCODED, SECRET, Server, Traces, all_texts, credential, json, request, with_headers,
};
use twinkit_auth::{Authorizer, BearerAuthorizer, Credential, Origin, StaticAuthorizer};

/// An error answer that repeats the secret in every field and header.
fn echo() -> Answer {
    let secret = SECRET;
    let fields = ["error", "error_description", "suberror", "claims", "trace_id", "correlation_id"];
    let mut body: Vec<String> =
        fields.iter().map(|name| format!(r#""{name}":"AADSTS1: {secret} {ENCODED}""#)).collect();
    body.push(format!(r#""error_uri":"https://x?{secret}","timestamp":"{ENCODED}""#));
    json("400 Bad Request", &format!("{{{}}}", body.join(",")))
}

#[tokio::test]
async fn the_client_secret_is_never_shown() {
    let page = format!("<html>{SECRET} {ENCODED}</html>");
    let cases: Vec<Vec<Answer>> = vec![
        vec![echo()],
        vec![with_headers("403 x", "content-type: text/html", &page)],
        vec![with_headers("200 OK", "content-type: text/html", &page)],
        vec![with_headers("403 x", &format!("content-type: {ENCODED}"), "")],
        vec![with_headers("302 x", &format!("location: https://x.example/?{ENCODED}"), "")],
        vec![with_headers("200 OK", "x-bad: 1", &format!(r#"{{"access_token":"{SECRET}"#))],
        vec![json("200 OK", &format!(r#"{{"access_token":"{SECRET}","expires_in":60}}"#))],
        vec![json("200 OK", &format!(r#"{{"access_token":"t","expires_in":"{SECRET}"}}"#))],
        vec![Answer::Text(format!("{SECRET}\r\n\r\n")), Answer::Close, Answer::Close],
        vec![Answer::Hang, Answer::Hang, Answer::Hang],
        vec![Answer::Flood],
    ];
    for (index, answers) in cases.into_iter().enumerate() {
        let (traces, _guard) = Traces::start();
        let server = Server::start(answers).await;
        let credential = credential(&server.url);
        let request = request();
        let (outcome, ()) =
            tokio::join!(credential.token(&request), server.stop_clock_at_first_request());
        tokio::time::resume();
        let error = outcome.unwrap_err();
        assert!(server.requests()[0].contains(ENCODED), "case {index}: not on the wire");
        let traced = traces.text();
        assert!(traced.contains("auth.token") && traced.contains("outcome="), "case {index}");
        let texts = all_texts(&error) + &traced + &format!("{credential:?}{credential:#?}");
        for secret in [SECRET, ENCODED, "canary"] {
            assert!(!texts.contains(secret), "case {index} shows {secret}: {texts}");
        }
    }
}

#[tokio::test]
async fn a_secret_made_of_common_words_leaves_the_errors_words_whole() {
    let said = r#"{"error":"invalid_client","error_description":"no client-secret, see docs"}"#;
    for (secret, shown) in [
        ("client-secret", "invalid_client: no [redacted], see docs"),
        ("client", "invalid_client: no [redacted]-secret, see docs"),
        ("s", "invalid_client: no client-secret, see docs"),
        ("é", "invalid_client: no client-secret, see docs"),
    ] {
        let server = Server::start([json("401 Unauthorized", said)]).await;
        let builder = Credential::client_secret("contoso.com", "app-id", secret);
        let credential = builder.authority(&server.url).build().unwrap();
        let error = credential.token(&request()).await.unwrap_err();
        assert_eq!(error.error(), Some("invalid_client"));
        assert!(error.to_string().contains(shown), "{error}");
    }
}

#[tokio::test]
async fn tokens_are_never_shown() {
    let (traces, _guard) = Traces::start();
    let server = Server::start([crate::support::token("canary")]).await;
    let origin = Origin::parse("https://a.example").unwrap();
    let credential = credential(&server.url);
    let authorizer = BearerAuthorizer::for_request(credential.clone(), request(), origin);
    let mut http =
        reqwest::Request::new(reqwest::Method::GET, "https://a.example/".parse().unwrap());
    let used = authorizer.authorize(&mut http).await.unwrap();
    let value = &http.headers()["authorization"];
    assert_eq!(value, "Bearer canary");
    assert!(value.is_sensitive());
    let texts = format!("{http:?}{http:#?}{used:?}{used:#?}{authorizer:?}{credential:?}");
    assert!(!(texts + &traces.text()).contains("canary"));
}

#[test]
fn fixed_values_are_never_shown() {
    let origin = Origin::parse("https://a.example").unwrap();
    let good = StaticAuthorizer::new("canary sr=x&sig=canary", origin.clone()).unwrap();
    assert!(!format!("{good:?}{good:#?}").contains("canary"));
    for bad in ["canary\n", " canary", "canary\u{e4}", "canary\0"] {
        let error = StaticAuthorizer::new(bad, origin.clone()).unwrap_err();
        assert!(!all_texts(&error).contains("canary"), "{bad:?}");
    }
}

#[tokio::test]
async fn the_span_says_who_where_and_how_it_went() {
    let (traces, _guard) = Traces::start();
    let server = Server::start([]).await;
    credential(&server.url).token(&request()).await.unwrap();
    let traced = traces.text();
    for part in [
        "source=\"client secret\"",
        "scopes=[\"https://digitaltwins.azure.net/.default\"]",
        "mode=\"fetch\"",
        "request_id=",
        &format!("authority={}", server.url),
        "tenant=\"contoso.com\"",
        "attempts=1",
        "status=200",
        "outcome=\"token\"",
        "elapsed_ms=",
    ] {
        assert!(traced.contains(part), "{part} missing in {traced}");
    }
}
