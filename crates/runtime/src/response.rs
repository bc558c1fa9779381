//! A successful answer: the decoded value with status and headers, which carry
//! what bodies do not (entity tags, charges, request ids).

use std::fmt;
use std::ops::{Deref, DerefMut};

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{ETAG, HeaderMap, LOCATION};
use serde::de::DeserializeOwned;

use crate::error::error_within;
use crate::pipeline::Record;
use crate::{ByteStream, ETag, Error};

/// The most that is read of one answer that is to be decoded: far above any
/// page of the platforms (the largest, 1,000 query rows of 32 KB twins, stays
/// below 34 MB). Decoded, one that is made to hurt takes many times its size.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024 * 1024;

/// What an operation answered. Generated code calls it `ResponseValue`.
///
/// The value's own members are reached directly (`Deref`).
#[derive(Clone)]
pub struct Response<T> {
    value: T,
    status: StatusCode,
    headers: HeaderMap,
}

/// The name under which generated code knows [`Response`].
pub type ResponseValue<T> = Response<T>;

impl<T> Response<T> {
    /// The value with status and headers of its answer. For client crates and
    /// tests.
    #[must_use]
    pub fn new(value: T, status: StatusCode, headers: HeaderMap) -> Self {
        Self { value, status, headers }
    }

    /// Status of the answer.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Headers of the answer.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The entity's new tag (`ETag` header), if the service sent one.
    #[must_use]
    pub fn etag(&self) -> Option<ETag> {
        self.headers.get(ETAG)?.to_str().ok()?.try_into().ok()
    }

    /// Id of the request at the service, for its support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        crate::error::request_id(&self.headers)
    }

    /// Where the service says that something is (`Location` header): what was
    /// made, or what is to be fetched. It may be signed, and is then a secret.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.header(LOCATION.as_str())
    }

    /// A header's value as text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// A header's value as a finite number.
    #[must_use]
    pub fn header_f64(&self, name: &str) -> Option<f64> {
        self.header(name)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// The value alone.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The same answer with another value.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { value: change(self.value), status: self.status, headers: self.headers }
    }
}

/// A successful answer, read whole and not decoded yet. Generated code makes the
/// operation's [`Response`] of it.
pub struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    record: Record,
    body: Bytes,
}

impl Answer {
    pub(crate) fn new(status: StatusCode, headers: HeaderMap, body: Bytes, record: Record) -> Self {
        Self { status, headers, record, body }
    }

    #[cfg(test)]
    pub(crate) fn of(response: http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self::new(parts.status, parts.headers, body, Record::default())
    }

    /// The JSON of the body.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if there is no body or it
    /// does not fit `T`, with status and headers.
    pub fn decode<T: DeserializeOwned>(self) -> Result<Response<T>, Error> {
        self.read_as(crate::decode::from_body)
    }

    /// What `read` makes of headers and body.
    pub(crate) fn read_as<T>(
        self,
        read: impl FnOnce(&HeaderMap, &Bytes) -> Result<T, Error>,
    ) -> Result<Response<T>, Error> {
        match read(&self.headers, &self.body) {
            Ok(value) => Ok(Response::new(value, self.status, self.headers)),
            Err(error) => Err(self.undecodable(error)),
        }
    }

    fn undecodable(self, mut error: Error) -> Error {
        let facts = error.facts_mut();
        facts.status = Some(self.status);
        facts.headers = self.headers;
        facts.body = crate::error::kept(&self.body);
        self.record.mark(&mut error);
        error
    }

    /// The body as it came.
    #[must_use]
    pub fn bytes(self) -> Response<Bytes> {
        Response::new(self.body, self.status, self.headers)
    }

    /// An answer whose body, if any, is of no interest.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the body is an error document:
    /// then nothing was done, whatever the status says.
    pub fn empty(self) -> Result<Response<()>, Error> {
        // A redirect that is the answer may have anything beside it.
        let is_success = self.status.is_success();
        self.read_as(|_, body| match error_within(body).filter(|_| is_success) {
            None => Ok(()),
            Some((code, said)) => Err(Error::error_as_success(code, &said)),
        })
    }
}

/// Neither headers nor body: they may hold secrets.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer").field("status", &self.status.as_u16()).finish_non_exhaustive()
    }
}

impl Response<ByteStream> {
    /// An answer whose body is read bit by bit.
    pub(crate) fn stream(mut response: reqwest::Response) -> Self {
        let headers = std::mem::take(response.headers_mut());
        let status = response.status();
        Self { value: ByteStream::coming(response), status, headers }
    }
}

impl<T> Deref for Response<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Response<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

/// Headers stay out: some platforms hand secrets out in them.
impl<T: fmt::Debug> fmt::Debug for Response<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status.as_u16())
            .field("value", &self.value)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn read(body: &'static str) -> Answer {
        let response = http::Response::builder()
            .header("etag", "W/\"1\"")
            .header("query-charge", "2.87")
            .header("junk", "NaN")
            .body(Bytes::from_static(body.as_bytes()))
            .unwrap();
        Answer::of(response)
    }

    #[test]
    fn values_come_with_their_headers() {
        let response = read("[1,2]").decode::<Vec<u8>>().unwrap();
        assert_eq!(response.len(), 2);
        assert_eq!(response.etag().unwrap().as_str(), "W/\"1\"");
        assert_eq!(response.header_f64("query-charge"), Some(2.87));
        assert_eq!(response.header_f64("junk"), None);
        assert_eq!(response.map(|list| list.len()).into_inner(), 2);
    }

    #[test]
    fn an_undecodable_answer_keeps_status_headers_and_body() {
        let error = read("[1,").decode::<Vec<u8>>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.status().unwrap(), 200);
        assert_eq!(error.body(), "[1,");
        assert!(error.headers().contains_key("etag"));
    }

    #[test]
    fn an_error_does_not_hold_on_to_a_large_answer() {
        for (length, most) in [(1 << 20, 64 << 10), (64 << 10, 64 << 10), (7, 7)] {
            let body = Bytes::from(vec![b' '; length]);
            let response = http::Response::new(body.clone());
            let error = Answer::of(response).decode::<Vec<u8>>().unwrap_err();
            assert_eq!(error.body().len(), most);
            assert_eq!(body.is_unique(), length > most, "{length}");
        }
    }

    #[test]
    fn no_value_is_needed() {
        let response = read("ignored").empty().unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.etag().unwrap().as_str(), "W/\"1\"");
        assert!(!format!("{response:?}").contains("2.87"));
    }
}
