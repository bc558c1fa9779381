//! Pictures as request bodies and answers: bytes with their media type. It must
//! not know what shows them, nor look at more than their first bytes.

use std::fmt;

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use crate::{Answer, Error, ErrorKind, Response};

/// How a PNG file begins (RFC 2083, section 12.11).
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// How a JPEG file begins: start of image, and the next marker.
const JPEG: &[u8] = b"\xff\xd8\xff";

/// The media type of bytes that nobody named.
const UNNAMED: &str = "application/octet-stream";

/// What is wrong with an answer without a body.
const EMPTY: &str = "the answer has no body where a picture was expected";

/// A picture: its bytes and their media type.
///
/// ```
/// use twinkit_runtime::Image;
///
/// let image = Image::png(b"...".to_vec());
/// assert_eq!(image.media_type(), "image/png");
/// assert!(Image::try_from(b"GIF89a".to_vec()).is_err(), "neither PNG nor JPEG");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Image {
    media_type: HeaderValue,
    bytes: Bytes,
}

/// The bytes do not begin like a PNG or a JPEG file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bytes begin neither like a PNG nor like a JPEG file")]
pub struct ImageError;

impl Image {
    /// The bytes of a PNG file.
    #[must_use]
    pub fn png(bytes: impl Into<Bytes>) -> Self {
        Self { media_type: HeaderValue::from_static("image/png"), bytes: bytes.into() }
    }

    /// The bytes of a JPEG file.
    #[must_use]
    pub fn jpeg(bytes: impl Into<Bytes>) -> Self {
        Self { media_type: HeaderValue::from_static("image/jpeg"), bytes: bytes.into() }
    }

    /// The media type: `image/png`, `image/jpeg`, or what the service says.
    #[must_use]
    pub fn media_type(&self) -> &str {
        self.media_type.to_str().unwrap_or_default()
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    /// The media type as the header of a request. Called by generated code.
    #[must_use]
    pub fn content_type(&self) -> HeaderValue {
        self.media_type.clone()
    }

    /// The bytes alone.
    #[must_use]
    pub fn into_bytes(self) -> Bytes {
        self.bytes
    }

    /// A media type that says nothing is believed.
    fn answered(headers: &HeaderMap, bytes: Bytes) -> Result<Self, Error> {
        if bytes.is_empty() {
            return Err(Error::new(ErrorKind::Decode, EMPTY));
        }
        let said = headers.get(CONTENT_TYPE).cloned();
        let media_type = said.unwrap_or_else(|| HeaderValue::from_static(UNNAMED));
        let named = media_type.to_str().unwrap_or_default().trim().to_ascii_lowercase();
        if named.starts_with("image/") || named.starts_with(UNNAMED) {
            return Ok(Self { media_type, bytes });
        }
        Self::recognised(bytes).map_err(|_| {
            let named = twinkit_http::redact::text(&named, &[], 80);
            Error::new(ErrorKind::Decode, format!("the answer is {named}, not a picture"))
        })
    }

    fn recognised(bytes: Bytes) -> Result<Self, ImageError> {
        if bytes.starts_with(PNG) {
            Ok(Self::png(bytes))
        } else if bytes.starts_with(JPEG) {
            Ok(Self::jpeg(bytes))
        } else {
            Err(ImageError)
        }
    }
}

impl TryFrom<Vec<u8>> for Image {
    type Error = ImageError;

    fn try_from(bytes: Vec<u8>) -> Result<Self, ImageError> {
        Self::recognised(bytes.into())
    }
}

impl TryFrom<Bytes> for Image {
    type Error = ImageError;

    fn try_from(bytes: Bytes) -> Result<Self, ImageError> {
        Self::recognised(bytes)
    }
}

impl Answer {
    /// The picture of the body.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if what is there is a
    /// picture neither by its media type nor by how it begins.
    pub fn image(self) -> Result<Response<Image>, Error> {
        self.read_as(|headers, body| Image::answered(headers, body.clone()))
    }
}

/// Only the size of the bytes is shown.
impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Image")
            .field("media_type", &self.media_type())
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_recognised_by_how_they_begin() {
        let png = [PNG, b"rest"].concat();
        assert_eq!(Image::try_from(png.clone()), Ok(Image::png(png)));
        let jpeg = Bytes::from_static(b"\xff\xd8\xff\xe0");
        assert_eq!(Image::try_from(jpeg.clone()).unwrap().media_type(), "image/jpeg");
        for other in [&b""[..], b"GIF89a", b"\x89PNG"] {
            assert_eq!(Image::try_from(other.to_vec()), Err(ImageError));
        }
        assert_eq!(
            format!("{:?}", Image::png("abc")),
            "Image { media_type: \"image/png\", bytes: 3 }"
        );
    }

    #[test]
    fn an_answer_keeps_its_media_type() {
        let answer =
            http::Response::builder().header("content-type", "image/webp").body(Bytes::from("abc"));
        let image = Answer::of(answer.unwrap()).image().unwrap();
        assert_eq!((image.media_type(), &image.bytes()[..]), ("image/webp", &b"abc"[..]));
        let bare = http::Response::builder().body(Bytes::from("abc")).unwrap();
        let image = Answer::of(bare).image().unwrap();
        assert_eq!(image.media_type(), "application/octet-stream");
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for (media_type, body) in [("image/png", ""), ("application/json", "{}"), ("text/x", "a")] {
            let answer = http::Response::builder()
                .header("content-type", media_type)
                .body(Bytes::from(body));
            let error = Answer::of(answer.unwrap()).image().unwrap_err();
            assert_eq!((error.kind(), error.body()), (ErrorKind::Decode, &Bytes::from(body)));
            assert_eq!(error.status().map(|status| status.as_u16()), Some(200));
        }
        let answer = http::Response::builder()
            .header("content-type", "text/plain")
            .body(Bytes::from_static(PNG));
        let image = Answer::of(answer.unwrap()).image().unwrap();
        assert_eq!(image.media_type(), "image/png");
    }
}
