//! Which messages came before. It must not know what they say.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use super::Event;

/// Remembers the ids of the last so many messages, so that an event that is
/// delivered again, by the platform or by somebody who recorded it, is acted upon
/// once.
///
/// ```
/// use twinkit_itwin::webhooks::{Event, SeenMessages};
///
/// fn act_once(seen: &SeenMessages, event: &Event) -> Result<(), &'static str> {
///     if !seen.admit(event) {
///         return Ok(()); // Answer as if it were new, or it comes again.
///     }
///     act(event).inspect_err(|_| seen.forget(event))
/// }
/// # fn act(_: &Event) -> Result<(), &'static str> { Ok(()) }
/// # let _ = (act_once, SeenMessages::new(10_000));
/// ```
///
/// It is the memory of one process. Where several receive, or after a restart, put
/// `message_id` under a unique key of a database instead.
#[derive(Debug)]
pub struct SeenMessages {
    capacity: usize,
    memory: Mutex<Memory>,
}

#[derive(Debug, Default)]
struct Memory {
    order: VecDeque<String>,
    ids: HashSet<String>,
}

impl SeenMessages {
    /// Remembers the last `capacity` messages, at least one.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self { capacity: capacity.max(1), memory: Mutex::default() }
    }

    /// Whether the message comes for the first time; it is remembered.
    #[must_use]
    pub fn admit(&self, event: &Event) -> bool {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let id = key(event);
        if !memory.ids.insert(id.clone()) {
            return false;
        }
        memory.order.push_back(id);
        while memory.order.len() > self.capacity {
            if let Some(oldest) = memory.order.pop_front() {
                memory.ids.remove(&oldest);
            }
        }
        true
    }

    /// Lets the message come again, because nothing came of it.
    pub fn forget(&self, event: &Event) {
        let mut memory = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let id = key(event);
        if memory.ids.remove(&id) {
            memory.order.retain(|known| *known != id);
        }
    }
}

/// Ids are GUIDs, whose letters have no case.
fn key(event: &Event) -> String {
    event.message_id.to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(id: &str) -> Event {
        let body =
            format!(r#"{{"eventType":"x","content":null,"messageId":"{id}","webhookId":"w"}}"#);
        Event::read(body.as_bytes()).unwrap()
    }

    #[test]
    fn a_message_is_admitted_once_until_it_is_forgotten_or_old() {
        let seen = SeenMessages::new(2);
        assert!(seen.admit(&event("a")) && !seen.admit(&event("A")));
        assert!(seen.admit(&event("b")) && !seen.admit(&event("a")));
        seen.forget(&event("a"));
        assert!(seen.admit(&event("a")) && seen.admit(&event("c")));
        assert!(seen.admit(&event("b")), "older than the memory reaches");
        assert!(!seen.admit(&event("c")));
    }
}
