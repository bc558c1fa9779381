//! Redeeming authorization codes.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::json;
use twinkit_emulator::{
    Emulator,
    identity::{
        Application, CLIENT_ID, CLIENT_SECRET, NATIVE_CLIENT_ID, TENANT_ID, USER_NAME,
        USER_OBJECT_ID,
    },
};

use crate::support::{
    REDIRECT, TWINS, ask, authorize, changed, claims, code, expected, handed, models, post,
    redeem_fields, refusal, sign_in,
};

#[tokio::test]
async fn a_user_signs_in_and_reaches_the_data_plane() {
    let emulator = Emulator::start().await.unwrap();
    let body = sign_in(&emulator, &[("nonce", "n1")]).await;
    assert_eq!(body["scope"], format!("{TWINS}/Read.Write openid"));
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(3599)));
    assert_eq!(body.get("foci"), None);
    assert!(body["refresh_token"].is_string());
    let access = claims(&body["access_token"]);
    for (claim, value) in [
        ("aud", json!(TWINS)),
        ("oid", json!(USER_OBJECT_ID)),
        ("scp", json!("Read.Write")),
        ("upn", json!(USER_NAME)),
        ("preferred_username", json!(USER_NAME)),
        ("azp", json!(NATIVE_CLIENT_ID)),
        ("azpacr", json!("0")),
        ("tid", json!(TENANT_ID)),
        ("idtyp", json!("user")),
    ] {
        assert_eq!(access[claim], value, "{claim}");
    }
    let id = claims(&body["id_token"]);
    assert_eq!((&id["aud"], &id["nonce"]), (&json!(NATIVE_CLIENT_ID), &json!("n1")));
    assert_eq!((&id["oid"], &id["preferred_username"]), (&access["oid"], &access["upn"]));
    assert_eq!(models(&emulator, &body["access_token"]).await, 200);
    assert_eq!(models(&emulator, &body["id_token"]).await, 401);
}

#[tokio::test]
async fn what_was_not_asked_for_does_not_come() {
    let emulator = Emulator::start().await.unwrap();
    let scope = "https://digitaltwins.azure.net/.default";
    let body = sign_in(&emulator, &[("scope", scope)]).await;
    assert_eq!(body["scope"], format!("{TWINS}/Read.Write {TWINS}/.default"));
    assert_eq!((body.get("refresh_token"), body.get("id_token")), (None, None));
    let graph = sign_in(&emulator, &[("scope", "User.Read")]).await;
    assert_eq!(claims(&graph["access_token"])["aud"], "https://graph.microsoft.com");
}

#[tokio::test]
async fn every_fault_of_a_redemption_has_its_code() {
    let emulator = Emulator::start().await.unwrap();
    let wrong = "a".repeat(43);
    let cases = [
        ([("code_verifier", wrong.as_str())], expected(400, "invalid_grant", 501_481)),
        ([("code_verifier", "short")], expected(400, "invalid_grant", 501_481)),
        ([("code_verifier", "")], expected(400, "invalid_request", 900_144)),
        ([("redirect_uri", "http://localhost:8401")], expected(400, "invalid_grant", 500_112)),
        ([("redirect_uri", "")], expected(400, "invalid_request", 900_144)),
        ([("code", "unknown")], expected(400, "invalid_grant", 70000)),
        ([("client_secret", "x")], expected(401, "invalid_client", 700_025)),
    ];
    for (changes, refusal_expected) in cases {
        let code = code(&emulator, &[]).await;
        let fields = redeem_fields(&code);
        let got = refusal(&emulator, &changed(&fields, &changes)).await;
        assert_eq!(got, refusal_expected, "{changes:?}");
        let (status, body) = ask(&emulator, &fields).await;
        assert_eq!(status, 200, "a refusal uses no code up: {body}");
    }
}

#[tokio::test]
async fn a_code_is_good_once_and_its_second_use_ends_the_sign_in() {
    let emulator = Emulator::start().await.unwrap();
    let code = code(&emulator, &[]).await;
    let (_, first) = ask(&emulator, &redeem_fields(&code)).await;
    let again = refusal(&emulator, &redeem_fields(&code)).await;
    assert_eq!(again, expected(400, "invalid_grant", 54005));
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", NATIVE_CLIENT_ID),
        ("refresh_token", first["refresh_token"].as_str().unwrap()),
    ];
    assert_eq!(refusal(&emulator, &refresh).await, expected(400, "invalid_grant", 50173));
}

#[tokio::test]
async fn a_code_lives_ten_minutes_and_belongs_to_its_client() {
    let emulator = Emulator::start().await.unwrap();
    let foreign = code(&emulator, &[]).await;
    let fields = redeem_fields(&foreign);
    let other = changed(&fields, &[("client_id", CLIENT_ID), ("client_secret", CLIENT_SECRET)]);
    assert_eq!(refusal(&emulator, &other).await, expected(400, "invalid_grant", 70000));
    emulator.clock().advance(Duration::from_secs(600));
    assert_eq!(refusal(&emulator, &fields).await, expected(400, "invalid_grant", 70008));
}

#[tokio::test]
async fn a_web_application_adds_its_secret_and_may_leave_pkce_out() {
    let emulator = Emulator::start().await.unwrap();
    let web = Application {
        redirect_uris: vec!["https://web.example/cb".to_owned()],
        ..Application::new(SecretString::from("web secret"))
    };
    emulator.directory().add_application(web.clone()).unwrap();
    let asked = [
        ("client_id", web.client_id.as_str()),
        ("redirect_uri", "https://web.example/cb"),
        ("code_challenge", ""),
        ("code_challenge_method", ""),
    ];
    let code = code(&emulator, &asked).await;
    let fields = redeem_fields(&code);
    let fields = changed(
        &fields,
        &[
            ("client_id", &web.client_id),
            ("redirect_uri", "https://web.example/cb"),
            ("code_verifier", ""),
        ],
    );
    assert_eq!(refusal(&emulator, &fields).await, expected(401, "invalid_client", 7_000_218));
    let unasked = changed(&fields, &[("client_secret", "web secret"), ("code_verifier", "x")]);
    assert_eq!(refusal(&emulator, &unasked).await, expected(400, "invalid_grant", 501_481));
    let sound = changed(&fields, &[("client_secret", "web secret")]);
    assert_eq!(ask(&emulator, &sound).await.0, 200);
}

#[tokio::test]
async fn users_sign_in_at_the_shared_tenants_too() {
    let emulator = Emulator::start().await.unwrap();
    let code = code(&emulator, &[("redirect_uri", REDIRECT)]).await;
    let url = format!("{}/organizations/oauth2/v2.0/token", emulator.authority_url());
    let (status, body) = post(&url, &redeem_fields(&code)).await;
    assert_eq!(status, 200);
    let issuer = format!("{}/{TENANT_ID}/v2.0", emulator.authority_url());
    assert_eq!(claims(&body["access_token"])["iss"], issuer);
}

#[tokio::test]
async fn scopes_and_resources_are_checked_before_anybody_signs_in() {
    let emulator = Emulator::start().await.unwrap();
    for (scope, word) in [
        ("https://digitaltwins.azure.net/Write.All", "invalid_scope"),
        ("https://unknown.example/x", "invalid_resource"),
        ("https://digitaltwins.azure.net/Read.Write User.Read", "invalid_request"),
    ] {
        let handed = handed(&authorize(&emulator, &[("scope", scope)]).await);
        assert_eq!(handed["error"], word, "{scope}");
    }
}
