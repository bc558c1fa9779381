//! What a request asks for: the text of `scope`, or AD FS's `resource`.

use serde::{Deserialize, Serialize};

use super::{directory::GRAPH, error::TokenError};

/// The scopes of OpenID Connect, which belong to no resource.
const OPEN_ID: [&str; 4] = ["openid", "profile", "email", "offline_access"];
const DEFAULT: &str = ".default";

/// A `scope` taken apart: one resource, and what of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Scopes {
    /// The audience: the text before the last slash, its own slash kept.
    pub(crate) audience: String,
    /// The names of the resource's scopes; `.default` alone, or none of it.
    pub(crate) names: Vec<String>,
    /// The scopes of OpenID Connect.
    pub(crate) open_id: Vec<String>,
}

impl Scopes {
    /// Takes a user's scopes apart. Names without a resource are Graph's.
    pub(crate) fn parse(text: &str) -> Result<Self, TokenError> {
        if text.chars().any(char::is_control) {
            return Err(TokenError::scope_malformed(text));
        }
        let mut scopes = Self { audience: String::new(), names: Vec::new(), open_id: Vec::new() };
        for part in text.split(' ').filter(|part| !part.is_empty()) {
            if OPEN_ID.contains(&part) {
                scopes.open_id.push(part.to_owned());
                continue;
            }
            let (audience, name) = part.rsplit_once('/').unwrap_or((GRAPH, part));
            if audience.is_empty() || name.is_empty() {
                return Err(TokenError::scope_malformed(text));
            }
            if !scopes.names.is_empty() && scopes.audience != audience {
                return Err(TokenError::several_resources(text));
            }
            audience.clone_into(&mut scopes.audience);
            scopes.names.push(name.to_owned());
        }
        if scopes.names.is_empty() && scopes.open_id.is_empty() {
            return Err(TokenError::scope_malformed(text));
        }
        if scopes.wants_all() && scopes.names.len() > 1 {
            return Err(TokenError::scope_malformed(text));
        }
        if scopes.names.is_empty() {
            GRAPH.clone_into(&mut scopes.audience);
        }
        Ok(scopes)
    }

    /// Takes an application's own scopes apart: one resource's `.default`.
    pub(crate) fn of_application(text: &str) -> Result<Self, TokenError> {
        let scopes = Self::parse(text)?;
        match scopes.names.first() {
            None => Err(TokenError::scope_malformed(text)),
            Some(_) if !scopes.wants_all() => Err(TokenError::scope_not_default(text)),
            Some(_) => Ok(scopes),
        }
    }

    /// All of a resource, by its address alone.
    pub(crate) fn of_resource(resource: &str) -> Self {
        Self { audience: resource.to_owned(), names: vec![DEFAULT.to_owned()], open_id: Vec::new() }
    }

    pub(crate) fn wants_all(&self) -> bool {
        self.names.iter().any(|name| name == DEFAULT)
    }

    pub(crate) fn wants(&self, open_id: &str) -> bool {
        self.open_id.iter().any(|name| name == open_id)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn audience_of(scope: &str) -> Result<String, u32> {
        Scopes::of_application(scope).map(|scopes| scopes.audience).map_err(|error| error.code)
    }

    #[test]
    fn the_audience_keeps_its_slash() {
        assert_eq!(audience_of("https://x/.default").unwrap(), "https://x");
        assert_eq!(audience_of("https://x//.default").unwrap(), "https://x/");
        assert_eq!(audience_of("openid https://x/.default").unwrap(), "https://x");
        assert_eq!(audience_of("https://x/read"), Err(1_002_012));
        assert_eq!(audience_of("https://x/.default https://y/.default"), Err(28000));
        assert_eq!(audience_of("/.default"), Err(70011));
        assert_eq!(audience_of("openid"), Err(70011));
        assert_eq!(audience_of(""), Err(70011));
    }

    #[test]
    fn a_users_scopes_are_of_one_resource() {
        let scopes = Scopes::parse("openid https://x/a  https://x/b offline_access").unwrap();
        assert_eq!(scopes.audience, "https://x");
        assert_eq!(scopes.names, ["a", "b"]);
        assert!(scopes.wants("offline_access") && !scopes.wants("profile"));
        assert_eq!(Scopes::parse("User.Read").unwrap().audience, GRAPH);
        assert_eq!(Scopes::parse("openid").unwrap().audience, GRAPH);
        let code = |text| Scopes::parse(text).unwrap_err().code;
        assert_eq!(code("https://x/a https://y/a"), 28000);
        assert_eq!(code("https://x/a https://x/.default"), 70011);
        assert_eq!(code("https://x/"), 70011);
        assert_eq!(code("a\tb"), 70011);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(?s).{0,60}") {
            let _ = Scopes::parse(&text);
            let _ = Scopes::of_application(&text);
        }
    }
}
