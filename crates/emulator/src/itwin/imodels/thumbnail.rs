//! The picture of an iModel: one that somebody sent, or else a default one, as the
//! vendor's client says.
//!
//! Our choices: a PNG comes back as it was sent, in both sizes; nothing here can
//! read a JPEG, so the default picture stands for one; that is white and of the size
//! asked for. What is another thing than it says it is, or says that it is no
//! picture, is 422 with the detail `InvalidThumbnailFormat`.

use axum::http::StatusCode;
use bytes::Bytes;

use super::{
    files, invalid,
    listing::Listing,
    look::{change, look},
    png,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call, too_large},
};

/// Most bytes of a picture.
const MOST: usize = 5 * 1024 * 1024;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
const JPEG: &[u8] = b"\xff\xd8\xff";
const SMALL: (u32, u32) = (400, 250);
const LARGE: (u32, u32) = (800, 500);

pub(super) fn answer(call: &Call, id: &str) -> Result<Answer, ApiError> {
    match call.method() {
        "GET" => get(call, id),
        "PUT" => put(call, id),
        _ => Err(ApiError::no_route()),
    }
}

fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut listing = Listing::new(call);
    let size = listing.one_of("size", &["small", "large"]);
    listing.verdict()?;
    let state = call.platform.read();
    let imodel = look(call, &state, id, Permission::IMODELS_WEBVIEW)?.imodel;
    let sent = files::read(&call.platform, &imodel.id, files::THUMBNAIL);
    let sent = sent.filter(|bytes| imodel.has_thumbnail && bytes.starts_with(PNG));
    let picture = sent.unwrap_or_else(|| {
        let (width, height) = if size == Some("large") { LARGE } else { SMALL };
        Bytes::from(png::white(width, height))
    });
    Ok(Answer::file("image/png", picture))
}

fn put(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let imodel = change(call, &mut state, id, Permission::IMODELS_WRITE)?;
    let bytes = call.bytes();
    if bytes.len() > MOST {
        return Err(too_large("A picture has at most 5 MB."));
    }
    let head = match call.content_type().to_ascii_lowercase().as_str() {
        "image/png" => Some(PNG),
        "image/jpeg" => Some(JPEG),
        _ => None,
    };
    if !head.is_some_and(|head| bytes.starts_with(head)) {
        let message = "The body must be image/png or image/jpeg.";
        return Err(invalid(Detail::new("InvalidThumbnailFormat", message)));
    }
    files::put(&call.platform, &imodel.id, files::THUMBNAIL, Bytes::clone(bytes));
    imodel.has_thumbnail = true;
    Ok(Answer::new(StatusCode::OK, None))
}
