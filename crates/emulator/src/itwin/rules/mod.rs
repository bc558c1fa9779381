//! Checks of bodies and of ids. They know no state.

mod body;

pub(super) use body::Body;

pub(super) use crate::body::is_guid;

/// Whether a text could be an email address: something on either side of one `@`,
/// and no spaces.
pub(super) fn is_email(text: &str) -> bool {
    let mut halves = text.split('@');
    let is_half =
        |half: &str| !half.is_empty() && !half.contains(|c: char| c.is_whitespace() || c == ',');
    matches!((halves.next(), halves.next(), halves.next()), (Some(name), Some(host), None)
        if is_half(name) && is_half(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guids_and_addresses_are_told_from_other_texts() {
        assert!(is_guid("88888888-8888-8888-8888-888888888801"));
        assert!(!is_guid("88888888888888888888888888888801") && !is_guid("x"));
        assert!(is_email("ada@twinkit.example"));
        for bad in ["", "ada", "@x", "ada@", "a@b@c", "a b@c"] {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
