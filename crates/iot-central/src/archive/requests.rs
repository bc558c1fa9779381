//! The calls of export and restore: documents as they come, from any operation
//! of the table. It must not know what they are for.

use std::fmt;

use progenitor_client::{Paged, Pages, PathSegment};
use serde::Deserialize;

use super::document::Members;
use crate::{Client, Error, HeaderMap, Json, Method, OPERATIONS, Response};

/// A page of any list.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    value: Vec<Json>,
    #[serde(rename = "nextLink")]
    next_link: Option<String>,
}

impl Paged for Page {
    type Item = Json;

    fn next(&self) -> Option<&str> {
        self.next_link.as_deref()
    }

    fn into_items(self) -> Vec<Json> {
        self.value
    }

    fn len(&self) -> usize {
        self.value.len()
    }
}

/// Path segments, encoded and joined below `/api`.
pub(super) fn path(segments: &[&str]) -> String {
    segments
        .iter()
        .fold("/api".to_owned(), |path, segment| format!("{path}/{}", PathSegment(*segment)))
}

/// The pages of a list, from a link on if there is one.
pub(super) fn pages(
    client: &Client,
    operation: &'static str,
    path: &str,
    from: Option<String>,
) -> Pages<Page> {
    let next = client.inner.links(OPERATIONS, operation, HeaderMap::new());
    match from {
        Some(link) => Pages::resume(operation, link, next),
        None => {
            let first = client.inner.request(Method::GET, path).operation(OPERATIONS, operation);
            Pages::new(operation, first.json::<Page>(), next)
        }
    }
}

/// All items of a list.
pub(super) async fn all(
    client: &Client,
    operation: &'static str,
    path: &str,
) -> Result<Vec<Json>, Error> {
    pages(client, operation, path, None).items().into_vec().await
}

/// One document; `None` if there is none.
pub(super) async fn get(
    client: &Client,
    operation: &'static str,
    path: &str,
) -> Result<Option<Json>, Error> {
    let request = client.inner.request(Method::GET, path).operation(OPERATIONS, operation);
    match request.json().await {
        Ok(answer) => Ok(Some(Response::into_inner(answer))),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A change to be sent; doing it twice is doing it once.
#[derive(Clone)]
pub(super) struct Write {
    pub(super) operation: &'static str,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Members,
}

/// Without the body, which may hold keys.
impl fmt::Debug for Write {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Write({} {})", self.method, self.path)
    }
}

pub(super) async fn send(client: &Client, write: &Write) -> Result<Json, Error> {
    let request = client.inner.request(write.method.clone(), &write.path);
    let request = request.operation(OPERATIONS, write.operation).json_body(&write.body);
    Ok(request.idempotent(true).json::<Json>().await?.into_inner())
}
