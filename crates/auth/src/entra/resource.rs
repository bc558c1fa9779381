//! The resource that a request is for, where hosts and tools ask by resource
//! instead of by scope.

use crate::{AuthError, AuthErrorKind, TokenRequest};

const ENDING: &str = "/.default";

/// The request's one scope without its ending `/.default`. Only one is cut off:
/// a resource that ends in `/` keeps it.
pub(super) fn of<'a>(
    source: &'static str,
    request: &'a TokenRequest,
) -> Result<&'a str, AuthError> {
    let fault = match request.scopes() {
        [scope] => match scope.strip_suffix(ENDING).unwrap_or(scope) {
            "" => "the scope names no resource",
            resource => return Ok(resource),
        },
        _ => "tokens are given for one scope only",
    };
    Err(AuthError::new(AuthErrorKind::Config, source, fault)
        .with_hint("ask for the one scope RESOURCE/.default"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_ending_is_cut_off() {
        for (scope, resource) in [
            ("https://a/.default", "https://a"),
            ("https://a//.default", "https://a/"),
            ("https://a/.default/.default", "https://a/.default"),
            ("id", "id"),
        ] {
            assert_eq!(of("t", &TokenRequest::new([scope]).unwrap()).unwrap(), resource);
        }
        assert!(of("t", &TokenRequest::new(["/.default"]).unwrap()).is_err());
        assert!(of("t", &TokenRequest::new(["a", "b"]).unwrap()).is_err());
    }
}
