//! What the header of an answer says of the part of the contents that it holds
//! (RFC 9110, section 14.4). It must not know what was asked for.

/// A part of contents, as `Content-Range` tells of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ContentRange {
    /// The first byte.
    pub(crate) from: u64,
    /// The first byte that is not of it any more.
    pub(crate) end: u64,
    /// How many bytes there are in all, if the service knows.
    pub(crate) total: Option<u64>,
}

/// Reads `bytes 5-9/10`, or `bytes 5-9/*`. A part that ends before it begins, or
/// behind the end of all, is none.
pub(crate) fn content_range(text: &str) -> Option<ContentRange> {
    let (span, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (from, last) = span.split_once('-')?;
    let (from, end) = (number(from)?, number(last)?.checked_add(1)?);
    let total = match total.trim() {
        "*" => None,
        total => Some(number(total)?),
    };
    let is_part = from < end && total.is_none_or(|total| end <= total);
    is_part.then_some(ContentRange { from, end, total })
}

/// How many bytes there are in all by an answer that holds none of them, as
/// `bytes */10` says.
pub(super) fn whole_length(text: &str) -> Option<u64> {
    number(text.trim().strip_prefix("bytes ")?.trim().strip_prefix("*/")?)
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    // `+5` is a number elsewhere.
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        let part = |total| Some(ContentRange { from: 5, end: 10, total });
        assert_eq!(content_range("bytes 5-9/10"), part(Some(10)));
        assert_eq!(content_range("bytes 5-9/*"), part(None));
        for odd in [
            "",
            "bytes */10",
            "items 1-2/3",
            "bytes 5",
            "bytes 5-/10",
            "bytes 5-2/10",
            "bytes 5-9/9",
            "bytes 5-9/",
            "bytes +5-9/10",
            "bytes 5-18446744073709551615/*",
        ] {
            assert_eq!(content_range(odd), None, "{odd}");
        }
        assert_eq!(whole_length("bytes */10"), Some(10));
        assert_eq!(whole_length("bytes 5-9/10"), None);
    }
}
