//! Answers that are larger than they look, or than anybody wants.

use twinkit_digital_twins::ErrorKind;

use super::Clients;
use super::server::{Body, Hostile};

const JSON: &str = "200 OK\r\ncontent-type: application/json";

#[tokio::test]
async fn an_answer_without_end_is_cut_off() {
    for head in [JSON.to_owned(), format!("{JSON}\r\ncontent-length: 99999999999")] {
        let server = Hostile::start(|_| head.clone(), Body::Endless(b"[1,")).await;
        for call in Clients::of(&server).documents() {
            let error = call.await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
        }
    }
}

#[tokio::test]
async fn an_error_without_end_is_told_by_its_status() {
    let head = "403 Forbidden\r\ncontent-type: application/json";
    let server = Hostile::start(|_| head.to_owned(), Body::Endless(b"{\"a\":")).await;
    for call in Clients::of(&server).documents() {
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied, "{error}");
        assert!(error.body().len() <= 1024 * 1024);
    }
}

#[tokio::test]
async fn headers_without_end_are_cut_off() {
    let head = format!("{JSON}\r\nx-long: {}\r\ncontent-length: 2", "a".repeat(16 * 1024 * 1024));
    let many: String = (0..100_000).map(|at| format!("\r\nx-{at}: {at}")).collect();
    for head in [head, format!("{JSON}{many}\r\ncontent-length: 2")] {
        let server = Hostile::start(|_| head.clone(), Body::Bytes(b"{}".to_vec())).await;
        for call in Clients::of(&server).documents() {
            let error = call.await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
        }
    }
}

/// No client says that it takes compressed answers, and none unpacks them.
#[tokio::test]
async fn compressed_answers_are_not_unpacked() {
    // What gzip makes of a great many zeros begins like this; a client that
    // unpacked would fail otherwise than by what is not JSON.
    let packed = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 0xff][..], &[0xed; 4000]].concat();
    let head = format!("{JSON}\r\ncontent-encoding: gzip\r\ncontent-length: {}", packed.len());
    let server = Hostile::start(|_| head.clone(), Body::Bytes(packed.clone())).await;
    for call in Clients::of(&server).documents() {
        let error = call.await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
        assert!(packed.starts_with(error.body()));
    }
    for request in server.got() {
        assert!(!request.to_ascii_lowercase().contains("accept-encoding"), "{request}");
    }
}

#[tokio::test]
async fn deep_documents_exhaust_no_stack() {
    const DEEP: usize = 1_000_000;
    let lists = "[".repeat(DEEP) + &"]".repeat(DEEP);
    let objects = "{\"a\":".repeat(DEEP) + "1" + &"}".repeat(DEEP);
    for deep in [lists.clone(), objects] {
        // As the whole answer, as a member that is declared, and as one that is not.
        for text in [
            deep.clone(),
            format!("{{\"id\":{deep}}}"),
            format!("{{\"x\":{deep}}}"),
            format!("{{\"user\":{deep}}}"),
        ] {
            let server = Hostile::json(text).await;
            let clients = Clients::of(&server);
            let [_, central, itwin] = clients.documents();
            for call in [central, itwin] {
                let error = call.await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Decode, "{error}");
            }
        }
    }
    // A twin stays text until somebody reads it.
    let server = Hostile::json(format!("{{\"$dtId\":\"a\",\"x\":{lists}}}")).await;
    let twin = Clients::of(&server).twins.get_twin().id("a").send().await.unwrap();
    assert!(twin.parse::<serde_json::Value>().is_err());
}
