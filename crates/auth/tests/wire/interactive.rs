//! Sign-in in a browser: what the browser is sent away with, what the listener
//! takes and turns away, and how it ends. The browser is the test itself.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use twinkit_auth::{
    AuthError, AuthErrorKind, Clock, Credential, ExposeSecret, ImsNativeBuilder,
    InteractiveBuilder, MemoryStore, Prompt, ResponseMode, TokenRequest,
};

use crate::canary::all_texts;
use crate::support::{
    Answer, Server, Traces, field, fields, id_token, json, request, token, token_with,
};

/// A browser that is told where to go.
struct Browser(mpsc::UnboundedReceiver<String>);

/// A sign-in page that the browser was sent to.
struct Page {
    url: String,
    port: u16,
    state: String,
}

fn browser() -> (impl Fn(&str) -> std::io::Result<()> + Send + Sync + 'static, Browser) {
    let (sender, opened) = mpsc::unbounded_channel();
    let open = move |url: &str| sender.send(url.to_owned()).map_err(std::io::Error::other);
    (open, Browser(opened))
}

impl Browser {
    async fn opened(&mut self) -> Page {
        let url = self.0.recv().await.unwrap();
        let value = |name: &str| {
            let found = fields(url.split_once('?').unwrap().1);
            found.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
        };
        let redirect = reqwest::Url::parse(&value("redirect_uri").unwrap()).unwrap();
        Page { port: redirect.port().unwrap(), state: value("state").unwrap(), url }
    }

    fn was_opened(&mut self) -> bool {
        self.0.try_recv().is_ok()
    }
}

impl Page {
    fn field(&self, name: &str) -> Option<String> {
        let found = fields(self.url.split_once('?').unwrap().1);
        found.into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    async fn send(&self, raw: &str) -> String {
        let mut socket = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.unwrap();
        // The listener may turn a giant away before it is all sent.
        let _ = socket.write_all(raw.as_bytes()).await;
        let mut answer = Vec::new();
        let _ = socket.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    async fn post_as(&self, path: &str, headers: &str, body: &str) -> String {
        let length = body.len();
        let raw =
            format!("POST {path} HTTP/1.1\r\n{headers}\r\ncontent-length: {length}\r\n\r\n{body}");
        self.send(&raw).await
    }

    async fn post(&self, body: &str) -> String {
        let host = format!("host: localhost:{}\r\n{FORM}", self.port);
        self.post_as("/", &host, body).await
    }

    async fn get(&self, target: &str) -> String {
        self.send(&format!("GET {target} HTTP/1.1\r\nhost: localhost:{}\r\n\r\n", self.port)).await
    }

    fn good(&self) -> String {
        format!("code=canary-code&state={}&session_state=x", self.state)
    }
}

const FORM: &str = "content-type: application/x-www-form-urlencoded";

fn builder(server: &Server) -> InteractiveBuilder {
    Credential::interactive("organizations", "app-id").authority(server.url.clone())
}

fn status(answer: &str) -> &str {
    answer.split(' ').nth(1).unwrap_or("none")
}

async fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.is_ok()
}

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
        let mut asked = fields(page.url.split_once('?').unwrap().1);
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
    let body = fields(sent.split_once("\r\n\r\n").unwrap().1);
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
async fn what_is_not_the_answer_is_turned_away_and_changes_nothing() {
    let server = Server::start([]).await;
    let (open, mut browser) = browser();
    let credential = builder(&server).open_with(open).build().unwrap();
    let drive = async {
        let page = browser.opened().await;
        let (port, good) = (page.port, page.good());
        let idle = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
        let host = format!("host: localhost:{port}\r\n{FORM}");
        let code = "code=evil&state=";
        for (answer, expected) in [
            (page.post(&format!("{code}x")).await, "403"),
            (page.post("code=evil").await, "403"),
            (page.post(&format!("{good}&state=x")).await, "403"),
            (page.post(&format!("{good}&code=evil")).await, "400"),
            (page.post(&format!("state={}", page.state)).await, "400"),
            (page.get("/favicon.ico").await, "404"),
            (page.post_as("/other", &host, &good).await, "404"),
            (page.post_as("//", &host, &good).await, "404"),
            (page.get(&format!("/?{good}")).await, "405"),
            (page.post_as("/", &format!("host: localhost:{port}"), &good).await, "415"),
            (
                page.post_as("/", &format!("host: evil.example:{port}\r\n{FORM}"), &good).await,
                "421",
            ),
            (page.post_as("/", &format!("host: localhost\r\n{FORM}"), &good).await, "421"),
            (page.post_as("/", &format!("{host}\r\nhost: localhost:{port}"), &good).await, "421"),
            (page.get(&format!("/?x={}", "x".repeat(40_000))).await, "431"),
            (page.send("rubbish\r\n\r\n").await, "400"),
        ] {
            assert_eq!(status(&answer), expected, "{answer}");
            assert!(!answer.contains("evil"), "{answer}");
        }
        let big = format!("{good}&x={}", "x".repeat(70_000));
        let turned_away = page.post(&big).await;
        // The answer may be lost when the rest of the body is not read.
        assert!(["413", "none"].contains(&status(&turned_away)), "{turned_away}");
        assert_eq!(status(&page.post(&good).await), "200");
        drop(idle);
        page
    };
    let wanted = request();
    let (token, page) = tokio::join!(credential.token(&wanted), drive);
    assert_eq!(token.unwrap().secret().expose_secret(), "later");
    assert_eq!(field(&server.requests()[0], "code"), "canary-code");
    let again = TcpStream::connect((Ipv4Addr::LOCALHOST, page.port)).await;
    assert!(again.is_err(), "a second callback meets nobody");
}

#[tokio::test]
async fn a_slow_connection_is_cut_off_and_holds_nobody_up() {
    let server = Server::start([]).await;
    let (open, mut browser) = browser();
    let credential = builder(&server).open_with(open).build().unwrap();
    let drive = async {
        let page = browser.opened().await;
        let mut slow = TcpStream::connect((Ipv4Addr::LOCALHOST, page.port)).await.unwrap();
        slow.write_all(b"POST / HTTP/1.1\r\nhost: local").await.unwrap();
        // With nothing else to do a stopped clock runs to the next time limit.
        tokio::time::pause();
        let mut rest = Vec::new();
        let _ = slow.read_to_end(&mut rest).await;
        tokio::time::resume();
        assert_eq!(status(&page.post(&page.good()).await), "200");
    };
    let wanted = request();
    let (token, ()) = tokio::join!(credential.token(&wanted), drive);
    token.unwrap();
}

#[tokio::test]
async fn a_person_who_does_nothing_ends_the_waiting() {
    let server = Server::start([]).await;
    let (open, mut browser) = browser();
    let credential = builder(&server).open_with(open).build().unwrap();
    let drive = async {
        let page = browser.opened().await;
        tokio::time::pause();
        page
    };
    let wanted = request();
    let (token, page) = tokio::join!(credential.token(&wanted), drive);
    let error = token.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Timeout, "{error}");
    assert!(is_free(page.port).await);
}

