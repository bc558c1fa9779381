//! What makes a text unfit as an id, whatever the platform: nothing there,
//! what a URL cannot express, what no service takes. The client crates' id
//! types call it; the rules of a platform's own ids stay with them.

/// Why a text cannot be an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdError {
    /// No characters.
    #[error("{} {kind} must not be empty", article(kind))]
    Empty {
        /// What the id names.
        kind: &'static str,
    },
    /// `.` or `..`: a URL would be resolved to another address.
    #[error("{} {kind} must not be {id:?}: no URL can express it", article(kind))]
    DotSegment {
        /// What the id names.
        kind: &'static str,
        /// The id given.
        id: String,
    },
    /// A control character, such as a line break.
    #[error("{} {kind} must not hold control characters (position {position})", article(kind))]
    ControlCharacter {
        /// What the id names.
        kind: &'static str,
        /// Position of the first one, counted in characters from 0.
        position: usize,
    },
    /// A word that stands in the same place of a URL: another resource would be
    /// addressed.
    #[error("{} {kind} must not be {id:?}: in a URL that names another resource", article(kind))]
    Reserved {
        /// What the id names.
        kind: &'static str,
        /// The id given.
        id: String,
    },
    /// More characters than the platform takes.
    #[error("{} {kind} has at most {max} characters, this one has {length}", article(kind))]
    TooLong {
        /// What the id names.
        kind: &'static str,
        /// The limit, in characters.
        max: usize,
        /// Its length, in characters.
        length: usize,
    },
}

/// `an` before the sound of a vowel, as far as kinds of id go: a `u` in them is
/// spoken as in "user".
fn article(kind: &str) -> &'static str {
    if kind.starts_with(|c: char| "aeio".contains(c.to_ascii_lowercase())) { "an" } else { "a" }
}

/// Checks a text that is to become an id of at most `max` characters. `kind`
/// names it in the error, such as `"twin id"`.
///
/// # Errors
/// [`IdError`] says what is wrong with it.
pub fn validate_id(kind: &'static str, text: &str, max: usize) -> Result<(), IdError> {
    if text.is_empty() {
        return Err(IdError::Empty { kind });
    }
    if text == "." || text == ".." {
        return Err(IdError::DotSegment { kind, id: text.to_owned() });
    }
    // All control characters are among these bytes, which few ids hold; looking at many
    // bytes at a time is sooner done.
    if text.bytes().fold(false, |odd, byte| odd | byte.is_ascii_control() | !byte.is_ascii())
        && let Some(position) = text.chars().position(char::is_control)
    {
        return Err(IdError::ControlCharacter { kind, position });
    }
    // Bytes bound characters from above, so most ids need no count.
    if text.len() > max {
        let length = text.chars().count();
        if length > max {
            return Err(IdError::TooLong { kind, max, length });
        }
    }
    Ok(())
}

/// Refuses the words of a path. Services take them in any case.
///
/// # Errors
/// [`IdError::Reserved`].
pub fn not_reserved(kind: &'static str, text: &str, words: &[&str]) -> Result<(), IdError> {
    if words.iter().any(|word| word.eq_ignore_ascii_case(text)) {
        return Err(IdError::Reserved { kind, id: text.to_owned() });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_cannot_carry_is_refused() {
        let check = |text| validate_id("twin id", text, 8);
        assert_eq!(check(""), Err(IdError::Empty { kind: "twin id" }));
        assert!(matches!(check("."), Err(IdError::DotSegment { .. })));
        assert!(matches!(check(".."), Err(IdError::DotSegment { .. })));
        assert!(matches!(check("ab\nc"), Err(IdError::ControlCharacter { position: 2, .. })));
        assert!(matches!(check("\u{85}"), Err(IdError::ControlCharacter { .. })));
        assert!(matches!(check("123456789"), Err(IdError::TooLong { length: 9, max: 8, .. })));
    }

    #[test]
    fn kinds_have_their_article() {
        for (kind, said) in [
            ("API token id", "an API token id"),
            ("organization id", "an organization id"),
            ("user id", "a user id"),
            ("twin id", "a twin id"),
        ] {
            let error = validate_id(kind, "", 8).unwrap_err().to_string();
            assert!(error.starts_with(said), "{error}");
        }
    }

    #[test]
    fn awkward_but_expressible_ids_pass() {
        for text in ["a/b?c#%", r"a\b", "a b;c:d", "ÄÖÜäöüßé", "...", "%2e"] {
            assert_eq!(validate_id("twin id", text, 8), Ok(()), "{text}");
        }
    }
}
