//! How devices connect: enrollment groups and their certificates, and where
//! they upload files.

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use serde_json::json;

use super::{Stand, with_body};
use crate::contract::Subject;
use crate::generated::Values;
use crate::served::{Callable, Play};

pub(super) async fn play<C: Callable, S: Subject>(play: &mut Play<C, S>, stand: &Stand) {
    enrollment_groups(play).await;
    if let Err(error) = certificates(play).await {
        play.surprise("verify_enrollment_group_certificate", error.to_string());
    }
    let id = |id: &str| Values::new().with("enrollmentGroupId", id);
    play.succeeds("delete_enrollment_group", id("lorries")).await;
    play.refused("delete_enrollment_group", id("lorries")).await;
    file_uploads(play, stand).await;
}

async fn enrollment_groups<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let id = |id: &str| Values::new().with("enrollmentGroupId", id);
    let named = |id: &str, body| with_body("enrollmentGroupId", id, body);
    let keys =
        json!({"displayName": "Pumps", "type": "iot", "attestation": {"type": "symmetricKey"}});
    play.succeeds("create_enrollment_group", named("pumps", keys)).await;
    let certificates = json!({"displayName": "Lorries", "type": "iotEdge", "enabled": true,
        "attestation": {"type": "x509", "x509": {"signingCertificates": {}}}});
    play.succeeds("create_enrollment_group", named("lorries", certificates)).await;
    let wrong = json!({"displayName": "x", "type": "iot", "attestation": {"type": "tpm"}});
    play.refused("create_enrollment_group", named("x", wrong)).await;
    play.succeeds("get_enrollment_group", id("pumps")).await;
    play.refused("get_enrollment_group", id("nobody")).await;
    let off = json!({"enabled": false});
    play.succeeds("update_enrollment_group", named("pumps", off.clone())).await;
    play.refused("update_enrollment_group", named("nobody", off)).await;
    play.refused("update_enrollment_group", named("pumps", json!({"displayName": ""}))).await;
    play.succeeds("list_enrollment_groups", Values::new()).await;
    play.denied("list_enrollment_groups", Values::new()).await;
}

async fn certificates<C: Callable, S: Subject>(play: &mut Play<C, S>) -> anyhow::Result<()> {
    let entry =
        |group: &str| Values::new().with("enrollmentGroupId", group).with("entry", "primary");
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, "Lorries");
    let key = KeyPair::generate()?;
    let root = params.self_signed(&key)?;
    let body = |pem: String| json!({"certificate": STANDARD.encode(pem)});
    let unverified = json!({"certificate": STANDARD.encode(root.pem()), "verified": false});
    let unverified = entry("lorries").with("body", unverified);
    play.succeeds("create_enrollment_group_certificate", unverified).await;
    let nonsense = entry("lorries").with("body", json!({"certificate": "no certificate"}));
    play.refused("create_enrollment_group_certificate", nonsense).await;
    play.succeeds("get_enrollment_group_certificate", entry("lorries")).await;
    play.refused("get_enrollment_group_certificate", entry("nobody")).await;

    let code = play.succeeds("generate_verification_code", entry("lorries")).await;
    play.refused("generate_verification_code", entry("nobody")).await;
    let code =
        code.and_then(|answer| answer.value.get("verificationCode")?.as_str().map(str::to_owned));
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, code.unwrap_or_default());
    let leaf_key = KeyPair::generate()?;
    let mut ca = CertificateParams::new(Vec::new())?;
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    ca.distinguished_name.push(DnType::CommonName, "Lorries");
    let proof = params.signed_by(&leaf_key, &Issuer::new(ca, key))?;
    let wrong = entry("lorries").with("body", body(root.pem()));
    play.refused("verify_enrollment_group_certificate", wrong).await;
    let proof = entry("lorries").with("body", body(proof.pem()));
    play.succeeds("verify_enrollment_group_certificate", proof).await;

    play.succeeds("delete_enrollment_group_certificate", entry("lorries")).await;
    play.refused("delete_enrollment_group_certificate", entry("lorries")).await;
    Ok(())
}

async fn file_uploads<C: Callable, S: Subject>(play: &mut Play<C, S>, stand: &Stand) {
    let settle = || stand.emulator.clock().advance(Duration::from_secs(60));
    let none = Values::new;
    play.refused("get_file_upload", none()).await;
    play.refused("update_file_upload", none().with("body", json!({"container": "x"}))).await;
    let account = "DefaultEndpointsProtocol=https;AccountName=store;AccountKey=a2V5;\
                   EndpointSuffix=core.windows.net";
    let whole = json!({"connectionString": account, "container": "uploads", "sasTtl": "PT1H"});
    play.succeeds("create_file_upload", none().with("body", whole)).await;
    play.refused(
        "create_file_upload",
        none().with("body", json!({"connectionString": "", "container": ""})),
    )
    .await;
    settle();
    play.succeeds("get_file_upload", none()).await;
    let longer = json!({"sasTtl": "PT2H"});
    play.succeeds("update_file_upload", none().with("body", longer)).await;
    settle();
    play.succeeds("delete_file_upload", none()).await;
    settle();
    play.refused("delete_file_upload", none()).await;
}
