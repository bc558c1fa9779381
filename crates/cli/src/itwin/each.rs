//! The same done to several things, one after another: of each it is told what became
//! of it, as soon as that is known. What concerns one thing only does not keep the
//! others from being tried, nor does an output that nobody reads any more. It must not
//! know what is done.

use std::pin::pin;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::itwin::{Error, ErrorKind, ITwinErrorExt as _};

use crate::exit::{INCOMPLETE, INTERRUPTED};
use crate::identity::claims::printable;
use crate::output::{Output, Results, add};
use crate::stop::{Stop, hearing, last_words};

/// What is done, and how it is told.
pub(super) struct Each {
    output: Output,
    /// What a thing was when it is done, such as `deleted`.
    done: &'static str,
    /// A document for each thing, as of lists, and none for the whole.
    is_list: bool,
}

/// One of the things: for people and for programs.
pub(super) struct Item {
    pub(super) name: String,
    pub(super) document: Value,
}

/// What work on one thing came to.
pub(super) enum Did {
    Done,
    /// Done, with more to tell of it, and a document in place of the item's.
    Made {
        more: String,
        document: Value,
    },
    /// What is to be taken away was not there any more.
    Gone,
    /// The process was asked to stop, which the work has told.
    Stopped,
}

/// What became of all.
#[derive(Default)]
pub(super) struct Report {
    outcomes: Vec<Value>,
    done: usize,
    /// The first failure.
    error: Option<anyhow::Error>,
    is_stopped: bool,
    results: Results,
}

impl Each {
    /// With one document for all.
    pub(super) fn new(output: Output, done: &'static str) -> Self {
        Self { output, done, is_list: false }
    }

    /// With a document for each.
    pub(super) fn list(output: Output, done: &'static str) -> Self {
        Self { output, done, is_list: true }
    }

    /// Does the work for each thing, until all were tried, or a failure says that the
    /// next would fail as well, or the process is asked to stop.
    pub(super) async fn run<T>(
        self,
        things: &[T],
        item: impl Fn(&T) -> Item,
        mut work: impl AsyncFnMut(&T) -> Result<Did>,
    ) -> Result<Report> {
        let mut report = Report::default();
        let mut stop = Stop::listen()?;
        let mut goes_on = true;
        for thing in things {
            let Item { name, mut document } = item(thing);
            if !goes_on {
                let text = format!("{name}: not tried");
                self.tell(&mut report, &text, document, "notTried");
                continue;
            }
            let heard_by = hearing();
            let mut doing = pin!(work(thing));
            let did = tokio::select! {
                did = &mut doing => Some(did),
                () = stop.asked() => last_words(doing, heard_by).await,
            };
            let did = did.unwrap_or_else(|| {
                tell!("\nInterrupted.");
                Ok(Did::Stopped)
            });
            match did {
                Ok(Did::Done) => {
                    report.done += 1;
                    let text = format!("{name} was {}", self.done);
                    self.tell(&mut report, &text, document, self.done);
                }
                Ok(Did::Made { more, document }) => {
                    report.done += 1;
                    let text = format!("{name} was {}: {more}", self.done);
                    self.tell(&mut report, &text, document, self.done);
                }
                Ok(Did::Gone) => {
                    report.done += 1;
                    self.tell(&mut report, &format!("{name} was gone already"), document, "gone");
                }
                Ok(Did::Stopped) => {
                    (goes_on, report.is_stopped) = (false, true);
                    let text = format!("{name}: stopped, may be {} all the same", self.done);
                    self.tell(&mut report, &text, document, "stopped");
                }
                Err(error) => {
                    goes_on = concerns_one(&error);
                    let of_call = error.downcast_ref().map(failure);
                    let told = of_call.unwrap_or_else(|| json!({"message": error.to_string()}));
                    add(&mut document, "error", told);
                    // That of a single thing is told by the program's end.
                    let is_alone = things.len() == 1;
                    let text = format!("{name}: FAILED: {}", crate::story(&error));
                    let text = if is_alone { "" } else { &text };
                    self.tell(&mut report, text, document, "failed");
                    report.error.get_or_insert(error);
                }
            }
        }
        Ok(report)
    }

    fn tell(&self, report: &mut Report, text: &str, mut document: Value, outcome: &str) {
        add(&mut document, "outcome", json!(outcome));
        if !self.output.json {
            let lines: Vec<String> = text.lines().map(printable).collect();
            if !lines.is_empty() {
                report.results.text(&lines.join("\n  "));
            }
        } else if self.is_list {
            report.results.document(&document);
        } else {
            report.outcomes.push(document);
        }
    }
}

impl Report {
    /// Prints the plan with what became of each, if a document is wanted, and ends as
    /// [`Self::ending`] does.
    pub(super) fn close(mut self, output: Output, mut plan: Value) -> Result<ExitCode> {
        if output.json {
            let is_applied = self.done > 0 || (self.error.is_none() && !self.is_stopped);
            add(&mut plan, "applied", json!(is_applied));
            add(&mut plan, "outcomes", json!(self.outcomes));
            self.results.document(&plan);
        }
        self.ending()
    }

    /// With the failure if nothing was done, else with a code of its own if not
    /// everything was.
    pub(super) fn ending(self) -> Result<ExitCode> {
        match self.error {
            _ if self.is_stopped => Ok(ExitCode::from(INTERRUPTED)),
            None => Ok(self.results.ending()),
            Some(error) if self.done == 0 => Err(error),
            Some(_) => Ok(ExitCode::from(INCOMPLETE)),
        }
    }
}

/// What a call that takes something away came to. An iTwin around it that is not seen
/// any more tells nothing of it.
pub(super) fn taken_away<T>(outcome: Result<T, Error>) -> Result<Did> {
    match outcome {
        Ok(_) => Ok(Did::Done),
        Err(error) if error.is_not_found() && !error.is_itwin_not_found() => Ok(Did::Gone),
        Err(error) => Err(error.into()),
    }
}

/// A failure of a call, for programs.
pub(super) fn failure(error: &Error) -> Value {
    json!({
        "status": error.status().map(|status| status.as_u16()),
        "code": error.code(),
        "message": error.to_string(),
        "mayBeDone": error.kind().is_ambiguous(),
    })
}

/// Whether a failure says nothing of the next thing: it was refused for what it is, not
/// because of who calls or how the service is.
fn concerns_one(error: &anyhow::Error) -> bool {
    let Some(error) = error.downcast_ref::<Error>() else { return true };
    // A file that cannot be read, or what is no valid request.
    let is_local = matches!(error.kind(), ErrorKind::InvalidRequest | ErrorKind::OperationFailed);
    is_local
        || error.status().is_some_and(|status| {
            status.is_client_error() && !matches!(status.as_u16(), 401 | 408 | 429)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_one_thing_keeps_no_other_from_being_tried() {
        let changed: Error = Error::operation_failed(None, "a: the file was changed meanwhile");
        for error in [changed, Error::InvalidRequest("a cannot be read".to_owned())] {
            assert!(concerns_one(&error.into()));
        }
        assert!(concerns_one(&anyhow::anyhow!("a is no plain file")));
    }
}
