//! Ways that lead elsewhere: no request goes there, and no token.

use twinkit_digital_twins::ErrorKind;

use super::server::{Body, Hostile};
use super::{Clients, TOKEN};

/// A page that every platform's client takes for one of its lists.
fn page(link: &str) -> String {
    serde_json::json!({
        "value": [], "nextLink": link,
        "iTwins": [], "_links": {"next": {"href": link}},
    })
    .to_string()
}

#[tokio::test]
async fn next_links_to_other_origins_are_not_followed() {
    let other = Hostile::json("{}").await;
    let other_port = other.url().strip_prefix("http://127.0.0.1:").unwrap();
    for link in [
        format!("{}/next", other.url()),
        format!("//127.0.0.1:{other_port}/next"),
        format!("http://localhost:{other_port}/next"),
        format!("http://user:password@127.0.0.1:{other_port}/next"),
        format!("\\\\127.0.0.1:{other_port}\\next"),
        "file:///etc/passwd".to_owned(),
        "data:application/json,{}".to_owned(),
        "http://[".to_owned(),
    ] {
        let server = Hostile::json(page(&link)).await;
        for list in Clients::of(&server).lists() {
            let error = list.await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Paging, "{link}: {error}");
            assert!(!format!("{error} {error:?}").contains("password"), "{error:?}");
        }
        assert_eq!(server.got().len(), 3, "{link}");
    }
    assert_eq!(other.got(), Vec::<String>::new());
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let other = Hostile::json("{}").await;
    for status in [301, 302, 303, 307, 308] {
        for target in [format!("{}/there?sig=canary-signature", other.url()), "/here".to_owned()] {
            let head = format!("{status} Moved\r\nlocation: {target}\r\ncontent-length: 0");
            let server = Hostile::start(|_| head.clone(), Body::Bytes(Vec::new())).await;
            for call in Clients::of(&server).documents() {
                let error = call.await.unwrap_err();
                assert_eq!(error.status().map(|status| status.as_u16()), Some(status), "{error}");
                let shown = format!("{error} {error:?}");
                assert!(!shown.contains("canary"), "{shown}");
            }
            assert_eq!(server.got().len(), 3);
            assert!(server.got().iter().all(|request| request.contains(TOKEN)));
        }
    }
    assert_eq!(other.got(), Vec::<String>::new());
}
