//! A webhook, and which events it is told.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::itwin::events::Event;

/// A webhook.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Webhook {
    pub(super) id: String,
    /// The application that made it.
    pub(super) client_id: String,
    /// The account of that application.
    pub(super) account_id: String,
    /// The iTwin that it is told of; none: the account.
    pub(super) scope_id: Option<String>,
    pub(super) active: bool,
    pub(super) callback_url: String,
    /// The key of the signatures.
    pub(super) secret: String,
    pub(super) event_types: Vec<String>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook")
            .field("id", &self.id)
            .field("active", &self.active)
            .finish_non_exhaustive()
    }
}

impl Webhook {
    /// The scope by name.
    pub(super) fn scope(&self) -> &'static str {
        if self.scope_id.is_some() { "iTwin" } else { "Account" }
    }

    /// Whether it is to be told of an event.
    pub(super) fn wants(&self, event: &Event) -> bool {
        let is_in_scope = match &self.scope_id {
            Some(itwin_id) => *itwin_id == event.itwin_id,
            None => self.account_id == event.account_id,
        };
        self.active && is_in_scope && self.event_types.contains(&event.kind)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn webhook(scope_id: Option<&str>) -> Webhook {
        Webhook {
            id: "w".to_owned(),
            client_id: "c".to_owned(),
            account_id: "account".to_owned(),
            scope_id: scope_id.map(str::to_owned),
            active: true,
            callback_url: "https://a.example/".to_owned(),
            secret: "canary".to_owned(),
            event_types: vec!["a.b.v1".to_owned()],
            created: Timestamp::UNIX_EPOCH,
            modified: Timestamp::UNIX_EPOCH,
        }
    }

    fn event(kind: &str, itwin_id: &str, account_id: &str) -> Event {
        Event {
            kind: kind.to_owned(),
            itwin_id: itwin_id.to_owned(),
            account_id: account_id.to_owned(),
            content: Value::Null,
        }
    }

    #[test]
    fn a_webhook_is_told_what_is_in_its_scope_while_it_is_active() {
        let (of_itwin, of_account) = (webhook(Some("i")), webhook(None));
        assert!(of_itwin.wants(&event("a.b.v1", "i", "other")));
        assert!(!of_itwin.wants(&event("a.b.v1", "j", "account")));
        assert!(!of_itwin.wants(&event("a.c.v1", "i", "account")));
        assert!(of_account.wants(&event("a.b.v1", "j", "account")));
        assert!(!of_account.wants(&event("a.b.v1", "j", "other")));
        let stopped = Webhook { active: false, ..of_account };
        assert!(!stopped.wants(&event("a.b.v1", "j", "account")));
        assert!(!format!("{stopped:?}").contains("canary"));
    }
}
