//! One request, read as far as any host needs it.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::{
    body::to_bytes,
    extract::Request,
    http::{HeaderMap, Method, header},
};
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

/// Most bytes of a form; a resource and an id need a few hundred.
const FORM_BYTES: usize = 64 * 1024;

pub(super) struct Call {
    pub(super) method: Method,
    headers: HeaderMap,
    /// Of the query string, or, of a POST, of the form.
    fields: Vec<(String, String)>,
}

/// A parameter stands in the request more than once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Repeated;

impl Call {
    /// `None` if the body is too large or breaks off.
    pub(super) async fn read(request: Request) -> Option<Self> {
        let (parts, body) = request.into_parts();
        let fields = if parts.method == Method::POST {
            parse(&to_bytes(body, FORM_BYTES).await.ok()?)
        } else {
            parse(parts.uri.query().unwrap_or_default().as_bytes())
        };
        Some(Self { method: parts.method, headers: parts.headers, fields })
    }

    /// A parameter, if it is there and not empty.
    pub(super) fn field(&self, name: &str) -> Result<Option<&str>, Repeated> {
        let mut values = self.fields.iter().filter(|(field, _)| field == name);
        let first = values.next().map(|(_, value)| value.as_str());
        if values.next().is_some() {
            return Err(Repeated);
        }
        Ok(first.filter(|value| !value.is_empty()))
    }

    /// Whether the request says that it is meant for a metadata service, which
    /// a forged one cannot.
    pub(super) fn is_for_metadata(&self) -> bool {
        self.header("metadata").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Whether a proxy passed the request on.
    pub(super) fn is_forwarded(&self) -> bool {
        self.headers.contains_key("x-forwarded-for")
    }

    /// Whether a header holds the secret; `None` if it is not there.
    pub(super) fn shows(&self, name: &str, secret: &SecretString) -> Option<bool> {
        let shown = self.headers.get(name)?;
        let known = secret.expose_secret();
        Some(verify_slices_are_equal(shown.as_bytes(), known.as_bytes()).is_ok())
    }

    /// What stands behind `Basic` in the authorization.
    pub(super) fn basic(&self) -> Option<&str> {
        let (scheme, text) = self.header(header::AUTHORIZATION.as_str())?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("basic").then(|| text.trim())
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

fn parse(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    #[tokio::test]
    async fn parameters_come_from_the_query_or_the_form() {
        let get = Request::get("/?resource=https%3A%2F%2Fx&a=1&a=2&empty=");
        let call = Call::read(get.body(Body::from("resource=no")).unwrap()).await.unwrap();
        assert_eq!(call.field("resource"), Ok(Some("https://x")));
        assert_eq!(call.field("a"), Err(Repeated));
        assert_eq!((call.field("empty"), call.field("b")), (Ok(None), Ok(None)));
        let post = Request::post("/?resource=no").body(Body::from("resource=yes")).unwrap();
        assert_eq!(Call::read(post).await.unwrap().field("resource"), Ok(Some("yes")));
        let large = Body::from(vec![b'x'; FORM_BYTES + 1]);
        assert!(Call::read(Request::post("/").body(large).unwrap()).await.is_none());
    }
}
