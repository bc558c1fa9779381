//! Credentials and attestations of single devices.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::support::{ORG_VIEWER, Stage};

const PATH: &str = "/devices/dev-1/attestation";
const CREDENTIALS: &str = "/devices/dev-1/credentials";

/// A certificate as PEM, and its thumbprint.
fn certificate() -> (String, Vec<u8>, String) {
    let made = rcgen::generate_simple_self_signed(vec!["dev-1".to_owned()]).unwrap();
    let der = made.cert.der().to_vec();
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA1_FOR_LEGACY_USE_ONLY, &der);
    let thumbprint = digest.as_ref().iter().map(|byte| format!("{byte:02X}")).collect();
    (made.cert.pem(), der, thumbprint)
}

#[tokio::test]
async fn keys_are_derived_as_long_as_a_device_has_none_of_its_own() {
    let stage = Stage::with_device(false).await;
    let owner = &stage.owner;
    owner.put("/devices/dev-2", &json!({})).await.expect(200);
    let first = owner.get(CREDENTIALS).await.expect(200).json();
    let second = owner.get("/devices/dev-2/credentials").await.expect(200).json();
    assert!(first["idScope"].as_str().unwrap().starts_with("0ne"));
    assert_eq!(first["idScope"], second["idScope"]);
    let key = |body: &Value, name: &str| {
        STANDARD.decode(body["symmetricKey"][name].as_str().unwrap()).unwrap()
    };
    for name in ["primaryKey", "secondaryKey"] {
        assert_eq!(key(&first, name).len(), 32);
        assert_ne!(key(&first, name), key(&second, name));
    }
    assert_ne!(key(&first, "primaryKey"), key(&first, "secondaryKey"));
    assert_eq!(owner.get(CREDENTIALS).await.json(), first, "they stay the same");
    owner.get(PATH).await.refused(404, "NotFound");
    owner.patch(PATH, &json!({})).await.refused(404, "NotFound");
    owner.delete(PATH).await.refused(404, "NotFound");
    owner.get("/devices/none/credentials").await.refused(404, "NotFound");
}

#[tokio::test]
async fn keys_of_its_own_win() {
    let stage = Stage::with_device(false).await;
    let owner = &stage.owner;
    let keys = json!({"primaryKey": "YQ==", "secondaryKey": "Yg=="});
    let body = json!({"type": "symmetricKey", "symmetricKey": keys});
    assert_eq!(owner.put(PATH, &body).await.expect(200).json(), body);
    assert_eq!(owner.get(PATH).await.expect(200).json(), body);
    assert_eq!(owner.get(CREDENTIALS).await.json()["symmetricKey"], keys);
    let patch = json!({"symmetricKey": {"secondaryKey": "Yw=="}});
    let changed = owner.patch(PATH, &patch).await.expect(200).json();
    assert_eq!(changed["symmetricKey"], json!({"primaryKey": "YQ==", "secondaryKey": "Yw=="}));
    owner.delete(PATH).await.expect(204);
    owner.get(PATH).await.refused(404, "NotFound");
    assert_ne!(owner.get(CREDENTIALS).await.json()["symmetricKey"], changed["symmetricKey"]);
    // It goes with its device.
    owner.put(PATH, &body).await.expect(200);
    owner.delete("/devices/dev-1").await.expect(204);
    owner.put("/devices/dev-1", &json!({})).await.expect(200);
    owner.get(PATH).await.refused(404, "NotFound");
}

#[tokio::test]
async fn of_certificates_only_the_thumbprint_comes_back() {
    let stage = Stage::with_device(false).await;
    let owner = &stage.owner;
    let (pem, der, thumbprint) = certificate();
    let info = json!({"info": {"sha1Thumbprint": thumbprint}});
    for text in [pem.clone(), STANDARD.encode(&pem), STANDARD.encode(&der)] {
        let body = json!({"type": "x509", "x509": {"clientCertificates": {
            "primary": {"certificate": text, "info": {"sha1Thumbprint": "mine"}},
        }}});
        let made = owner.put(PATH, &body).await.expect(200).json();
        let whole = json!({"type": "x509", "x509": {"clientCertificates": {"primary": info}}});
        assert_eq!(made, whole);
        assert_eq!(owner.get(PATH).await.json(), whole);
    }
    let (other, _, other_print) = certificate();
    let patch = json!({"x509": {"clientCertificates": {"secondary": {"certificate": other}}}});
    let changed = owner.patch(PATH, &patch).await.expect(200).json();
    let certificates = &changed["x509"]["clientCertificates"];
    assert_eq!(certificates["primary"], info);
    assert_eq!(certificates["secondary"], json!({"info": {"sha1Thumbprint": other_print}}));
    let credentials = owner.get(CREDENTIALS).await.json();
    assert_eq!(&credentials["x509"]["clientCertificates"], certificates);
    assert_eq!(credentials.get("symmetricKey"), None);
    // Another kind takes its place.
    let tpm = json!({"type": "tpm", "tpm": {"endorsementKey": "AToAAQ"}});
    let changed = owner.patch(PATH, &tpm).await.expect(200).json();
    assert_eq!(changed, tpm);
    assert_eq!(owner.get(CREDENTIALS).await.json()["tpm"], tpm["tpm"]);
}

#[tokio::test]
async fn bad_ones_are_refused() {
    let stage = Stage::with_device(false).await;
    for (body, told) in [
        (json!({}), "type is missing"),
        (json!({"type": "password"}), "type is not one of symmetricKey, x509, tpm"),
        (json!({"type": "symmetricKey"}), "symmetricKey is missing"),
        (json!({"type": "symmetricKey", "symmetricKey": {"primaryKey": "YQ=="}}), "secondaryKey"),
        (
            json!({"type": "symmetricKey",
                "symmetricKey": {"primaryKey": "no base64", "secondaryKey": "YQ=="}}),
            "symmetricKey.primaryKey is not base64",
        ),
        (json!({"type": "x509", "x509": {}}), "x509.clientCertificates is missing"),
        (json!({"type": "x509", "x509": {"clientCertificates": {}}}), "primary is missing"),
        (
            json!({"type": "x509", "x509": {"clientCertificates": {
                "primary": {"certificate": "YQ=="}, "secondary": {"certificate": "?"},
            }}}),
            "certificate of secondary is neither",
        ),
        (json!({"type": "tpm", "tpm": {}}), "tpm.endorsementKey is missing"),
    ] {
        let message = stage.owner.put(PATH, &body).await.refused(422, "InvalidBody");
        assert!(message.contains(told), "{told}: {message}");
    }
    let viewer = stage.member(json!([{"role": crate::support::OPERATOR}])).await;
    viewer.get(PATH).await.refused(404, "NotFound");
    stage.owner.put("/organizations/north", &json!({"displayName": "North"})).await.expect(200);
    let viewer = stage.member(json!([{"role": ORG_VIEWER, "organization": "north"}])).await;
    viewer.get(PATH).await.refused(403, "Forbidden");
}
