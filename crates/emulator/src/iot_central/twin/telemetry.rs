//! What a part of a device has sent: the last value of each kind, and the newest
//! messages.

use std::collections::{BTreeMap, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::iot_central::state::Document;

/// Messages that are kept of one part (our choice).
const MESSAGES: usize = 1000;

/// The telemetry of a part.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::iot_central) struct Telemetry {
    last: BTreeMap<String, Sample>,
    messages: VecDeque<Message>,
}

/// A value and when it was sent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::iot_central) struct Sample {
    pub(in crate::iot_central) value: Value,
    pub(in crate::iot_central) at: Timestamp,
}

/// What was sent at one time, by name.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::iot_central) struct Message {
    pub(in crate::iot_central) values: Document,
    pub(in crate::iot_central) at: Timestamp,
}

impl Telemetry {
    /// Takes a message; the oldest one goes if there are too many.
    pub(in crate::iot_central) fn take(&mut self, values: Document, at: Timestamp) {
        for (name, value) in &values {
            self.last.insert(name.clone(), Sample { value: value.clone(), at });
        }
        if self.messages.len() >= MESSAGES {
            self.messages.pop_front();
        }
        self.messages.push_back(Message { values, at });
    }

    /// The last value of this name.
    pub(in crate::iot_central) fn last(&self, name: &str) -> Option<&Sample> {
        self.last.get(name)
    }

    /// The messages that are kept, the oldest first.
    pub(in crate::iot_central) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter()
    }
}
