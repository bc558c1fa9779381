//! What may stand on a tool's command line. Allow-lists, as one of the tools is
//! a batch file on Windows and another gets its arguments inside a script; and
//! nothing may look like an option.

use crate::{AuthError, AuthErrorKind};

/// Longer texts are mistakes.
const MAX: usize = 1024;

/// A scope or a resource.
pub(super) fn scope<'a>(source: &'static str, text: &'a str) -> Result<&'a str, AuthError> {
    check(source, "scope", text, |byte| b"_-.:/".contains(&byte))
}

/// A tenant's id or domain.
pub(super) fn tenant<'a>(source: &'static str, text: &'a str) -> Result<&'a str, AuthError> {
    check(source, "tenant", text, |byte| b"-.".contains(&byte))
}

/// A subscription's id or name.
pub(super) fn subscription<'a>(source: &'static str, text: &'a str) -> Result<&'a str, AuthError> {
    check(source, "subscription", text, |byte| b"-._ ".contains(&byte))
}

fn check<'a>(
    source: &'static str,
    what: &str,
    text: &'a str,
    also: impl Fn(u8) -> bool,
) -> Result<&'a str, AuthError> {
    let text = text.trim();
    let fault = if text.is_empty() || text.len() > MAX {
        "is empty or too long"
    } else if text.starts_with('-') {
        "would be taken for an option"
    } else if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || also(byte)) {
        "holds characters that are kept from command lines"
    } else {
        return Ok(text);
    };
    let message = format!("the {what} {text:?} {fault}");
    Err(AuthError::new(AuthErrorKind::Config, source, message))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_texts_pass() {
        assert_eq!(
            scope("t", " https://a.b:1/x_y-z/.default ").unwrap(),
            "https://a.b:1/x_y-z/.default"
        );
        assert_eq!(tenant("t", "contoso.com").unwrap(), "contoso.com");
        assert_eq!(subscription("t", "My Sub_1").unwrap(), "My Sub_1");
        for bad in [
            "", " ", "-x", "--debug", "a&b", "a%b", "a\"b", "a'b", "a\nb", "a\rb", "a^b", "a|b",
            "a;b", "a$b", "a`b", "a(b", "a\0b", "ä", "a!b", "a<b", "a\\b", "a,b", "a=b", "a@b",
            "a*b", "a#b",
        ] {
            assert!(scope("t", bad).is_err() && tenant("t", bad).is_err(), "{bad:?}");
            assert_eq!(
                subscription("t", bad).unwrap_err().kind(),
                AuthErrorKind::Config,
                "{bad:?}"
            );
        }
        assert!(
            tenant("t", "a/b").is_err()
                && tenant("t", "a b").is_err()
                && scope("t", "a b").is_err()
        );
        assert!(scope("t", &"a".repeat(2000)).is_err());
    }
}
