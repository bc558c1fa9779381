//! Counts requests by operation, or by kind where no spec describes them. It must not
//! know how the counts are shown.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::kinds;
use super::operations::{Operation, Operations};
use super::parts::{Outcome, Part, Request};

/// How many calls ended how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Statuses below 400.
    pub succeeded: u32,
    /// Statuses from 400 to 499 in steps that passed: the step wanted them.
    pub refused: u32,
    /// Those that met a scheduled fault, whatever came of it.
    pub faulted: u32,
    /// Those that the part itself or our own program sent, and that did not fail.
    pub ours: u32,
    /// Statuses from 500 and dropped connections without a fault; and in steps that
    /// failed, what was refused and the last call.
    pub failed: u32,
}

/// What was called: a row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Called {
    /// An API of ours, or a service of the emulator.
    pub api: String,
    /// The operation's id, or the kind of request.
    pub operation: String,
    /// The parts that called it.
    pub parts: Vec<String>,
    #[serde(flatten)]
    pub counts: Counts,
}

/// Everything that was called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// Operations of the specs, in their order.
    pub operations: Vec<Called>,
    /// Requests to services without a spec.
    pub kinds: Vec<Called>,
    /// Requests to an API that are none of its operations, by method and path.
    pub unknown: Vec<Called>,
}

type Sums<'a> = BTreeMap<(String, String), (BTreeSet<&'a str>, Counts)>;

impl Tally {
    /// Counts what the parts' emulators were asked.
    pub fn count(all: &Operations, parts: &[Part]) -> Self {
        let (mut operations, mut kinds, mut unknown) = (Sums::new(), Sums::new(), Sums::new());
        for part in parts {
            let requests = part.requests.as_deref().unwrap_or_default();
            let last = last_of_failed_steps(part, requests);
            for (index, request) in requests.iter().enumerate() {
                let found = all.find(request);
                let (sums, key) = match (found, kinds::kind(request)) {
                    (Some(Operation { api, row }), _) => {
                        (&mut operations, ((*api).to_owned(), row.id.clone()))
                    }
                    (None, Some(kind)) => (&mut kinds, (request.service.clone(), kind)),
                    (None, None) => {
                        let what = format!("{} {}", request.method, request.path);
                        (&mut unknown, (request.service.clone(), what))
                    }
                };
                let (callers, counts) = sums.entry(key).or_default();
                callers.insert(&part.name);
                counts.add(part, request, last.contains(&index));
            }
        }
        let mut operations = rows(operations);
        let order = |called: &Called| {
            let same = |it: &Operation| it.api == called.api && it.row.id == called.operation;
            all.iter().position(same)
        };
        operations.sort_by_key(order);
        Self { operations, kinds: rows(kinds), unknown: rows(unknown) }
    }

    /// Whether any call failed.
    pub fn has_failures(&self) -> bool {
        let all = [&self.operations, &self.kinds, &self.unknown];
        all.into_iter().flatten().any(|called| called.counts.failed > 0)
    }

    /// Whether a vendor's program called an operation.
    pub fn has(&self, operation: &Operation) -> bool {
        let is = |it: &&Called| it.api == operation.api && it.operation == operation.row.id;
        self.operations.iter().find(is).is_some_and(|called| called.counts.of_vendors() > 0)
    }
}

impl Counts {
    /// Calls of vendors' programs; a call that failed counts as theirs.
    fn of_vendors(self) -> u32 {
        self.succeeded + self.refused + self.faulted + self.failed
    }

    fn add(&mut self, part: &Part, request: &Request, is_last_of_failed: bool) {
        let in_failed = part.step_of(request).is_some_and(|it| it.outcome == Outcome::Failed);
        let count = match (request.fault, request.status) {
            (Some(_), _) => &mut self.faulted,
            _ if is_last_of_failed => &mut self.failed,
            (None, Some(400..500)) if in_failed => &mut self.failed,
            (None, Some(..500)) if request.is_ours() => &mut self.ours,
            (None, Some(..400)) => &mut self.succeeded,
            (None, Some(400..500)) => &mut self.refused,
            (None, _) => &mut self.failed,
        };
        *count += 1;
    }
}

/// The last request of each step that failed: what the step did not like, unless it was
/// an earlier refusal.
fn last_of_failed_steps(part: &Part, requests: &[Request]) -> BTreeSet<usize> {
    let failed = part.steps.iter().filter(|step| step.outcome == Outcome::Failed);
    failed
        .filter_map(|step| requests.iter().rposition(|it| part.step_of(it) == Some(step)))
        .collect()
}