#[tokio::test]
async fn an_error_in_place_of_the_code_is_typed_escaped_and_one_line() {
    let server = Server::start([]).await;
    for (said, kind) in [
        ("error=access_denied&error_subcode=cancel", AuthErrorKind::Denied),
        ("error=login_required", AuthErrorKind::InteractionRequired),
        ("error=server_error", AuthErrorKind::Transient),
        ("error=%3Cb%3Einvalid_request", AuthErrorKind::Rejected),
    ] {
        let (open, mut browser) = browser();
        let credential = builder(&server).open_with(open).build().unwrap();
        let text = "AADSTS65004%3A%0D%0A%1B%5B31m%3Cscript%3Ealert(1)%3C%2Fscript%3E";
        let drive = async {
            let page = browser.opened().await;
            page.post(&format!("{said}&error_description={text}&state={}", page.state)).await
        };
        let wanted = request();
        let (token, answer) = tokio::join!(credential.token(&wanted), drive);
        let error = token.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.codes(), [65004]);
        assert!(!error.to_string().contains(char::is_control), "{error}");
        assert!(!answer.contains("<script") && !answer.contains("<b>"), "{answer}");
        assert!(answer.contains("&lt;script&gt;") && !answer.contains('\u{1b}'), "{answer}");
        let again = credential.token(&wanted).await.unwrap_err();
        assert!(again.is_remembered() && !browser.was_opened(), "no storm of browser windows");
    }
    assert!(server.requests().is_empty());
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
async fn giving_up_frees_the_port() {
    let server = Server::start([]).await;
    let (open, mut browser) = browser();
    let session = builder(&server).open_with(open).session().unwrap();
    let wanted = request();
    let page = tokio::select! {
        _ = session.sign_in(&wanted) => panic!("nobody signed in"),
        page = browser.opened() => page,
    };
    assert!(is_free(page.port).await);

    let (open, mut browser) = self::browser();
    let credential = builder(&server).open_with(open).build().unwrap();
    let page = tokio::select! {
        _ = credential.token(&wanted) => panic!("nobody signed in"),
        page = browser.opened() => page,
    };
    assert!(!is_free(page.port).await, "the sign-in goes on for others");
    drop(credential);
    // The task that listened is ended by the runtime at its next turn.
    while !is_free(page.port).await {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn both_loopback_addresses_are_listened_at_and_a_taken_port_is_named() {
    let server = Server::start([]).await;
    let (open, mut browser) = browser();
    let credential = builder(&server).open_with(open).build().unwrap();
    let has_v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.is_ok();
    let drive = async {
        let page = browser.opened().await;
        let v6 = SocketAddr::from((Ipv6Addr::LOCALHOST, page.port));
        assert_eq!(TcpStream::connect(v6).await.is_ok(), has_v6);
        page.post(&page.good()).await;
    };
    let wanted = request();
    let (token, ()) = tokio::join!(credential.token(&wanted), drive);
    token.unwrap();

    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = builder(&server).redirect_port(port).build().unwrap().token(&wanted).await;
    let error = error.unwrap_err();
    assert_eq!(error.kind(), AuthErrorKind::Unavailable);
    assert!(error.to_string().contains(&format!("port {port}")), "{error}");
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
async fn a_code_in_the_address_is_taken_only_where_it_was_asked_for() {
    let server = Server::start([]).await;
    let (open, mut browser) = browser();
    let mode = ResponseMode::Query;
    let credential = builder(&server).response_mode(mode).open_with(open).build().unwrap();
    let drive = async {
        let page = browser.opened().await;
        assert_eq!(page.field("response_mode").as_deref(), Some("query"));
        assert_eq!(status(&page.post(&page.good()).await), "405");
        assert_eq!(status(&page.get(&format!("/?{}", page.good())).await), "200");
    };
    let wanted = request();
    tokio::join!(credential.token(&wanted), drive).0.unwrap();
}

/// A port that was free a moment ago.
async fn some_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    listener.local_addr().unwrap().port()
}

async fn ims(server: &Server) -> (ImsNativeBuilder, Browser, String) {
    let (open, browser) = browser();
    let redirect = format!("http://127.0.0.1:{}/signin-callback", some_port().await);
    let builder = Credential::ims_native("app-id").base_url(server.url.clone());
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
        "grant_type=refresh_token&refresh_token=r-1&scope=itwin-platform+offline_access\
         &client_id=app-id"
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
