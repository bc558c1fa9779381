//! Reading the body of an error answer: the Azure envelope, what gateways send
//! instead, web pages, plain text, nothing. It never fails: what cannot be
//! read leaves code and message to the status. A platform with another shape
//! gets its reader here.

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::{Map, Value};

use super::detail::{ErrorDetail, text};

/// Plain text longer than this is cut: it is somebody's page, not a message.
const PLAIN_TEXT_CHARS: usize = 300;

/// Error documents are small. What is larger is not read a second time, as values that
/// take many times its room.
const MAX_ERROR_DOCUMENT: usize = 64 * 1024;

/// Members of an error's object that have a place of their own.
const READ: [&str; 9] = [
    "code",
    "message",
    "target",
    "details",
    "innererror",
    "innerError",
    "error",
    "error_description",
    "requestId",
];

/// What an error answer says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    pub(crate) code: Option<String>,
    pub(crate) message: Option<String>,
    pub(crate) target: Option<String>,
    pub(crate) details: Vec<ErrorDetail>,
    pub(crate) inner: Option<Box<ErrorDetail>>,
    /// Members of the error's object that are none of the above.
    pub(crate) others: Map<String, Value>,
    /// The request's id, where the body names it.
    pub(crate) request_id: Option<String>,
    /// Whether the body is a web page: something else than the service spoke.
    pub(crate) is_html: bool,
}

