//! The IMS-shaped service.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::SecretString;
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    faults::Fault,
    ims::{
        ImsClient, NATIVE_CLIENT_ID, NATIVE_REDIRECT_URI, ORGANIZATION_NAME, SCOPE,
        SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET, USER_EMAIL, USER_ID,
    },
};
use url::Url;

use crate::support::{CHALLENGE, Fields, VERIFIER, changed, claims, client, handed, post, read};

const SERVICE: [(&str, &str); 4] = [
    ("grant_type", "client_credentials"),
    ("client_id", SERVICE_CLIENT_ID),
    ("client_secret", SERVICE_CLIENT_SECRET),
    ("scope", SCOPE),
];

fn url(emulator: &Emulator, name: &str) -> String {
    format!("{}/connect/{name}", emulator.ims_url())
}

async fn ask(emulator: &Emulator, fields: Fields<'_>) -> (u16, Value) {
    post(&url(emulator, "token"), fields).await
}

fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

async fn authorize(emulator: &Emulator, changes: Fields<'_>) -> reqwest::Response {
    let fields = [
        ("client_id", NATIVE_CLIENT_ID),
        ("response_type", "code"),
        ("redirect_uri", NATIVE_REDIRECT_URI),
        ("scope", "openid offline_access itwin-platform"),
        ("state", "s"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
        ("auto", "1"),
        ("login_hint", USER_EMAIL),
    ];
    let url = Url::parse_with_params(&url(emulator, "authorize"), changed(&fields, changes));
    client().get(url.unwrap()).send().await.unwrap()
}

async fn sign_in(emulator: &Emulator) -> Value {
    let handed = handed(&authorize(emulator, &[("nonce", "n")]).await);
    let (status, body) = ask(emulator, &redeem(handed["code"].as_str().unwrap())).await;
    assert_eq!(status, 200, "{body}");
    body
}

fn redeem(code: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "authorization_code"),
        ("client_id", NATIVE_CLIENT_ID),
        ("code", code),
        ("redirect_uri", NATIVE_REDIRECT_URI),
        ("code_verifier", VERIFIER),
    ]
}

fn refresh(token: &Value) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "refresh_token"),
        ("client_id", NATIVE_CLIENT_ID),
        ("refresh_token", token.as_str().unwrap()),
    ]
}

#[tokio::test]
async fn a_service_signs_in_by_form_and_by_header() {
    let emulator = Emulator::start().await.unwrap();
    let (status, body) = ask(&emulator, &SERVICE).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!((&body["expires_in"], &body["scope"]), (&json!(3600), &json!(SCOPE)));
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!((body.get("refresh_token"), body.get("ext_expires_in")), (None, None));
    let access = claims(&body["access_token"]);
    assert_eq!(access["iss"], emulator.ims_url());
    assert_eq!(access["scope"], json!([SCOPE]));
    assert_eq!(access["client_id"], SERVICE_CLIENT_ID);
    assert_eq!(access["org_name"], ORGANIZATION_NAME);
    assert!(access["org"].is_string() && access["ultimate_site"].is_string());
    assert_eq!(access.get("sub"), None);

    let header = |secret: &str| {
        let credentials = format!("{}:{secret}", encode(SERVICE_CLIENT_ID));
        format!("Basic {}", STANDARD.encode(credentials))
    };
    let fields = [("grant_type", "client_credentials"), ("scope", SCOPE)];
    let by_header = async |secret: &str| {
        let request = client().post(url(&emulator, "token")).form(&fields);
        request.header("Authorization", header(secret)).send().await.unwrap()
    };
    assert_eq!(by_header(&encode(SERVICE_CLIENT_SECRET)).await.status(), 200);
    let raw = by_header(SERVICE_CLIENT_SECRET).await;
    assert_eq!(raw.status(), 401, "a secret that was not encoded is another");
    assert!(raw.headers()["www-authenticate"].to_str().unwrap().starts_with("Basic"));
}

#[tokio::test]
async fn errors_are_bare() {
    let emulator = Emulator::start().await.unwrap();
    for (changes, word) in [
        ([("client_secret", "wrong")], "invalid_client"),
        ([("client_secret", "")], "invalid_client"),
        ([("client_id", "else")], "invalid_client"),
        ([("client_id", "")], "invalid_client"),
        ([("scope", "itwin-platform openid")], "invalid_scope"),
        ([("scope", " ")], "invalid_scope"),
        ([("grant_type", "password")], "unsupported_grant_type"),
        ([("grant_type", "")], "invalid_request"),
    ] {
        let (status, body) = ask(&emulator, &changed(&SERVICE, &changes)).await;
        assert_eq!((status, &body["error"]), (400, &json!(word)), "{changes:?}");
        assert_eq!(body.as_object().unwrap().len(), 2, "{body}");
        assert!(!body.to_string().contains(SERVICE_CLIENT_SECRET));
    }
    let native = [("client_id", NATIVE_CLIENT_ID), ("client_secret", "")];
    let (_, body) = ask(&emulator, &changed(&SERVICE, &native)).await;
    assert_eq!(body["error"], "unauthorized_client");
}

