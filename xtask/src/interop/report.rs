//! The tables of `cargo xtask interop`, as text and as JSON. It must not know how
//! requests are counted.

use std::fmt::{self, Display, Formatter};

use serde::Serialize;

use super::operations::Operations;
use super::parts::{Outcome, Part, Step};
use super::tally::{Called, Tally};
use super::uncalled::Reasons;

/// Everything that is told at the end.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    parts: Vec<PartReport>,
    operation_count: usize,
    operations: Vec<Called>,
    /// Requests to services that no spec of ours describes.
    other_requests: Vec<Called>,
    /// Requests to an API that are none of its operations.
    unknown_requests: Vec<Called>,
    not_called: Vec<NotCalled>,
    /// Whether all parts ran: else there is more that is not called.
    all_parts: bool,
    passed: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct PartReport {
    part: String,
    passed: bool,
    exit_code: Option<i32>,
    /// How many requests its emulator was sent; none if it has none, or they are lost.
    requests: Option<usize>,
    steps: Vec<Step>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct NotCalled {
    api: &'static str,
    /// Whether these are all operations of the API.
    all_of_api: bool,
    operations: Vec<String>,
    because: Option<String>,
}

impl Report {
    /// Puts the tables together.
    pub fn new(all: &Operations, reasons: &Reasons, parts: &[Part], all_parts: bool) -> Self {
        let tally = Tally::count(all, parts);
        let not_called = not_called(all, reasons, &tally);
        let passed = !tally.has_failures() && parts.iter().all(Part::passed);
        let parts = parts.iter().map(|part| PartReport {
            part: part.name.clone(),
            passed: part.passed(),
            exit_code: part.exit_code,
            requests: part.requests.as_ref().map(Vec::len),
            steps: part.steps.clone(),
        });
        Self {
            parts: parts.collect(),
            operation_count: all.iter().count(),
            operations: tally.operations,
            other_requests: tally.kinds,
            unknown_requests: tally.unknown,
            not_called,
            all_parts,
            passed,
        }
    }

    /// Whether every step passed, and no call failed.
    pub fn all_passed(&self) -> bool {
        self.passed
    }
}

/// By API and reason, in the order of the specs.
fn not_called(all: &Operations, reasons: &Reasons, tally: &Tally) -> Vec<NotCalled> {
    let mut groups: Vec<NotCalled> = Vec::new();
    for operation in all.iter().filter(|operation| !tally.has(operation)) {
        let because = reasons.of(operation);
        let same =
            |it: &&mut NotCalled| it.api == operation.api && it.because.as_deref() == because;
        let id = operation.row.id.clone();
        match groups.iter_mut().find(same) {
            Some(group) => group.operations.push(id),
            None => groups.push(NotCalled {
                api: operation.api,
                all_of_api: false,
                operations: vec![id],
                because: because.map(str::to_owned),
            }),
        }
    }
    for group in &mut groups {
        let of_api = all.iter().filter(|operation| operation.api == group.api).count();
        group.all_of_api = of_api == group.operations.len();
    }
    groups
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        table(f, "Operations that were called", &self.operations)?;
        table(f, "Sign-in, managed identity, storage and control plane", &self.other_requests)?;
        table(f, "Requests that are no operation of the specs", &self.unknown_requests)?;
        self.write_not_called(f)?;
        self.write_steps(f)?;
        let all = self.operation_count;
        let left: usize = self.not_called.iter().map(|group| group.operations.len()).sum();
        writeln!(f, "\nvendors' programs called {} of {all} operations", all - left)?;
        writeln!(f, "{}", if self.passed { "all passed" } else { "FAILED" })
    }
}

const HEADS: &str = "   ok refused faulted    ours FAILED";

fn table(f: &mut Formatter<'_>, title: &str, rows: &[Called]) -> fmt::Result {
    if rows.is_empty() {
        return Ok(());
    }
    let width =
        |of: fn(&Called) -> &str| rows.iter().map(|row| of(row).chars().count()).max().unwrap_or(0);
    let (api, operation) = (width(|row| &row.api), width(|row| &row.operation));
    writeln!(f, "\n== {title}")?;
    writeln!(f, "{:api$}  {:operation$}  {HEADS}  called by", "", "")?;
    for Called { api: name, operation: what, parts, counts } in rows {
        writeln!(
            f,
            "{name:api$}  {what:operation$}  {:>5} {:>7} {:>7} {:>7} {:>6}  {}",
            counts.succeeded,
            counts.refused,
            counts.faulted,
            counts.ours,
            counts.failed,
            parts.join(", ")
        )?;
    }
    Ok(())
}

