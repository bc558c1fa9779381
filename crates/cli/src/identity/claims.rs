//! What a token says of itself, for people to look at. Nothing is checked and
//! nothing decided by it: that is the resource's business.

use jiff::Timestamp;
use serde_json::Value;
use twinkit::auth::{AccessToken, TokenClaims, redact};

/// The claims of a JWT; none of an opaque token.
pub(crate) struct Claims(TokenClaims);

impl Claims {
    pub(crate) fn of(token: &AccessToken) -> Option<Self> {
        TokenClaims::of(token).map(Self)
    }

    /// The object id of who calls, which roles are given to.
    pub(crate) fn object_id(&self) -> Option<&str> {
        self.0.object_id()
    }

    pub(crate) fn tenant_id(&self) -> Option<&str> {
        self.0.tenant_id()
    }

    /// Whether an application calls, not a person.
    pub(crate) fn is_application(&self) -> bool {
        self.0.is_application()
    }

    /// The caller in a few words.
    pub(crate) fn caller(&self) -> String {
        let names = ["upn", "preferred_username", "unique_name", "email", "app_displayname"];
        let name = names.iter().find_map(|name| self.0.text(name));
        let who = match (name, self.0.client_id()) {
            (Some(name), _) => name.to_owned(),
            (None, Some(client)) => format!("application {client}"),
            (None, None) => "an unnamed caller".to_owned(),
        };
        printable(&who)
    }

    pub(crate) fn to_json(&self) -> Value {
        Value::Object(self.0.as_map().clone())
    }

    /// Name and value of each claim, times as dates.
    pub(crate) fn rows(&self) -> Vec<(String, String)> {
        self.0.as_map().iter().map(|(name, value)| (printable(name), shown(name, value))).collect()
    }
}

fn shown(name: &str, value: &Value) -> String {
    let is_time = matches!(name, "exp" | "iat" | "nbf" | "auth_time");
    let time = value.as_i64().filter(|_| is_time).and_then(|at| Timestamp::from_second(at).ok());
    let text = match (time, value) {
        (Some(time), _) => time.to_string(),
        (None, Value::String(text)) => text.clone(),
        (None, Value::Array(items)) => {
            let items =
                items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), Into::into));
            items.collect::<Vec<String>>().join(" ")
        }
        (None, other) => other.to_string(),
    };
    printable(&text)
}

/// A text from a token, fit for a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|c| if is_unprintable(c) { ' ' } else { c }).collect()
}

/// Whether a terminal might obey a character, or show nothing of it, so that two texts
/// look the same: a blank of no width, a soft hyphen, a byte-order mark, a tag. The two
/// joiners, U+200C and U+200D, stay: Persian, scripts of India and many emoji are spelled
/// with them, so that names which differ by one alone may look the same.
pub(crate) fn is_unprintable(c: char) -> bool {
    redact::is_unsafe(c)
        || matches!(
            c,
            '\u{ad}'
                | '\u{200b}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use serde_json::json;
    use std::time::SystemTime;

    fn claims(payload: &Value) -> Option<Claims> {
        let payload = URL_SAFE_NO_PAD.encode(payload.to_string());
        let token = AccessToken::new(format!("e30.{payload}.s"), SystemTime::now()).unwrap();
        Claims::of(&token)
    }

    #[test]
    fn callers_are_told_by_name_or_application() {
        let app = claims(&json!({"oid": "o", "tid": "t", "appid": "a", "idtyp": "app"})).unwrap();
        assert_eq!((app.object_id(), app.tenant_id()), (Some("o"), Some("t")));
        assert!(app.is_application());
        assert_eq!(app.caller(), "application a");
        let person = claims(&json!({"oid": "o", "upn": "ann@x", "azp": "a", "scp": "r"})).unwrap();
        assert!(!person.is_application());
        assert_eq!(person.caller(), "ann@x");
    }

    #[test]
    fn what_shows_nothing_is_told_and_what_joins_stays() {
        for hidden in ["\u{ad}", "\u{200b}", "\u{2060}", "\u{2063}", "\u{206a}", "\u{feff}"] {
            assert_eq!(printable(&format!("a{hidden}b")), "a b", "{hidden:?}");
        }
        for joined in ["\u{645}\u{6cc}\u{200c}\u{62e}", "\u{1f469}\u{200d}\u{1f680}"] {
            assert_eq!(printable(joined), joined);
        }
    }

    #[test]
    fn values_are_shown_on_one_line_each() {
        let claims = claims(&json!({"exp": 0, "scope": ["a", "b"], "x": "a\n\u{1b}[31mb", "n": 1}));
        let rows = claims.unwrap().rows();
        let find = |name: &str| rows.iter().find(|(n, _)| n == name).unwrap().1.clone();
        assert_eq!(find("exp"), "1970-01-01T00:00:00Z");
        assert_eq!(find("scope"), "a b");
        assert_eq!(find("x"), "a  [31mb");
        assert_eq!(find("n"), "1");
    }
}
