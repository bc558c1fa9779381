//! Enrollment groups: keys that are made, certificates that are proved.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{CertificateParams, DnType, Issuer, KeyPair};
use serde_json::{Value, json};
use twinkit_emulator::iot_central::DEFAULT_ENROLLMENT_GROUP;

use crate::support::{BUILDER, OPERATOR, PREVIEW, Stage};

const GROUP: &str = "/enrollmentGroups/pumps";

fn with_keys() -> Value {
    json!({"displayName": "Pumps", "type": "iot", "attestation": {"type": "symmetricKey"}})
}

fn with_certificates() -> Value {
    json!({"displayName": "Pumps", "type": "iotEdge", "attestation": {"type": "x509"}})
}

/// A signing certificate, and the base64 of its PEM text.
fn authority(name: &str) -> (Issuer<'static, KeyPair>, String) {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, name);
    let text = STANDARD.encode(parameters.self_signed(&key).unwrap().pem());
    (Issuer::new(parameters, key), text)
}

/// A certificate of this common name that the issuer signed.
fn proof(issuer: &Issuer<'static, KeyPair>, name: &str) -> Value {
    let mut parameters = CertificateParams::new(Vec::new()).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, name);
    let key = KeyPair::generate().unwrap();
    let signed = parameters.signed_by(&key, issuer).unwrap();
    json!({"certificate": STANDARD.encode(signed.pem())})
}

#[tokio::test]
async fn every_application_has_the_default_group() {
    let stage = Stage::new().await;
    let (groups, _) = stage.owner.all("/enrollmentGroups").await;
    assert_eq!(groups.len(), 1);
    assert_eq!(groups[0]["id"], DEFAULT_ENROLLMENT_GROUP);
    assert!(groups[0].get("idScope").is_none());
    let path = format!("/enrollmentGroups/{DEFAULT_ENROLLMENT_GROUP}");
    let shown = stage.owner.version(PREVIEW).get(&path).await.expect(200).json();
    assert!(shown["idScope"].as_str().unwrap().starts_with("0ne"), "{shown}");
    stage.owner.delete(&path).await.refused(409, "Conflict");
}

#[tokio::test]
async fn devices_go_by_the_keys_of_the_default_group() {
    let stage = Stage::with_thermostat().await;
    stage.owner.put("/devices/dev-1", &json!({})).await.expect(200);
    let keys = json!({"primaryKey": "c2VjcmV0", "secondaryKey": "c2VjcmV0"});
    let patch = json!({"attestation": {"symmetricKey": keys}});
    let path = format!("/enrollmentGroups/{DEFAULT_ENROLLMENT_GROUP}");
    stage.owner.patch(&path, &patch).await.expect(200);
    let shown = stage.owner.get("/devices/dev-1/credentials").await.expect(200).json();
    // As Python's hmac module has it.
    let derived = "YMS1PkUfSq4cLO6oscn9aRq6isPXi29nhswvcWouX1I=";
    assert_eq!(shown["symmetricKey"]["primaryKey"], derived);
    let group = stage.owner.version(PREVIEW).get(&path).await.json();
    assert_eq!(shown["idScope"], group["idScope"]);
}

#[tokio::test]
async fn keys_are_made_kept_and_replaced() {
    let stage = Stage::new().await;
    let made = stage.owner.put(GROUP, &with_keys()).await.expect(200).json();
    assert_eq!((&made["id"], &made["enabled"]), (&json!("pumps"), &json!(true)));
    let keys = made["attestation"]["symmetricKey"].clone();
    for key in ["primaryKey", "secondaryKey"] {
        assert_eq!(STANDARD.decode(keys[key].as_str().unwrap()).unwrap().len(), 64);
    }
    assert_ne!(keys["primaryKey"], keys["secondaryKey"]);
    let again = stage.owner.put(GROUP, &with_keys()).await.expect(200).json();
    assert_eq!(again["attestation"]["symmetricKey"], keys);
    assert_ne!(again["etag"], made["etag"]);

    let mine = json!({"primaryKey": "bWluZQ==", "secondaryKey": "eW91cnM="});
    let patch = json!({"attestation": {"symmetricKey": mine}, "etag": made["etag"]});
    stage.owner.patch(GROUP, &patch).await.refused(412, "PreconditionFailed");
    let patch = json!({"attestation": {"symmetricKey": mine}, "etag": again["etag"]});
    let changed = stage.owner.patch(GROUP, &patch).await.expect(200).json();
    assert_eq!(changed["attestation"], json!({"type": "symmetricKey", "symmetricKey": mine}));
    stage.owner.delete(GROUP).await.expect(204);
    stage.owner.get(GROUP).await.refused(404, "NotFound");
}