impl Report {
    fn write_not_called(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.not_called.is_empty() {
            return Ok(());
        }
        let whose = if self.all_parts { "any part" } else { "the parts that ran" };
        writeln!(f, "\n== Operations that no vendor's program called in {whose}")?;
        for NotCalled { api, all_of_api, operations, because } in &self.not_called {
            let because = because.as_deref().unwrap_or("no reason is known");
            let count = operations.len();
            if *all_of_api {
                writeln!(f, "{api}, all {count} operations: {because}")?;
            } else {
                writeln!(f, "{api}, {count} operations: {because}")?;
                writeln!(f, "    {}", operations.join(" "))?;
            }
        }
        Ok(())
    }

    fn write_steps(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n== Parts and their steps")?;
        for part in &self.parts {
            let count = |outcome| part.steps.iter().filter(|it| it.outcome == outcome).count();
            let (passed, failed) = (count(Outcome::Passed), count(Outcome::Failed));
            let not_run = count(Outcome::NotRun);
            let word = if part.passed { "passed" } else { "FAILED" };
            write!(f, "{:<17} {word}: {passed} steps passed", part.part)?;
            write!(f, ", {failed} failed, {not_run} not run")?;
            match part.requests {
                Some(requests) => write!(f, "; {requests} requests")?,
                None => write!(f, "; no requests to the emulator are known")?,
            }
            match part.exit_code {
                Some(0 | 1) => writeln!(f)?,
                Some(code) => writeln!(f, "; exit code {code}")?,
                None => writeln!(f, "; it did not come to its end")?,
            }
            for step in &part.steps {
                let word = match step.outcome {
                    Outcome::Passed => "ok",
                    Outcome::Failed => "FAILED",
                    Outcome::NotRun => "not run",
                };
                writeln!(f, "    {word:<8} {}", step.step)?;
                for line in step.error.iter().flat_map(|error| error.lines().take(3)) {
                    writeln!(f, "             {line}")?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interop::parts::Request;

    fn report(status: u16, outcome: Outcome) -> Report {
        let all = Operations::for_tests();
        let reasons = Reasons::read(all).unwrap();
        let request = Request {
            service: "digital-twins".to_owned(),
            method: "POST".to_owned(),
            path: "/query".to_owned(),
            status: Some(status),
            ..Request::default()
        };
        let step = |step: &str, outcome| Step {
            step: step.to_owned(),
            outcome,
            error: (outcome == Outcome::Failed).then(|| "Error: it is so\nand so".to_owned()),
            begin_millis: None,
            end_millis: None,
        };
        let part = Part {
            name: "digital-twins".to_owned(),
            exit_code: Some(i32::from(outcome != Outcome::Passed)),
            steps: vec![step("first", Outcome::Passed), step("second", outcome)],
            requests: Some(vec![request]),
        };
        let ours = Part {
            name: "oidc-provider".to_owned(),
            exit_code: Some(0),
            steps: vec![step("secret in the form", Outcome::Passed)],
            requests: None,
        };
        Report::new(all, &reasons, &[part, ours], false)
    }

    #[test]
    fn text_tells_operations_then_steps() {
        let report = report(200, Outcome::Failed);
        assert!(!report.all_passed());
        let text = report.to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "== Operations that were called");
        assert!(lines[3].starts_with("digital-twins  query_twins "), "{text}");
        assert!(lines[3].ends_with("1       0       0       0      0  digital-twins"), "{text}");
        for told in [
            "== Operations that no vendor's program called in the parts that ran",
            "digital-twins     FAILED: 1 steps passed, 1 failed, 0 not run; 1 requests",
            "    FAILED   second",
            "             Error: it is so",
            "oidc-provider     passed: 1 steps passed, 0 failed, 0 not run; no requests",
            "called 1 of ",
        ] {
            assert!(text.contains(told), "{told}: {text}");
        }
        assert_eq!(lines.last(), Some(&"FAILED"));
    }

    #[test]
    fn every_operation_is_called_or_not() {
        let report = report(200, Outcome::Passed);
        assert!(report.all_passed());
        let left: usize = report.not_called.iter().map(|group| group.operations.len()).sum();
        assert_eq!(1 + left, report.operation_count);
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["operations"][0]["operation"], "query_twins");
        assert_eq!(json["operations"][0]["succeeded"], 1);
        assert_eq!(json["parts"][0]["steps"][1]["outcome"], "passed");
        assert_eq!(json["passed"], true);
    }

    #[test]
    fn a_fault_of_the_emulator_is_a_failure() {
        assert!(!report(500, Outcome::Passed).all_passed());
        // What was refused in a step that passed was wanted.
        assert!(report(400, Outcome::Passed).all_passed());
    }
}
