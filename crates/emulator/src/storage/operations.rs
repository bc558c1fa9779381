//! What is done with one blob.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};

use super::{
    Storage,
    blobs::{AppendRefusal, Blob, BlobName, Blobs},
    blocks,
    content::Content,
    error::StorageError,
    incoming::NotTaken,
    routes::{not_taken, parameter},
};

const BLOB_TYPE: HeaderName = HeaderName::from_static("x-ms-blob-type");
const METADATA: &str = "x-ms-meta-";

pub(super) fn read(
    storage: &Storage,
    name: &BlobName,
    head: &Parts,
) -> Result<Response, StorageError> {
    let blobs = storage.blobs();
    let blob = blobs.get(name).ok_or_else(StorageError::not_found)?;
    check_conditions(Some(blob), &head.headers)?;
    let length = blob.length();
    let wanted = head.headers.get("x-ms-range").or_else(|| head.headers.get(header::RANGE));
    let range = wanted.and_then(|value| value.to_str().ok()).and_then(parse_range);
    let (from, to) = match range {
        None => (0, length),
        Some((from, _)) if from >= length => return Err(invalid_range()),
        Some((from, last)) => {
            (from, last.map_or(length, |last| length.min(last.saturating_add(1))))
        }
    };
    let part = blobs.content(blob).part(from, to);
    let is_head = head.method == Method::HEAD;
    let mut response = Response::new(if is_head { Body::empty() } else { part.into_body() });
    describe(&mut response, blob);
    let headers = response.headers_mut();
    // What is read from the disk has no length of its own.
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(to.saturating_sub(from)));
    insert(headers, header::CONTENT_TYPE, &blob.content_type);
    insert(headers, BLOB_TYPE, blob.kind.header());
    insert(headers, header::ACCEPT_RANGES, "bytes");
    let created = httpdate::fmt_http_date(blob.created.into());
    insert(headers, HeaderName::from_static("x-ms-creation-time"), &created);
    for (key, value) in &blob.metadata {
        if let Ok(key) = HeaderName::try_from(key) {
            insert(headers, key, value);
        }
    }
    if range.is_some() {
        let text = format!("bytes {from}-{}/{length}", to.saturating_sub(1));
        insert(headers, header::CONTENT_RANGE, &text);
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

pub(super) fn put(
    storage: &Storage,
    name: BlobName,
    headers: &HeaderMap,
    body: Content,
) -> Result<Response, StorageError> {
    let kind = headers.get(BLOB_TYPE).ok_or_else(StorageError::header_missing)?;
    let now = storage.inner.clock.now();
    let mut blobs = storage.write();
    check_conditions(blobs.get(&name), headers)?;
    match kind.as_bytes() {
        b"BlockBlob" => blobs.put_block(name.clone(), body, now),
        b"AppendBlob" if body.length() == 0 => blobs.create_append(name.clone(), now),
        _ => return Err(StorageError::header_invalid()),
    }
    created(&mut blobs, &name, headers)
}

pub(super) fn append(
    storage: &Storage,
    name: &BlobName,
    headers: &HeaderMap,
    body: Content,
) -> Result<Response, StorageError> {
    let now = storage.inner.clock.now();
    let mut blobs = storage.write();
    let before = blobs.get(name);
    check_conditions(before, headers)?;
    let offset = before.map_or(0, Blob::length);
    blobs.append(name, body, now).map_err(|refusal| match refusal {
        AppendRefusal::NotThere => StorageError::not_found(),
        AppendRefusal::WrongKind => StorageError::wrong_kind(),
    })?;
    let blob = blobs.get(name).ok_or_else(StorageError::not_found)?;
    let mut response = empty(StatusCode::CREATED);
    describe(&mut response, blob);
    let headers = response.headers_mut();
    insert(headers, HeaderName::from_static("x-ms-blob-append-offset"), &offset.to_string());
    let count = blob.appends.to_string();
    insert(headers, HeaderName::from_static("x-ms-blob-committed-block-count"), &count);
    Ok(response)
}

pub(super) fn stage(
    storage: &Storage,
    name: BlobName,
    query: &str,
    body: Content,
) -> Result<Response, StorageError> {
    let block =
        parameter(query, "blockid").filter(|id| !id.is_empty()).ok_or(StorageError::new(
            StatusCode::BAD_REQUEST,
            "MissingRequiredQueryParameter",
            "A query parameter that this operation needs is missing.",
        ))?;
    storage.write().stage(name, block, body);
    Ok(empty(StatusCode::CREATED))
}

pub(super) fn commit(
    storage: &Storage,
    name: BlobName,
    headers: &HeaderMap,
    body: &Content,
) -> Result<Response, StorageError> {
    let body = body.bytes().map_err(|error| not_taken(NotTaken::Disk(error)))?;
    let blocks =
        std::str::from_utf8(&body).ok().and_then(blocks::parse).ok_or(StorageError::new(
            StatusCode::BAD_REQUEST,
            "InvalidXmlDocument",
            "The body is not a block list.",
        ))?;
    let now = storage.inner.clock.now();
    let mut blobs = storage.write();
    check_conditions(blobs.get(&name), headers)?;
    if !blobs.commit(name.clone(), &blocks, now) {
        return Err(StorageError::new(
            StatusCode::BAD_REQUEST,
            "InvalidBlockList",
            "The block list names a block that was not sent.",
        ));
    }
    created(&mut blobs, &name, headers)
}

pub(super) fn delete(
    storage: &Storage,
    name: &BlobName,
    headers: &HeaderMap,
) -> Result<Response, StorageError> {
    let mut blobs = storage.write();
    check_conditions(blobs.get(name), headers)?;
    if !blobs.remove(name) {
        return Err(StorageError::not_found());
    }
    Ok(empty(StatusCode::ACCEPTED))
}

/// Notes media type and metadata of a blob just written, and answers 201.
fn created(
    blobs: &mut Blobs,
    name: &BlobName,
    headers: &HeaderMap,
) -> Result<Response, StorageError> {
    let blob = blobs.get_mut(name).ok_or_else(StorageError::not_found)?;
    let media = headers.get("x-ms-blob-content-type").or_else(|| headers.get(header::CONTENT_TYPE));
    if let Some(media) = media.and_then(|value| value.to_str().ok()) {
        media.clone_into(&mut blob.content_type);
    }
    for (key, value) in headers {
        if key.as_str().starts_with(METADATA)
            && let Ok(value) = value.to_str()
        {
            blob.metadata.insert(key.as_str().to_owned(), value.to_owned());
        }
    }
    let mut response = empty(StatusCode::CREATED);
    describe(&mut response, blob);
    Ok(response)
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn describe(response: &mut Response, blob: &Blob) {
    let headers = response.headers_mut();
    insert(headers, header::ETAG, &blob.etag);
    insert(headers, header::LAST_MODIFIED, &httpdate::fmt_http_date(blob.modified.into()));
}

fn check_conditions(blob: Option<&Blob>, headers: &HeaderMap) -> Result<(), StorageError> {
    if let Some(wanted) = headers.get(header::IF_MATCH) {
        let holds =
            blob.is_some_and(|blob| wanted == "*" || wanted.as_bytes() == blob.etag.as_bytes());
        if !holds {
            return Err(StorageError::new(
                StatusCode::PRECONDITION_FAILED,
                "ConditionNotMet",
                "A condition in the request's headers does not hold.",
            ));
        }
    }
    if let (Some(unwanted), Some(blob)) = (headers.get(header::IF_NONE_MATCH), blob) {
        if unwanted == "*" {
            return Err(StorageError::new(
                StatusCode::CONFLICT,
                "BlobAlreadyExists",
                "There is a blob already.",
            ));
        }
        if unwanted.as_bytes() == blob.etag.as_bytes() {
            return Err(StorageError::new(
                StatusCode::NOT_MODIFIED,
                "ConditionNotMet",
                "A condition in the request's headers does not hold.",
            ));
        }
    }
    Ok(())
}

/// `bytes=a-b` or `bytes=a-`; other forms are passed over, as the vendor does.
fn parse_range(text: &str) -> Option<(u64, Option<u64>)> {
    let (from, to) = text.strip_prefix("bytes=")?.split_once('-')?;
    let from = from.parse().ok()?;
    let to = if to.is_empty() { None } else { Some(to.parse().ok()?) };
    to.is_none_or(|to| to >= from).then_some((from, to))
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn invalid_range() -> StorageError {
    StorageError::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "InvalidRange",
        "The range begins behind the end of the blob.",
    )
}
