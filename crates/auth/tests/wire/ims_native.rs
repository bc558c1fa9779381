//! Sign-in in a browser at Bentley IMS.

use std::net::Ipv4Addr;

use tokio::net::TcpListener;
use twinkit_auth::{AuthError, AuthErrorKind, Credential, ImsNativeBuilder, TokenRequest};

use crate::browser::{Browser, browser, status};
use crate::support::{Server, field, token_with};

/// A port that was free a moment ago.
async fn some_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    listener.local_addr().unwrap().port()
}

async fn ims(server: &Server) -> (ImsNativeBuilder, Browser, String) {
    let (open, browser) = browser();
    let redirect = format!("http://127.0.0.1:{}/signin-callback", some_port().await);
    let builder = Credential::ims_native("app-id").host(server.url.clone());
    (builder.redirect_uri(redirect.clone()).open_with(open), browser, redirect)
}

#[tokio::test]
async fn ims_is_asked_as_it_documents() {
    let server = Server::start([token_with("one", r#""refresh_token":"r-1""#)]).await;
    let (builder, mut browser, redirect) = ims(&server).await;
    let credential = builder.build().unwrap();
    let drive = async {
        let page = browser.opened().await;
        assert!(
            page.url.starts_with(&format!("{}/connect/authorize?client_id=app-id&", server.url))
        );
        assert_eq!(page.field("redirect_uri").as_ref(), Some(&redirect));
        assert_eq!(page.field("scope").as_deref(), Some("itwin-platform offline_access"));
        assert_eq!(page.field("response_mode").as_deref(), Some("query"));
        let issuer = server.url.replace(':', "%3A").replace('/', "%2F");
        let target = format!("/signin-callback?{}&iss={issuer}", page.good());
        assert_eq!(status(&page.get(&target).await), "200");
    };
    let wanted = TokenRequest::new(["itwin-platform"]).unwrap();
    tokio::join!(credential.token(&wanted), drive).0.unwrap();
    credential.token(&wanted.clone().with_force_refresh()).await.unwrap();
    let sent = server.requests();
    assert!(sent[0].starts_with("POST /connect/token HTTP/1.1\r\n"));
    assert_eq!(field(&sent[0], "redirect_uri"), redirect);
    let body = sent[1].split_once("\r\n\r\n").unwrap().1;
    assert_eq!(
        body,
        "grant_type=refresh_token&refresh_token=r-1&scope=itwin-platform&client_id=app-id"
    );
}

#[tokio::test]
async fn an_answer_of_another_issuer_ends_the_sign_in() {
    let server = Server::start([]).await;
    let (builder, mut browser, _) = ims(&server).await;
    let credential = builder.build().unwrap();
    let drive = async {
        let page = browser.opened().await;
        let target = format!("/signin-callback?{}&iss=https%3A%2F%2Fevil.example", page.good());
        page.get(&target).await;
    };
    let wanted = TokenRequest::new(["itwin-platform"]).unwrap();
    let error: AuthError = tokio::join!(credential.token(&wanted), drive).0.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Protocol);
    assert!(error.to_string().contains("iss"), "{error}");
    assert!(server.requests().is_empty(), "the code was not sent anywhere");
}
