//! What holds for all operations: versions, paths, callers, headers, rates.

use std::time::Duration;

use serde_json::json;
use twinkit_emulator::{
    Emulator,
    ims::SERVICE_CLIENT_ID,
    itwin::{Config, Rates},
};

use crate::support::{MISSING, Stage};

#[tokio::test]
async fn the_accept_header_chooses_the_version() {
    let stage = Stage::new().await;
    for (version, path, served) in [
        (0, "/users/me", true),
        (1, "/users/me", true),
        (2, "/users/me", false),
        (0, "/itwins", true),
        (2, "/itwins", false),
        (0, "/accesscontrol/itwins/permissions", false),
        (2, "/accesscontrol/itwins/permissions", true),
        (3, "/accesscontrol/itwins/permissions", false),
        (0, "/imodels/favorites", false),
        (0, "/imodels?projectId=ae37b1f2", false),
        (3, "/imodels", false),
    ] {
        let answer = stage.ada.version(version).get(path).await;
        let told = answer.headers["x-itwinplatform-media-type"].to_str().unwrap().to_owned();
        assert_eq!(told, format!("bentley.itwin-platform.v{}", version.max(1)));
        match served {
            true => drop(answer.expect(200)),
            false => drop(answer.refused(404, "ResourceNotFound")),
        }
    }
}

#[tokio::test]
async fn the_list_of_imodels_without_a_version_asks_for_a_project() {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("Bridge").await;
    let path = format!("/imodels?iTwinId={itwin}");
    let first = [("accept", "application/vnd.bentley.itwin-platform.v1+json")];
    for headers in [&[][..], &first] {
        let answer = stage.ada.version(0).send("GET", &path, headers, None).await;
        assert_eq!(answer.headers["x-itwinplatform-media-type"], "bentley.itwin-platform.v1");
        answer.refused_for("InvalidiModelsRequest", "MissingRequiredParameter", "projectId");
    }
    stage.ada.as_whom("").version(0).get(&path).await.refused(401, "HeaderNotFound");
}

#[tokio::test]
async fn literals_have_no_case_and_a_slash_at_the_end_says_nothing() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("Bridge").await;
    for path in [
        "/Users/Me/".to_owned(),
        "/iTwins/".to_owned(),
        "/ITWINS/Favorites/".to_owned(),
        format!("/itwins/{}", id.to_uppercase()),
        "/AccessControl/iTwins/Permissions".to_owned(),
        format!("/accesscontrol/itwins/{id}/Members/Users"),
        format!("/itwins/{id}/Repositories/?CLASS=Storage"),
    ] {
        stage.ada.get(&path).await.expect(200);
    }
    for (method, path) in [
        ("GET", "/".to_owned()),
        ("GET", "/nothing".to_owned()),
        ("GET", "/accesscontrol".to_owned()),
        ("PUT", "/itwins".to_owned()),
        ("DELETE", "/users/me".to_owned()),
        ("GET", format!("/itwins/{id}/nothing")),
        ("PUT", format!("/itwins/favorites/{id}")),
    ] {
        let answer = stage.ada.send(method, &path, &[], None).await;
        answer.refused(404, "ResourceNotFound");
    }
}

