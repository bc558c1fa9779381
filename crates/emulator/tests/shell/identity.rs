//! The token endpoint, discovery and the key set.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    identity::{CLIENT_ID, OBJECT_ID, TENANT_DOMAIN, TENANT_ID},
};

use crate::support::{ask_token, client, token, token_url};

fn decode(part: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(part).unwrap()
}

#[tokio::test]
async fn a_token_is_shaped_as_entra_shapes_it() {
    let emulator = Emulator::start().await.unwrap();
    let changes = [("client_info", "1"), ("claims", "{\"access_token\":{}}"), ("unknown", "x")];
    let response = ask_token(&emulator, &changes).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/json; charset=utf-8");
    assert_eq!(response.headers()["cache-control"], "no-store, no-cache");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], json!(3599));
    assert_eq!(body["ext_expires_in"], json!(3599));
    assert_eq!(body.as_object().unwrap().len(), 4, "no client_info without a user");
}

#[tokio::test]
async fn the_token_verifies_against_the_discovered_key_set() {
    let emulator = Emulator::start().await.unwrap();
    let root = format!("{}/{TENANT_DOMAIN}", emulator.authority_url());
    let document: Value = client()
        .get(format!("{root}/v2.0/.well-known/openid-configuration"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(document["token_endpoint"], token_url(&emulator));
    let keys: Value = client()
        .get(document["jwks_uri"].as_str().unwrap())
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let token =
        token(&emulator, &[("scope", "https://management.core.windows.net//.default")]).await;
    let parts: Vec<&str> = token.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("not a JWT: {token}") };

    let key = &keys["keys"][0];
    let head: Value = serde_json::from_slice(&decode(header)).unwrap();
    assert_eq!(head, json!({"typ": "JWT", "alg": "RS256", "kid": key["kid"]}));
    let public = RsaPublicKeyComponents {
        n: decode(key["n"].as_str().unwrap()),
        e: decode(key["e"].as_str().unwrap()),
    };
    let signed = format!("{header}.{claims}");
    public
        .verify(&RSA_PKCS1_2048_8192_SHA256, signed.as_bytes(), &decode(signature))
        .expect("the signature fits the key set");

    let claims: Value = serde_json::from_slice(&decode(claims)).unwrap();
    assert_eq!(claims["iss"], document["issuer"]);
    assert_eq!(claims["aud"], "https://management.core.windows.net/");
    assert_eq!((&claims["tid"], &claims["oid"]), (&json!(TENANT_ID), &json!(OBJECT_ID)));
    assert_eq!((&claims["appid"], &claims["azp"]), (&json!(CLIENT_ID), &json!(CLIENT_ID)));
    let span = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert_eq!(span, 3599);
}

/// Changed fields, then status, error word and code.
type Case<'a> = (&'a [(&'a str, &'a str)], u16, &'a str, u64);

#[tokio::test]
async fn every_refusal_has_its_code() {
    let emulator = Emulator::start().await.unwrap();
    let cases: [Case<'_>; 11] = [
        (&[("client_secret", "wrong")], 401, "invalid_client", 7_000_215),
        (&[("client_secret", "")], 401, "invalid_client", 7_000_218),
        (
            &[("client_id", "44444444-4444-4444-4444-444444444444")],
            400,
            "unauthorized_client",
            700_016,
        ),
        (&[("client_id", "")], 400, "invalid_request", 900_144),
        (&[("grant_type", "")], 400, "invalid_request", 900_144),
        (&[("grant_type", "password")], 400, "unsupported_grant_type", 70003),
        (&[("scope", "")], 400, "invalid_request", 900_144),
        (
            &[("scope", "https://digitaltwins.azure.net/Read.Write")],
            400,
            "invalid_scope",
            1_002_012,
        ),
        (&[("scope", "openid")], 400, "invalid_scope", 70011),
        (&[("scope", "https://unknown.example/.default")], 400, "invalid_resource", 500_011),
        (
            &[(
                "scope",
                "https://digitaltwins.azure.net/.default https://storage.azure.com/.default",
            )],
            400,
            "invalid_request",
            28000,
        ),
    ];
    for (changes, status, error, code) in cases {
        let response = ask_token(&emulator, changes).await;
        assert_eq!(response.status(), status, "{changes:?}");
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error"], error, "{changes:?}");
        assert_eq!(body["error_codes"], json!([code]), "{changes:?}");
        let description = body["error_description"].as_str().unwrap();
        assert!(description.starts_with(&format!("AADSTS{code}: ")), "{description}");
        for (word, member) in [
            ("Trace ID", "trace_id"),
            ("Correlation ID", "correlation_id"),
            ("Timestamp", "timestamp"),
        ] {
            let line = format!("\r\n{word}: {}", body[member].as_str().unwrap());
            assert!(description.contains(&line), "{description}");
        }
        let time = body["timestamp"].as_str().unwrap();
        assert_eq!((time.len(), &time[10..11], &time[19..]), (20, " ", "Z"));
        assert!(body["error_uri"].as_str().unwrap().contains(&code.to_string()));
        assert!(!body.to_string().contains(emulator.client_secret()), "{body}");
    }
}

#[tokio::test]
async fn tenants_and_methods_are_checked() {
    let emulator = Emulator::start().await.unwrap();
    let known = token_url(&emulator);
    for (tenant, code) in [
        ("55555555-5555-5555-5555-555555555555", 90002),
        ("nowhere.example", 90002),
        ("x", 900_023),
        ("common", 90019),
    ] {
        let url = known.replace(TENANT_ID, tenant);
        let response = client().post(url).form(&[("grant_type", "x")]).send().await.unwrap();
        assert_eq!(response.status(), 400);
        let body: Value = response.json().await.unwrap();
        assert_eq!(body["error_codes"], json!([code]), "{tenant}");
    }
    let by_get: Value = client().get(&known).send().await.unwrap().json().await.unwrap();
    assert_eq!(by_get["error_codes"], json!([900_561]));
    let not_a_form = client().post(&known).body("grant_type=client_credentials").send().await;
    let body: Value = not_a_form.unwrap().json().await.unwrap();
    assert_eq!(body["error_codes"], json!([900_144]));
}

#[tokio::test]
async fn basic_authentication_and_request_ids_work() {
    let emulator = Emulator::start().await.unwrap();
    let credentials = STANDARD.encode(format!(
        "{}:{}",
        emulator.client_id(),
        emulator.client_secret().replace('~', "%7E"),
    ));
    let id = "77777777-7777-7777-7777-777777777777";
    let response = client()
        .post(token_url(&emulator))
        .header("Authorization", format!("Basic {credentials}"))
        .header("client-request-id", id)
        .header("return-client-request-id", "true")
        .form(&[
            ("grant_type", "client_credentials"),
            ("scope", "https://digitaltwins.azure.net/.default"),
        ])
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["client-request-id"], id);
    assert!(response.headers().contains_key("x-ms-request-id"));
}

#[tokio::test]
async fn the_ad_fs_layout_and_instance_discovery_are_served() {
    let emulator = Emulator::start().await.unwrap();
    let base = emulator.authority_url();
    let get = async |path: &str| -> Value {
        client().get(format!("{base}{path}")).send().await.unwrap().json().await.unwrap()
    };
    let adfs = get("/adfs/.well-known/openid-configuration").await;
    assert_eq!(adfs["token_endpoint"], format!("{base}/adfs/oauth2/token"));
    let response = client()
        .post(adfs["token_endpoint"].as_str().unwrap())
        .form(&crate::support::form(&emulator, &[]))
        .send()
        .await
        .unwrap();
    let body: Value = response.json().await.unwrap();
    let accepted = crate::support::models(&emulator, body["access_token"].as_str().unwrap()).await;
    assert_eq!(accepted.status(), 200);
    let instance = get("/common/discovery/instance?api-version=1.1").await;
    let host = base.strip_prefix("http://").unwrap();
    assert_eq!(instance["metadata"][0]["aliases"], json!([host]));
    let common = get("/common/v2.0/.well-known/openid-configuration").await;
    assert_eq!(common["issuer"], format!("{base}/{{tenantid}}/v2.0"));
}
