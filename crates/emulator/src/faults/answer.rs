//! Turns an effect into an answer, or changes the service's answer by it.

use std::time::{Duration, SystemTime};

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use super::{
    body::{dripping, huge, truncated},
    fault::{Effect, RetryAfter, Shape},
};
use crate::clock::Clock;

const JSON: &str = "application/json; charset=utf-8";
/// HTTP dates end with the year 9999; a hundred years ahead are enough.
const LONGEST_HINT_SECONDS: u64 = 100 * 365 * 24 * 60 * 60;
const HTML: &str = "<!DOCTYPE html>\r\n<html><head><title>502 Bad Gateway</title></head>\
    <body><h1>The gateway could not reach the service.</h1></body></html>\r\n";

/// The answer of an effect that does not ask the service; `None` for others.
pub(crate) fn status_answer(effect: &Effect, clock: &Clock) -> Option<Response> {
    match effect {
        Effect::Status { status, shape, retry_after } => {
            let status = status_code(*status);
            let (media, body) = shaped(*shape, status);
            let mut response = answer(status, media, body);
            if let Some(hint) = retry_after {
                hint_at(&mut response, *hint, clock);
            }
            Some(response)
        }
        Effect::Answer { status, content_type, body } => {
            Some(answer(status_code(*status), Some(content_type), body.clone()))
        }
        _ => None,
    }
}

/// Changes the service's answer by an effect that lets the service act.
pub(crate) async fn alter(effect: &Effect, response: Response) -> Response {
    match effect {
        Effect::Truncate { keep } => {
            let (mut head, body) = response.into_parts();
            let bytes = whole(body).await;
            head.headers.remove(header::TRANSFER_ENCODING);
            head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            Response::from_parts(head, truncated(bytes, *keep))
        }
        Effect::Drip { bytes: piece, pause_millis } => {
            let (mut head, body) = response.into_parts();
            let bytes = whole(body).await;
            if bytes.is_empty() {
                return Response::from_parts(head, Body::empty());
            }
            head.headers.remove(header::TRANSFER_ENCODING);
            head.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            let pause = Duration::from_millis(*pause_millis);
            Response::from_parts(head, dripping(bytes, *piece, pause))
        }
        Effect::HugeBody { bytes } => {
            let (mut head, _) = response.into_parts();
            head.headers.remove(header::CONTENT_LENGTH);
            set_media(&mut head.headers, JSON);
            Response::from_parts(head, huge(*bytes))
        }
        Effect::ContentType { value } => {
            let mut response = response;
            set_media(response.headers_mut(), value);
            response
        }
        Effect::SetMembers { members } => {
            let (mut head, body) = response.into_parts();
            let bytes = whole(body).await;
            let Ok(Value::Object(mut document)) = serde_json::from_slice(&bytes) else {
                return Response::from_parts(head, Body::from(bytes));
            };
            document.extend(members.clone());
            head.headers.remove(header::CONTENT_LENGTH);
            Response::from_parts(head, Body::from(Value::Object(document).to_string()))
        }
        Effect::Pass
        | Effect::Reset
        | Effect::LoseAnswer
        | Effect::Status { .. }
        | Effect::Answer { .. } => response,
    }
}

async fn whole(body: Body) -> Bytes {
    body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default()
}

/// A status that cannot end an exchange becomes 500.
fn status_code(status: u16) -> StatusCode {
    StatusCode::from_u16(status)
        .ok()
        .filter(|status| !status.is_informational())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn answer(status: StatusCode, media: Option<&str>, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    if let Some(media) = media {
        set_media(response.headers_mut(), media);
    }
    response
}

fn set_media(headers: &mut axum::http::HeaderMap, media: &str) {
    if let Ok(value) = HeaderValue::from_str(media) {
        headers.insert(header::CONTENT_TYPE, value);
    }
}

fn shaped(shape: Shape, status: StatusCode) -> (Option<&'static str>, String) {
    let reason = status.canonical_reason().unwrap_or("Fault");
    let number = status.as_u16();
    match shape {
        Shape::Envelope => {
            let code: String = reason.split(' ').collect();
            let error = json!({"error": {"code": code, "message": "A scheduled fault."}});
            (Some(JSON), error.to_string())
        }
        Shape::Gateway => {
            (Some(JSON), json!({"statusCode": number, "message": reason}).to_string())
        }
        Shape::GatewayThrottle => {
            let error = json!({"statusCode": number, "message": "Rate limit is exceeded."});
            (Some(JSON), json!({ "error": error }).to_string())
        }
        Shape::Empty => (None, String::new()),
        Shape::Html => (Some("text/html; charset=utf-8"), HTML.to_owned()),
        Shape::BrokenJson => (Some(JSON), r#"{"value":[{"$dtId":"roo"#.to_owned()),
    }
}

fn hint_at(response: &mut Response, hint: RetryAfter, clock: &Clock) {
    let headers = response.headers_mut();
    match hint {
        RetryAfter::Seconds(seconds) => {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        RetryAfter::DateIn(seconds) => {
            let ahead = Duration::from_secs(seconds.min(LONGEST_HINT_SECONDS));
            let time = SystemTime::from(clock.now()).checked_add(ahead);
            let date = httpdate::fmt_http_date(time.unwrap_or(SystemTime::UNIX_EPOCH));
            if let Ok(value) = HeaderValue::from_str(&date) {
                headers.insert(header::RETRY_AFTER, value);
            }
        }
        RetryAfter::Millis(millis) => {
            for name in ["retry-after-ms", "x-ms-retry-after-ms"] {
                headers.insert(HeaderName::from_static(name), HeaderValue::from(millis));
            }
        }
    }
}
