//! What an error tells of an answer, and what it keeps to itself.

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use super::*;

fn answer(status: u16, body: &'static str) -> Error {
    let status = StatusCode::from_u16(status).unwrap();
    Error::from_answer(status, HeaderMap::new(), Bytes::from_static(body.as_bytes()))
}

#[test]
fn an_error_is_one_pointer_wide_and_can_travel() {
    fn travels<T: Send + Sync + 'static>() {}
    travels::<Error>();
    assert_eq!(size_of::<Error>(), size_of::<usize>());
}

#[test]
fn one_line_holds_status_code_message_and_attempts() {
    let mut error = answer(404, r#"{"error":{"code":"TwinNotFound","message":"No\ntwin."}}"#);
    error.facts_mut().attempts = 2;
    error.facts_mut().headers.insert("x-ms-request-id", "r-1".parse().unwrap());
    let error = error.in_operation("get_twin").in_operation("other");
    assert_eq!(
        error.to_string(),
        "get_twin: 404 TwinNotFound: No twin. (request id r-1, 2 attempts)"
    );
    assert!(error.is_not_found() && !error.is_retryable());
}

#[test]
fn the_requests_id_is_told_once() {
    let told = |message: &str| {
        let mut error: Error = Error::InvalidRequest(message.to_owned());
        error.facts_mut().headers.insert("x-ms-request-id", "r-1".parse().unwrap());
        error.to_string()
    };
    let once = "invalid request: No. (request id r-1)";
    assert_eq!(told("No. Request ID: r-1, Time: Tue, 25 Apr 2023 11:24:53 GMT."), once);
    assert_eq!(told("No."), once);
    assert!(told("No. Request id: r-2").contains("r-2"));
    assert!(told("Request id: r-1").starts_with("invalid request: Request id: r-1"));
}

#[test]
fn the_first_of_the_details_is_shown_and_the_others_counted() {
    let error = answer(
        400,
        r#"{"error":{"code":"V","message":"Invalid.","details":[{"message":"no x"},{},{}]}}"#,
    );
    assert_eq!(error.to_string(), "400 V: Invalid. [no x and 2 more]");
}

#[test]
fn refusals_before_sending_name_their_operation() {
    let error: Error = Error::InvalidRequest("get_twin: `id`: it is empty".to_owned());
    assert_eq!(error.operation(), Some("get_twin"));
    assert_eq!(error.to_string(), "get_twin: invalid request: `id`: it is empty");
    let error: Error = Error::InvalidRequest("the link: odd".to_owned());
    assert_eq!(error.operation(), None);
}

#[test]
fn display_and_debug_hold_no_body() {
    let error = answer(500, r#"{"error":{"code":"C","message":"m"},"more":"canary"}"#);
    assert!(!format!("{error} {error:?} {error:#?}").contains("canary"));
    assert!(std::str::from_utf8(error.body()).unwrap().contains("canary"));
    assert!(error.is_retryable());
}

#[test]
fn long_bodies_are_cut_and_long_messages_shown_in_part() {
    let long = "x".repeat(2 * KEPT_BODY);
    let body = Bytes::from(format!(r#"{{"error":{{"message":"{long}"}}}}"#));
    let error: Error = Error::from_answer(StatusCode::BAD_REQUEST, HeaderMap::new(), body);
    assert_eq!(error.body().len(), KEPT_BODY);
    assert!(error.body().is_unique(), "it holds on to the rest");
    assert_eq!(error.message().unwrap().len(), long.len());
    assert!(error.to_string().len() < 600);
}

#[test]
fn undeclared_success_is_not_what_the_specification_says() {
    let response = http::Response::builder().header("x-request-id", "7").body("").unwrap();
    let error: Error = Error::undeclared(StatusCode::PARTIAL_CONTENT, response.into());
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!((error.status().unwrap().as_u16(), error.request_id()), (206, Some("7")));
}

#[test]
fn a_document_as_a_message_does_not_fill_a_log() {
    let page = "ä".repeat(1_000_000);
    let body =
        serde_json::json!({"error": {"code": "C", "message": page, "details": [{"code": page}]}});
    let mut error = Error::<()>::new(ErrorKind::Service, page);
    error.facts_mut().details =
        super::envelope::read(StatusCode::BAD_REQUEST, &HeaderMap::new(), &body.to_string().into())
            .details;
    let shown = format!("{error:?}");
    assert!(shown.len() < 10_000 && shown.contains("ä…"), "{} bytes", shown.len());
}

#[test]
fn a_request_id_of_nothing_is_none() {
    let mut headers = HeaderMap::new();
    headers.insert("x-ms-request-id", "".parse().unwrap());
    assert_eq!(request_id(&headers), None);
    headers.insert("x-request-id", "r-1".parse().unwrap());
    assert_eq!(request_id(&headers), Some("r-1"));
}