#[tokio::test]
async fn a_user_signs_in_with_a_code() {
    let emulator = Emulator::start().await.unwrap();
    let body = sign_in(&emulator).await;
    let access = claims(&body["access_token"]);
    assert_eq!((&access["sub"], &access["email"]), (&json!(USER_ID), &json!(USER_EMAIL)));
    assert_eq!(access["scope"], json!(["openid", "offline_access", SCOPE]));
    let id = claims(&body["id_token"]);
    assert_eq!((&id["aud"], &id["nonce"]), (&json!(NATIVE_CLIENT_ID), &json!("n")));
    let userinfo = async |token: &Value| {
        let request = client().get(url(&emulator, "userinfo"));
        read(request.bearer_auth(token.as_str().unwrap()).send().await.unwrap()).await
    };
    let (status, info) = userinfo(&body["access_token"]).await;
    assert_eq!((status, &info["email"]), (200, &json!(USER_EMAIL)));
    assert_eq!(userinfo(&body["id_token"]).await.0, 401);
    let (_, service) = ask(&emulator, &SERVICE).await;
    assert_eq!(userinfo(&service["access_token"]).await.0, 403);
}

#[tokio::test]
async fn codes_are_checked_and_good_once() {
    let emulator = Emulator::start().await.unwrap();
    let wrong = "a".repeat(43);
    for changes in [
        [("code_verifier", wrong.as_str())],
        [("redirect_uri", "http://localhost:3001/signin-callback")],
        [("code", "unknown")],
    ] {
        let answer = handed(&authorize(&emulator, &[]).await);
        let code = answer["code"].as_str().unwrap();
        let fields = redeem(code);
        let (status, body) = ask(&emulator, &changed(&fields, &changes)).await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")), "{changes:?}");
        let (_, first) = ask(&emulator, &fields).await;
        assert_eq!(ask(&emulator, &fields).await.1["error"], "invalid_grant");
        let after = ask(&emulator, &refresh(&first["refresh_token"])).await.1;
        assert_eq!(after["error"], "invalid_grant", "the second use ended the grant");
    }
    let late = handed(&authorize(&emulator, &[]).await);
    emulator.clock().advance(Duration::from_secs(300));
    let fields = redeem(late["code"].as_str().unwrap());
    assert_eq!(ask(&emulator, &fields).await.1["error"], "invalid_grant");
}

#[tokio::test]
async fn authorize_takes_exact_addresses_and_pkce_only() {
    let emulator = Emulator::start().await.unwrap();
    for changes in [
        [("redirect_uri", "http://localhost:3001/signin-callback")],
        [("redirect_uri", "")],
        [("client_id", "<b>")],
    ] {
        let page = authorize(&emulator, &changes).await;
        assert_eq!(page.status(), 400, "{changes:?}");
        assert_eq!(page.headers()["x-frame-options"], "DENY");
        assert!(!page.text().await.unwrap().contains("<b>"));
    }
    for (changes, word) in [
        ([("code_challenge", "")], "invalid_request"),
        ([("code_challenge_method", "plain")], "invalid_request"),
        ([("response_type", "token")], "unsupported_response_type"),
        ([("response_mode", "form_post")], "invalid_request"),
        ([("scope", "else")], "invalid_scope"),
        ([("login_hint", "nobody")], "login_required"),
    ] {
        let handed = handed(&authorize(&emulator, &changes).await);
        assert_eq!((&handed["error"], &handed["state"]), (&json!(word), &json!("s")));
        assert_eq!(handed["iss"], emulator.ims_url());
    }
    let page = authorize(&emulator, &[("auto", "")]).await.text().await.unwrap();
    let (_, rest) = page.split_once("name=\"ticket\" value=\"").unwrap();
    let ticket = rest.split_once('"').unwrap().0;
    let fields = [("ticket", ticket), ("user", USER_ID), ("decision", "cancel")];
    let request = client().post(url(&emulator, "authorize")).form(&fields);
    let response = request.send().await.unwrap();
    assert_eq!(handed(&response)["error"], "access_denied");
    emulator.ims().sign_in_automatically(Some(USER_EMAIL)).unwrap();
    let silent = authorize(&emulator, &[("auto", ""), ("prompt", "none")]).await;
    assert!(handed(&silent)["code"].is_string());
}

