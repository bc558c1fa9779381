//! A view of the tables that trails behind, as the platform's query index does.

use std::{collections::VecDeque, time::Duration};

use jiff::Timestamp;

use super::tables::{Change, Tables};

/// The tables as they were some time ago.
#[derive(Debug)]
pub(crate) struct LaggingView {
    lag: Duration,
    tables: Tables,
    waiting: VecDeque<(Timestamp, Change)>,
}

impl LaggingView {
    /// A view that starts level with `tables`.
    pub(crate) fn new(lag: Duration, tables: &Tables) -> Self {
        Self { lag, tables: tables.clone(), waiting: VecDeque::new() }
    }

    /// Notes changes made at `now`.
    pub(crate) fn note(&mut self, now: Timestamp, changes: &[Change]) {
        self.waiting.extend(changes.iter().map(|change| (now, change.clone())));
    }

    /// The tables with every change that is old enough at `now`.
    pub(crate) fn at(&mut self, now: Timestamp) -> &Tables {
        while let Some((time, change)) = self.waiting.front() {
            if time.saturating_add(self.lag).is_ok_and(|visible| visible > now) {
                break;
            }
            self.tables.apply(change);
            self.waiting.pop_front();
        }
        &self.tables
    }
}
