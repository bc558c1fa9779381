//! The forms that endpoints take, and `Authorization: Basic`.

use axum::http::{HeaderMap, header};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::{ExposeSecret, SecretString};

use crate::reading;

/// The form of a request; fields we do not know are let through.
#[derive(Default)]
pub(crate) struct Form {
    fields: Vec<(String, SecretString)>,
}

/// A field stands in the form more than once.
#[derive(Debug)]
pub(crate) struct Repeated(pub(crate) String);

impl Form {
    /// The form in a body; empty if the media type is another.
    pub(crate) fn of_body(headers: &HeaderMap, body: &[u8]) -> Self {
        let media_type = reading::media_type(headers);
        if media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            Self::parse(body)
        } else {
            Self::default()
        }
    }

    /// The form in a body or a query string.
    pub(crate) fn parse(text: &[u8]) -> Self {
        let fields = url::form_urlencoded::parse(text)
            .map(|(name, value)| (name.into_owned(), SecretString::from(value.into_owned())))
            .collect();
        Self { fields }
    }

    /// The field's value; an empty one counts as none.
    pub(crate) fn get(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.fields.iter().filter(|(field, _)| field == name);
        let first = values.next().map(|(_, value)| value.expose_secret());
        if values.next().is_some() {
            return Err(Repeated(name.to_owned()));
        }
        Ok(first.filter(|value| !value.is_empty()))
    }
}

/// Id and secret from an `Authorization: Basic` header: base64 of two
/// form-urlencoded halves (RFC 6749, section 2.3.1).
pub(crate) fn basic(headers: &HeaderMap) -> Option<(String, SecretString)> {
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, value) = authorization.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(value.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some((form_decode(id)?, SecretString::from(form_decode(secret)?)))
}

fn form_decode(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn headers(authorization: &str) -> HeaderMap {
        let value = HeaderValue::from_str(authorization).unwrap();
        HeaderMap::from_iter([(header::AUTHORIZATION, value)])
    }

    #[test]
    fn basic_halves_are_form_decoded() {
        let encoded = STANDARD.encode("my%3Aid:a%2Bb+c%25");
        let (id, secret) = basic(&headers(&format!("basic {encoded}"))).unwrap();
        assert_eq!((id.as_str(), secret.expose_secret()), ("my:id", "a+b c%"));
        assert!(basic(&headers("Bearer x")).is_none());
        assert!(basic(&headers("Basic !!")).is_none());
    }

    #[test]
    fn a_field_stands_once_or_not_at_all() {
        let form = Form::parse(b"a=1&b=&c=x+y&c=z");
        assert_eq!(form.get("a").unwrap(), Some("1"));
        assert_eq!(form.get("b").unwrap(), None);
        assert_eq!(form.get("c").unwrap_err().0, "c");
    }

    proptest! {
        #[test]
        fn no_form_makes_it_panic(body: Vec<u8>, header in "[ -~]{0,40}") {
            let _ = Form::parse(&body).get("a");
            let _ = basic(&headers(&header));
        }
    }
}
