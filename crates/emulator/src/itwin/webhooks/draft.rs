//! Bodies that make or change webhooks.

use serde_json::Value;
use url::{Host, Url};

use super::{INVALID, store::Webhook};
use crate::itwin::{ApiError, errors::Detail, rules::Body, state::Document};

/// Longest address, and longest secret.
const TEXT: usize = 2048;
/// Shortest secret.
const SECRET: usize = 32;

/// What a body says of a webhook.
pub(super) struct Draft<'d> {
    /// The iTwin; none: the account.
    pub(super) scope_id: Option<&'d str>,
    active: Option<bool>,
    callback_url: Option<&'d str>,
    secret: Option<&'d str>,
    event_types: Option<Vec<&'d str>>,
}

impl<'d> Draft<'d> {
    /// Looks a body over. A new webhook has a scope that stays, and is not active.
    pub(super) fn read(document: &'d Document, is_new: bool) -> Result<Self, ApiError> {
        let mut body = Body::new(document);
        let must_be_there = |body: &Body<'_>, name| is_new || body.names(name);
        let scope = is_new.then(|| body.one_of("scope", &["Account", "iTwin"])).flatten();
        let scope_id = (scope == Some("iTwin")).then(|| body.guid("scopeId")).flatten();
        let active = if is_new { None } else { body.optional_bool("active") };
        let mut callback_url = None;
        if must_be_there(&body, "callbackUrl") {
            callback_url = body.text("callbackUrl", TEXT);
            if callback_url.is_some_and(|url| !is_callback(url)) {
                body.invalid("callbackUrl", "It must be an https address.");
            }
        }
        let secret = body.optional_any_text("secret", TEXT);
        if secret.is_some_and(|secret| secret.chars().count() < SECRET) {
            body.invalid("secret", "It must have 32 characters or more.");
        }
        let mut event_types = None;
        if must_be_there(&body, "eventTypes")
            && let Some(list) = body.list("eventTypes")
        {
            for (index, kind) in list.iter().enumerate() {
                if !kind.as_str().is_some_and(is_event_type) {
                    let what = "It must be a kind of event, such as iModels.iModelCreated.v1.";
                    body.fault(Detail::invalid_value(format!("eventTypes[{index}]"), what));
                }
            }
            event_types = Some(list.iter().filter_map(Value::as_str).collect());
        }
        body.verdict(INVALID)?;
        Ok(Self { scope_id, active, callback_url, secret, event_types })
    }

    /// Gives a webhook what the body said.
    pub(super) fn apply(self, webhook: &mut Webhook) {
        webhook.active = self.active.unwrap_or(webhook.active);
        if let Some(url) = self.callback_url {
            url.clone_into(&mut webhook.callback_url);
        }
        if let Some(secret) = self.secret {
            secret.clone_into(&mut webhook.secret);
        }
        if let Some(kinds) = self.event_types {
            webhook.event_types = kinds.into_iter().map(str::to_owned).collect();
        }
    }
}

/// Whether messages may go to an address: by https, or to this machine.
fn is_callback(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => true,
        ("http", Some(Host::Domain(name))) => name.eq_ignore_ascii_case("localhost"),
        ("http", Some(Host::Ipv4(address))) => address.is_loopback(),
        ("http", Some(Host::Ipv6(address))) => address.is_loopback(),
        _ => false,
    }
}

fn is_event_type(text: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric());
    let words: Vec<&str> = text.split('.').collect();
    let &[family, event, version] = words.as_slice() else { return false };
    let number = version.strip_prefix('v').unwrap_or_default();
    is_word(family) && is_word(event) && number.parse::<u32>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_are_https_or_on_this_machine() {
        for good in [
            "https://a.example/x?y=1",
            "http://localhost:1/",
            "http://127.0.0.1:1/",
            "http://[::1]/",
        ] {
            assert!(is_callback(good), "{good}");
        }
        for bad in ["", "a.example", "http://a.example/", "ftp://localhost/", "http://10.0.0.1/"] {
            assert!(!is_callback(bad), "{bad}");
        }
    }

    #[test]
    fn kinds_of_events_have_a_family_and_a_version() {
        assert!(is_event_type("iModels.namedVersionCreated.v1"));
        for bad in ["", "iModels", "iModels.iModelCreated", "a.b.c", "a..v1", "a.b.v1.x", "a.b.v"] {
            assert!(!is_event_type(bad), "{bad}");
        }
    }
}
