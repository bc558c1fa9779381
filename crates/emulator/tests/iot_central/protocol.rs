//! What holds for all operations: versions, addresses, callers, rates.

use serde_json::json;
use twinkit_emulator::{
    Emulator,
    iot_central::{Config, MAIN_APPLICATION, MAIN_APPLICATION_ID, Rates},
};

use crate::support::{OLDER_PREVIEW, PREVIEW, Stage};

#[tokio::test]
async fn a_known_version_is_needed() {
    let stage = Stage::new().await;
    let url = format!("{}/api/roles", stage.emulator.iot_central_url());
    for query in ["api-version=", "api-version=2020-01-01", "API-VERSION=x"] {
        stage.owner.get(&format!("{url}?{query}")).await.refused(400, "BadRequest");
    }
    for version in ["2022-07-31", "2022-05-31", "1.0", PREVIEW, OLDER_PREVIEW] {
        stage.owner.version(version).get("/roles").await.expect(200);
    }
    // The vendor's command line adds the version to links that have it already.
    stage.owner.get("/users?api-version=2022-07-31&api-version=2022-07-31").await.expect(200);
}

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_the_envelope() {
    let stage = Stage::new().await;
    for (method, path) in [
        ("GET", "/nothing"),
        ("GET", "/apiToken/a"),
        ("POST", "/users/a"),
        ("PATCH", "/apiTokens/a"),
        ("PUT", "/roles/a"),
        ("GET", "/users/a/b"),
    ] {
        stage.owner.send(method, path, &[], None).await.refused(404, "NotFound");
    }
    let outside = format!("{}/devices", stage.emulator.iot_central_url());
    stage.owner.get(&outside).await.refused(404, "NotFound");
}

#[tokio::test]
async fn applications_share_a_port_and_nothing_else() {
    let stage = Stage::with(Emulator::builder().iot_central_application("second")).await;
    let url = stage.emulator.iot_central_url().to_owned();
    let second = stage.owner.at(&format!("{url}/second.azureiotcentral.com"));
    second.put("/organizations/north", &json!({"displayName": "North"})).await.expect(200);
    for base in [
        stage.emulator.iot_central_url_of("second").unwrap(),
        format!("{url}/{}", stage.emulator.iot_central("second").unwrap().id()),
    ] {
        stage.owner.at(&base).get("/organizations/north").await.expect(200);
    }
    let host = [("host", "second.azureiotcentral.com")];
    stage.owner.send("GET", "/organizations/north", &host, None).await.expect(200);
    for base in
        [url.clone(), format!("{url}/{MAIN_APPLICATION}"), format!("{url}/{MAIN_APPLICATION_ID}")]
    {
        let first = stage.owner.at(&base);
        first.get("/organizations/north").await.refused(404, "NotFound");
    }
    let third = stage.owner.at(&format!("{url}/third.azureiotcentral.com"));
    third.get("/roles").await.refused(404, "NotFound");
}

#[tokio::test]
async fn callers_are_told_what_is_wrong_with_them() {
    let stage = Stage::new().await;
    for authorization in ["", "Bearer", "Bearer x", "Basic eA==", "SharedAccessSignature"] {
        let caller = stage.owner.as_whom(authorization);
        caller.get("/roles").await.refused(401, "Unauthenticated");
    }
    let (stranger, _) = stage.stranger().await;
    stranger.get("/roles").await.refused(403, "Forbidden");
}

#[tokio::test]
async fn requests_above_the_rate_are_refused_when_asked_for() {
    let rates = Some(Rates { requests: 3, queries: 1 });
    let config = Config { rates, retry_after: Some(7), ..Config::default() };
    let stage = Stage::with(Emulator::builder().iot_central(config)).await;
    let mut refused = None;
    for _ in 0..8 {
        let answer = stage.owner.get("/roles").await;
        if answer.status == 429 {
            refused = Some(answer);
        }
    }
    let refused = refused.expect("four of eight requests fall into one second");
    assert_eq!(refused.headers.get("retry-after").unwrap(), "7");
    refused.refused(429, "TooManyRequests");
}
