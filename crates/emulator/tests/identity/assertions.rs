//! Client assertions signed by a registered certificate.

use std::time::Duration;

use aws_lc_rs::{
    digest,
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaEncoding, RsaKeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256, RsaKeySize};
use serde_json::{Value, json};
use twinkit_emulator::{
    Emulator,
    identity::{CLIENT_ID, CLIENT_SECRET, NATIVE_CLIENT_ID},
};

use crate::support::{ask, changed, claims, endpoint, expected, refusal};

const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// A certificate with its key.
struct Signer {
    der: Vec<u8>,
    key: RsaKeyPair,
}

impl Signer {
    fn new() -> Self {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap();
        let params = CertificateParams::new(vec!["client.example".to_owned()]).unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { der, key: RsaKeyPair::from_pkcs8(&key.serialize_der()).unwrap() }
    }

    fn thumbprint(&self, algorithm: &'static digest::Algorithm) -> Vec<u8> {
        digest::digest(algorithm, &self.der).as_ref().to_vec()
    }

    fn header(&self, algorithm: &str) -> Value {
        let sha256 = URL_SAFE_NO_PAD.encode(self.thumbprint(&digest::SHA256));
        json!({"alg": algorithm, "typ": "JWT", "x5t#S256": sha256})
    }

    fn sign(&self, header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(claims));
        let padding: &'static dyn RsaEncoding = match header["alg"].as_str().unwrap() {
            "PS256" => &RSA_PSS_SHA256,
            "RS384" => &RSA_PKCS1_SHA384,
            _ => &RSA_PKCS1_SHA256,
        };
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key.sign(padding, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// An emulator whose seeded application has a certificate.
async fn start() -> (Emulator, Signer) {
    let emulator = Emulator::start().await.unwrap();
    let signer = Signer::new();
    let der = signer.der.clone();
    let add = |application: &mut twinkit_emulator::identity::Application| {
        application.certificates.push(der);
    };
    emulator.directory().update_application(CLIENT_ID, add).unwrap();
    (emulator, signer)
}

fn sound(emulator: &Emulator) -> Value {
    let now = emulator.clock().unix_seconds();
    json!({
        "aud": endpoint(emulator, "token"),
        "iss": CLIENT_ID,
        "sub": CLIENT_ID,
        "jti": "one",
        "iat": now,
        "nbf": now,
        "exp": now + 600,
    })
}

fn with(mut value: Value, member: &str, other: Value) -> Value {
    value[member] = other;
    value
}

fn form(assertion: &str) -> Vec<(&str, &str)> {
    vec![
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_assertion_type", TYPE),
        ("client_assertion", assertion),
        ("scope", "https://digitaltwins.azure.net/.default"),
    ]
}

#[tokio::test]
async fn both_algorithms_and_every_form_of_thumbprint_are_taken() {
    let (emulator, signer) = start().await;
    let sha1 = signer.thumbprint(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    let sha256 = signer.thumbprint(&digest::SHA256);
    let headers = [
        signer.header("PS256"),
        signer.header("RS256"),
        json!({"alg": "RS256", "x5t": URL_SAFE.encode(&sha1)}),
        json!({"alg": "RS256", "x5t": STANDARD.encode(&sha1)}),
        json!({"alg": "PS256", "x5t#S256": STANDARD.encode(&sha256)}),
        json!({"alg": "PS256", "x5t#S256": URL_SAFE.encode(&sha256), "x5c": ["ignored"]}),
    ];
    for header in headers {
        let assertion = signer.sign(&header, &sound(&emulator));
        let (status, body) = ask(&emulator, &form(&assertion)).await;
        assert_eq!(status, 200, "{header}: {body}");
        assert_eq!(claims(&body["access_token"])["azpacr"], "2");
    }
}

#[tokio::test]
async fn the_audience_is_the_endpoint_or_the_issuer_and_times_may_be_fractions() {
    let (emulator, signer) = start().await;
    let tenant = emulator.tenant_id();
    let base = emulator.authority_url();
    for claims in [
        with(sound(&emulator), "aud", json!(format!("{base}/{tenant}/v2.0"))),
        with(sound(&emulator), "aud", json!(["x", endpoint(&emulator, "token")])),
        with(sound(&emulator), "exp", json!(emulator.clock().unix_seconds() as f64 + 60.5)),
        with(sound(&emulator), "nbf", Value::Null),
    ] {
        let assertion = signer.sign(&signer.header("PS256"), &claims);
        assert_eq!(ask(&emulator, &form(&assertion)).await.0, 200, "{claims}");
    }
    // By the tenant's domain name the endpoint has another address.
    let by_name = endpoint(&emulator, "token").replace(tenant, "twinkit.onmicrosoft.com");
    let assertion = signer.sign(&signer.header("PS256"), &sound(&emulator));
    let by_id = crate::support::post(&by_name, &form(&assertion)).await;
    assert_eq!(by_id.0, 200, "{}", by_id.1);
}

#[tokio::test]
async fn every_fault_of_an_assertion_has_its_code() {
    let (emulator, signer) = start().await;
    let stranger = Signer::new();
    let now = emulator.clock().unix_seconds();
    let claims = || sound(&emulator);
    let header = signer.header("PS256");
    let cases = [
        (signer.sign(&signer.header("RS384"), &claims()), 50027),
        (signer.sign(&json!({"alg": "PS256"}), &claims()), 700_027),
        (stranger.sign(&stranger.header("PS256"), &claims()), 700_027),
        (stranger.sign(&header, &claims()), 700_027),
        (signer.sign(&header, &with(claims(), "aud", json!("https://else.example"))), 700_023),
        (signer.sign(&header, &with(claims(), "sub", json!("else"))), 700_021),
        (signer.sign(&header, &with(claims(), "iss", json!("https://else.example"))), 700_211),
        (signer.sign(&header, &with(claims(), "exp", json!(now))), 700_024),
        (signer.sign(&header, &with(claims(), "nbf", json!(now + 3600))), 700_024),
        (signer.sign(&header, &with(claims(), "exp", Value::Null)), 50027),
        (signer.sign(&header, &with(claims(), "iss", Value::Null)), 50027),
        ("a.b".to_owned(), 50027),
    ];
    for (index, (assertion, code)) in cases.iter().enumerate() {
        let got = refusal(&emulator, &form(assertion)).await;
        assert_eq!(got, expected(401, "invalid_client", *code), "case {index}");
    }
}

#[tokio::test]
async fn the_fields_around_an_assertion_are_checked() {
    let (emulator, signer) = start().await;
    let assertion = signer.sign(&signer.header("PS256"), &sound(&emulator));
    let form = form(&assertion);
    let untyped = changed(&form, &[("client_assertion_type", "")]);
    assert_eq!(refusal(&emulator, &untyped).await, expected(400, "invalid_request", 900_144));
    let mistyped = changed(&form, &[("client_assertion_type", "saml")]);
    assert_eq!(refusal(&emulator, &mistyped).await, expected(400, "invalid_request", 90023));
    let public = changed(&form, &[("client_id", NATIVE_CLIENT_ID)]);
    assert_eq!(refusal(&emulator, &public).await, expected(401, "invalid_client", 700_025));
    let both = changed(&form, &[("client_secret", CLIENT_SECRET)]);
    assert_eq!(ask(&emulator, &both).await.0, 200);
}

#[tokio::test]
async fn an_assertion_is_good_again_unless_the_directory_says_once() {
    let (emulator, signer) = start().await;
    let assertion = signer.sign(&signer.header("PS256"), &sound(&emulator));
    assert_eq!(ask(&emulator, &form(&assertion)).await.0, 200);
    emulator.directory().refuse_repeated_assertions(true);
    assert_eq!(ask(&emulator, &form(&assertion)).await.0, 200);
    let again = refusal(&emulator, &form(&assertion)).await;
    assert_eq!(again, expected(401, "invalid_client", 50027));
    let nameless = with(sound(&emulator), "jti", Value::Null);
    let nameless = signer.sign(&signer.header("PS256"), &nameless);
    let refused = refusal(&emulator, &form(&nameless)).await;
    assert_eq!(refused, expected(401, "invalid_client", 50027));
    emulator.clock().advance(Duration::from_secs(601));
    let late = refusal(&emulator, &form(&assertion)).await;
    assert_eq!(late, expected(401, "invalid_client", 700_024));
}
