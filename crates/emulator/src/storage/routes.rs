//! The HTTP face of the storage service.

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use percent_encoding::percent_decode_str;
use url::form_urlencoded;

use super::{
    Storage,
    blobs::BlobName,
    error::{ERROR_CODE, StorageError},
    incoming::{self, NotTaken},
    list,
    operations::{append, commit, delete, put, read, stage},
    signature::Need,
};

/// The vendor's limit of one request's body.
const BODY_LIMIT: u64 = 256 * 1024 * 1024;
/// Most bytes of a block list: more than 50,000 of the longest ids need.
const LIST_LIMIT: u64 = 16 * 1024 * 1024;
/// Service version named in answers when the request names none.
const VERSION: HeaderValue = HeaderValue::from_static("2022-11-02");

const REQUEST_ID: HeaderName = HeaderName::from_static("x-ms-request-id");
const SERVICE_VERSION: HeaderName = HeaderName::from_static("x-ms-version");

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

pub(super) fn parameter(query: &str, name: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
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

pub(super) fn not_taken(reason: NotTaken) -> StorageError {
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