#[tokio::test]
async fn every_cause_of_401_has_its_code() {
    let stage = Stage::new().await;
    let token = stage.ada.token();
    for (authorization, code) in [
        (String::new(), "HeaderNotFound"),
        (token.to_owned(), "InvalidAuthorizationScheme"),
        (format!("Digest {token}"), "InvalidAuthorizationScheme"),
        (format!("Basic {token}"), "InvalidAuthorizationScheme"),
        ("Bearer x".to_owned(), "Unauthorized"),
        ("Bearer".to_owned(), "Unauthorized"),
        (format!("Bearer {token}x"), "Unauthorized"),
    ] {
        let answer = stage.ada.as_whom(&authorization).get("/itwins").await;
        assert!(authorization.is_empty() || !answer.text.contains(token));
        assert_eq!(answer.refused(401, code), []);
    }
    stage.emulator.itwin().set_client_known(SERVICE_CLIENT_ID, false);
    let details = stage.service.get("/users/me").await.refused(401, "Unauthorized");
    assert_eq!(details, [("UnknownClient".to_owned(), String::new())]);
    stage.emulator.itwin().set_client_known(SERVICE_CLIENT_ID, true);
    stage.service.get("/users/me").await.expect(200);
    stage.emulator.clock().advance(Duration::from_secs(3601));
    stage.service.get("/users/me").await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn every_answer_has_the_headers_of_the_gateway() {
    let stage = Stage::new().await;
    let id = [("x-correlation-id", "6a2f41a3-c54c-fce8-32d2-0324e1c32e22")];
    let answer = stage.ada.send("GET", "/users/me", &id, None).await.expect(200);
    assert_eq!(answer.headers["x-correlation-id"], id[0].1);
    assert_eq!(answer.headers["content-type"], "application/json");
    for answer in [answer, stage.ada.get(&format!("/itwins/{MISSING}")).await] {
        for name in ["x-correlation-id", "request-context", "strict-transport-security"] {
            assert!(!answer.headers[name].is_empty());
        }
        assert_eq!(answer.headers["tier"], "iTwin Platform Community");
        assert_eq!(answer.headers["x-itwinplatform-region"], "East US");
    }
}

#[tokio::test]
async fn bodies_must_be_json_and_be_there() {
    let stage = Stage::new().await;
    let send = async |media: &str, body: Option<&str>| {
        let body = body.map(|body| body.as_bytes().to_vec());
        stage.ada.send("POST", "/itwins", &[("content-type", media)], body).await
    };
    let code = "InvalidiTwinsRequest";
    let json = "application/json";
    send(json, None).await.refused_for(code, "MissingRequestBody", "");
    send(json, Some("{")).await.refused_for(code, "InvalidRequestBody", "");
    send(json, Some("[]")).await.refused_for(code, "InvalidRequestBody", "");
    send("text/plain", Some("{}")).await.refused(415, "UnsupportedMediaType");
    let details = send("application/json; charset=utf-8", Some("{}")).await.refused(422, code);
    assert_eq!(details.len(), 3, "{details:?}");
    let large = format!("\"{}\"", "x".repeat(9 * 1024 * 1024));
    send(json, Some(&large)).await.refused(413, "RequestTooLarge");
}

#[tokio::test]
async fn requests_above_the_rate_are_refused_when_asked_for() {
    let rates = Some(Rates { per_minute: 4, per_hour: None, imodels: None });
    let config = Config { rates, ..Config::default() };
    let stage = Stage::with(Emulator::builder().itwin(config)).await;
    let mut refused = None;
    for _ in 0..10 {
        let answer = stage.service.get("/itwins").await;
        if answer.status == 429 {
            refused = Some(answer);
        }
    }
    let refused = refused.expect("five of eleven requests fall into one minute");
    let seconds: u64 = refused.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds));
    for (name, value) in [
        ("tier", "iTwin Platform Community"),
        ("api", "itwins"),
        ("operation", "GET /itwins"),
        ("application", SERVICE_CLIENT_ID),
    ] {
        assert_eq!(refused.headers[format!("itwinplatform-ratelimited-{name}")], value);
    }
    refused.refused(429, "TooManyRequests");
    // Another application has its own count.
    stage.ada.get("/users/me").await.expect(200);
    stage.emulator.itwin().set_rates(None);
    stage.service.get("/users/me").await.expect(200);
}

#[tokio::test]
async fn the_platform_speaks_tls_with_the_others() {
    let emulator = Emulator::builder().tls(true).start().await.unwrap();
    assert!(emulator.itwin_url().starts_with("https://localhost:"));
    let ca = reqwest::Certificate::from_pem(emulator.ca_pem().unwrap().as_bytes()).unwrap();
    let client = reqwest::Client::builder().no_proxy().add_root_certificate(ca).build().unwrap();
    let answer = client.get(format!("{}/users/me", emulator.itwin_url())).send().await.unwrap();
    assert_eq!(answer.status(), 401);
    let body: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(body["error"]["code"], json!("HeaderNotFound"));
}
