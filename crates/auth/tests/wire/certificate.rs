//! Client credentials by certificate on the wire: the assertion that is sent,
//! when it is made anew, and what a changed file does.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest;
use aws_lc_rs::signature::{
    RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256, RsaParameters, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use twinkit_auth::{AuthErrorKind, ClientCertificate, ClientCertificateBuilder, Credential};

use crate::jwt::{Stopped, assertion};
use crate::support::{
    Answer, Server, Traces, all_texts, fields, json, request, token, with_headers,
};
use x509_parser::prelude::{FromDer, X509Certificate};

const KEY: &str = include_str!("../certificates/key.pem");
const LEAF: &str = include_str!("../certificates/leaf.pem");
const CHAIN: &str = include_str!("../certificates/chain.pem");
const OTHER_KEY: &str = include_str!("../certificates/other.key.pem");
const OTHER: &str = include_str!("../certificates/other.pem");
const NOW: u64 = 1_800_000_000;

fn der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with('-'));
    STANDARD.decode(lines.collect::<String>()).unwrap()
}

fn builder(server: &Server, certificate: ClientCertificate) -> ClientCertificateBuilder {
    Credential::client_certificate("contoso.com", "app-id", certificate)
        .authority(&server.url)
        .clock(Arc::new(Stopped(NOW)))
}

fn from_pem() -> ClientCertificate {
    ClientCertificate::from_pem(format!("{KEY}{CHAIN}"))
}

/// The header of the assertion in `request`, which must be signed with the key
/// of `certificate`.
fn verified(request: &str, certificate: &str, algorithm: &'static RsaParameters) -> Value {
    let jwt = &fields(request)["client_assertion"];
    let (message, signature) = jwt.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    let der = der(certificate);
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let key = &certificate.public_key().subject_public_key.data;
    UnparsedPublicKey::new(algorithm, key).verify(message.as_bytes(), &signature).unwrap();
    assertion(request).0
}

fn thumbprint(certificate: &str, algorithm: &'static digest::Algorithm) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(algorithm, &der(certificate)))
}

#[tokio::test]
async fn the_request_is_the_documented_form() {
    let server = Server::start([]).await;
    let credential = builder(&server, from_pem()).build().unwrap();
    credential.token(&request()).await.unwrap();
    let sent = &server.requests()[0];
    assert!(sent.starts_with("POST /contoso.com/oauth2/v2.0/token HTTP/1.1\r\n"));
    let form = fields(sent);
    let names: Vec<&str> = form.keys().map(String::as_str).collect();
    let expected =
        ["client_assertion", "client_assertion_type", "client_id", "grant_type", "scope"];
    assert_eq!(names, expected);
    assert_eq!(form["grant_type"], "client_credentials");
    assert_eq!(form["client_id"], "app-id");
    assert_eq!(form["scope"], "https://digitaltwins.azure.net/.default");
    assert_eq!(
        form["client_assertion_type"],
        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    );
    let header = verified(sent, LEAF, &RSA_PSS_2048_8192_SHA256);
    let thumbprint = thumbprint(LEAF, &digest::SHA256);
    assert_eq!(header, json!({"alg": "PS256", "typ": "JWT", "x5t#S256": thumbprint}));
    let (_, mut claims) = assertion(sent);
    let jti = claims.as_object_mut().unwrap().remove("jti").unwrap();
    assert_eq!(jti.as_str().unwrap().len(), 36);
    let audience = format!("{}/contoso.com/oauth2/v2.0/token", server.url);
    assert_eq!(
        claims,
        json!({"aud": audience, "iss": "app-id", "sub": "app-id",
               "iat": NOW, "nbf": NOW, "exp": NOW + 600})
    );
}

#[tokio::test]
async fn rs256_and_the_chain_are_sent_on_request() {
    let server = Server::start([]).await;
    let certificate = from_pem().with_rs256().with_chain();
    builder(&server, certificate).build().unwrap().token(&request()).await.unwrap();
    let header = verified(&server.requests()[0], LEAF, &RSA_PKCS1_2048_8192_SHA256);
    assert_eq!(header["alg"], "RS256");
    assert_eq!(header["x5t"], thumbprint(LEAF, &digest::SHA1_FOR_LEGACY_USE_ONLY));
    assert_eq!(header.get("x5t#S256"), None);
    let chain = header["x5c"].as_array().unwrap();
    assert_eq!(chain.len(), 3);
    assert_eq!(chain[0], STANDARD.encode(der(LEAF)));
}

#[tokio::test]
async fn every_attempt_carries_a_new_assertion() {
    let busy = || with_headers("503 x", "retry-after: 0", "");
    let server = Server::start([busy(), busy(), token("t")]).await;
    builder(&server, from_pem()).build().unwrap().token(&request()).await.unwrap();
    let ids: Vec<Value> =
        server.requests().iter().map(|sent| assertion(sent).1["jti"].clone()).collect();
    assert_eq!(ids.len(), 3);
    assert!(ids[0] != ids[1] && ids[1] != ids[2] && ids[0] != ids[2], "{ids:?}");
}

const OUT_OF_TIME: &str = r#"{"error":"invalid_client","error_codes":[700024],
    "error_description":"AADSTS700024: Client assertion is not within its valid time range."}"#;

