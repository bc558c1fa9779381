//! The picture of an iTwin.
//!
//! Our choices: both sizes hold the picture as it was sent; 404 for an iTwin
//! without a picture has the code of a missing iTwin; a picture that is not what
//! its media type says is 422.

use axum::http::StatusCode;
use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;

use super::{INVALID, NOT_FOUND, show};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call, too_large},
    state::{ITwin, Image},
};

/// Most bytes of a picture.
const MOST: usize = 5 * 1024 * 1024;
/// Most that one side may be longer than the other.
const RATIO: u64 = 5;

pub(super) fn answer(call: &Call, id: &str) -> Result<Answer, ApiError> {
    match call.method() {
        "PUT" => put(call, id),
        "GET" => get(call, id),
        "DELETE" => delete(call, id),
        _ => Err(ApiError::no_route()),
    }
}

fn put(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = state.visible(&call.caller, id, NOT_FOUND)?;
    standing.require(Permission::ITWINS_MODIFY)?;
    let id = itwin.id.clone();
    let bytes = call.bytes();
    if bytes.len() > MOST {
        return Err(too_large("A picture has at most 5 MB."));
    }
    let (extension, size) = match call.content_type().to_ascii_lowercase().as_str() {
        "image/png" => ("png", png_size(bytes)),
        "image/jpeg" => ("jpg", jpeg_size(bytes)),
        _ => {
            let message = "The body must be image/png or image/jpeg.";
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(ApiError::new(status, "UnsupportedMediaType", message));
        }
    };
    check_size(size)?;
    let name = format!("{id}.{extension}");
    let made = Uuid::new_v4();
    let blob = |size: &str| format!("{id}/{made}/{size}.{extension}");
    let image = Image { name, small: blob("small"), large: blob("large") };
    for blob in [&image.small, &image.large] {
        call.platform.storage.put(show::IMAGES, blob, Bytes::clone(bytes));
    }
    let Some(itwin) = state.itwins.get_mut(&id) else { return Err(missing()) };
    itwin.image = Some(image);
    shown(call, itwin).map(Answer::created)
}

fn check_size(size: Option<(u64, u64)>) -> Result<(), ApiError> {
    let told = match size {
        None => "The body is not the picture that it says it is.",
        Some((width, height)) if width == 0 || height == 0 => "The picture has no size.",
        Some((width, height)) if width.max(height) > RATIO * width.min(height) => {
            "One side is more than five times as long as the other."
        }
        Some(_) => return Ok(()),
    };
    let detail = Detail::new("InvalidRequestBody", told);
    Err(ApiError::invalid(INVALID, vec![detail]))
}

fn missing() -> ApiError {
    ApiError::not_found(NOT_FOUND, "picture")
}

fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = state.visible(&call.caller, id, NOT_FOUND)?;
    shown(call, itwin).map(Answer::ok)
}

fn delete(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = state.visible(&call.caller, id, NOT_FOUND)?;
    standing.require(Permission::ITWINS_MODIFY)?;
    let id = itwin.id.clone();
    let taken = state.itwins.get_mut(&id).and_then(|itwin| itwin.image.take());
    taken.map(|_| Answer::no_content()).ok_or_else(missing)
}

fn shown(call: &Call, itwin: &ITwin) -> Result<serde_json::Value, ApiError> {
    let image = itwin.image.as_ref().ok_or_else(missing)?;
    Ok(json!({"image": {
        "id": itwin.id,
        "smallImageName": format!("small_{}", image.name),
        "smallImageUrl": show::picture(&call.platform, &image.small),
        "largeImageName": format!("large_{}", image.name),
        "largeImageUrl": show::picture(&call.platform, &image.large),
    }}))
}

/// Width and height of a PNG, which stand at the beginning of its first chunk.
fn png_size(bytes: &[u8]) -> Option<(u64, u64)> {
    let rest = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    if rest.get(4..8)? != b"IHDR" {
        return None;
    }
    let number = |from: usize| -> Option<u64> {
        let bytes: [u8; 4] = rest.get(from..from + 4)?.try_into().ok()?;
        Some(u32::from_be_bytes(bytes).into())
    };
    Some((number(8)?, number(12)?))
}

/// Width and height of a JPEG, which stand in the segment that begins a frame.
fn jpeg_size(bytes: &[u8]) -> Option<(u64, u64)> {
    let mut rest = bytes.strip_prefix(&[0xff, 0xd8])?;
    loop {
        let (&[mark, kind, high, low], _) = rest.split_first_chunk::<4>()?;
        if mark != 0xff {
            return None;
        }
        let is_frame = matches!(kind, 0xc0..=0xcf) && !matches!(kind, 0xc4 | 0xc8 | 0xcc);
        if is_frame {
            let number = |from: usize| -> Option<u64> {
                let bytes: [u8; 2] = rest.get(from..from + 2)?.try_into().ok()?;
                Some(u16::from_be_bytes(bytes).into())
            };
            return Some((number(7)?, number(5)?));
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        rest = rest.get(length + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_from_the_heads_of_pictures() {
        let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        png.extend([0, 0, 1, 0, 0, 0, 0, 2, 8, 6, 0, 0, 0]);
        assert_eq!(png_size(&png), Some((256, 2)));
        assert_eq!(png_size(&png[..20]), None);
        let jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2, 0xff, 0xc0, 0, 17, 8, 0, 2, 1, 0, 3, 0, 0];
        assert_eq!(jpeg_size(&jpeg), Some((256, 2)));
        assert_eq!(jpeg_size(&jpeg[..12]), None);
        assert_eq!(jpeg_size(&png), None);
    }
}