fn rows(sums: Sums<'_>) -> Vec<Called> {
    sums.into_iter()
        .map(|((api, operation), (parts, counts))| {
            let parts = parts.into_iter().map(str::to_owned).collect();
            Called { api, operation, parts, counts }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::interop::parts::Step;

    fn request(at: u64, target: &str, status: Option<u16>, fault: Option<u64>) -> Request {
        let (service, rest) = target.split_once(' ').unwrap();
        let (method, path) = rest.split_once(' ').unwrap();
        Request {
            received_millis: at,
            service: service.to_owned(),
            method: method.to_owned(),
            path: path.to_owned(),
            status,
            fault,
            ..Request::default()
        }
    }

    fn step(name: &str, outcome: Outcome, begin: u64) -> Step {
        Step {
            step: name.to_owned(),
            outcome,
            error: None,
            begin_millis: Some(begin),
            end_millis: Some(begin + 9),
        }
    }

    fn part(name: &str, requests: Vec<Request>) -> Part {
        let steps = vec![step("good", Outcome::Passed, 10), step("bad", Outcome::Failed, 20)];
        Part { name: name.to_owned(), exit_code: Some(1), steps, requests: Some(requests) }
    }

    fn counts(called: &Called) -> [u32; 5] {
        let Counts { succeeded, refused, faulted, ours, failed } = called.counts;
        [succeeded, refused, faulted, ours, failed]
    }

    #[test]
    fn calls_are_counted_by_how_they_ended() {
        let model = "digital-twins GET /models/dtmi:a:B;1";
        let parts = [
            part(
                "a",
                vec![
                    request(10, model, Some(200), None),
                    request(11, model, Some(404), None),
                    request(12, model, Some(503), Some(1)),
                    request(13, model, None, Some(2)),
                    request(14, model, Some(500), None),
                    request(15, model, None, None),
                    request(20, model, Some(412), None),
                    request(21, model, Some(200), None),
                    request(22, "digital-twins POST /query", Some(200), None),
                    request(40, "identity POST /t/oauth2/v2.0/token", Some(401), None),
                ],
            ),
            part("b", vec![request(10, model, Some(302), None)]),
        ];
        let tally = Tally::count(Operations::for_tests(), &parts);
        let [get, query] = tally.operations.as_slice() else { panic!("{:?}", tally.operations) };
        assert_eq!(get.api, "digital-twins");
        assert_eq!(
            (&*get.parts, counts(get)),
            (&["a".to_owned(), "b".to_owned()][..], [3, 1, 2, 0, 3])
        );
        // The step failed after an answer that was no refusal.
        assert_eq!((&*query.parts, counts(query)), (&["a".to_owned()][..], [0, 0, 0, 0, 1]));
        let [token] = tally.kinds.as_slice() else { panic!("{:?}", tally.kinds) };
        assert_eq!(
            (&*token.api, &*token.operation, counts(token)),
            ("identity", "token", [0, 1, 0, 0, 0])
        );
        assert!(tally.unknown.is_empty() && tally.has_failures());
    }

    #[test]
    fn what_the_part_sends_itself_is_no_call_of_a_vendor() {
        let mut by_hand = request(10, "digital-twins POST /query", Some(400), None);
        by_hand.headers.insert("x-interop".to_owned(), "by-hand".to_owned());
        let operations = Operations::for_tests();
        let tally = Tally::count(operations, &[part("a", vec![by_hand])]);
        let [query] = tally.operations.as_slice() else { panic!("{:?}", tally.operations) };
        assert_eq!(counts(query), [0, 0, 0, 1, 0]);
        assert!(!operations.iter().any(|operation| tally.has(operation)));
    }

    #[test]
    fn what_is_no_operation_is_shown_as_it_was_sent() {
        let nowhere = request(10, "itwin GET /mesh/v2", Some(404), None);
        let parts = [part("a", vec![nowhere])];
        let operations = Operations::for_tests();
        let tally = Tally::count(operations, &parts);
        let [unknown] = tally.unknown.as_slice() else { panic!("{:?}", tally.unknown) };
        assert_eq!((&*unknown.api, &*unknown.operation), ("itwin", "GET /mesh/v2"));
        assert!(!tally.has_failures());
        assert!(!operations.iter().any(|operation| tally.has(operation)));
    }
}
