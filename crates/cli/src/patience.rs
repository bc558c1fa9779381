//! Tells on stderr that a service asks to wait, and how long: a command that is silent
//! meanwhile looks as if it hung. It hears what the library tells of its repeats, and
//! must not know what is called.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Where the library tells of its repeats.
const TARGET: &str = "twinkit_runtime::trace";
/// What it calls the faults by which a service asks to wait.
const ASKS: [&str; 2] = ["429", "503 with `Retry-After`"];
/// Shorter waits are not noticed.
const NOTICED: Duration = Duration::from_secs(1);

/// Hears the library from now on.
pub(crate) fn tell_waits() {
    // Nobody else in this program hears it.
    let _ = tracing::subscriber::set_global_default(Waits::default());
}

/// The end of the longest wait that was told: calls that go on side by side are asked
/// to wait side by side.
#[derive(Default)]
struct Waits(Mutex<Option<Instant>>);

impl Waits {
    /// What is to be told of a wait that begins now.
    fn told(&self, repeat: &Repeat, now: Instant) -> Option<String> {
        let wait = Duration::try_from_secs_f64(repeat.wait_seconds).ok()?;
        if !ASKS.contains(&repeat.fault.as_str()) || wait < NOTICED {
            return None;
        }
        let end = now.checked_add(wait)?;
        let mut told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_some_and(|told| end < told + NOTICED) {
            return None;
        }
        *told = Some(end);
        let (fault, seconds) = (&repeat.fault, wait.as_secs_f64().ceil());
        Some(format!("The service asks to wait ({fault}): trying again in {seconds} s."))
    }
}

impl Subscriber for Waits {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        about.is_event() && about.target() == TARGET
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }

    fn event(&self, event: &Event<'_>) {
        let mut repeat = Repeat::default();
        event.record(&mut repeat);
        if let Some(text) = self.told(&repeat, Instant::now()) {
            tell!("{text}");
        }
    }

    // No span is enabled.
    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// What the library tells of a repeat.
#[derive(Default)]
struct Repeat {
    fault: String,
    wait_seconds: f64,
}

impl Visit for Repeat {
    fn record_f64(&mut self, field: &Field, value: f64) {
        if field.name() == "wait_seconds" {
            self.wait_seconds = value;
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "fault" {
            value.clone_into(&mut self.fault);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_is_told_once_for_all_that_wait() {
        let waits = Waits::default();
        let now = Instant::now();
        let told = |fault: &str, wait_seconds: f64, after: f64| {
            let repeat = Repeat { fault: fault.to_owned(), wait_seconds };
            waits.told(&repeat, now + Duration::from_secs_f64(after))
        };
        for (fault, seconds) in [("429", 0.4), ("connection broke", 9.0), ("429", -1.0)] {
            assert_eq!(told(fault, seconds, 0.0), None, "{fault} {seconds}");
        }
        let text = told("429", 11.2, 0.0).unwrap();
        assert_eq!(text, "The service asks to wait (429): trying again in 12 s.");
        assert_eq!(told("429", 11.0, 0.5), None);
        assert_eq!(told(ASKS[1], 5.0, 6.0), None);
        assert!(told(ASKS[1], 5.0, 12.0).unwrap().contains("in 5 s"));
    }
}
