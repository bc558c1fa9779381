//! The on-behalf-of grant.

use std::time::Duration;

use serde_json::Value;
use twinkit_emulator::{
    Emulator,
    identity::{
        API_CLIENT_ID, API_CLIENT_SECRET, API_SCOPE, CLIENT_ID, CLIENT_SECRET, NATIVE_CLIENT_ID,
        USER_NAME, USER_OBJECT_ID,
    },
};

use crate::support::{TWINS, ask, changed, claims, expected, models, refusal, refused, sign_in};

async fn incoming(emulator: &Emulator, claims: &str) -> String {
    let body = sign_in(emulator, &[("scope", API_SCOPE), ("claims", claims)]).await;
    body["access_token"].as_str().unwrap().to_owned()
}

fn fields(assertion: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("client_id", API_CLIENT_ID),
        ("client_secret", API_CLIENT_SECRET),
        ("assertion", assertion),
        ("requested_token_use", "on_behalf_of"),
        ("scope", "https://digitaltwins.azure.net/.default offline_access openid profile"),
    ]
}

#[tokio::test]
async fn the_middle_tier_reaches_the_data_plane_as_its_user() {
    let emulator = Emulator::start().await.unwrap();
    let assertion = incoming(&emulator, "").await;
    let (status, body) = ask(&emulator, &fields(&assertion)).await;
    assert_eq!(status, 200, "{body}");
    let access = claims(&body["access_token"]);
    assert_eq!((&access["oid"], &access["azp"]), (&USER_OBJECT_ID.into(), &API_CLIENT_ID.into()));
    assert_eq!((&access["scp"], &access["upn"]), (&"Read.Write".into(), &USER_NAME.into()));
    assert!(body["refresh_token"].is_string() && body["id_token"].is_string());
    assert_eq!(models(&emulator, &body["access_token"]).await, 200);
}

#[tokio::test]
async fn every_fault_of_the_incoming_token_has_its_code() {
    let emulator = Emulator::start().await.unwrap();
    let sound = incoming(&emulator, "").await;
    let for_twins = sign_in(&emulator, &[]).await;
    let api_scope = format!("api://{API_CLIENT_ID}/.default");
    let by_secret = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("scope", &api_scope),
    ];
    let (_, of_application) = ask(&emulator, &by_secret).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let (head, _) = sound.rsplit_once('.').unwrap();
    for (assertion, code) in [
        (text(&for_twins["access_token"]), 500_131),
        (text(&for_twins["id_token"]), 50013),
        (text(&of_application["access_token"]), 7_000_114),
        (format!("{head}.AAAA"), 50013),
        ("x".to_owned(), 50013),
    ] {
        let got = refusal(&emulator, &fields(&assertion)).await;
        assert_eq!(got, expected(400, "invalid_grant", code));
    }
    let fields = fields(&sound);
    for (changes, word, code) in [
        ([("requested_token_use", "")], "invalid_request", 900_144),
        ([("requested_token_use", "else")], "invalid_request", 90023),
        ([("assertion", "")], "invalid_request", 900_144),
        ([("scope", "")], "invalid_request", 900_144),
        ([("scope", "https://unknown.example/.default")], "invalid_resource", 500_011),
    ] {
        let got = refusal(&emulator, &changed(&fields, &changes)).await;
        assert_eq!(got, expected(400, word, code), "{changes:?}");
    }
    let public = changed(&fields, &[("client_id", NATIVE_CLIENT_ID), ("client_secret", "")]);
    assert_eq!(refusal(&emulator, &public).await, expected(401, "invalid_client", 7_000_218));
    emulator.clock().advance(Duration::from_secs(3600));
    assert_eq!(refusal(&emulator, &fields).await, expected(400, "invalid_grant", 500_133));
}

#[tokio::test]
async fn a_policy_asks_for_claims_that_the_users_next_sign_in_answers() {
    let emulator = Emulator::start().await.unwrap();
    emulator.directory().require_interaction(TWINS, true).unwrap();
    let assertion = incoming(&emulator, "").await;
    let (status, body) = ask(&emulator, &fields(&assertion)).await;
    assert_eq!(refused(status, &body), expected(400, "interaction_required", 50076));
    assert_eq!(body["suberror"], "basic_action");
    let challenge = body["claims"].as_str().unwrap();
    assert!(serde_json::from_str::<Value>(challenge).unwrap().is_object());
    let stepped_up = incoming(&emulator, challenge).await;
    let (status, body) = ask(&emulator, &fields(&stepped_up)).await;
    assert_eq!(status, 200, "{body}");
}

#[tokio::test]
async fn a_missing_consent_is_said() {
    let emulator = Emulator::start().await.unwrap();
    let ask_first = |application: &mut twinkit_emulator::identity::Application| {
        application.requires_consent = true;
    };
    emulator.directory().update_application(API_CLIENT_ID, ask_first).unwrap();
    let assertion = incoming(&emulator, "").await;
    let (status, body) = ask(&emulator, &fields(&assertion)).await;
    assert_eq!(refused(status, &body), expected(400, "invalid_grant", 65001));
    emulator.directory().consent(USER_NAME, API_CLIENT_ID, TWINS, &["Read.Write"]).unwrap();
    assert_eq!(ask(&emulator, &fields(&assertion)).await.0, 200);
}
