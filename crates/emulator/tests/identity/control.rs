//! Directory, policies and device codes, set from another process.

use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    identity::{GITHUB_SUBJECT, NATIVE_CLIENT_ID, USER_NAME},
    ims,
};

use crate::support::{
    TWINS, ask, authorize, changed, claims, client, endpoint, handed, post, read, refusal, sign_in,
};

async fn tell(emulator: &Emulator, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}{path}", emulator.control_url());
    read(client().post(url).json(&body).send().await.unwrap()).await
}

#[tokio::test]
async fn an_application_of_every_kind_is_made() {
    let emulator = Emulator::start().await.unwrap();
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["x.example".to_owned()]).unwrap();
    let elliptic = params.self_signed(&key).unwrap().pem();
    let api = json!({
        "secret": "s",
        "displayName": "An API",
        "redirectUris": ["https://api.example/cb"],
        "certificates": [elliptic],
        "federatedCredentials": [{"subject": GITHUB_SUBJECT}],
        "exposedScopes": ["read"],
        "identifierUri": "https://api.example",
        "requiresConsent": true,
    });
    let (status, made) = tell(&emulator, "/principals", api).await;
    assert_eq!(status, 200, "{made}");
    let id = made["clientId"].as_str().unwrap();
    let (_, foreign) =
        tell(&emulator, "/federated-tokens", json!({"subject": GITHUB_SUBJECT})).await;
    let by_foreign = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", foreign["token"].as_str().unwrap()),
        ("scope", "https://digitaltwins.azure.net/.default"),
    ];
    assert_eq!(ask(&emulator, &by_foreign).await.0, 200);
    let body = sign_in(&emulator, &[("scope", "https://api.example/read")]).await;
    assert_eq!(claims(&body["access_token"])["scp"], "read");

    let path = format!("/principals/{id}/expire-secrets");
    assert_eq!(tell(&emulator, &path, json!({})).await.0, 204);
    let by_secret = [
        ("grant_type", "client_credentials"),
        ("client_id", id),
        ("client_secret", "s"),
        ("scope", "https://digitaltwins.azure.net/.default"),
    ];
    assert_eq!(refusal(&emulator, &by_secret).await.2, 7_000_222);
    let (_, public) = tell(&emulator, "/principals", json!({"public": true})).await;
    assert_eq!(public["clientSecret"], Value::Null);
    for broken in ["%", "AAAA", "-----BEGIN CERTIFICATE-----"] {
        let (status, _) = tell(&emulator, "/principals", json!({"certificates": [broken]})).await;
        assert_eq!(status, 400, "{broken}");
    }
}

#[tokio::test]
async fn users_consents_and_policies_are_set() {
    let emulator = Emulator::start().await.unwrap();
    let user = json!({"userName": "new@twinkit.onmicrosoft.com", "role": "dataReader"});
    let (status, made) = tell(&emulator, "/users", user.clone()).await;
    assert_eq!((status, &made["displayName"]), (200, &json!("new")));
    assert_eq!(tell(&emulator, "/users", user).await.0, 400);
    let hint = [("login_hint", "new@twinkit.onmicrosoft.com")];
    let body = sign_in(&emulator, &hint).await;
    assert_eq!(claims(&body["access_token"])["oid"], made["objectId"]);
    assert_eq!(crate::support::models(&emulator, &body["access_token"]).await, 200);

    let consent = json!({"userName": USER_NAME, "clientId": NATIVE_CLIENT_ID,
        "resource": TWINS, "scopes": ["Read.Write"]});
    assert_eq!(tell(&emulator, "/consents", consent).await.0, 204);
    let policies = json!({"interaction": {TWINS: true}, "blockDeviceFlow": true,
        "oneTimeRefreshTokens": true, "refuseRepeatedAssertions": true});
    assert_eq!(tell(&emulator, "/policies", policies).await.0, 204);
    let unknown = json!({"interaction": {"https://unknown.example": true}});
    assert_eq!(tell(&emulator, "/policies", unknown).await.0, 400);
    let automatic = json!({"userName": USER_NAME});
    assert_eq!(tell(&emulator, "/sign-in", automatic).await.0, 204);
    let silent = [("auto", ""), ("prompt", "none")];
    let refused = handed(&authorize(&emulator, &silent).await);
    assert_eq!(refused["error"], "interaction_required");
    assert_eq!(tell(&emulator, "/sign-in", json!({"userName": "nobody"})).await.0, 400);

    let token = body["refresh_token"].as_str().unwrap();
    let revoke = json!({"revokeSignInsOf": "new@twinkit.onmicrosoft.com"});
    assert_eq!(tell(&emulator, "/tokens", revoke).await.0, 204);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("client_id", NATIVE_CLIENT_ID),
        ("refresh_token", token),
    ];
    assert_eq!(refusal(&emulator, &refresh).await.2, 50173);
}