#[tokio::test]
async fn an_assertion_out_of_time_is_made_anew_once_by_the_services_clock() {
    // The header says 784,111,777 seconds after the epoch, an hour after ours.
    let late = || with_headers("401 x", "date: Sun, 06 Nov 1994 08:49:37 GMT", OUT_OF_TIME);
    let clock = Arc::new(Stopped(784_111_777 - 3600));
    let server = Server::start([late(), token("t")]).await;
    let credential = builder(&server, from_pem()).clock(clock.clone()).build().unwrap();
    credential.token(&request()).await.unwrap();
    let requests = server.requests();
    let at = |index: usize| assertion(&requests[index]).1["iat"].clone();
    assert_eq!((at(0), at(1)), (json!(784_111_777 - 3600), json!(784_111_777)));

    let server = Server::start([late(), late(), token("t")]).await;
    let credential = builder(&server, from_pem()).clock(clock).build().unwrap();
    let error = credential.token(&request()).await.unwrap_err();
    assert_eq!((error.kind(), server.requests().len()), (AuthErrorKind::Rejected, 2));
    let hint = error.hint().unwrap();
    assert!(hint.contains("outside its time") && hint.contains("3600 s behind"), "{hint}");
}

fn write(path: &Path, text: &str) {
    // As tools do it that replace files: whole, under another name first.
    let new = path.with_extension("new");
    std::fs::write(&new, text).unwrap();
    std::fs::rename(new, path).unwrap();
}

#[tokio::test]
async fn a_renewed_file_is_used_and_a_broken_one_is_not() {
    let (traces, _guard) = Traces::start();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.pem");
    write(&path, &format!("{KEY}{LEAF}"));
    let server = Server::start([]).await;
    let certificate = ClientCertificate::from_file(&path);
    let credential = builder(&server, certificate).build().unwrap();
    let anew = request().with_force_refresh();
    let contents = [None, Some(format!("{OTHER}{OTHER_KEY}")), Some("canary".to_owned())];
    let signers = [LEAF, OTHER, OTHER, OTHER];
    for content in contents {
        if let Some(content) = content {
            write(&path, &content);
        }
        credential.token(&anew).await.unwrap();
    }
    std::fs::remove_file(&path).unwrap();
    credential.token(&anew).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests.len(), 4);
    for (sent, signer) in requests.iter().zip(signers) {
        verified(sent, signer, &RSA_PSS_2048_8192_SHA256);
    }
    let traced = traces.text();
    assert!(traced.contains("a new certificate is used"), "{traced}");
    assert!(traced.contains("is used on") && traced.contains("neither PEM nor PFX"), "{traced}");
    assert!(!traced.contains("canary"));
}

#[tokio::test]
async fn a_changed_file_ends_the_memory_of_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.pem");
    write(&path, &format!("{KEY}{LEAF}"));
    let refused = json("401 x", r#"{"error":"invalid_client","error_codes":[700027]}"#);
    let server = Server::start([refused, token("t")]).await;
    let credential = builder(&server, ClientCertificate::from_file(&path)).build().unwrap();
    let error = credential.token(&request()).await.unwrap_err();
    assert!(error.hint().unwrap().contains("upload it"), "{error}");
    assert!(credential.token(&request()).await.unwrap_err().is_remembered());
    write(&path, &format!("{OTHER_KEY}{OTHER}"));
    credential.token(&request()).await.unwrap();
    verified(&server.requests()[1], OTHER, &RSA_PSS_2048_8192_SHA256);
}

#[tokio::test]
async fn wrong_settings_are_told_when_the_credential_is_made() {
    let server = Server::start([]).await;
    let error = builder(&server, ClientCertificate::from_file("/nowhere/x.pem")).build();
    let error = error.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Config);
    assert!(error.to_string().starts_with("client certificate: /nowhere/x.pem"), "{error}");
    let common = Credential::client_certificate("common", "app", from_pem()).build();
    assert!(common.unwrap_err().to_string().contains("tenants of users"));
}

#[cfg(unix)]
#[test]
fn a_file_that_others_may_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.pem");
    write(&path, &format!("{KEY}{LEAF}"));
    for (mode, warned) in [(0o600, false), (0o644, true)] {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let (traces, _guard) = Traces::start();
        let certificate = ClientCertificate::from_file(&path);
        Credential::client_certificate("t", "app", certificate).build().unwrap();
        let traced = traces.text();
        assert_eq!(traced.contains("other than the owner"), warned, "{mode:o}: {traced}");
    }
}

#[tokio::test]
async fn neither_key_nor_assertion_is_ever_shown() {
    for answer in
        [Answer::Echo, Answer::Close, with_headers("200 OK", "content-type: text/html", "<html>")]
    {
        let (traces, _guard) = Traces::start();
        let server = Server::start([answer, Answer::Close, Answer::Close]).await;
        let credential = builder(&server, from_pem().with_chain()).build().unwrap();
        let error = credential.token(&request()).await.unwrap_err();
        let texts = all_texts(&error) + &traces.text() + &format!("{credential:?}{credential:#?}");
        for sent in server.requests() {
            let jwt = &fields(&sent)["client_assertion"];
            let (message, signature) = jwt.rsplit_once('.').unwrap();
            assert!(!texts.contains(jwt) && !texts.contains(signature), "{texts}");
            assert!(!texts.contains(message), "{texts}");
        }
        for line in KEY.lines() {
            assert!(!texts.contains(line), "{texts}");
        }
    }
}
