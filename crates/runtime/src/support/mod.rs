//! The names that generated code calls besides errors and responses. Written
//! against what progenitor 0.15.1 emits; a change there shows as a compile
//! error in the client crates. Nothing here sends anything.

mod query_param;
mod stream;

use std::future::Future;

use serde::Serialize;

pub use query_param::QueryParam;
pub use stream::ByteStream;

use crate::Error;

/// Which operation a hook is called for.
#[derive(Clone, Copy, Debug)]
pub struct OperationInfo {
    /// Name of the client's method, such as `get_twin`.
    pub operation_id: &'static str,
}

/// What a generated client can tell about itself.
pub trait ClientInfo<Inner> {
    /// Version of the API that the client was generated for.
    fn api_version() -> &'static str;
    /// Base URL, without a trailing slash.
    fn baseurl(&self) -> &str;
    /// The HTTP client that requests are built with.
    fn client(&self) -> &reqwest::Client;
    /// What the client was made with: its [`Context`](crate::Context).
    fn inner(&self) -> &Inner;
}

/// The door through which each generated operation goes out. A client crate
/// implements [`exec`](Self::exec) with
/// [`Context::exec`](crate::Context::exec) and leaves the others as they are.
pub trait ClientHooks<Inner>: ClientInfo<Inner> {
    /// Runs before the request is sent and may change it.
    fn pre(
        &self,
        request: &mut reqwest::Request,
        info: &OperationInfo,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        let _ = (request, info);
        std::future::ready(Ok(()))
    }

    /// Sends the request and hands back a successful answer.
    fn exec(
        &self,
        request: reqwest::Request,
        info: &OperationInfo,
    ) -> impl Future<Output = Result<reqwest::Response, Error>> + Send;

    /// Runs after the call and sees its result.
    fn post(
        &self,
        result: &Result<reqwest::Response, Error>,
        info: &OperationInfo,
    ) -> impl Future<Output = Result<(), Error>> + Send {
        let _ = (result, info);
        std::future::ready(Ok(()))
    }
}

/// What generated code needs of a request builder beyond reqwest's own.
pub trait RequestBuilderExt: Sized {
    /// Puts a form into the body (`application/x-www-form-urlencoded`).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRequest`](crate::ErrorKind::InvalidRequest) when
    /// the request is built, if the value has no such form.
    fn form_urlencoded<T: Serialize + ?Sized>(self, body: &T) -> Result<Self, Error>;
}

impl RequestBuilderExt for reqwest::RequestBuilder {
    fn form_urlencoded<T: Serialize + ?Sized>(self, body: &T) -> Result<Self, Error> {
        Ok(self.form(body))
    }
}
