//! The device code flow: codes, the page, the device's questions.

use std::time::Duration;

use serde_json::Value;
use twinkit_emulator::{
    Emulator,
    identity::{CLIENT_ID, CLIENT_SECRET, NATIVE_CLIENT_ID, USER_NAME, USER_OBJECT_ID},
};

use crate::support::{
    ask, changed, claims, client, endpoint, expected, models, post, refusal, refused,
};

async fn start(emulator: &Emulator) -> (String, String) {
    let fields = [
        ("client_id", NATIVE_CLIENT_ID),
        ("scope", "openid offline_access https://digitaltwins.azure.net/.default"),
    ];
    let (status, body) = post(&endpoint(emulator, "devicecode"), &fields).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!((body["expires_in"].as_i64(), body["interval"].as_i64()), (Some(900), Some(5)));
    assert_eq!(body.get("verification_uri_complete"), None);
    let text = |member: &str| body[member].as_str().unwrap().to_owned();
    assert_eq!(text("verification_uri"), format!("{}/device", emulator.authority_url()));
    assert!(text("message").contains(&text("user_code")));
    (text("device_code"), text("user_code"))
}

fn poll(device_code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
        ("client_id", NATIVE_CLIENT_ID),
        ("device_code", device_code),
    ]
}

fn wait(emulator: &Emulator, seconds: u64) {
    emulator.clock().advance(Duration::from_secs(seconds));
}

#[tokio::test]
async fn the_device_waits_until_its_user_approves() {
    let emulator = Emulator::start().await.unwrap();
    let (device_code, user_code) = start(&emulator).await;
    for _ in 0..2 {
        let pending = refusal(&emulator, &poll(&device_code)).await;
        assert_eq!(pending, expected(400, "authorization_pending", 70016));
        wait(&emulator, 5);
    }
    assert!(!emulator.approve_device(&user_code, "nobody"));
    assert!(emulator.approve_device(&user_code.to_lowercase(), USER_NAME));
    assert!(!emulator.approve_device(&user_code, USER_NAME), "answered once");
    let fields = poll(&device_code);
    let by_old_name = changed(&fields, &[("grant_type", "device_code")]);
    let (status, body) = ask(&emulator, &by_old_name).await;
    assert_eq!(status, 200);
    assert!(body["refresh_token"].is_string() && body["id_token"].is_string());
    assert_eq!(claims(&body["access_token"])["oid"], USER_OBJECT_ID);
    assert_eq!(models(&emulator, &body["access_token"]).await, 200);
    wait(&emulator, 5);
    let again = refusal(&emulator, &poll(&device_code)).await;
    assert_eq!(again, expected(400, "bad_verification_code", 70019));
}

#[tokio::test]
async fn a_hasty_device_has_to_wait_longer_for_good() {
    let emulator = Emulator::start().await.unwrap();
    let (device_code, _) = start(&emulator).await;
    let word = async || ask(&emulator, &poll(&device_code)).await.1["error"].clone();
    assert_eq!(word().await, "authorization_pending");
    wait(&emulator, 2);
    assert_eq!(word().await, "slow_down");
    wait(&emulator, 6);
    assert_eq!(word().await, "slow_down", "five seconds were added");
    wait(&emulator, 15);
    assert_eq!(word().await, "authorization_pending", "and five more");
    wait(&emulator, 10);
    assert_eq!(word().await, "slow_down", "they stay");
}

#[tokio::test]
async fn every_end_without_tokens_has_its_word() {
    let emulator = Emulator::start().await.unwrap();
    let (declined, user_code) = start(&emulator).await;
    assert!(emulator.decline_device(&user_code));
    let got = refusal(&emulator, &poll(&declined)).await;
    assert_eq!(got, expected(400, "authorization_declined", 70018));

    let got = refusal(&emulator, &poll("unknown")).await;
    assert_eq!(got, expected(400, "bad_verification_code", 70019));

    let (foreign, _) = start(&emulator).await;
    let fields = poll(&foreign);
    let other = changed(&fields, &[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)]);
    let got = refusal(&emulator, &other).await;
    assert_eq!(got, expected(400, "bad_verification_code", 70019));

    let (blocked, user_code) = start(&emulator).await;
    emulator.directory().block_device_flow(true);
    assert!(emulator.approve_device(&user_code, USER_NAME));
    let (status, body) = ask(&emulator, &poll(&blocked)).await;
    assert_eq!(refused(status, &body), expected(400, "invalid_grant", 53003));
    assert_eq!(body["suberror"], "message_only");

    let (late, user_code) = start(&emulator).await;
    wait(&emulator, 900);
    let got = refusal(&emulator, &poll(&late)).await;
    assert_eq!(got, expected(400, "expired_token", 70020));
    assert!(!emulator.approve_device(&user_code, USER_NAME));
}

#[tokio::test]
async fn the_request_for_codes_is_checked() {
    let emulator = Emulator::start().await.unwrap();
    let url = endpoint(&emulator, "devicecode");
    let sound = [("client_id", NATIVE_CLIENT_ID), ("scope", "openid")];
    for (changes, code) in [
        ([("client_id", "")], 900_144),
        ([("scope", "")], 900_144),
        ([("client_id", "else")], 700_016),
        ([("scope", "https://unknown.example/x")], 500_011),
    ] {
        let (status, body) = post(&url, &changed(&sound, &changes)).await;
        assert_eq!((status, body["error_codes"][0].as_u64()), (400, Some(code)), "{changes:?}");
    }
    let shared = url.replace(emulator.tenant_id(), "organizations");
    assert_eq!(post(&shared, &sound).await.0, 200);
}

#[tokio::test]
async fn a_user_answers_on_the_page() {
    let emulator = Emulator::start().await.unwrap();
    let url = format!("{}/device", emulator.authority_url());
    let page = client().get(&url).send().await.unwrap();
    assert_eq!(page.headers()["x-frame-options"], "DENY");
    assert!(page.text().await.unwrap().contains("name=\"user_code\""));

    let send = async |fields: &[(&str, &str)]| -> (u16, String) {
        let response = client().post(&url).form(fields).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };
    assert_eq!(send(&[("user_code", "<b>")]).await.0, 400);
    for (decision, word) in [("accept", Value::Null), ("cancel", "authorization_declined".into())] {
        let (device_code, user_code) = start(&emulator).await;
        let (status, html) = send(&[("user_code", &user_code)]).await;
        assert_eq!(status, 200);
        assert!(html.contains(USER_NAME) && html.contains("Native application"), "{html}");
        let chosen = [("user_code", &*user_code), ("user", USER_OBJECT_ID), ("decision", decision)];
        let elsewhere = client().post(&url).header("Sec-Fetch-Site", "cross-site").form(&chosen);
        assert_eq!(elsewhere.send().await.unwrap().status(), 403);
        assert_eq!(send(&chosen).await.0, 200);
        assert_eq!(ask(&emulator, &poll(&device_code)).await.1["error"], word);
    }
}