#[tokio::test]
async fn bad_groups_are_refused_with_all_their_faults() {
    let stage = Stage::new().await;
    let bad = json!({"type": "car", "enabled": 1, "attestation": {
        "type": "symmetricKey", "symmetricKey": {"primaryKey": "no base64!"},
    }});
    let message = stage.owner.put(GROUP, &bad).await.refused(422, "InvalidBody");
    for part in ["displayName is missing", "type is not", "enabled", "is not base64"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(message.contains("attestation.symmetricKey.secondaryKey is missing"), "{message}");
    let tpm = json!({"displayName": "x", "type": "iot", "attestation": {"type": "tpm"}});
    stage.owner.put(GROUP, &tpm).await.refused(422, "InvalidBody");
    stage.owner.put("/enrollmentGroups/a_b", &with_keys()).await.refused(400, "BadRequest");
}

#[tokio::test]
async fn a_certificate_is_put_shown_and_deleted() {
    let stage = Stage::new().await;
    let made = stage.owner.put(GROUP, &with_certificates()).await.expect(200).json();
    assert_eq!(made["attestation"], json!({"type": "x509", "x509": {"signingCertificates": {}}}));
    let primary = format!("{GROUP}/certificates/primary");
    stage.owner.get(&primary).await.refused(404, "NotFound");
    let (_, text) = authority("root");
    let body = json!({"certificate": text, "verified": true});
    let put = stage.owner.put(&primary, &body).await.expect(200).json();
    assert_eq!(put["verified"], true);
    assert!(put.get("certificate").is_none());
    let thumbprint = put["info"]["sha1Thumbprint"].as_str().unwrap();
    assert!(thumbprint.len() == 40 && thumbprint.chars().all(|c| c.is_ascii_hexdigit()));
    assert_eq!(thumbprint, thumbprint.to_uppercase());
    assert_eq!(stage.owner.get(&primary).await.expect(200).json(), put);

    let group = stage.owner.get(GROUP).await.json();
    assert_eq!(group["attestation"]["x509"]["signingCertificates"], json!({"primary": put}));
    assert_ne!(group["etag"], made["etag"]);
    // What is shown may be sent back.
    let again = stage.owner.put(GROUP, &group).await.expect(200).json();
    assert_eq!(again["attestation"], group["attestation"]);

    let stale = json!({"certificate": text, "etag": "x"});
    stage.owner.put(&primary, &stale).await.refused(412, "PreconditionFailed");
    let fresh = json!({"certificate": text, "etag": put["etag"]});
    let put = stage.owner.put(&primary, &fresh).await.expect(200).json();
    assert_eq!(put["verified"], false);
    stage.owner.delete(&primary).await.expect(204);
    stage.owner.delete(&primary).await.refused(404, "NotFound");
    stage.owner.get(&format!("{GROUP}/certificates/third")).await.refused(404, "NotFound");
}

#[tokio::test]
async fn certificates_are_looked_into() {
    let stage = Stage::new().await;
    stage.owner.put(GROUP, &with_certificates()).await.expect(200);
    let primary = format!("{GROUP}/certificates/primary");
    let no_certificate =
        STANDARD.encode("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    for (certificate, told) in [
        (json!("-----BEGIN"), "neither PEM nor DER"),
        (json!("no base64!"), "neither PEM nor DER"),
        (json!(STANDARD.encode("text")), "no X.509"),
        (json!(no_certificate), "no X.509"),
        (Value::Null, "is missing"),
    ] {
        let body = json!({"certificate": certificate});
        let message = stage.owner.put(&primary, &body).await.refused(422, "InvalidBody");
        assert!(message.contains(told), "{message}");
    }
    let keys = "/enrollmentGroups/SAS-IoT-Devices/certificates/primary";
    let body = json!({"certificate": authority("x").1});
    stage.owner.put(keys, &body).await.refused(422, "InvalidBody");
}

#[tokio::test]
async fn a_certificate_is_proved_by_one_that_it_signed() {
    let stage = Stage::new().await;
    stage.owner.put(GROUP, &with_certificates()).await.expect(200);
    let secondary = format!("{GROUP}/certificates/secondary");
    let (verify, generate) =
        (format!("{secondary}/verify"), format!("{secondary}/generateVerificationCode"));
    let (issuer, text) = authority("root");
    let send = async || stage.owner.send("POST", &generate, &[], None).await;
    send().await.refused(404, "NotFound");
    stage.owner.put(&secondary, &json!({"certificate": text})).await.expect(200);
    let early = stage.owner.post(&verify, &proof(&issuer, "x")).await;
    assert!(early.refused(422, "InvalidBody").contains("no verification code"));
    let code = send().await.expect(200).json();
    let code = code["verificationCode"].as_str().unwrap();
    assert_eq!(code.len(), 64);

    let (stranger, _) = authority("stranger");
    for (proof, told) in [
        (proof(&issuer, "another"), "common name"),
        (proof(&stranger, code), "did not sign"),
        (json!({}), "certificate is missing"),
        (json!({"certificate": "eA=="}), "no X.509"),
    ] {
        let message = stage.owner.post(&verify, &proof).await.refused(422, "InvalidBody");
        assert!(message.contains(told), "{message}");
    }
    assert_eq!(stage.owner.get(&secondary).await.json()["verified"], false);
    let proved = stage.owner.post(&verify, &proof(&issuer, code)).await.expect(204);
    assert_eq!(proved.text, "");
    let shown = stage.owner.get(&secondary).await.json();
    assert!(shown["verified"] == true && shown.get("verificationCode").is_none(), "{shown}");
}

#[tokio::test]
async fn only_some_roles_reach_them() {
    let stage = Stage::new().await;
    let builder = stage.member(json!([{"role": BUILDER}])).await;
    builder.put(GROUP, &with_keys()).await.expect(200);
    let operator = stage.member(json!([{"role": OPERATOR}])).await;
    operator.get(GROUP).await.refused(403, "Forbidden");
    operator.get("/fileUploads").await.refused(403, "Forbidden");
}
