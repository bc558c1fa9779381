//! Versions, which the `Accept` header asks for.

/// What stands before and behind the number.
const PREFIX: &str = "application/vnd.bentley.itwin-platform.v";
const SUFFIX: &str = "+json";

/// The version that an `Accept` header asks for; the first one without a header,
/// or with one that names no version.
pub(super) fn asked(accept: Option<&str>) -> u32 {
    let ranges = accept.unwrap_or_default().split(',');
    ranges.filter_map(version).next().unwrap_or(1)
}

fn version(range: &str) -> Option<u32> {
    let media = range.split(';').next()?.trim().to_ascii_lowercase();
    media.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_accept_header_names_the_version() {
        for (accept, version) in [
            (None, 1),
            (Some("*/*"), 1),
            (Some("application/json, text/plain, */*"), 1),
            (Some("application/vnd.bentley.itwin-platform.v2+json"), 2),
            (Some("Application/VND.bentley.iTwin-Platform.V3+json; q=1"), 3),
            (Some("application/json, application/vnd.bentley.itwin-platform.v2+json"), 2),
            (Some("application/vnd.bentley.itwin-platform.v+json"), 1),
        ] {
            assert_eq!(asked(accept), version, "{accept:?}");
        }
    }
}
