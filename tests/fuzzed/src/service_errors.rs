//! What services and the gateways before them send where something went wrong,
//! and where it did not but looks otherwise than documented.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use progenitor_client::{ErrorKind, StatusCode, fuzzing};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{assert_line, text, texts};

/// An error's line is never longer, in bytes: some texts of 500 characters, and a
/// request id that came in a header.
const LONGEST: usize = 20_000;
/// How much of a body an error keeps.
const KEPT: usize = 64 * 1024;

/// An error answer: lines of a head (the status, then headers), NUL, the body. Its
/// `Display` and `Debug` are one line that fits a terminal, whatever the service
/// wrote. A code and a message are found in each platform's envelope.
pub fn error_envelope(data: &[u8]) {
    let (status, headers, body) = answer(data);
    let error = fuzzing::error_answer(status, headers, Bytes::copy_from_slice(body));
    assert_eq!(error.status(), Some(status));
    assert!(error.body().len() <= KEPT && body.starts_with(error.body()));
    let line = error.to_string();
    assert!(line.len() <= LONGEST, "{} bytes", line.len());
    assert_line(&line);
    assert_line(&format!("{error:?}"));
    assert!(error.hint().is_none_or(|hint| !hint.contains(char::is_control)));

    // The same bytes as texts of an envelope that is written as each platform does.
    let Some([code, message, id]) = texts(body) else { return };
    if code.is_empty() || message.is_empty() || id.is_empty() {
        return;
    }
    let envelopes = [
        json!({"error": {"code": code, "message": message}}),
        json!({"error": {"code": code, "message": message, "requestId": id, "time": id}}),
        json!({"error": {"code": code, "message": message, "target": id,
            "details": [{"code": code, "message": message, "target": id}]}}),
        json!({"error": {"code": code, "message": message, "innererror": {"code": id}}}),
        json!({"code": code, "message": message, "requestId": id}),
        json!({"error": code, "error_description": message}),
    ];
    for envelope in envelopes {
        let body = Bytes::from(envelope.to_string());
        let error = fuzzing::error_answer(status, HeaderMap::new(), body);
        assert_eq!((error.code(), error.message()), (Some(code), Some(message)));
        assert_line(&error.to_string());
        assert_line(&format!("{error:?}"));
    }
    // What has no place of its own is kept, and not shown.
    let body = json!({"error": {"code": "C", "message": "m", "further": id}}).to_string();
    let error = fuzzing::error_answer(status, HeaderMap::new(), Bytes::from(body));
    assert_eq!(error.member("further"), Some(&Value::from(id)));
    if id.contains("canary") {
        assert!(!format!("{error}{error:?}").contains("canary"));
    }
}

/// What an answer of 200 is read into.
#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "it is compared as it is shown")]
struct Page {
    value: Vec<Row>,
    #[serde(rename = "nextLink")]
    next: Option<String>,
    #[serde(default)]
    extra: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "it is compared as it is shown")]
enum Row {
    Room { name: String, level: f64 },
    Other(Vec<bool>),
}

/// The body of a success, in the form of [`error_envelope`]'s. It is read where
/// `serde_json` reads it. The error says where it does not fit, in one line without
/// the document's values.
pub fn decode(data: &[u8]) {
    let (_, headers, body) = answer(data);
    let simple = serde_json::from_slice::<Page>(body);
    let read = fuzzing::decoded::<Page>(&headers, &Bytes::copy_from_slice(body));
    let error = match (read, simple) {
        (Ok(read), Ok(simple)) => {
            return assert_eq!(format!("{read:?}"), format!("{simple:?}"));
        }
        (Err(error), Err(_)) => error,
        (read, simple) => panic!("{read:?} and {simple:?}"),
    };
    assert_eq!(error.kind(), ErrorKind::Decode);
    let line = error.to_string();
    assert!(line.len() <= LONGEST, "{} bytes", line.len());
    assert_line(&line);
    assert_line(&format!("{error:?}"));
    // An error in place of the page is told in its words; names make the path.
    let Ok(document) = serde_json::from_slice::<Value>(body) else { return };
    if document.get("error").is_none() && !in_names(&document) && !ends_an_escape(body) {
        assert!(!line.contains("canary"), "{line}");
    }
}

/// Whether the word's first letter is an escape's last: names stand in a path as they are
/// spelt.
fn ends_an_escape(body: &[u8]) -> bool {
    let word = b"canary";
    let is_one = |part: &[u8]| part.starts_with(b"\\u") && part.ends_with(word);
    body.windows(r"\u001".len() + word.len()).any(is_one)
}

/// Whether the word stands in the name of a member.
fn in_names(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            members.iter().any(|(name, value)| name.contains("canary") || in_names(value))
        }
        Value::Array(items) => items.iter().any(in_names),
        _ => false,
    }
}

/// Status, headers and body: `404`, `name: value` by lines, NUL, anything.
fn answer(data: &[u8]) -> (StatusCode, HeaderMap, &[u8]) {
    let (head, body) = match data.iter().position(|byte| *byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (&[][..], data),
    };
    let mut lines = text(head).unwrap_or_default().lines();
    let status = lines.next().and_then(|line| line.parse().ok()).unwrap_or(400);
    let mut headers = HeaderMap::new();
    for line in lines {
        let Some((name, value)) = line.split_once(": ") else { continue };
        if let (Ok(name), Ok(value)) =
            (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes()))
        {
            headers.append(name, value);
        }
    }
    (StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST), headers, body)
}
