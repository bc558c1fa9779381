//! The HTTP face of the storage service.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request::Parts},
    response::Response,
};
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::{
    Storage,
    blobs::{AppendRefusal, Blob, BlobName, Blobs},
    blocks,
    content::Content,
    error::{ERROR_CODE, StorageError},
    incoming::{self, NotTaken},
    list,
    signature::Need,
};

/// The vendor's limit of one request's body.
const BODY_LIMIT: u64 = 256 * 1024 * 1024;
/// Most bytes of a block list: more than 50,000 of the longest ids need.
const LIST_LIMIT: u64 = 16 * 1024 * 1024;
/// Service version named in answers when the request names none.
const VERSION: HeaderValue = HeaderValue::from_static("2022-11-02");

const BLOB_TYPE: HeaderName = HeaderName::from_static("x-ms-blob-type");
const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const SERVICE_VERSION: HeaderName = HeaderName::from_static("x-ms-version");
const METADATA: &str = "x-ms-meta-";

/// All routes of the storage listener.
pub(crate) fn router(storage: Storage) -> Router {
    Router::new().fallback(serve).with_state(storage)
}

async fn serve(State(storage): State<Storage>, request: Request) -> Response {
    let request_id = uuid::Uuid::new_v4().to_string();
    let now = storage.inner.clock.now();
    let version = request.headers().get(SERVICE_VERSION).cloned().unwrap_or(VERSION);
    let is_head = request.method() == Method::HEAD;
    let mut response = match judge(&storage, request).await {
        Ok(response) => response,
        Err(error) => error.answer(now, &request_id),
    };
    if is_head && response.headers().contains_key(ERROR_CODE) {
        *response.body_mut() = Body::empty();
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(SERVICE_VERSION, version);
    headers.insert(header::SERVER, HeaderValue::from_static("Windows-Azure-Blob/1.0"));
    response
}

async fn judge(storage: &Storage, request: Request) -> Result<Response, StorageError> {
    let path = percent_decode_str(request.uri().path()).decode_utf8().map_err(|_| invalid_uri())?;
    let query = request.uri().query().unwrap_or_default().to_owned();
    if let Some(container) = list::container(&path, &query) {
        refuse_tokens(&request)?;
        return list::answer(storage, container, request.method(), &query);
    }
    let name = BlobName::from_path(&path).ok_or_else(invalid_uri)?;
    refuse_tokens(&request)?;
    let permissions = storage.check(&name, &query)?;
    let comp = parameter(&query, "comp");
    let need = match (request.method(), comp.as_deref()) {
        (&Method::GET | &Method::HEAD, None | Some("metadata")) => Need::Read,
        (&Method::PUT, Some("appendblock")) => Need::Append,
        (&Method::PUT, None | Some("block" | "blocklist")) => {
            if storage.blobs().get(&name).is_some() { Need::Write } else { Need::Create }
        }
        (&Method::DELETE, None) => Need::Delete,
        (&Method::GET | &Method::HEAD | &Method::PUT | &Method::DELETE, Some(_)) => {
            return Err(unknown_component());
        }
        _ => return Err(unsupported_verb()),
    };
    if !permissions.may(need) {
        return Err(StorageError::permission());
    }
    let (head, body) = request.into_parts();
    match need {
        Need::Read => read(storage, &name, &head),
        Need::Delete => delete(storage, &name, &head.headers),
        Need::Append | Need::Create | Need::Write => {
            let is_list = comp.as_deref() == Some("blocklist");
            let most = if is_list { LIST_LIMIT } else { BODY_LIMIT };
            let body = incoming::take(&storage.inner.disk, body, most).await.map_err(not_taken)?;
            match comp.as_deref() {
                Some("appendblock") => append(storage, &name, &head.headers, body),
                Some("block") => stage(storage, name, &query, body),
                Some("blocklist") => commit(storage, name, &head.headers, &body),
                _ => put(storage, name, &head.headers, body),
            }
        }
    }
}

/// Also if there is a sound signature: one way in at a time.
fn refuse_tokens(request: &Request) -> Result<(), StorageError> {
    if request.headers().contains_key(header::AUTHORIZATION) {
        return Err(StorageError::authentication(
            "The request has an Authorization header. Signed URLs go without one.",
        ));
    }
    Ok(())
}

fn read(storage: &Storage, name: &BlobName, head: &Parts) -> Result<Response, StorageError> {
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

fn put(
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

fn append(
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
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::CREATED;
    describe(&mut response, blob);
    let headers = response.headers_mut();
    insert(headers, HeaderName::from_static("x-ms-blob-append-offset"), &offset.to_string());
    let count = blob.appends.to_string();
    insert(headers, HeaderName::from_static("x-ms-blob-committed-block-count"), &count);
    Ok(response)
}

fn stage(
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
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::CREATED;
    Ok(response)
}

fn commit(
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

fn delete(
    storage: &Storage,
    name: &BlobName,
    headers: &HeaderMap,
) -> Result<Response, StorageError> {
    let mut blobs = storage.write();
    check_conditions(blobs.get(name), headers)?;
    if !blobs.remove(name) {
        return Err(StorageError::not_found());
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
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
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::CREATED;
    describe(&mut response, blob);
    Ok(response)
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

pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn invalid_uri() -> StorageError {
    StorageError::new(
        StatusCode::BAD_REQUEST,
        "InvalidUri",
        "The path does not name account, container and blob.",
    )
}

fn unknown_component() -> StorageError {
    StorageError::new(
        StatusCode::BAD_REQUEST,
        "InvalidQueryParameterValue",
        "The value of 'comp' is not one that this operation knows.",
    )
}

fn unsupported_verb() -> StorageError {
    StorageError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "UnsupportedHttpVerb",
        "The resource does not take this method.",
    )
}

fn invalid_range() -> StorageError {
    StorageError::new(
        StatusCode::RANGE_NOT_SATISFIABLE,
        "InvalidRange",
        "The range begins behind the end of the blob.",
    )
}

fn not_taken(reason: NotTaken) -> StorageError {
    match reason {
        NotTaken::TooLarge => too_large(),
        NotTaken::Broken => StorageError::new(
            StatusCode::BAD_REQUEST,
            "IncompleteBody",
            "The body broke off, or is not framed as HTTP says.",
        ),
        NotTaken::Disk(error) => {
            tracing::warn!(%error, "a blob could not be kept");
            StorageError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "InternalError",
                "The emulator's disk did not take or give the contents.",
            )
        }
    }
}

fn too_large() -> StorageError {
    StorageError::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "RequestBodyTooLarge",
        "The body is larger than one request may carry.",
    )
}
