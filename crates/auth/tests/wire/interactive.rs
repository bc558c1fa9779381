//! Sign-in in a browser at Entra ID: what the browser is sent away with, how
//! the code is redeemed, and when a browser opens at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use twinkit_auth::{AuthErrorKind, Clock, ExposeSecret, MemoryStore, Prompt, TokenRequest};

use crate::browser::{Browser, browser, builder, status};
use crate::support::all_texts;
use crate::support::{
    Answer, Server, Traces, field, id_token, json, pairs, request, token, token_with,
};

#[tokio::test]
async fn the_page_and_the_redemption_are_the_documented_ones() {
    let server = Server::start([]).await;
    let (open, mut browser) = browser();
    let session = builder(&server)
        .open_with(open)
        .prompt(Prompt::SelectAccount)
        .login_hint("a@contoso.com")
        .domain_hint("contoso.com")
        .session()
        .unwrap();
    let credential = session.credential();
    let drive = async {
        let page = browser.opened().await;
        assert!(
            page.url.starts_with(&format!("{}/organizations/oauth2/v2.0/authorize?", server.url))
        );
        let scope = "https://digitaltwins.azure.net/.default openid profile offline_access";
        let mut asked = pairs(page.url.split_once('?').unwrap().1);
        let secrets = ["state", "nonce", "code_challenge", "redirect_uri"];
        assert!(secrets[..3].iter().all(|name| page.field(name).unwrap().len() == 43));
        asked.retain(|(name, _)| !secrets.contains(&name.as_str()));
        let expected = [
            ("client_id", "app-id"),
            ("response_type", "code"),
            ("scope", scope),
            ("response_mode", "form_post"),
            ("code_challenge_method", "S256"),
            ("prompt", "select_account"),
            ("login_hint", "a@contoso.com"),
            ("domain_hint", "contoso.com"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(asked, expected);
        let redirect = page.field("redirect_uri").unwrap();
        assert_eq!(redirect, format!("http://localhost:{}", page.port));

        let payload = format!(
            r#"{{"nonce":"{}","preferred_username":"a@contoso.com","tid":"t-1","oid":"o-1"}}"#,
            page.field("nonce").unwrap()
        );
        let kept = format!(r#""refresh_token":"r-1","id_token":"{}""#, id_token(&payload));
        server.then(token_with("first", &kept));
        let answer = page.post(&page.good()).await;
        assert_eq!(status(&answer), "200");
        for header in [
            "cache-control: no-store",
            "referrer-policy: no-referrer",
            "content-security-policy: default-src 'none'; style-src 'unsafe-inline'",
            "x-content-type-options: nosniff",
            "connection: close",
        ] {
            assert!(answer.contains(header), "{header} missing in {answer}");
        }
        assert!(!answer.contains("canary"));
        (page, redirect, scope)
    };
    let wanted = request();
    let (token, (page, redirect, scope)) = tokio::join!(credential.token(&wanted), drive);
    assert_eq!(token.unwrap().secret().expose_secret(), "first");
    let sent = &server.requests()[0];
    assert!(sent.starts_with("POST /organizations/oauth2/v2.0/token HTTP/1.1\r\n"), "{sent}");
    let verifier = field(sent, "code_verifier");
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, verifier.as_bytes());
    assert_eq!(page.field("code_challenge").unwrap(), URL_SAFE_NO_PAD.encode(digest));
    let body = pairs(sent.split_once("\r\n\r\n").unwrap().1);
    let expected = [
        ("grant_type", "authorization_code"),
        ("code", "canary-code"),
        ("redirect_uri", &redirect),
        ("code_verifier", &verifier),
        ("scope", scope),
        ("client_id", "app-id"),
    ];
    assert_eq!(body, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let account = session.account().await.unwrap().unwrap();
    assert_eq!(account.username.as_deref(), Some("a@contoso.com"));
    assert_eq!((account.tenant.as_deref(), account.id.as_deref()), (Some("t-1"), Some("o-1")));

    // The next scope is had without the browser.
    let other = TokenRequest::new(["https://apps.azureiotcentral.com/.default"]).unwrap();
    credential.token(&other).await.unwrap();
    let sent = &server.requests()[1];
    assert_eq!(field(sent, "grant_type"), "refresh_token");
    assert_eq!(field(sent, "refresh_token"), "r-1");
    assert!(field(sent, "scope").ends_with(".default openid profile offline_access"));
    assert!(!browser.was_opened());

    session.sign_out().await.unwrap();
    assert!(!session.is_signed_in().await.unwrap());
    let silent = builder(&server).without_interaction().build().unwrap();
    let error = silent.token(&wanted).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired);
}

#[tokio::test]
async fn an_id_token_of_another_sign_in_is_refused() {
    let other = format!(r#""refresh_token":"r","id_token":"{}""#, id_token(r#"{"nonce":"x"}"#));
    let server = Server::start([token_with("t", &other)]).await;
    let (open, mut browser) = browser();
    let session = builder(&server).open_with(open).session().unwrap();
    let drive = async {
        let page = browser.opened().await;
        page.post(&page.good()).await;
    };
    let wanted = request();
    let (signed_in, ()) = tokio::join!(session.sign_in(&wanted), drive);
    let error = signed_in.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Protocol);
    assert!(error.to_string().contains("nonce"), "{error}");
    assert!(!session.is_signed_in().await.unwrap());
}

#[tokio::test]
async fn a_browser_that_does_not_open_is_an_error_without_the_address() {
    let server = Server::start([]).await;
    let open = |url: &str| Err(std::io::Error::other(format!("canary {url}")));
    let credential = builder(&server).open_with(open).build().unwrap();
    let error = credential.token(&request()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Unavailable);
    let texts = all_texts(&error);
    assert!(!texts.contains("canary") && !texts.contains("code_challenge"), "{texts}");
    assert!(error.hint().unwrap().contains("device code"));
}

#[tokio::test]
async fn one_browser_opens_for_many_callers() {
    let server = Server::start([token_with("t", r#""refresh_token":"r-1""#)]).await;
    let (open, mut browser) = browser();
    let credential = builder(&server).open_with(open).build().unwrap();
    let callers: Vec<_> = (0..20)
        .map(|index| {
            let wanted =
                TokenRequest::new([format!("https://api-{}/.default", index % 4)]).unwrap();
            let credential = credential.clone();
            tokio::spawn(async move { credential.token(&wanted).await.map(drop) })
        })
        .collect();
    let page = browser.opened().await;
    page.post(&page.good()).await;
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert!(!browser.was_opened());
    let grants: Vec<String> =
        server.requests().iter().map(|sent| field(sent, "grant_type")).collect();
    assert_eq!(grants[0], "authorization_code");
    assert!(grants.len() == 4 && grants[1..].iter().all(|grant| grant == "refresh_token"));
}

#[tokio::test]
async fn a_challenge_that_a_refresh_does_not_answer_opens_the_browser() {
    let store = MemoryStore::new();
    let stepped = r#"{"error":"interaction_required","claims":"{\"step\":2}"}"#;
    let server = Server::start([
        token_with("one", r#""refresh_token":"r-1""#),
        json("400 Bad Request", stepped),
        token("two"),
    ])
    .await;
    let (open, mut browser) = browser();
    let credential = builder(&server).store(store.clone()).open_with(open).build().unwrap();
    let drive = async {
        let page = browser.opened().await;
        page.post(&page.good()).await;
    };
    let plain = request();
    tokio::join!(credential.token(&plain), drive).0.unwrap();
    let challenged = request().with_claims(r#"{"step":1}"#).unwrap();
    let drive = async {
        let page = browser.opened().await;
        assert_eq!(page.field("claims").as_deref(), Some(r#"{"step":2}"#));
        page.post(&page.good()).await;
    };
    let (token, ()) = tokio::join!(credential.token(&challenged), drive);
    assert_eq!(token.unwrap().secret().expose_secret(), "two");
    let sent = server.requests();
    assert_eq!(field(&sent[1], "claims"), r#"{"step":1}"#, "a refresh is tried first");
    assert_eq!(field(&sent[2], "claims"), r#"{"step":2}"#);
}

#[tokio::test]
async fn without_interaction_no_browser_opens() {
    let server = Server::start([]).await;
    let (open, mut browser) = browser();
    let session = builder(&server).open_with(open).without_interaction().session().unwrap();
    let error = session.credential().token(&request()).await.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::InteractionRequired);
    assert!(!browser.was_opened() && server.requests().is_empty());

    // Signing in by command is another matter, and the credential knows at once.
    server.then(token_with("t", r#""refresh_token":"r-1""#));
    let drive = async {
        let page = browser.opened().await;
        page.post(&page.good()).await;
    };
    let wanted = request();
    let (signed_in, ()) = tokio::join!(session.sign_in(&wanted), drive);
    assert_eq!(signed_in.unwrap(), None, "the service did not tell who");
    assert!(session.is_signed_in().await.unwrap());
    session.credential().token(&wanted).await.unwrap();
    assert_eq!(field(&server.requests()[1], "refresh_token"), "r-1");
}

/// A wall clock that is set by hand.
#[derive(Debug, Default)]
struct Wall(AtomicU64);

impl Clock for Wall {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

#[tokio::test]
async fn a_refresh_in_the_background_opens_no_browser() {
    let (traces, _guard) = Traces::start();
    let kept = r#""refresh_token":"r-1","refresh_in":1800"#;
    let refused = json("400 Bad Request", r#"{"error":"invalid_grant"}"#);
    let server = Server::start([token_with("one", kept), refused]).await;
    let (open, mut browser) = browser();
    let wall = Arc::new(Wall::default());
    let builder = builder(&server).clock(Arc::clone(&wall) as _).open_with(open);
    let credential = builder.build().unwrap();
    let sign_in = async |browser: &mut Browser| {
        let page = browser.opened().await;
        page.post(&page.good()).await;
    };
    let wanted = request();
    tokio::join!(credential.token(&wanted), sign_in(&mut browser)).0.unwrap();
    wall.0.store(2000, Ordering::Relaxed);
    let token = credential.token(&wanted).await.unwrap();
    assert_eq!(token.secret().expose_secret(), "one");
    while !traces.text().contains("could not be replaced") {
        assert!(!browser.was_opened());
        tokio::task::yield_now().await;
    }
    let token = credential.token(&wanted).await.unwrap();
    assert_eq!(token.secret().expose_secret(), "one");
    assert!(!browser.was_opened());
    wall.0.store(4000, Ordering::Relaxed);
    let (token, ()) = tokio::join!(credential.token(&wanted), sign_in(&mut browser));
    assert_eq!(token.unwrap().secret().expose_secret(), "later");
}

#[tokio::test]
async fn code_and_verifier_are_never_shown() {
    let cases: Vec<fn(&str) -> Answer> = vec![
        |texts| {
            json(
                "400 Bad Request",
                &format!(
                    r#"{{"error":"invalid_grant {texts}","error_description":"{texts}","suberror":"{texts}","claims":"{texts}"}}"#
                ),
            )
        },
        |texts| json("200 OK", &format!(r#"{{"access_token":"{texts}"#)),
        |texts| {
            json(
                "200 OK",
                &format!(r#"{{"access_token":"t","expires_in":60,"id_token":"{texts}"}}"#),
            )
        },
        |texts| json("403 x", &format!("<html>{texts}")),
        |_| Answer::Hang,
    ];
    for (index, answer) in cases.into_iter().enumerate() {
        let (traces, _guard) = Traces::start();
        let server = Server::start([]).await;
        let (open, mut browser) = browser();
        let credential = builder(&server).open_with(open).build().unwrap();
        let drive = async {
            let page = browser.opened().await;
            // Not known before it is sent: the answer repeats what it can.
            server.then(answer("canary-code"));
            server.then(Answer::Hang);
            server.then(Answer::Hang);
            page.post(&page.good()).await;
            server.stop_clock_at_first_request().await;
            page
        };
        let wanted = request();
        let (token, page) = tokio::join!(credential.token(&wanted), drive);
        tokio::time::resume();
        let error = token.unwrap_err();
        let sent = &server.requests()[0];
        let verifier = field(sent, "code_verifier");
        assert_eq!((field(sent, "code").as_str(), verifier.len()), ("canary-code", 43));
        let texts = all_texts(&error) + &traces.text() + &format!("{credential:?}{credential:#?}");
        let nonce = page.field("nonce").unwrap();
        for secret in ["canary", &verifier, &page.state, &nonce] {
            assert!(!texts.contains(secret), "case {index} shows {secret}: {texts}");
        }
    }
}
