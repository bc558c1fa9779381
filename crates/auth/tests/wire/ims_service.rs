//! A service application of Bentley IMS on the wire.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::support::{ENCODED, SECRET, Server, json, token};
use twinkit_auth::{AuthErrorKind, Credential, ExposeSecret, TokenRequest};

fn request() -> TokenRequest {
    TokenRequest::new(["itwin-platform"]).unwrap()
}

#[tokio::test]
async fn the_secret_goes_into_the_form() {
    let server = Server::start([token("t")]).await;
    let credential = Credential::ims_service("service-1", SECRET).host(&server.url).build();
    let token = credential.unwrap().token(&request()).await.unwrap();
    assert_eq!(token.secret().expose_secret(), "t");
    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /connect/token HTTP/1.1\r\n"), "{head}");
    assert!(!head.contains("authorization"));
    let expected = "grant_type=client_credentials&scope=itwin-platform&client_id=service-1";
    assert_eq!(body, format!("{expected}&client_secret={ENCODED}"));
    assert_eq!(requests.len(), 1, "no discovery request");
}

#[tokio::test]
async fn or_into_the_header_with_both_halves_encoded() {
    let server = Server::start([token("t")]).await;
    let credential =
        Credential::ims_service("odd:id", SECRET).host(&server.url).basic().build().unwrap();
    credential.token(&request()).await.unwrap();
    let requests = server.requests();
    let (head, body) = requests[0].split_once("\r\n\r\n").unwrap();
    let value = head.lines().find_map(|line| line.strip_prefix("authorization: Basic ")).unwrap();
    assert_eq!(STANDARD.decode(value).unwrap(), format!("odd%3Aid:{ENCODED}").into_bytes());
    assert_eq!(body, "grant_type=client_credentials&scope=itwin-platform");
}

#[tokio::test]
async fn refusals_get_hints_and_hide_the_proof() {
    let header = STANDARD.encode(format!("app:{ENCODED}"));
    let echo =
        format!(r#"{{"error":"invalid_client","error_description":"{SECRET} Basic {header}"}}"#);
    let server = Server::start([json("400 Bad Request", &echo)]).await;
    let credential = Credential::ims_service("app", SECRET).host(&server.url).basic().build();
    let error = credential.unwrap().token(&request()).await.unwrap_err();
    assert_eq!((error.kind(), error.http_status()), (AuthErrorKind::Rejected, Some(400)));
    assert!(server.requests()[0].contains(&header), "the proof was on the wire");
    assert!(error.hint().unwrap().contains("developer portal"));
    let texts = format!("{error} {error:?}");
    assert!(!texts.contains(SECRET) && !texts.contains(&header), "{texts}");
}
