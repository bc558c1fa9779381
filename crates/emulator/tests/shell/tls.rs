//! TLS by the local authority.

use std::path::PathBuf;

use reqwest::{Certificate, Client};
use serde_json::Value;
use twinkit_emulator::{Emulator, faults::Fault};
use x509_parser::{extensions::ParsedExtension, parse_x509_certificate, pem::parse_x509_pem};

use crate::support::{client, form, models_url, token_url};

fn trusting(emulator: &Emulator) -> Client {
    let ca = Certificate::from_pem(emulator.ca_pem().unwrap().as_bytes()).unwrap();
    Client::builder().no_proxy().tls_certs_only([ca]).build().unwrap()
}

#[tokio::test]
async fn who_trusts_the_authority_is_served_and_who_does_not_refuses() {
    let emulator = Emulator::builder().tls(true).start().await.unwrap();
    assert!(emulator.authority_url().starts_with("https://localhost:"));
    let fields = form(&emulator, &[]);
    let response =
        trusting(&emulator).post(token_url(&emulator)).form(&fields).send().await.unwrap();
    let body: Value = response.json().await.unwrap();
    let token = body["access_token"].as_str().unwrap();
    for host in ["localhost", "127.0.0.1"] {
        let url = models_url(&emulator).replace("localhost", host);
        let response = trusting(&emulator).get(url).bearer_auth(token).send().await.unwrap();
        assert_eq!(response.status(), 200, "{host}");
    }
    let error = client().get(models_url(&emulator)).send().await.unwrap_err();
    assert!(error.is_connect(), "{error:?}");
}

#[tokio::test]
async fn the_ca_file_is_named_in_the_environment_and_removed_at_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = Emulator::builder().tls(true).ca_folder(folder.path()).start().await.unwrap();
    let env = emulator.env();
    let path = folder.path().join("twinkit-ca.pem");
    for name in ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"] {
        assert_eq!(PathBuf::from(&env[name]), path);
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), emulator.ca_pem().unwrap());
    let kept = folder.path().join("kept.pem");
    emulator.write_ca(&kept).unwrap();
    emulator.shutdown().await;
    assert!(!path.exists() && kept.exists());

    let plain = Emulator::start().await.unwrap();
    assert_eq!((plain.ca_pem(), plain.ca_path()), (None, None));
    assert!(!plain.env().contains_key("SSL_CERT_FILE"));
    assert!(plain.write_ca(&kept).is_err());
}

#[tokio::test]
async fn the_authority_has_what_strict_checks_ask_for() {
    let emulator = Emulator::builder().tls(true).start().await.unwrap();
    let (_, pem) = parse_x509_pem(emulator.ca_pem().unwrap().as_bytes()).unwrap();
    let (_, certificate) = parse_x509_certificate(&pem.contents).unwrap();
    let constraints = certificate.basic_constraints().unwrap().unwrap();
    assert!(constraints.critical && constraints.value.ca);
    let usage = certificate.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.key_cert_sign());
    assert!(certificate.extensions().iter().any(|extension| {
        matches!(extension.parsed_extension(), ParsedExtension::SubjectKeyIdentifier(_))
    }));
    let validity = certificate.validity();
    let days = (validity.not_after.timestamp() - validity.not_before.timestamp()) / 86_400;
    assert!(days < 825, "{days}");
    assert!(validity.is_valid());
}

#[tokio::test]
async fn faults_reach_through_tls() {
    let emulator = Emulator::builder().tls(true).start().await.unwrap();
    let client = trusting(&emulator);
    emulator.faults().next(Fault::reset());
    assert!(client.get(models_url(&emulator)).send().await.unwrap_err().is_request());
    emulator.faults().next(Fault::truncate(4));
    let mut response = client.get(models_url(&emulator)).send().await.unwrap();
    assert_eq!(response.chunk().await.unwrap().unwrap().len(), 4);
    assert!(response.chunk().await.is_err());
    assert_eq!(client.get(models_url(&emulator)).send().await.unwrap().status(), 401);
}
