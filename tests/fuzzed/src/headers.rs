//! Headers of answers that decide what a client does next.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use progenitor_client::fuzzing;
use progenitor_client::{Response, RetryPolicy, StatusCode};
use reqwest::header::{HeaderName, HeaderValue};

use crate::support::{text, texts};

/// The names that are read, by the first letter of a line.
const NAMES: [(&str, &str); 5] = [
    ("r", "retry-after"),
    ("m", "retry-after-ms"),
    ("x", "x-ms-retry-after-ms"),
    ("d", "date"),
    ("q", "query-charge"),
];

/// Lines such as `r 120`: headers that ask for a wait or count what a call cost.
/// Whole seconds are taken as they are, dates to the second, and no wait inside a
/// call is longer than its policy allows.
pub fn retry_after(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let mut headers = HeaderMap::new();
    for line in text.lines() {
        let Some((name, value)) = line.split_once(' ') else { continue };
        let name = NAMES.iter().find(|(short, _)| *short == name).map(|(_, name)| *name);
        let Some(name) = name else { continue };
        let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) else { continue };
        headers.append(HeaderName::from_static(name), value);
    }
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    let asked = twinkit_http::retry_after(&headers, now);
    let policy = RetryPolicy::new().longest_retry_after(Duration::from_secs(30));
    let wait = fuzzing::wait(&policy, asked);
    assert!(wait.is_none_or(|wait| wait <= Duration::from_secs(30)), "{headers:?}: {wait:?}");
    assert_eq!(wait.is_none(), asked.is_some_and(|asked| asked > Duration::from_secs(30)));

    let standard = headers.get("retry-after").and_then(|value| value.to_str().ok());
    let alone =
        !headers.contains_key("retry-after-ms") && !headers.contains_key("x-ms-retry-after-ms");
    if let Some(standard) = standard.filter(|_| alone) {
        let digits = !standard.is_empty() && standard.bytes().all(|byte| byte.is_ascii_digit());
        // Beyond 2^53 seconds a number with a fraction no longer holds each one.
        if let Some(seconds) = standard.parse::<u64>().ok().filter(|n| digits && *n < 1 << 53) {
            assert_eq!(asked, Some(Duration::from_secs(seconds)));
            // The same wait as a date: from the server's clock, whatever ours says.
            if seconds < 1 << 32 {
                assert_eq!(dated(now, seconds), Some(Duration::from_secs(seconds)));
            }
        }
        if digits {
            assert!(asked.is_some(), "{standard:?}");
        }
    }
    let charge = Response::new((), StatusCode::OK, headers).header_f64("query-charge");
    assert!(charge.is_none_or(f64::is_finite));
}

/// A wait of so many seconds that is written as two dates.
fn dated(server: SystemTime, seconds: u64) -> Option<Duration> {
    let date = |at| HeaderValue::from_str(&httpdate::fmt_http_date(at)).unwrap();
    let mut headers = HeaderMap::new();
    headers.insert("date", date(server));
    headers.insert("retry-after", date(server + Duration::from_secs(seconds)));
    twinkit_http::retry_after(&headers, SystemTime::UNIX_EPOCH)
}

/// `Content-Range`, and three numbers to make one of. What is read stands in the
/// text and can be, and what was made is read, if it can be.
pub fn content_range(data: &[u8]) {
    let Some([text, from, last, whole]) = texts(data) else { return };
    if let Some((from, end, whole)) = fuzzing::content_range(text) {
        let (span, total) = text.trim().strip_prefix("bytes ").unwrap().split_once('/').unwrap();
        let (first, last) = span.split_once('-').unwrap();
        assert_eq!(first.trim().parse(), Ok(from), "{text:?}");
        assert_eq!(last.trim().parse(), Ok(end - 1), "{text:?}");
        assert_eq!(total.trim().parse().ok(), whole, "{text:?}");
        assert!(from < end && whole.is_none_or(|whole| end <= whole), "{text:?}");
    }
    if let (Ok(from), Ok(last)) = (from.parse::<u64>(), last.parse::<u64>()) {
        let whole = whole.parse::<u64>().ok();
        let total = whole.map_or_else(|| "*".to_owned(), |whole| whole.to_string());
        let made = format!("bytes {from}-{last}/{total}");
        // `+5` is no number of a header; ours are written by us.
        let can_be = from <= last && last < whole.unwrap_or(u64::MAX);
        let read = can_be.then(|| (from, last + 1, whole));
        assert_eq!(fuzzing::content_range(&made), read, "{made}");
    }
}
