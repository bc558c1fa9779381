//! The figures of a load run, and what is asked of them.

use std::fmt;

use serde::Serialize;

use super::crowd::{Crowd, Plan};
use super::server::Counts;
use super::stream::Stream;

/// MiB that the line of memory may rise over a run.
const GROWTH: f64 = 8.0;
/// MiB that a stream of any length may need.
const STREAM: f64 = 24.0;
/// A task makes at least this part of the average number of calls, and at most so
/// many times as many, where nothing but the machine puts them in line.
const FAIR: (f64, f64) = (0.5, 2.0);
/// In line they come one after another: the first may be one turn ahead when time is
/// up, neighbours change places by the time that an answer takes, and one whom a
/// revoked token sends back falls behind.
const FAIR_IN_LINE: u64 = 3;
/// No call takes longer than this many seconds.
const SLOWEST: f64 = 30.0;
/// Connections per task. One is begun for each call that finds none idle; if
/// another comes free meanwhile, the new one stays in the pool beside it.
const CONNECTIONS: f64 = 3.0;
/// Of the pace that was set, at least this part is reached. A timer is a
/// millisecond late, and what was missed is not made up for.
const PACE: f64 = 0.6;

/// The one figure that tells of the machine more than of the client.
const REACHED: &str = "part of the pace that is reached";

/// One figure and its bound.
#[derive(Debug, Clone, Serialize)]
pub struct Check {
    /// What is asked.
    pub asked: &'static str,
    /// The figure.
    pub figure: f64,
    /// What it must not pass, in words.
    pub bound: String,
    /// Whether it does not.
    pub holds: bool,
}

impl Check {
    fn at_most(asked: &'static str, figure: f64, most: f64) -> Self {
        Self { asked, figure, bound: format!("at most {most}"), holds: figure <= most }
    }

    fn at_least(asked: &'static str, figure: f64, least: f64) -> Self {
        Self { asked, figure, bound: format!("at least {least}"), holds: figure >= least }
    }
}

/// One part of the run.
#[derive(Debug, Clone, Serialize)]
pub struct Part {
    /// Its name.
    pub name: &'static str,
    /// Its figures beyond the checks, in a line.
    pub figures: String,
    /// What is asked of it.
    pub checks: Vec<Check>,
    /// Some of the failures.
    pub failures: Vec<String>,
}

impl Part {
    /// Whether everything is as asked.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.holds)
    }

    pub(super) fn of_crowd(name: &'static str, plan: Plan, crowd: Crowd) -> Self {
        let calls: u64 = crowd.calls.iter().sum();
        let fewest = crowd.calls.iter().min().copied().unwrap_or_default();
        let most = crowd.calls.iter().max().copied().unwrap_or_default();
        let Counts { tokens, served, refused, connections } = crowd.counts;
        let took = crowd.took.as_secs_f64();
        let (calls, tasks) = (float(calls), float(plan.tasks as u64));
        // Each token is replaced at three quarters of its life, and once because
        // all were revoked.
        let replaced = took / (float(plan.token_life) * 0.7);
        let mut checks = vec![
            Check::at_most("calls that failed", float(crowd.failed), 0.0),
            Check::at_least("requests with an ended or revoked token", float(refused), 1.0),
            Check::at_most("requests for a token", float(tokens), replaced.ceil() + 2.0),
            Check::at_most("slowest call, s", crowd.slowest.as_secs_f64(), SLOWEST),
            Check::at_most("growth of memory, MiB", crowd.memory.growth(), GROWTH),
            Check::at_most("connections", float(connections), CONNECTIONS * tasks),
            // Of each connection and each caller one, and some that come and go.
            Check::at_most(
                "tasks of the runtime",
                float(crowd.alive as u64),
                (CONNECTIONS + 2.0) * tasks,
            ),
        ];
        match plan.pace {
            None => {
                let average = calls / tasks;
                checks.extend([
                    Check::at_least("fewest by average calls", float(fewest) / average, FAIR.0),
                    Check::at_most("most by average calls", float(most) / average, FAIR.1),
                ]);
            }
            Some(pace) => {
                let pace = f64::from(pace);
                let sent = float(served + refused) / took;
                checks.extend([
                    Check::at_most(
                        "most less fewest calls of a task",
                        float(most - fewest),
                        float(FAIR_IN_LINE),
                    ),
                    Check::at_most("requests per second", sent, pace * 1.01),
                    Check::at_least(REACHED, sent / pace, PACE),
                    Check::at_least("calls that gave up in line", float(crowd.gave_up), 1.0),
                ]);
            }
        }
        let figures = format!(
            "{} tasks, {took:.1} s, {calls} calls ({:.0} per second), {fewest} to {most} per task, \
             {:.1} MiB at most",
            plan.tasks,
            calls / took,
            crowd.memory.peak()
        );
        Self { name, figures, checks, failures: crowd.failures }
    }

    pub(super) fn of_stream(stream: &Stream) -> Self {
        let took = stream.took.as_secs_f64();
        let rows = float(stream.rows as u64);
        let figures =
            format!("{rows} rows, {took:.1} s ({:.0} per second)", rows / took.max(f64::EPSILON));
        let needed = (stream.memory.peak() - stream.before).max(0.0);
        let checks = vec![
            Check::at_most("memory beyond that before, MiB", needed, STREAM),
            Check::at_most("growth of memory, MiB", stream.memory.growth(), GROWTH),
        ];
        Self { name: "stream", figures, checks, failures: Vec::new() }
    }
}

fn float(count: u64) -> f64 {
    count as f64
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", self.name, self.figures)?;
        for Check { asked, figure, bound, holds } in &self.checks {
            let mark = if *holds { "" } else { "  !" };
            writeln!(f, "  {asked:<42} {figure:>10.2}  {bound}{mark}")?;
        }
        self.failures.iter().try_for_each(|failure| writeln!(f, "  failed: {failure}"))
    }
}
