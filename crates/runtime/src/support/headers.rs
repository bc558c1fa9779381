//! Headers that are parameters of an operation.

use std::fmt::Display;

use reqwest::Request;
use reqwest::header::{HeaderMap, HeaderName};

use crate::error::Error;

/// Adds a header if it has a value. For generated code.
///
/// # Panics
/// `name` is no name of a header in lower case, which the generator sees to.
///
/// # Errors
/// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest): the value holds a
/// line break or another character that no header can carry.
pub fn set_header(
    headers: &mut HeaderMap,
    name: &'static str,
    value: Option<impl Display>,
) -> Result<(), Error> {
    let Some(value) = value else { return Ok(()) };
    let refused = || Error::InvalidRequest(format!("`{name}` cannot be sent as a header"));
    let value = value.to_string().try_into().map_err(|_| refused())?;
    headers.append(HeaderName::from_static(name), value);
    Ok(())
}

/// The request with `headers` beside its own. For generated code.
///
/// # Errors
/// The request's.
pub fn with_headers(
    request: reqwest::Result<Request>,
    mut headers: HeaderMap,
) -> reqwest::Result<Request> {
    let mut request = request?;
    // Those of parameters are more, and have room for what every call adds.
    headers.extend(std::mem::take(request.headers_mut()));
    *request.headers_mut() = headers;
    Ok(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn parameters_join_what_is_there() {
        let mut headers = HeaderMap::new();
        set_header(&mut headers, "if-match", Some("\"1\"")).unwrap();
        set_header(&mut headers, "max-items", Some(7)).unwrap();
        set_header(&mut headers, "prefer", None::<&str>).unwrap();
        let request = reqwest::Client::new().put("http://h.example/").body("x");
        let request = with_headers(request.header("content-type", "a/b").build(), headers).unwrap();
        let sent: Vec<_> = request
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str(), value.to_str().unwrap()))
            .collect();
        assert_eq!(sent, [("if-match", "\"1\""), ("max-items", "7"), ("content-type", "a/b")]);
    }

    #[test]
    fn what_no_header_can_carry_is_refused() {
        for value in ["a\nb", "a\r\nx-other: b", "a\0b", "a\u{7f}b"] {
            let mut headers = HeaderMap::new();
            let error = set_header(&mut headers, "if-match", Some(value)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRequest);
            assert!(error.to_string().contains("`if-match`") && headers.is_empty(), "{error}");
        }
        // Services name entity tags as they like, and want them back byte by byte.
        let mut headers = HeaderMap::new();
        set_header(&mut headers, "if-match", Some("\"é\"")).unwrap();
        assert_eq!(headers["if-match"].as_bytes(), "\"é\"".as_bytes());
    }
}
