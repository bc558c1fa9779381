//! Whatever a caller or a server gets wrong ends in an error that says so,
//! before anything is sent where that can be known.

use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;
use twinkit_auth::{AuthErrorKind, Credential, HttpClientConfig, SecretString};
use twinkit_digital_twins::{CallOptions, Client, ErrorKind, Json, JsonPatch, TwinId};
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{Application, Role};
use twinkit_tests::support::recorder::{Canned, Recorder};
use twinkit_tests::support::stage::Stage;
use twinkit_tests::support::token;

use crate::support::{hasty, requests};

#[tokio::test]
async fn endpoints_that_cannot_be_meant_are_refused_when_the_client_is_made() {
    for (endpoint, part) in [
        ("", "URL"),
        ("instance.api.weu.digitaltwins.azure.net", "https"),
        ("ftp://instance.example", "https"),
        ("http://instance.example", "clear text"),
        ("http://127.0.0.1.example", "clear text"),
        ("https://user:password@instance.example", "password"),
        ("https://instance.example/?a=b", "query"),
        ("https://instance.example/#a", "fragment"),
        ("https://", "URL"),
    ] {
        let error = Client::builder(endpoint, token::fixed("t")).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{endpoint}");
        assert!(error.to_string().contains(part), "{endpoint}: {error}");
        assert!(!error.to_string().contains("user:password"), "{error}");
    }
    let allowed = Client::builder("http://instance.example", token::fixed("t")).allow_http(true);
    assert!(allowed.build().is_ok());
    for endpoint in ["http://localhost:1", "http://127.0.0.1:1/", "http://[::1]:1"] {
        assert!(Client::builder(endpoint, token::fixed("t")).build().is_ok(), "{endpoint}");
    }
}

#[tokio::test]
async fn nobody_listens() {
    let recorder = Recorder::start().await.unwrap();
    let endpoint = recorder.url().to_owned();
    drop(recorder);
    tokio::task::yield_now().await;
    let client = Client::builder(endpoint, token::fixed("t")).build().unwrap();
    let client = client.with_options(CallOptions::new().max_retries(1));
    let error = client.get_twin().id("a").send().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 2), "{error}");
    assert!(error.is_retryable());
}

#[tokio::test]
async fn something_else_listens() {
    let recorder = Recorder::start().await.unwrap();
    let client = Client::builder(recorder.url(), token::fixed("t")).build().unwrap();
    let client = client.with_options(CallOptions::new().no_retry());
    for (status, content, kind) in [
        (200, Some(("text/html", json!("<html>"))), ErrorKind::Decode),
        (200, None, ErrorKind::Decode),
        (204, None, ErrorKind::Decode),
        (302, None, ErrorKind::Service),
        (404, Some(("text/plain", json!("nothing"))), ErrorKind::NotFound),
        (418, Some(("application/json", json!([1]))), ErrorKind::Rejected),
        (403, Some(("application/json", json!({"error": null}))), ErrorKind::Denied),
        (400, Some(("application/json", json!({"error": {"code": {}}}))), ErrorKind::Rejected),
        (999, None, ErrorKind::Service),
    ] {
        let content = content.map(|(media, body)| (media.to_owned(), body));
        let headers = vec![("location".to_owned(), "https://elsewhere.example/".to_owned())];
        recorder.answer_with(Canned { status, headers, content });
        let models = client.list_models().send().await.unwrap_err();
        assert_eq!(models.kind(), kind, "{status}: {models}");
        assert_eq!(recorder.take().len(), 1, "{status}: redirects are not followed");
        assert!(!models.to_string().contains('\n'), "{models}");
    }
}

#[tokio::test]
async fn a_certificate_that_is_not_trusted_is_final_and_explained() {
    let emulator = Emulator::builder().tls(true).start().await.unwrap();
    let url = emulator.digital_twins_url();
    let client = Client::builder(url, token::fixed("t")).build().unwrap();
    let error = client.get_twin().id("a").send().await.unwrap_err();
    assert_eq!(error.attempts(), 1, "{error}");
    assert!(error.hint().unwrap().contains("certificate"), "{:?}", error.hint());

    // With the authority given, the whole way works.
    let trusted = Credential::client_secret(
        emulator.tenant_id(),
        emulator.client_id(),
        emulator.client_secret(),
    )
    .authority(emulator.authority_url())
    .http(HttpClientConfig::new().with_ca_pem(emulator.ca_pem().unwrap()))
    .build()
    .unwrap();
    let client = Client::builder(url, trusted).ca_pem(emulator.ca_pem().unwrap()).build().unwrap();
    assert!(client.get_twin().id("a").send().await.unwrap_err().is_not_found());
}

#[tokio::test]
async fn plain_http_to_a_port_that_speaks_tls_fails_clearly() {
    let emulator = Emulator::builder().tls(true).start().await.unwrap();
    let endpoint = emulator.digital_twins_url().replace("https", "http");
    let client = Client::builder(endpoint, token::fixed("t")).build().unwrap();
    let client = client.with_options(CallOptions::new().no_retry());
    let error = client.get_twin().id("a").send().await.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Transport | ErrorKind::Rejected), "{error}");
}

