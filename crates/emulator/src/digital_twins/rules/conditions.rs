//! ETags and the two conditional headers.

use crate::digital_twins::errors::ApiError;

/// A new weak etag, different for every successful write.
pub(crate) fn new_etag() -> String {
    format!("W/\"{}\"", uuid::Uuid::new_v4())
}

/// `If-Match` of PATCH and DELETE.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum IfMatch {
    /// No header, or `*`: unconditional.
    #[default]
    Any,
    /// One etag, compared byte for byte.
    ETag(String),
}

impl IfMatch {
    /// Reads the header. Only one etag or `*` is taken; whether the platform
    /// takes a list is not known, its own message names only those two.
    pub(crate) fn parse(header: Option<&str>) -> Result<Self, ApiError> {
        match header.map(str::trim) {
            None | Some("*") => Ok(Self::Any),
            Some(text) if is_etag(text) => Ok(Self::ETag(text.to_owned())),
            Some(_) => Err(ApiError::invalid_argument(
                "The If-Match header must be one etag as returned by the service, or *.",
            )),
        }
    }

    /// Compares with the etag of the entity.
    pub(crate) fn check(&self, current: &str) -> Result<(), ApiError> {
        match self {
            Self::ETag(expected) if expected != current => Err(ApiError::precondition(
                "The If-Match condition is not met: the entity has changed since.",
            )),
            _ => Ok(()),
        }
    }
}

/// `If-None-Match` of PUT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IfNoneMatch {
    /// No header: create or replace.
    #[default]
    Absent,
    /// `*`: create only.
    Any,
}

impl IfNoneMatch {
    /// Reads the header, which may only be `*`.
    pub(crate) fn parse(header: Option<&str>) -> Result<Self, ApiError> {
        match header.map(str::trim) {
            None => Ok(Self::Absent),
            Some("*") => Ok(Self::Any),
            Some(_) => Err(ApiError::invalid_argument("The If-None-Match header may only be *.")),
        }
    }

    /// Refuses to replace an existing entity if only creation was asked for.
    pub(crate) fn check(self, exists: bool) -> Result<(), ApiError> {
        if self == Self::Any && exists {
            return Err(ApiError::precondition(
                "The If-None-Match condition is not met: the entity exists already.",
            ));
        }
        Ok(())
    }
}

/// `"..."` or `W/"..."` without quotes or blanks inside.
fn is_etag(text: &str) -> bool {
    let quoted = text.strip_prefix("W/").unwrap_or(text);
    quoted
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .is_some_and(|tag| tag.chars().all(|c| c.is_ascii_graphic() && c != '"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn if_match_takes_one_etag_or_a_star() {
        assert_eq!(IfMatch::parse(None), Ok(IfMatch::Any));
        assert_eq!(IfMatch::parse(Some(" * ")), Ok(IfMatch::Any));
        let etag = new_etag();
        assert_eq!(IfMatch::parse(Some(&etag)), Ok(IfMatch::ETag(etag.clone())));
        for bad in ["", "abc", "W/abc", "\"a", "W/\"a\", W/\"b\"", "\"a b\"", "w/\"a\""] {
            let error = IfMatch::parse(Some(bad)).unwrap_err();
            assert_eq!((error.status().as_u16(), error.code()), (400, "InvalidArgument"), "{bad}");
        }
    }

    #[test]
    fn conditions_compare_byte_for_byte() {
        let condition = IfMatch::parse(Some("\"a\"")).unwrap();
        assert_eq!(condition.check("W/\"a\"").unwrap_err().status().as_u16(), 412);
        assert_eq!(condition.check("\"a\""), Ok(()));
        assert_eq!(IfNoneMatch::parse(Some("W/\"a\"")).unwrap_err().code(), "InvalidArgument");
        assert_eq!(IfNoneMatch::Any.check(true).unwrap_err().code(), "PreconditionFailed");
        assert_eq!(IfNoneMatch::Any.check(false), Ok(()));
        assert_eq!(IfNoneMatch::Absent.check(true), Ok(()));
    }
}
