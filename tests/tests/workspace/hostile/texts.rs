//! Texts of a server that end in a terminal or a log.

use super::Clients;
use super::server::{Body, Hostile};

/// Clears the screen, sets the title, turns the direction of writing, adds a line.
const ROGUE: &str = "\u{1b}[2J\u{1b}]0;owned\u{7}\u{9b}31m\u{202e}\r\nERROR: all is well\u{0}";

#[tokio::test]
async fn what_an_error_shows_drives_no_terminal() {
    let error = serde_json::json!({"error": {
        "code": ROGUE, "message": ROGUE, "target": ROGUE,
        "details": [{"code": ROGUE, "message": ROGUE, "target": ROGUE}],
    }});
    let text = error.to_string();
    let head = format!(
        "422 Unprocessable\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
         x-ms-request-id: \u{9b}31m\r\nrequest-id: \u{9b}31m",
        text.len()
    );
    for (head, text) in [
        (head, text),
        (format!("400 {}\r\ncontent-type: text/plain", "\u{9b}31m"), ROGUE.to_owned()),
        ("200 OK\r\ncontent-type: application/json".to_owned(), ROGUE.to_owned()),
        (
            "200 OK\r\ncontent-type: application/json".to_owned(),
            serde_json::json!({"error": {"code": ROGUE, "message": ROGUE}}).to_string(),
        ),
    ] {
        let body = Body::Bytes(text.into_bytes());
        let server = Hostile::start(|_| head.clone(), body).await;
        for call in Clients::of(&server).documents() {
            // A twin is handed out as it came; reading it is its caller's.
            let Err(error) = call.await else { continue };
            let shown = format!("{error} {} {error:?}", error.hint().unwrap_or_default());
            let rogue = shown.chars().find(|&c| c.is_control() || c == '\u{202e}');
            assert_eq!(rogue, None, "{shown:?}");
        }
    }
}