#[tokio::test]
async fn refresh_tokens_are_good_once_and_a_second_use_ends_the_grant() {
    let emulator = Emulator::start().await.unwrap();
    let first = sign_in(&emulator).await;
    let (status, second) = ask(&emulator, &refresh(&first["refresh_token"])).await;
    assert_eq!(status, 200);
    assert_ne!(first["refresh_token"], second["refresh_token"]);
    for token in [&first["refresh_token"], &second["refresh_token"]] {
        let (status, body) = ask(&emulator, &refresh(token)).await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    }
    let fresh = sign_in(&emulator).await;
    emulator.faults().next(Fault::status(503).on("ims"));
    assert_eq!(ask(&emulator, &refresh(&fresh["refresh_token"])).await.0, 503);
    assert_eq!(ask(&emulator, &refresh(&fresh["refresh_token"])).await.0, 200);
}

#[tokio::test]
async fn tokens_are_looked_into_and_revoked() {
    let emulator = Emulator::start().await.unwrap();
    let authenticated =
        [("client_id", SERVICE_CLIENT_ID), ("client_secret", SERVICE_CLIENT_SECRET)];
    let introspect = async |token: &Value| {
        let fields = changed(&authenticated, &[("token", token.as_str().unwrap())]);
        post(&url(&emulator, "introspect"), &fields).await.1
    };
    let (_, service) = ask(&emulator, &SERVICE).await;
    let seen = introspect(&service["access_token"]).await;
    assert_eq!((&seen["active"], &seen["scope"]), (&json!(true), &json!(SCOPE)));
    assert_eq!(introspect(&json!("x")).await, json!({"active": false}));
    let user = sign_in(&emulator).await;
    assert_eq!(introspect(&user["refresh_token"]).await["token_type"], "refresh_token");

    let revoke = async |fields: Fields<'_>, token: &Value| {
        let fields = changed(fields, &[("token", token.as_str().unwrap())]);
        post(&url(&emulator, "revocation"), &fields).await.0
    };
    assert_eq!(revoke(&authenticated, &user["refresh_token"]).await, 400, "another client's");
    assert_eq!(revoke(&authenticated, &json!("unknown")).await, 200);
    assert_eq!(revoke(&authenticated, &service["access_token"]).await, 200);
    assert_eq!(introspect(&service["access_token"]).await, json!({"active": false}));
    assert_eq!(revoke(&[("client_id", NATIVE_CLIENT_ID)], &user["refresh_token"]).await, 200);
    assert_eq!(introspect(&user["refresh_token"]).await, json!({"active": false}));
    assert_eq!(ask(&emulator, &refresh(&user["refresh_token"])).await.0, 400);
    let public = [("client_id", NATIVE_CLIENT_ID), ("token", "x")];
    assert_eq!(post(&url(&emulator, "introspect"), &public).await.1["error"], "invalid_client");

    let (_, all) = ask(&emulator, &SERVICE).await;
    emulator.ims().revoke_tokens();
    assert_eq!(introspect(&all["access_token"]).await, json!({"active": false}));
}

#[tokio::test]
async fn lifetimes_clients_and_discovery() {
    let emulator = Emulator::start().await.unwrap();
    emulator.ims().shorten_next_tokens(1, Duration::from_secs(3));
    emulator.ims().set_token_lifetime(Duration::from_secs(60));
    for lifetime in [3, 60] {
        assert_eq!(ask(&emulator, &SERVICE).await.1["expires_in"], lifetime);
    }
    let web = ImsClient::web("webapp-x", SecretString::from("s"), "https://web.example/cb");
    emulator.ims().add_client(web.clone()).unwrap();
    assert!(emulator.ims().add_client(web).is_err());
    let asked = [("client_id", "webapp-x"), ("redirect_uri", "https://web.example/cb")];
    let answer = handed(&authorize(&emulator, &asked).await);
    let code = answer["code"].as_str().unwrap();
    let fields = redeem(code);
    let fields = changed(&fields, &asked);
    assert_eq!(ask(&emulator, &fields).await.1["error"], "invalid_client");
    let fields = changed(&fields, &[("client_secret", "s")]);
    assert_eq!(ask(&emulator, &fields).await.0, 200);

    let base = emulator.ims_url();
    let get = async |url: &str| read(client().get(url).send().await.unwrap()).await.1;
    let document = get(&format!("{base}/.well-known/openid-configuration")).await;
    assert_eq!(document["issuer"], base);
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    for member in ["token_endpoint", "introspection_endpoint", "revocation_endpoint"] {
        assert!(document[member].as_str().unwrap().starts_with(base), "{member}");
    }
    let keys = get(document["jwks_uri"].as_str().unwrap()).await;
    assert_eq!(keys["keys"][0]["alg"], "RS256");
}

#[tokio::test]
async fn of_many_uses_at_once_one_succeeds() {
    let emulator = Emulator::start().await.unwrap();
    let first = sign_in(&emulator).await;
    let fields = refresh(&first["refresh_token"]);
    let asked = futures_util::future::join_all((0..20).map(|_| ask(&emulator, &fields))).await;
    let statuses: Vec<u16> = asked.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
}