/// Reads status, headers and body of an error answer.
pub(crate) fn read(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Envelope {
    let mut envelope = read_body(headers, body);
    // The header names the code where the body does not; recordings show that
    // it is missing on some errors whose body has one.
    if envelope.code.is_none() {
        envelope.code = header(headers, "x-ms-error-code");
    }
    if envelope.message.is_none() {
        envelope.message = status.canonical_reason().map(str::to_owned);
    }
    envelope
}

fn read_body(headers: &HeaderMap, body: &Bytes) -> Envelope {
    if let Ok(document) = serde_json::from_slice::<Value>(without_mark(body)) {
        return read_document(document);
    }
    let plain = String::from_utf8_lossy(body);
    let plain = plain.trim();
    if is_html(headers, plain) {
        let message = match title(plain) {
            Some(title) => format!("a web page titled {title:?} instead of an error document"),
            None => "a web page instead of an error document".to_owned(),
        };
        return Envelope { message: Some(message), is_html: true, ..Envelope::default() };
    }
    let message = twinkit_http::redact::text(plain, &[], PLAIN_TEXT_CHARS);
    Envelope { message: Some(message).filter(|m| !m.is_empty()), ..Envelope::default() }
}

/// `{"error": {...}}`, or the members of the error without that frame, or
/// `{"error": "code", "error_description": "message"}`; messages also where OData has
/// them (`{"message": {"value": ...}}`), RFC 9457 (`detail`, `title`) and ASP.NET
/// (`Message`).
fn read_document(mut document: Value) -> Envelope {
    let (node, plain_code) = match document.get_mut("error") {
        Some(Value::String(code)) => {
            let code = std::mem::take(code);
            (document, Some(code))
        }
        Some(node @ Value::Object(_)) => (node.take(), None),
        _ => (document, None),
    };
    let detail = ErrorDetail::read(&node);
    let described = || {
        let names = ["error_description", "detail", "title", "Message"];
        let odata = text(node.pointer("/message/value"));
        odata.or_else(|| names.iter().find_map(|name| text(node.get(*name))))
    };
    let lone_text = || node.as_str().map(str::to_owned);
    Envelope {
        code: detail.code.or(plain_code),
        message: detail.message.or_else(described).or_else(lone_text),
        target: detail.target,
        details: detail.details,
        inner: detail.inner,
        request_id: text(node.get("requestId")),
        others: others(node),
        is_html: false,
    }
}

/// The members that nothing else was made of.
fn others(node: Value) -> Map<String, Value> {
    let Value::Object(mut members) = node else { return Map::new() };
    members.retain(|name, _| !READ.contains(&name.as_str()));
    members
}

/// Code and message of an error document under a status that promised something else: in
/// the shapes that [`read`] knows, but for those that might be anybody's.
pub(crate) fn error_within(body: &[u8]) -> Option<(Option<String>, String)> {
    if body.len() > MAX_ERROR_DOCUMENT {
        return None;
    }
    let document: Value = serde_json::from_slice(without_mark(body)).ok()?;
    let is_error = match document.get("error") {
        Some(Value::Object(error)) => !error.is_empty(),
        Some(Value::String(code)) => !code.is_empty(),
        _ => is_bare_error(&document),
    };
    is_error.then(|| told(document))
}

/// Whether a document has the members of an error and no frame around them. A message
/// alone may be anybody's.
fn is_bare_error(document: &Value) -> bool {
    let has_code = document.get("code").is_some_and(Value::is_string);
    let is_status = |name: &str| {
        let status = document.get(name).and_then(Value::as_u64);
        status.is_some_and(|status| (400..600).contains(&status))
    };
    (has_code || is_status("code") || is_status("statusCode"))
        && document.get("message").is_some_and(Value::is_string)
}

fn told(document: Value) -> (Option<String>, String) {
    let Envelope { code, message, details, .. } = read_document(document);
    let detailed = || details.into_iter().find_map(|detail| detail.message.or(detail.code));
    let said = message.or_else(detailed).or_else(|| code.clone());
    (code, said.unwrap_or_else(|| "it does not say which".to_owned()))
}

/// Code and message of a body that is an error document and nothing else: one that may
/// stand where any document is an answer, so that no property of that name is taken for
/// it. A look at how it begins spares all others the reading.
pub(crate) fn lone_error(body: &[u8]) -> Option<(Option<String>, String)> {
    let begin = without_mark(body).trim_ascii_start().strip_prefix(b"{")?;
    begin.trim_ascii_start().strip_prefix(b"\"error\"")?;
    if body.len() > MAX_ERROR_DOCUMENT {
        return None;
    }
    let document: Value = serde_json::from_slice(without_mark(body)).ok()?;
    let is_alone = document.as_object().is_some_and(|members| members.len() == 1);
    let message = document.pointer("/error/message").and_then(Value::as_str);
    let is_error = is_alone && message.is_some_and(|message| !message.is_empty());
    is_error.then(|| told(document))
}

/// Whether an answer is a web page, by its media type or by how it begins.
pub(crate) fn is_html(headers: &HeaderMap, plain: &str) -> bool {
    let declared = header(headers, CONTENT_TYPE.as_str())
        .is_some_and(|media| media.to_ascii_lowercase().starts_with("text/html"));
    let begins = |tag: &str| plain.get(..tag.len()).is_some_and(|s| s.eq_ignore_ascii_case(tag));
    declared || begins("<!doctype html") || begins("<html")
}

/// Whether a body is a web page, whatever else was asked for: one by its media
/// type is so only if it begins like one, since JSON has been seen under it.
pub(crate) fn is_page(headers: &HeaderMap, body: &Bytes) -> bool {
    const BEGIN: usize = 64;
    let body = body.trim_ascii_start();
    body.first() == Some(&b'<')
        && is_html(headers, &String::from_utf8_lossy(body.get(..BEGIN).unwrap_or(body)))
}

/// A text without the mark of its encoding, which servers must not send before JSON and
/// readers may overlook (RFC 8259 section 8.1).
pub(crate) fn without_mark(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text)
}

fn title(page: &str) -> Option<String> {
    // ASCII lower case keeps byte positions, so both texts are cut alike.
    let lower = page.to_ascii_lowercase();
    let from = lower.find("<title>")? + "<title>".len();
    let to = from + lower.get(from..)?.find("</title>")?;
    let title = twinkit_http::redact::text(page.get(from..to)?.trim(), &[], 80);
    Some(title).filter(|title| !title.is_empty())
}

