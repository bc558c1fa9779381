//! Path segments of URLs: encoding a value so that it arrives as one intact
//! segment, and noticing when it did not. It must not know what a segment
//! means.

use std::fmt::{self, Write as _};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a segment as it is: RFC 3986 `pchar`, without `&` and `+`
/// (which form decoders on the way have been seen to change). Everything
/// else, backslash and percent sign included, is encoded; the URL parser would
/// turn a bare backslash into a slash.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b':')
    .remove(b';')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b'=');

/// A value as one path segment of a URL, encoded while it is written. Generated code
/// makes one of each path parameter.
///
/// No encoding can carry the segments `.` and `..` or an empty one through a
/// URL parser; [`validate_id`](crate::validate_id) refuses them.
#[derive(Debug, Clone, Copy)]
pub struct PathSegment<'a, T: ?Sized>(pub &'a T);

impl<T: fmt::Display + ?Sized> fmt::Display for PathSegment<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Encoding(f), "{}", self.0)
    }
}

/// Encodes what is written to it.
struct Encoding<'a, 'b>(&'a mut fmt::Formatter<'b>);

impl fmt::Write for Encoding<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // GUIDs and most names; looking at many bytes at a time is sooner done.
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-') | (byte == b'_');
        if text.bytes().fold(true, |plain, byte| plain & is_plain(byte)) {
            return self.0.write_str(text);
        }
        fmt::Display::fmt(&utf8_percent_encode(text, SEGMENT), self.0)
    }
}

/// Whether a URL path still is what its template makes: a value in place of each
/// parameter, a whole segment and not empty, and the rest as it stands there. An empty or
/// dotted value would have addressed something else.
pub(crate) fn fits(template: &str, path: &str) -> bool {
    let mut pieces = template.split('{');
    let Some(mut rest) = pieces.next().and_then(|begin| path.strip_prefix(begin)) else {
        return false;
    };
    for piece in pieces {
        let (value, after) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let literal = piece.split_once('}').map_or("", |(_, literal)| literal);
        match after.strip_prefix(literal) {
            Some(after) if !value.is_empty() => rest = after,
            _ => return false,
        }
    }
    rest.is_empty()
}

/// Whether a path given by a caller holds a segment that a URL parser would
/// change or resolve: dots, backslashes, control characters.
pub(crate) fn is_ambiguous(path: &str) -> bool {
    path.chars().any(|character| character == '\\' || character.is_control())
        || path.split('/').any(|segment| {
            let plain = segment.replace("%2e", ".").replace("%2E", ".");
            plain == "." || plain == ".."
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;
    use reqwest::Url;

    #[test]
    fn awkward_characters_are_encoded_and_harmless_ones_stay() {
        let encoded = |text: &str| PathSegment(text).to_string();
        assert_eq!(encoded("dtmi:com:example:Room;1"), "dtmi:com:example:Room;1");
        assert_eq!(encoded(r"a/b?c#d%e\f g"), "a%2Fb%3Fc%23d%25e%5Cf%20g");
        assert_eq!(encoded("é+&"), "%C3%A9%2B%26");
        assert_eq!(encoded("a%2Fb"), "a%252Fb");
        assert_eq!(PathSegment(&format_args!("{}/{}", 1, "é")).to_string(), "1%2F%C3%A9");
    }

    #[test]
    fn collapsed_and_empty_segments_are_noticed() {
        assert!(fits("/digitaltwins/{id}", "/digitaltwins/a"));
        assert!(!fits("/digitaltwins/{id}/relationships/{r}", "/relationships/r"));
        assert!(!fits("/digitaltwins/{id}", "/digitaltwins/"));
        assert!(!fits("/a/{id}/b", "/a//b"));
        assert!(fits("/a/{id}/b", "/a/%2F/b") && fits("/a", "/a") && fits("/a/{id}", "/a/b:c"));
        assert!(!fits("/a", "/b") && !fits("/a", "/a/") && !fits("/a/{id}", "/a/b/c"));
    }

    #[test]
    fn ambiguous_paths_are_recognised() {
        for path in ["/a/../b", "/a/.", "/%2e%2E/b", "/a\\b", "/a\n"] {
            assert!(is_ambiguous(path), "{path:?}");
        }
        for path in ["/a.b", "/a/...", "/%252e"] {
            assert!(!is_ambiguous(path), "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn every_id_arrives_as_one_intact_segment(id in "\\PC{1,40}") {
            prop_assume!(id != "." && id != "..");
            let url = Url::parse(&format!("https://h.example/twins/{}/x", PathSegment(&id))).unwrap();
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 3);
            let arrived = percent_decode_str(segments[1]).decode_utf8().unwrap().into_owned();
            prop_assert_eq!(arrived, id);
            prop_assert!(url.query().is_none() && url.fragment().is_none());
            prop_assert!(fits("/twins/{id}/x", url.path()), "{}", url);
        }
    }
}
