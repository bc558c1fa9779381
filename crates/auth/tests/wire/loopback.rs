//! The listener that the browser returns to: what it takes, what it turns away,
//! and how the waiting ends.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use twinkit_auth::{AuthErrorKind, ExposeSecret, ResponseMode};

use crate::browser::{FORM, browser, builder, is_free, status};
use crate::support::{Server, field, request};

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

    let (open, mut browser) = crate::browser::browser();
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