#[tokio::test]
async fn sign_in_that_is_refused_says_why() {
    let stage = Stage::seeded().await.unwrap();
    let emulator = &stage.emulator;
    for (tenant, client_id, secret) in [
        (emulator.tenant_id(), emulator.client_id(), "wrong"),
        (emulator.tenant_id(), "44444444-4444-4444-4444-444444444444", emulator.client_secret()),
        ("55555555-5555-5555-5555-555555555555", emulator.client_id(), emulator.client_secret()),
    ] {
        let credential = Credential::client_secret(tenant, client_id, secret)
            .authority(emulator.authority_url())
            .build()
            .unwrap();
        let client = Client::builder(emulator.digital_twins_url(), credential).build().unwrap();
        let error = client.get_twin().id("room-1").send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auth, "{error}");
        assert!(error.to_string().contains("AADSTS"), "{error}");
    }
    assert_eq!(requests(&stage), 0, "the service is not asked without a token");
    for (tenant, client_id, secret) in [("", "a", "b"), ("a b/c", "a", "b"), ("a", "b", "")] {
        let credential = Credential::client_secret(tenant, client_id, secret).build();
        assert_eq!(credential.unwrap_err().kind(), AuthErrorKind::Config);
    }
}

#[tokio::test]
async fn tokens_that_are_wrong_or_expired() {
    let stage = Stage::seeded().await.unwrap();
    let url = stage.emulator.digital_twins_url();
    for text in ["nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."] {
        let client = Client::builder(url, token::fixed(text)).build().unwrap();
        let error = client.get_twin().id("room-1").send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        assert_eq!(error.status().unwrap().as_u16(), 401);
    }
    // A token that the service holds for expired is renewed by the way.
    let client = hasty(&stage);
    client.get_twin().id("room-1").send().await.unwrap();
    stage.emulator.clock().advance(Duration::from_secs(2 * 3600));
    client.get_twin().id("room-1").send().await.unwrap();
}

#[tokio::test]
async fn a_reader_may_read() {
    let stage = Stage::seeded().await.unwrap();
    let secret = SecretString::from("reader-secret");
    let application = Application::new(secret.clone());
    let (client_id, object) = (application.client_id.clone(), application.object_id.clone());
    stage.emulator.directory().add_application(application).unwrap();
    stage.emulator.directory().assign("digital-twins", &object, Role::DataReader);
    let credential = Credential::client_secret(stage.emulator.tenant_id(), client_id, secret)
        .authority(stage.emulator.authority_url())
        .build()
        .unwrap();
    let client = Client::builder(stage.emulator.digital_twins_url(), credential).build().unwrap();
    client.get_twin().id("room-1").send().await.unwrap();
    let rows = client.query("SELECT * FROM DIGITALTWINS").rows::<Json>();
    assert_eq!(rows.count().await, 3);
    let error = client.delete_twin().id("room-1").send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
}

#[tokio::test]
async fn values_that_cannot_be_meant_are_refused_before_anything_is_sent() {
    let recorder = Recorder::start().await.unwrap();
    let client = Client::builder(recorder.url(), token::fixed("t")).build().unwrap();
    let long = "x".repeat(129);
    let errors = [
        client.get_twin().send().await.unwrap_err(),
        client.get_twin().id("").send().await.unwrap_err(),
        client.get_twin().id(".").send().await.unwrap_err(),
        client.get_twin().id("..").send().await.unwrap_err(),
        client.get_twin().id("a\nb").send().await.unwrap_err(),
        client.get_twin().id(long.as_str()).send().await.unwrap_err(),
        client.get_component().id("a").component_path("..").send().await.unwrap_err(),
        client.get_model().id("").send().await.unwrap_err(),
        client
            .update_twin()
            .id("a")
            .if_match("tag\r\nX: y")
            .body(JsonPatch::new())
            .send()
            .await
            .unwrap_err(),
        client
            .update_twin()
            .id("a")
            .body(JsonPatch::new().add("no-slash", 1))
            .send()
            .await
            .unwrap_err(),
        client
            .put_twin()
            .id("a")
            .if_none_match("W/\"1\"")
            .body(Json::from(json!({})))
            .send()
            .await
            .unwrap_err(),
        client
            .send_telemetry()
            .id("a")
            .message_id("é")
            .body(Json::from(json!({})))
            .send()
            .await
            .unwrap_err(),
        client
            .with_options(CallOptions::new().header("Authorization", "mine"))
            .get_twin()
            .id("a")
            .send()
            .await
            .unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        assert_eq!(error.attempts(), 0, "{error}");
    }
    for (text, name) in [("T.x = $a", "b"), ("T.x = $a AND T.y = '", "a"), ("$dtId", "dtId")] {
        let mut rows = client.query(text).bind(name, 1).rows::<Json>();
        let error = rows.next().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest, "{error}");
        assert!(rows.next().await.is_none());
    }
    assert!(client.query("T.x = $x").bind("x", f64::NAN).to_text().is_err());
    assert!(recorder.take().is_empty());
}

#[tokio::test]
async fn ids_of_any_characters_arrive_as_they_are() {
    let stage = Stage::seeded().await.unwrap();
    for text in ["a/b", "a?b#c", "50%2F", "a\\b", "ä ö;:@&=+$,", "...", "*", "日本😀", "a..b"]
    {
        let id = TwinId::new(text).unwrap();
        let room = twinkit_tests::support::stage::room(text, "x", 1.0);
        let put = stage.client.put_twin().id(&id).body(Json::from(room)).send().await;
        match put {
            Ok(stored) => {
                let twin: serde_json::Value = stored.parse().unwrap();
                assert_eq!(twin["$dtId"], text);
                stage.client.delete_twin().id(&id).send().await.unwrap();
            }
            // The service has rules of its own for ids; it must see this one.
            Err(error) => assert_eq!(error.code(), Some("InvalidArgument"), "{text}: {error}"),
        }
    }
}