pub(crate) fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?.trim();
    Some(value.to_owned()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read_with(status: u16, headers: &[(&'static str, &str)], body: &str) -> Envelope {
        let headers = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
        let body = Bytes::from(body.to_owned());
        read(StatusCode::from_u16(status).unwrap(), &headers.collect(), &body)
    }

    fn code_and_message(envelope: &Envelope) -> (Option<&str>, Option<&str>) {
        (envelope.code.as_deref(), envelope.message.as_deref())
    }

    #[test]
    fn the_standard_shape_is_read_whole() {
        let read = read_with(
            400,
            &[],
            r#"{"error":{"code":"ValidationFailed","message":"Invalid twin.",
                "details":[{"code":"X","message":"bad"}],"innererror":{"code":"Y"}}}"#,
        );
        assert_eq!(code_and_message(&read), (Some("ValidationFailed"), Some("Invalid twin.")));
        assert_eq!(read.details[0].message.as_deref(), Some("bad"));
        assert_eq!(read.inner.unwrap().code.as_deref(), Some("Y"));
    }

    #[test]
    fn the_id_of_the_request_may_stand_in_the_body() {
        let body = r#"{"error":{"code":"C","message":"m","requestId":"129yztvc","time":"t"}}"#;
        assert_eq!(read_with(401, &[], body).request_id.as_deref(), Some("129yztvc"));
    }

    #[test]
    fn target_and_further_members_are_kept() {
        let body = r#"{"error":{"code":"NewerChangesExist","message":"m","target":"parentId",
            "objectIds":["0x1","0x2"]},"beside":1}"#;
        let read = read_with(409, &[], body);
        assert_eq!(read.target.as_deref(), Some("parentId"));
        assert_eq!(Value::Object(read.others), serde_json::json!({"objectIds": ["0x1", "0x2"]}));
        let flat = read_with(401, &[], r#"{"statusCode":401,"message":"m"}"#);
        assert_eq!(Value::Object(flat.others), serde_json::json!({"statusCode": 401}));
        assert!(read_with(400, &[], "[1]").others.is_empty());
    }

    #[test]
    fn messages_are_found_where_other_conventions_have_them() {
        for body in [
            r#"{"type":"about:blank","title":"Bad","status":400,"detail":"No room."}"#,
            r#"{"title":"No room."}"#,
            r#"{"Message":"No room."}"#,
            r#"{"error":{"message":{"lang":"en","value":"No room."}}}"#,
        ] {
            let read = read_with(400, &[], body);
            assert_eq!(read.message.as_deref(), Some("No room."), "{body}");
        }
    }

    #[test]
    fn gateway_shapes_are_read() {
        for (status, body) in [
            (401, r#"{"statusCode":401,"message":"Unauthorized"}"#),
            (429, r#"{"error":{"statusCode":429,"message":"Unauthorized"}}"#),
        ] {
            let read = read_with(status, &[], body);
            assert_eq!(code_and_message(&read), (None, Some("Unauthorized")), "{body}");
        }
        let flat = read_with(401, &[], r#"{"code":"C","message":"m"}"#);
        assert_eq!(code_and_message(&flat), (Some("C"), Some("m")));
        let oauth = read_with(400, &[], r#"{"error":"c","error_description":"d"}"#);
        assert_eq!(code_and_message(&oauth), (Some("c"), Some("d")));
    }

    #[test]
    fn nothing_and_junk_leave_it_to_the_status() {
        for body in ["", "  ", "{}", "[]", "null", "3", r#"{"error":null}"#] {
            let read = read_with(403, &[], body);
            assert_eq!(code_and_message(&read), (None, Some("Forbidden")), "{body}");
        }
    }

    #[test]
    fn the_header_names_the_code_where_the_body_does_not() {
        let header = [("x-ms-error-code", "FromHeader")];
        assert_eq!(read_with(404, &header, "").code.as_deref(), Some("FromHeader"));
        let both = read_with(404, &header, r#"{"error":{"code":"FromBody"}}"#);
        assert_eq!(both.code.as_deref(), Some("FromBody"));
    }

    #[test]
    fn pages_and_plain_text_become_messages() {
        let page = "<!DOCTYPE html><HTML><title>502\nBad Gateway</title>secret</html>";
        let read = read_with(502, &[], page);
        assert!(read.is_html);
        let message = read.message.unwrap();
        assert!(message.contains("502 Bad Gateway") && !message.contains("secret"), "{message}");
        assert!(read_with(502, &[("content-type", "text/html; charset=x")], "oops").is_html);
        let plain = read_with(500, &[], "upstream\nfailed");
        assert_eq!(plain.message.as_deref(), Some("upstream failed"));
        assert_eq!(read_with(500, &[], "\"just text\"").message.as_deref(), Some("just text"));
    }

    proptest! {
        #[test]
        fn no_body_panics(body in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(StatusCode::BAD_REQUEST, &HeaderMap::new(), &Bytes::from(body));
        }

        #[test]
        fn no_page_panics(body in "(<title>|</title>|<html|İ|ß|.){0,20}") {
            let _ = read(StatusCode::BAD_GATEWAY, &HeaderMap::new(), &Bytes::from(body));
        }
    }
}
