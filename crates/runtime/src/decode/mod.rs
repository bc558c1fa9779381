//! Decoding answers: once, straight into the caller's type, with an error that
//! says where the text and the type part. It must not know who asked.

mod place;

use std::borrow::Cow;

use bytes::Bytes;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use serde::de::DeserializeOwned;

use crate::error::{error_within, is_html, without_mark};
use crate::{Error, ErrorKind};

/// Longest reason shown of what does not fit, and longest path to it: names of members
/// are the service's.
const REASON_CHARS: usize = 200;
/// Longest name shown of a body's coding.
const CODING_CHARS: usize = 40;

const FOREIGN: &str = "something between here and the service may have answered, or have changed \
    its answer: check the endpoint and the proxy settings";
const LARGE_NUMBER: &str = "decode into Json, which keeps numbers of any size as text";

/// Decodes JSON text. The path of the fault is looked for only after a
/// failure, so that success costs one plain pass.
pub(crate) fn from_json<T: DeserializeOwned>(text: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(text).map_err(|error| describe(text, &error))
}

/// Decodes the body of an answer.
pub(crate) fn from_body<T: DeserializeOwned>(
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<T, Error> {
    let text = without_mark(body);
    serde_json::from_slice(text).map_err(|failure| unreadable(headers, text, &failure))
}

/// Why a body could not be decoded. Not generic, so that it is compiled once.
fn unreadable(headers: &HeaderMap, body: &[u8], failure: &serde_json::Error) -> Error {
    let begin = String::from_utf8_lossy(body.get(..body.len().min(64)).unwrap_or_default());
    // Seen on quota errors of one platform: a status of success all the same.
    if failure.is_data()
        && let Some((code, said)) = error_within(body)
    {
        return Error::error_as_success(code, &said);
    }
    let foreign = |message: String| Error::new(ErrorKind::Decode, message).or_hint(FOREIGN);
    if body.iter().all(u8::is_ascii_whitespace) {
        foreign("the answer has no body where one was expected".to_owned())
    } else if is_html(headers, begin.trim_start()) {
        foreign("the answer is a web page, not JSON: a proxy or another server answered".to_owned())
    } else if let Some(coding) = coding(headers).filter(|_| failure.is_syntax()) {
        foreign(format!(
            "the answer is not JSON but in a coding that was not asked for \
             (content-encoding: {coding})"
        ))
    } else {
        describe(body, failure)
    }
}

/// The coding of the body, if it has one. None is ever asked for.
fn coding(headers: &HeaderMap) -> Option<String> {
    let coding = String::from_utf8_lossy(headers.get(CONTENT_ENCODING)?.as_bytes());
    let plain = coding.trim().is_empty() || coding.trim().eq_ignore_ascii_case("identity");
    (!plain).then(|| twinkit_http::redact::text(&coding, &[], CODING_CHARS))
}

fn describe(text: &[u8], failure: &serde_json::Error) -> Error {
    let (line, column) = (failure.line(), failure.column());
    let fault = |message: String| Error::new(ErrorKind::Decode, message);
    if failure.is_eof() {
        return fault(format!("the JSON ends too early (line {line}, column {column})"))
            .or_hint(FOREIGN);
    }
    let said = failure.to_string();
    // JSON knows no limit; `serde_json` takes it for a fault of the text.
    let is_too_large = failure.is_syntax() && said.starts_with("number out of range");
    if !failure.is_data() && !is_too_large {
        return fault(format!("the answer is not JSON (line {line}, column {column})"))
            .or_hint(FOREIGN);
    }
    let path = twinkit_http::redact::text(&place::path(text, line, column), &[], REASON_CHARS);
    if is_too_large {
        return fault(format!(
            "the JSON does not fit at {path}: a number is beyond what f64 holds"
        ))
        .or_hint(LARGE_NUMBER);
    }
    fault(format!("the JSON does not fit at {path}: {}", reason(&said)))
}

/// What serde says of a mismatch, without the values that it quotes: they are
/// content of the document.
fn reason(said: &str) -> String {
    let said = without_variant(said);
    let mut shown = String::with_capacity(said.len());
    let (mut quoted, mut escaped) = (false, false);
    for character in said.chars() {
        match (quoted, character) {
            (true, _) if escaped => escaped = false,
            (true, '\\') => escaped = true,
            (true, '"') => quoted = false,
            (true, _) => {}
            (false, '"') => {
                quoted = true;
                shown.push_str("\"…\"");
            }
            (false, other) => shown.push(other),
        }
    }
    twinkit_http::redact::text(&shown, &[], REASON_CHARS)
}

/// A kind that an enum does not know is a value, too; it alone stands in the marks
/// that are for names.
fn without_variant(said: &str) -> Cow<'_, str> {
    const BEGIN: &str = "unknown variant `";
    // The last mark before what is expected: the value may hold marks of its own.
    let end = said.strip_prefix(BEGIN).and_then(|rest| {
        let at = rest.rfind("`, expected ").or_else(|| rest.rfind("`, there are no "))?;
        rest.get(at..)
    });
    end.map_or(Cow::Borrowed(said), |end| format!("{BEGIN}…{end}").into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its type matters")]
    struct Page {
        value: Vec<Row>,
    }

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its type matters")]
    struct Row {
        t: f64,
    }

    fn fault(headers: &[(&'static str, &str)], body: &'static str) -> String {
        failure(headers, body).to_string()
    }

    fn failure(headers: &[(&'static str, &str)], body: &'static str) -> Error {
        let headers = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
        let error = from_body::<Page>(&headers.collect(), &Bytes::from_static(body.as_bytes()));
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        error
    }

    #[test]
    fn faults_say_where_and_keep_content_out() {
        let shown = fault(&[], r#"{"value":[{"t":1},{"t":"can\"ary"}]}"#);
        assert!(shown.contains("value[1].t") && shown.contains("expected f64"), "{shown}");
        assert!(!shown.contains("ary"), "{shown}");
        assert!(fault(&[], r#"{"value":[{}]}"#).contains("missing field `t`"));
    }

    #[test]
    fn faults_of_large_documents_are_told_in_a_line() {
        let name = "n".repeat(1000);
        let body = Bytes::from(format!(r#"{{"{name}":"x"}}"#));
        let read = from_body::<std::collections::BTreeMap<String, u8>>(&HeaderMap::new(), &body);
        let message = read.unwrap_err().message().unwrap().to_owned();
        assert!(message.contains("nnn…: invalid type"), "{message}");
        assert!(message.len() < 300, "{message}");
        for (length, said) in [(10, "the body is an error: no"), (64 * 1024, "value")] {
            let long = " ".repeat(length);
            let body = Bytes::from(format!(r#"{{"value":1,"error":{{"message":"no"}}{long}}}"#));
            let error = from_body::<Page>(&HeaderMap::new(), &body).unwrap_err();
            assert!(error.message().unwrap().contains(said), "{error}");
        }
    }

    #[test]
    fn a_kind_that_is_not_known_is_content_too() {
        #[derive(Debug, Deserialize)]
        #[serde(rename_all = "camelCase")]
        enum Kind {
            Room,
            Floor,
        }
        let body = Bytes::from_static(br#"["canary`, expected `x"]"#);
        let error = from_body::<Vec<Kind>>(&HeaderMap::new(), &body).unwrap_err().to_string();
        assert!(error.contains("unknown variant `…`, expected `room` or `floor`"), "{error}");
    }

    #[test]
    fn cut_empty_and_foreign_bodies_are_named() {
        assert!(fault(&[], r#"{"value":[{"t":1},"#).contains("ends too early"));
        assert!(fault(&[], " \n").contains("no body"));
        assert!(fault(&[], "<!doctype html><p>hi").contains("web page"));
        assert!(fault(&[("content-type", "text/html")], "hi").contains("web page"));
        assert!(fault(&[], "oops").contains("not JSON"));
        assert!(fault(&[], r#"{"value":[]} x"#).contains("not JSON"));
    }

    #[test]
    fn a_coding_that_nobody_asked_for_is_named() {
        for (coding, is_told) in
            [("gzip", true), ("br, gzip", true), ("identity", false), ("", false)]
        {
            let error = failure(&[("content-encoding", coding)], "\u{1f}\u{8b}");
            assert_eq!(error.to_string().contains("content-encoding"), is_told, "{error}");
            assert_eq!(error.to_string().contains(coding), is_told || coding.is_empty());
            assert!(error.hint().unwrap().contains("proxy"), "{error}");
        }
        // What can be read is judged as any other.
        let shown = fault(&[("content-encoding", "gzip")], r#"{"value":[{}]}"#);
        assert!(shown.contains("missing field"), "{shown}");
    }

    #[test]
    fn a_number_beyond_all_is_json_all_the_same() {
        for body in [r#"{"value":[{"t":1},{"t":1e400}]}"#, r#"{"value":[{"t":1},{"t":-1e400 }]}"#] {
            let error = failure(&[], body);
            assert!(error.to_string().contains("does not fit at value[1].t"), "{error}");
            assert!(error.hint().unwrap().contains("Json"), "{error}");
        }
        let kept = crate::Json::from_text("1e400").unwrap();
        assert!(kept.parse::<f64>().unwrap_err().to_string().contains("beyond what f64"));
        assert_eq!(kept.get(), "1e400");
    }
}
