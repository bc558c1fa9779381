//! Commands of a part: how the device answers them, and how they went.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Runs that are kept of one command (our choice).
const RUNS: usize = 1000;

/// What a device does with a command.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum CommandAnswer {
    /// It answers.
    Reply {
        /// Its own status code, such as 200, or 500 for a fault of the device.
        code: i32,
        /// The payload of the answer.
        response: Option<Value>,
        /// How long it takes.
        delay: Duration,
    },
    /// It takes the command and never answers.
    Silence,
}

impl CommandAnswer {
    /// An answer at once.
    #[must_use]
    pub fn reply(code: i32, response: Value) -> Self {
        Self::Reply { code, response: Some(response), delay: Duration::ZERO }
    }

    /// What a simulated device answers: 200 and an empty object.
    pub(in crate::iot_central) fn of_simulated() -> Self {
        Self::reply(200, Value::Object(Map::new()))
    }
}

/// The commands of a part by name.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(in crate::iot_central) struct Commands {
    pub(in crate::iot_central) answers: BTreeMap<String, CommandAnswer>,
    runs: BTreeMap<String, VecDeque<Run>>,
    /// Number of the last run.
    counter: u64,
}

/// One run of a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::iot_central) struct Run {
    /// Counts the runs of a part.
    pub(in crate::iot_central) number: u64,
    /// As answers show it.
    pub(in crate::iot_central) shown: Value,
}

impl Commands {
    /// Notes a run; the oldest one goes if there are too many.
    pub(in crate::iot_central) fn note(&mut self, command: &str, shown: Value) {
        self.counter += 1;
        let runs = self.runs.entry(command.to_owned()).or_default();
        if runs.len() >= RUNS {
            runs.pop_front();
        }
        runs.push_back(Run { number: self.counter, shown });
    }

    /// The runs of a command, the newest first.
    pub(in crate::iot_central) fn runs(&self, command: &str) -> impl Iterator<Item = &Run> {
        self.runs.get(command).into_iter().flat_map(|runs| runs.iter().rev())
    }
}
