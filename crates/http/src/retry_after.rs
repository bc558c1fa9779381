//! How long a server asks to wait before the next try, in every form met:
//! seconds or a date (RFC 9110 section 10.2.3), and the millisecond headers that
//! Azure services send beside it.

use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// The wait asked for, unbounded: the caller caps it. `now` is the local wall
/// clock; a date is read against the server's own `Date` header where there is
/// one, so that a skewed local clock does not matter. A date in the past is a
/// wait of zero. `None` if no header is there or none can be read.
#[must_use]
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    ["retry-after-ms", "x-ms-retry-after-ms"]
        .into_iter()
        .find_map(|name| number(headers.get(name)?.to_str().ok()?, 0.001))
        .or_else(|| from_standard_header(headers, now))
}

fn from_standard_header(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    number(text, 1.0).or_else(|| {
        let until = httpdate::parse_http_date(text).ok()?;
        let from = server_date(headers).unwrap_or(now);
        Some(until.duration_since(from).unwrap_or(Duration::ZERO))
    })
}

/// A non-negative decimal number of units of `unit` seconds. One beyond what a
/// duration holds is the longest there is, not none.
fn number(text: &str, unit: f64) -> Option<Duration> {
    let value: f64 = text.trim().parse().ok()?;
    // Digits without end are a number, too; `inf` and `NaN` have none.
    let sensible = value >= 0.0 && text.bytes().any(|byte| byte.is_ascii_digit());
    sensible.then(|| Duration::try_from_secs_f64(value * unit).unwrap_or(Duration::MAX))
}

/// The server's wall clock by its `Date` header.
#[must_use]
pub fn server_date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect()
    }

    fn wait(pairs: &[(&'static str, &str)]) -> Option<Duration> {
        retry_after(&headers(pairs), SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_770))
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(wait(&[("retry-after", "7")]), Some(Duration::from_secs(7)));
        assert_eq!(wait(&[("retry-after", " 0.5 ")]), Some(Duration::from_millis(500)));
        assert_eq!(wait(&[("retry-after-ms", "250")]), Some(Duration::from_millis(250)));
        assert_eq!(
            wait(&[("x-ms-retry-after-ms", "20"), ("retry-after", "9")]),
            Some(Duration::from_millis(20))
        );
        let long = "9".repeat(400);
        for huge in ["99999999999999999999", &long, "1e400"] {
            assert_eq!(wait(&[("retry-after", huge)]), Some(Duration::MAX), "{huge}");
        }
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(wait(&[("retry-after", date)]), Some(Duration::from_secs(7)));
        let server_now = ("date", "Sun, 06 Nov 1994 08:49:07 GMT");
        assert_eq!(wait(&[("retry-after", date), server_now]), Some(Duration::from_secs(30)));
        assert_eq!(wait(&[("retry-after", "Sat, 05 Nov 1994 08:49:37 GMT")]), Some(Duration::ZERO));
    }

    #[test]
    fn what_cannot_be_read_is_no_wait() {
        for text in ["", "-1", "NaN", "inf", "soon"] {
            assert_eq!(wait(&[("retry-after", text)]), None, "{text}");
        }
        assert_eq!(wait(&[]), None);
        assert_eq!(
            wait(&[("retry-after-ms", "x"), ("retry-after", "3")]),
            Some(Duration::from_secs(3))
        );
    }

    proptest! {
        #[test]
        fn no_header_text_panics(text in "[ -~]{0,40}") {
            let _ = wait(&[("retry-after", &text), ("date", &text), ("retry-after-ms", &text)]);
        }
    }
}
