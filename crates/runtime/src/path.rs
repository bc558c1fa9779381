//! Path segments of URLs: encoding a value so that it arrives as one intact
//! segment, and noticing when it did not. It must not know what a segment
//! means.

use std::borrow::Cow;

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

/// Encodes a value as one path segment. Generated code calls this for each
/// path parameter.
///
/// No encoding can carry the segments `.` and `..` or an empty one through a
/// URL parser; [`validate_id`](crate::validate_id) refuses them.
#[must_use]
pub fn encode_path(segment: &str) -> Cow<'_, str> {
    utf8_percent_encode(segment, SEGMENT).into()
}

/// Whether a URL path still has the shape of its template: as many segments,
/// none empty. An empty or dotted value in a segment would have addressed
/// something else.
pub(crate) fn fits(template: &str, path: &str) -> bool {
    let segments = |text: &str| text.bytes().filter(|byte| *byte == b'/').count();
    segments(template) == segments(path) && !path.contains("//") && !path.ends_with('/')
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
        assert_eq!(encode_path("dtmi:com:example:Room;1"), "dtmi:com:example:Room;1");
        assert_eq!(encode_path(r"a/b?c#d%e\f g"), "a%2Fb%3Fc%23d%25e%5Cf%20g");
        assert_eq!(encode_path("é+&"), "%C3%A9%2B%26");
        assert_eq!(encode_path("a%2Fb"), "a%252Fb");
    }

    #[test]
    fn collapsed_and_empty_segments_are_noticed() {
        assert!(fits("/digitaltwins/{id}", "/digitaltwins/a"));
        assert!(!fits("/digitaltwins/{id}/relationships/{r}", "/relationships/r"));
        assert!(!fits("/digitaltwins/{id}", "/digitaltwins/"));
        assert!(!fits("/a/{id}/b", "/a//b"));
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
            let url = Url::parse(&format!("https://h.example/twins/{}/x", encode_path(&id))).unwrap();
            let segments: Vec<_> = url.path_segments().unwrap().collect();
            prop_assert_eq!(segments.len(), 3);
            let arrived = percent_decode_str(segments[1]).decode_utf8().unwrap().into_owned();
            prop_assert_eq!(arrived, id);
            prop_assert!(url.query().is_none() && url.fragment().is_none());
            prop_assert!(fits("/twins/{id}/x", url.path()), "{}", url);
        }
    }
}
