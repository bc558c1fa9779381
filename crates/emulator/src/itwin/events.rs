//! What happens on the platform, for those who asked to be told.

use std::sync::{Mutex, PoisonError};

use serde_json::Value;
use tokio::sync::mpsc;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    /// Its name, such as `iTwins.iTwinCreated.v1`.
    pub(crate) kind: String,
    /// The iTwin that it happened in.
    pub(crate) itwin_id: String,
    /// The account of that iTwin.
    pub(crate) account_id: String,
    /// What webhooks call `content`.
    pub(crate) content: Value,
}

/// Whom events go to: one listener, or nobody.
#[derive(Debug, Default)]
pub(crate) struct Events {
    listener: Mutex<Option<mpsc::UnboundedSender<Event>>>,
}

impl Events {
    /// Everything that happens from now on; another listener gets nothing more.
    pub(crate) fn listen(&self) -> mpsc::UnboundedReceiver<Event> {
        let (sender, receiver) = mpsc::unbounded_channel();
        *self.listener.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        receiver
    }

    /// Tells the listener, if there is one.
    pub(crate) fn tell(&self, event: Event) {
        let listener = self.listener.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(listener) = listener.as_ref() {
            // A listener that is gone wants nothing more.
            let _ = listener.send(event);
        }
    }
}
