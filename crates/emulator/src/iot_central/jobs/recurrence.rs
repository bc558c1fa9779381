//! When a schedule is due.
//!
//! Days, weeks and months are those of UTC. A month that lacks the day of the
//! start has its run on its last day.

use jiff::{Span, Timestamp, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// How far a schedule has come.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Progress {
    /// As the scheduled job has it.
    schedule: Value,
    /// Times before it are not made up for.
    since: Timestamp,
    /// Number of the occurrence that is next, counted from the start.
    next: i32,
    /// Runs that were started.
    runs: i64,
}

impl Progress {
    pub(crate) fn new(schedule: Value, now: Timestamp) -> Self {
        Self { schedule, since: now, next: 0, runs: 0 }
    }

    /// Whether it is about this schedule.
    pub(crate) fn is_of(&self, schedule: &Value) -> bool {
        self.schedule == *schedule
    }

    /// Whether there may be more than one run.
    pub(super) fn recurs(&self) -> bool {
        self.schedule.get("recurrence").is_some()
    }

    /// When the schedule is due next; none: never again.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        Some(self.occurrence()?.1)
    }

    /// Number and time of the next occurrence.
    fn occurrence(&self) -> Option<(i32, Timestamp)> {
        let schedule = &self.schedule;
        let start: Timestamp = schedule.get("start")?.as_str()?.parse().ok()?;
        let Some(recurrence) = schedule.get("recurrence").and_then(Value::as_str) else {
            return (self.runs == 0).then_some((0, start.max(self.since)));
        };
        let end = schedule.get("end");
        let most = end.and_then(|end| end.get("occurrences")).and_then(Value::as_i64);
        if most.is_some_and(|most| self.runs >= most) {
            return None;
        }
        let last: Option<civil::Date> = end.and_then(|end| end.get("date")?.as_str()?.parse().ok());
        // Whole steps that surely lie between, so that no old start takes long.
        let days = self.since.duration_since(start).as_hours() / 24;
        let length = match recurrence {
            "daily" => 1,
            "weekly" => 7,
            _ => 31,
        };
        let passed = i32::try_from((days / length - 1).max(0)).ok()?;
        let mut number = self.next.max(passed);
        loop {
            let at = occurrence(start, recurrence, number)?;
            if at >= self.since {
                let date = at.to_zoned(TimeZone::UTC).date();
                return last.is_none_or(|last| date <= last).then_some((number, at));
            }
            number = number.checked_add(1)?;
        }
    }

    /// Counts the occurrence that is due as run, or as passed over.
    pub(super) fn pass(&mut self) {
        if let Some((number, _)) = self.occurrence() {
            self.next = number.saturating_add(1);
            self.runs += 1;
        }
    }

    /// Passes over what was due before `now` without counting it.
    pub(crate) fn skip_to(&mut self, now: Timestamp) {
        self.since = self.since.max(now);
    }
}

fn occurrence(start: Timestamp, recurrence: &str, number: i32) -> Option<Timestamp> {
    let span = match recurrence {
        "daily" => Span::new().try_days(number),
        "weekly" => Span::new().try_weeks(number),
        _ => Span::new().try_months(number),
    };
    let at = start.to_zoned(TimeZone::UTC).checked_add(span.ok()?).ok()?;
    Some(at.timestamp())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn runs(schedule: &Value, made: &str) -> Vec<String> {
        let mut progress = Progress::new(schedule.clone(), made.parse().unwrap());
        let mut found = Vec::new();
        while let Some(at) = progress.due()
            && found.len() < 4
        {
            found.push(at.to_string());
            progress.pass();
        }
        found
    }

    #[test]
    fn without_a_recurrence_there_is_one_run() {
        let schedule = json!({"start": "2024-01-31T08:00:00+02:00"});
        assert_eq!(runs(&schedule, "2024-01-01T00:00:00Z"), ["2024-01-31T06:00:00Z"]);
        assert_eq!(runs(&schedule, "2025-01-01T00:00:00Z"), ["2025-01-01T00:00:00Z"]);
    }

    #[test]
    fn months_are_counted_from_the_start() {
        let schedule = json!({"start": "2024-01-31T06:00:00Z", "recurrence": "monthly"});
        let expected = ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"];
        let expected: Vec<String> =
            expected.iter().map(|date| format!("{date}T06:00:00Z")).collect();
        assert_eq!(runs(&schedule, "2024-01-01T00:00:00Z"), expected);
        assert_eq!(runs(&schedule, "2124-02-01T00:00:00Z")[0], "2124-02-29T06:00:00Z");
    }

    #[test]
    fn ends_are_a_date_or_a_number() {
        let until = json!({
            "start": "2024-01-01T06:00:00Z",
            "recurrence": "weekly",
            "end": {"type": "date", "date": "2024-01-15"},
        });
        assert_eq!(runs(&until, "2023-01-01T00:00:00Z").len(), 3);
        assert_eq!(runs(&until, "2024-01-02T00:00:00Z").len(), 2);
        let twice = json!({
            "start": "2024-01-01T06:00:00Z",
            "recurrence": "daily",
            "end": {"type": "occurrences", "occurrences": 2},
        });
        assert_eq!(
            runs(&twice, "2024-06-01T06:00:00Z"),
            ["2024-06-01T06:00:00Z", "2024-06-02T06:00:00Z"]
        );
    }

    #[test]
    fn what_cannot_be_read_is_never_due() {
        assert!(runs(&json!({}), "2024-01-01T00:00:00Z").is_empty());
        let far = json!({"start": "9999-12-30T00:00:00Z", "recurrence": "monthly"});
        assert_eq!(runs(&far, "2024-01-01T00:00:00Z").len(), 1);
    }
}
