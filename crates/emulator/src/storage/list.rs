//! The blobs of a container, as List Blobs gives them: XML, in pages.
//!
//! Our choices: a container that nothing was put into has an empty list; of
//! `include` nothing is known, so metadata, snapshots and versions are left out; a
//! marker is the base64 of the name that the next page begins with.

use std::{collections::BTreeMap, fmt::Write as _, ops::Bound};

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use quick_xml::escape::escape;

use super::{
    ACCOUNT, Storage,
    blobs::{Blob, BlobName},
    error::StorageError,
    routes::parameter,
};

/// Most entries of a page, and how many there are if the request names no number.
const PAGE: usize = 5000;

/// The container that a decoded path names, `/{account}/{container}`, if the query
/// speaks of a container.
pub(super) fn container<'p>(path: &'p str, query: &str) -> Option<&'p str> {
    let (account, container) = path.strip_prefix('/')?.split_once('/')?;
    let container = container.strip_suffix('/').unwrap_or(container);
    let is_one = account == ACCOUNT && !container.is_empty() && !container.contains('/');
    let is_meant = parameter(query, "restype").as_deref() == Some("container");
    (is_one && is_meant).then_some(container)
}

/// Answers a request to a container.
pub(super) fn answer(
    storage: &Storage,
    container: &str,
    method: &Method,
    query: &str,
) -> Result<Response, StorageError> {
    let permissions = storage.check(&BlobName::new(container, ""), query)?;
    if *method != Method::GET || parameter(query, "comp").as_deref() != Some("list") {
        return Err(unknown_operation());
    }
    if !permissions.may_list() {
        return Err(StorageError::permission());
    }
    let text = Wanted::read(query)?.page(storage, container);
    let mut response = Response::new(Body::from(text));
    let media = HeaderValue::from_static("application/xml");
    response.headers_mut().insert(header::CONTENT_TYPE, media);
    Ok(response)
}

/// What a list is to hold.
struct Wanted {
    prefix: String,
    delimiter: String,
    marker: String,
    /// The name that the page begins with, or the first one after it.
    from: String,
    most: Option<usize>,
}

/// One entry: a blob, or what blobs have in common up to a delimiter.
enum Entry<'b> {
    Blob(&'b Blob),
    Prefix,
}

impl Wanted {
    fn read(query: &str) -> Result<Self, StorageError> {
        let given = |name: &str| parameter(query, name).unwrap_or_default();
        let marker = given("marker");
        let from =
            URL_SAFE_NO_PAD.decode(&marker).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let most = match given("maxresults").as_str() {
            "" => None,
            text => Some(text.parse().ok().filter(|most| *most > 0).ok_or_else(out_of_range)?),
        };
        let from = from.ok_or_else(bad_marker)?;
        Ok(Self { prefix: given("prefix"), delimiter: given("delimiter"), marker, from, most })
    }

    fn page(&self, storage: &Storage, container: &str) -> String {
        let blobs = storage.blobs();
        let mut entries = BTreeMap::new();
        for (name, blob) in blobs.within(container) {
            let Some(rest) = name.strip_prefix(&self.prefix) else { continue };
            match rest.split_once(&self.delimiter).filter(|_| !self.delimiter.is_empty()) {
                Some((folder, _)) => {
                    let common = format!("{}{folder}{}", self.prefix, self.delimiter);
                    entries.insert(common, Entry::Prefix);
                }
                None => {
                    entries.insert(name.to_owned(), Entry::Blob(blob));
                }
            }
        }
        let mut rest =
            entries.range::<str, _>((Bound::Included(self.from.as_str()), Bound::Unbounded));
        let most = self.most.unwrap_or(PAGE).min(PAGE);
        let page: String =
            rest.by_ref().take(most).map(|(name, entry)| entry.shown(name)).collect();
        let next = rest.next().map(|(name, _)| URL_SAFE_NO_PAD.encode(name));
        let endpoint = format!("{}/{ACCOUNT}", storage.inner.base_url);
        let mut text = format!(
            "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults \
             ServiceEndpoint=\"{}\" ContainerName=\"{}\">",
            escape(&endpoint),
            escape(container),
        );
        let most = self.most.map(|most| most.to_string()).unwrap_or_default();
        for (name, value) in [
            ("Prefix", &self.prefix),
            ("Marker", &self.marker),
            ("MaxResults", &most),
            ("Delimiter", &self.delimiter),
        ] {
            if !value.is_empty() {
                text.push_str(&element(name, value));
            }
        }
        let next = element("NextMarker", &next.unwrap_or_default());
        let _ = write!(text, "<Blobs>{page}</Blobs>{next}</EnumerationResults>");
        text
    }
}

impl Entry<'_> {
    fn shown(&self, name: &str) -> String {
        let name = element("Name", name);
        let Self::Blob(blob) = self else { return format!("<BlobPrefix>{name}</BlobPrefix>") };
        let properties: String = [
            ("Creation-Time", httpdate::fmt_http_date(blob.created.into())),
            ("Last-Modified", httpdate::fmt_http_date(blob.modified.into())),
            ("Etag", blob.etag.trim_matches('"').to_owned()),
            ("Content-Length", blob.length().to_string()),
            ("Content-Type", blob.content_type.clone()),
            ("BlobType", blob.kind.header().to_owned()),
        ]
        .iter()
        .map(|(name, value)| element(name, value))
        .collect();
        format!("<Blob>{name}<Properties>{properties}</Properties></Blob>")
    }
}

fn element(name: &str, value: &str) -> String {
    format!("<{name}>{}</{name}>", escape(value))
}

fn out_of_range() -> StorageError {
    StorageError::new(
        StatusCode::BAD_REQUEST,
        "OutOfRangeQueryParameterValue",
        "The number of results must be greater than zero.",
    )
}

fn bad_marker() -> StorageError {
    StorageError::new(
        StatusCode::BAD_REQUEST,
        "InvalidQueryParameterValue",
        "The marker is not one that a list has given.",
    )
}

fn unknown_operation() -> StorageError {
    StorageError::new(
        StatusCode::BAD_REQUEST,
        "InvalidQueryParameterValue",
        "Of a container, only the list of its blobs is served.",
    )
}
