//! Applications with a certificate: every form of file, both algorithms, and
//! clocks that differ.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde_json::Value;
use twinkit_auth::{AuthErrorKind, ClientCertificate, Credential};
use twinkit_emulator::Emulator;
use twinkit_emulator::clock::Clock;
use twinkit_emulator::faults::Fault;
use twinkit_emulator::identity::{Application, CLIENT_ID, OBJECT_ID, TENANT_ID};

use super::support::{at, reach_twins, refused, token_requests};

const PASSWORD: &str = "canary-pass";
const HOUR: Duration = Duration::from_secs(3600);

pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/auth/tests/certificates").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap()
}

/// A certificate as it is registered.
pub(super) fn der(name: &str) -> Vec<u8> {
    let pem = text(name);
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(body).unwrap()
}

/// Has the emulator's application be opened by this certificate.
pub(super) fn register(emulator: &Emulator, name: &str) {
    let change = |application: &mut Application| application.certificates.push(der(name));
    emulator.directory().update_application(CLIENT_ID, change).unwrap();
}

fn credential(emulator: &Emulator, certificate: ClientCertificate) -> Credential {
    at(emulator, Credential::client_certificate(TENANT_ID, CLIENT_ID, certificate)).build().unwrap()
}

pub(super) fn pem() -> ClientCertificate {
    ClientCertificate::from_pem(SecretString::from(text("chain.pem") + &text("key.pem")))
}

#[tokio::test]
async fn every_form_of_certificate_opens_the_data_plane_with_either_algorithm() {
    let emulator = Emulator::start().await.unwrap();
    register(&emulator, "leaf.pem");
    let two = |key: &str| ClientCertificate::from_files(fixture("chain.pem"), fixture(key));
    let pfx = |name: &str| ClientCertificate::from_pfx(std::fs::read(fixture(name)).unwrap());
    for (name, certificate) in [
        ("PEM text", pem()),
        ("PEM files", two("key.pem")),
        ("PKCS#1 key", two("key.pkcs1.pem")),
        ("encrypted key", two("key.encrypted.pem").with_password(PASSWORD)),
        ("PFX", pfx("modern.pfx").with_password(PASSWORD)),
        ("PFX of old", pfx("legacy.pfx").with_password(PASSWORD)),
        ("PFX without password", pfx("empty-password.pfx")),
        ("PFX file", ClientCertificate::from_file(fixture("modern.pfx")).with_password(PASSWORD)),
    ] {
        for certificate in
            [certificate.clone(), certificate.clone().with_rs256(), certificate.with_chain()]
        {
            let said = format!("{name}: {certificate:?}");
            let claims = reach_twins(&emulator, &credential(&emulator, certificate)).await;
            assert_eq!(claims["oid"], OBJECT_ID, "{said}");
            assert_eq!(claims.get("azpacr").unwrap_or(&Value::from("2")), "2", "{said}");
        }
    }
}

#[tokio::test]
async fn an_unknown_certificate_is_refused_with_a_hint() {
    let emulator = Emulator::start().await.unwrap();
    for known in [None, Some("other.pem")] {
        known.iter().for_each(|name| register(&emulator, name));
        let error = refused(&credential(&emulator, pem())).await;
        assert_eq!((error.kind(), error.codes()), (AuthErrorKind::Rejected, &[700_027][..]));
        assert!(error.hint().unwrap().contains("upload it"), "{error}");
    }
    register(&emulator, "leaf.pem");
    let fresh = credential(&emulator, pem());
    assert_eq!(reach_twins(&emulator, &fresh).await["oid"], OBJECT_ID);
}

#[tokio::test]
async fn clocks_that_differ_are_mended_by_what_the_service_says_of_its_own() {
    let now = Clock::new().now();
    let behind = Clock::starting_at(now.checked_sub(2 * HOUR).unwrap());
    let ahead = Clock::starting_at(now.checked_add(2 * HOUR).unwrap());
    for clock in [behind, ahead] {
        let emulator = Emulator::builder().clock(clock).start().await.unwrap();
        register(&emulator, "leaf.pem");
        let credential = credential(&emulator, pem());
        assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID);
        assert_eq!(token_requests(&emulator), 2, "refused with 700024, then dated anew");
        let again = super::support::twins().with_force_refresh();
        credential.token(&again).await.unwrap();
        assert_eq!(token_requests(&emulator), 3, "the difference is remembered");
    }
}

#[tokio::test(start_paused = true)]
async fn each_attempt_carries_an_assertion_of_its_own() {
    let emulator = Emulator::start().await.unwrap();
    register(&emulator, "leaf.pem");
    emulator.directory().refuse_repeated_assertions(true);
    emulator.faults().next(Fault::lose_answer().on("identity").times(2));
    let credential = credential(&emulator, pem());
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID);
    assert_eq!(token_requests(&emulator), 3, "the first two were taken, but not answered");
}

#[tokio::test]
async fn a_renewed_file_is_used_without_a_restart() {
    let emulator = Emulator::start().await.unwrap();
    register(&emulator, "leaf.pem");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("certificate.pem");
    std::fs::write(&file, text("other.pem") + &text("other.key.pem")).unwrap();
    let credential = credential(&emulator, ClientCertificate::from_file(&file));
    assert_eq!(refused(&credential).await.codes(), [700_027]);
    assert!(refused(&credential).await.is_remembered());
    std::fs::write(&file, text("leaf.pem") + &text("key.pem")).unwrap();
    assert_eq!(reach_twins(&emulator, &credential).await["oid"], OBJECT_ID);
}

#[tokio::test]
async fn a_federation_server_takes_secrets_and_certificates() {
    let emulator = Emulator::start().await.unwrap();
    register(&emulator, "leaf.pem");
    let secret = Credential::client_secret("adfs", CLIENT_ID, emulator.client_secret());
    let certificate = Credential::client_certificate("adfs", CLIENT_ID, pem().with_rs256());
    for credential in
        [at(&emulator, secret).build().unwrap(), at(&emulator, certificate).build().unwrap()]
    {
        let token = credential.token(&super::support::twins()).await.unwrap();
        let claims = super::support::claims(&token);
        assert_eq!(claims["oid"], OBJECT_ID);
        assert!(claims["iss"].as_str().unwrap().ends_with("/adfs"), "{claims}");
    }
    assert_eq!(super::support::requests(&emulator, "identity", "/adfs/oauth2/token"), 2);
}