#[tokio::test]
async fn device_codes_are_answered() {
    let emulator = Emulator::start().await.unwrap();
    for (user_name, word) in
        [(json!(USER_NAME), None), (Value::Null, Some("authorization_declined"))]
    {
        let fields = [("client_id", NATIVE_CLIENT_ID), ("scope", "openid")];
        let (_, codes) = post(&endpoint(&emulator, "devicecode"), &fields).await;
        let answer = json!({"userCode": codes["user_code"], "userName": user_name});
        assert_eq!(tell(&emulator, "/device-codes", answer.clone()).await.0, 204);
        assert_eq!(tell(&emulator, "/device-codes", answer).await.0, 404);
        let poll = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("client_id", NATIVE_CLIENT_ID),
            ("device_code", codes["device_code"].as_str().unwrap()),
        ];
        let (_, body) = ask(&emulator, &poll).await;
        assert_eq!(body["error"].as_str(), word);
    }
}

#[tokio::test]
async fn tokens_of_the_other_service_are_meant_by_its_name() {
    let emulator = Emulator::start().await.unwrap();
    let next = json!({"service": "ims", "next": 1, "lifetimeSeconds": 5});
    assert_eq!(tell(&emulator, "/tokens", next).await.0, 204);
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", ims::SERVICE_CLIENT_ID),
        ("client_secret", ims::SERVICE_CLIENT_SECRET),
        ("scope", ims::SCOPE),
    ];
    let url = format!("{}/connect/token", emulator.ims_url());
    for lifetime in [5, 3600] {
        assert_eq!(post(&url, &fields).await.1["expires_in"], lifetime);
    }
    assert_eq!(tell(&emulator, "/tokens", json!({"service": "storage"})).await.0, 400);
    let automatic = json!({"service": "ims", "userName": ims::USER_EMAIL});
    assert_eq!(tell(&emulator, "/sign-in", automatic).await.0, 204);
    let fields = changed(&fields, &[("client_secret", "x")]);
    assert_eq!(post(&url, &fields).await.0, 400);
}

#[tokio::test]
async fn applications_and_users_of_the_other_service_are_made() {
    let emulator = Emulator::start().await.unwrap();
    let (status, made) = tell(&emulator, "/ims/clients", json!({"clientId": "service-x"})).await;
    assert_eq!(status, 200, "{made}");
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", "service-x"),
        ("client_secret", made["clientSecret"].as_str().unwrap()),
    ];
    let url = format!("{}/connect/token", emulator.ims_url());
    assert_eq!(post(&url, &fields).await.0, 200);
    assert_eq!(tell(&emulator, "/ims/clients", json!({"clientId": "service-x"})).await.0, 400);
    let native = json!({"clientId": "native-x", "public": true});
    assert_eq!(tell(&emulator, "/ims/clients", native).await.0, 400, "it needs an address");
    let native = json!({"clientId": "native-x", "public": true,
        "redirectUris": ["http://localhost:3301/signin-callback"], "scopes": ["itwin-platform"]});
    let (status, made) = tell(&emulator, "/ims/clients", native).await;
    assert_eq!((status, &made["clientSecret"]), (200, &Value::Null));
    let user = json!({"email": "new@twinkit.example"});
    assert_eq!(tell(&emulator, "/ims/users", user.clone()).await.0, 200);
    assert_eq!(tell(&emulator, "/ims/users", user.clone()).await.0, 400);
    let automatic = json!({"service": "ims", "userName": "new@twinkit.example"});
    assert_eq!(tell(&emulator, "/sign-in", automatic).await.0, 204);
}
