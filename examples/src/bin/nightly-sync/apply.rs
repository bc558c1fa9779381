//! Carries a plan out, many writes at a time. One that fails does not keep the others
//! from being made; what is left is done by the next run.

use std::fmt;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures_util::future::{BoxFuture, ready};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use twinkit::digital_twins::{Client, Error, IfNoneMatch, Relationship, Twin, TwinId};
use twinkit_examples::ending;

use crate::plan::{Edge, Plan, patch};
use crate::source::Record;

/// Writes on their way at a time. The service lets through so many per second; the
/// client waits by itself when it is told to.
const AT_A_TIME: usize = 16;
/// So many failures are no bad luck: what is left would fail as well.
const MAX_FAILURES: usize = 10;
/// So often somebody else may get in between.
const MAX_RACES: usize = 5;

/// What came of a plan.
#[derive(Debug)]
pub(crate) struct Outcome {
    done: usize,
    steps: usize,
    failed: usize,
    interrupted: bool,
}

impl Outcome {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match (self.interrupted, self.done == self.steps) {
            (true, _) => ExitCode::from(130),
            (false, true) => ExitCode::SUCCESS,
            (false, false) => ExitCode::FAILURE,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { done, steps, failed, .. } = self;
        write!(f, "{done} of {steps} steps done, {failed} failed")?;
        if done < steps { write!(f, "; run again to go on,") } else { Ok(()) }
    }
}

type Step<'a> = (String, BoxFuture<'a, Result<(), Error>>);

/// Carries the plan out: twins first, then their relationships; a twin goes only after
/// its relationships. Ctrl-C lets the writes that are on their way end.
pub(crate) async fn apply(client: &Client, plan: Plan) -> Outcome {
    let steps = plan.steps();
    let mut outcome = Outcome { done: 0, steps, failed: 0, interrupted: false };
    let interrupted = Arc::new(AtomicBool::new(false));
    let hears = Arc::clone(&interrupted);
    let listener = tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            hears.store(true, Ordering::Relaxed);
        }
    });

    let created = plan.create.into_iter().map(|record| (record, None));
    let changed = plan.change.into_iter().map(|(record, twin)| (record, Some(twin)));
    let twins = created.chain(changed).map(|(record, there)| -> Step<'_> {
        (format!("twin {}", record.id), bring(client, record, there).boxed())
    });
    let unrelated = plan.unrelate.into_iter().map(|(source, id)| -> Step<'_> {
        let delete = client.delete_relationship().id(&source).relationship_id(&id);
        (format!("relationship {id} of {source}"), gone(delete.send()).boxed())
    });
    let related = plan.relate.into_iter().map(|edge| -> Step<'_> {
        let Edge { source, name, target } = &edge;
        (format!("{source} {name} {target}"), relate(client, edge.clone()).boxed())
    });
    let removed = plan.remove.into_iter().map(|id| -> Step<'_> {
        (format!("twin {id}"), gone(client.delete_twin().id(&id).send()).boxed())
    });
    let phases: [Vec<Step<'_>>; 4] =
        [twins.collect(), unrelated.collect(), related.collect(), removed.collect()];
    for phase in phases {
        let go_on = |_: &Step<'_>| ready(!interrupted.load(Ordering::Relaxed));
        let mut running = stream::iter(phase)
            .take_while(go_on)
            .map(|(what, step)| step.map(move |came| (what, came)))
            .buffer_unordered(AT_A_TIME);
        while let Some((what, came)) = running.next().await {
            match came {
                Ok(()) => outcome.done += 1,
                Err(error) => {
                    outcome.failed += 1;
                    eprintln!("failed: {what}: {}", ending::story(&error.into()));
                }
            }
            if outcome.failed >= MAX_FAILURES {
                eprintln!("giving up after {MAX_FAILURES} failures");
                listener.abort();
                return outcome;
            }
        }
    }
    listener.abort();
    outcome.interrupted = interrupted.load(Ordering::Relaxed);
    outcome
}

/// Makes the twin the record's, whatever state it is in by now: each write says which
/// one it is meant for, and is thought over if that is no longer the present one.
async fn bring(client: &Client, record: Record, mut there: Option<Twin>) -> Result<(), Error> {
    let mut races = 0;
    loop {
        let sent = match &there {
            None => {
                let twin = Twin::new(record.model.clone(), record.set_properties());
                let put = client.put_twin().id(&record.id).if_none_match(IfNoneMatch::Any);
                put.body(twin).send().await.map(drop)
            }
            Some(twin) => {
                let Some(patch) = patch(&record, twin) else { return Ok(()) };
                let mut update = client.update_twin().id(&record.id).body(patch);
                if let Some(etag) = &twin.etag {
                    update = update.if_match(etag);
                }
                update.send().await.map(drop)
            }
        };
        match sent {
            Err(error) if is_race(&error, there.is_some()) && races < MAX_RACES => {
                races += 1;
                there = look(client, &record.id).await?;
            }
            other => return other,
        }
    }
}

/// Whether the twin is not as it was thought to be.
fn is_race(error: &Error, thought_there: bool) -> bool {
    error.is_precondition_failed() || (thought_there && error.is_not_found())
}

async fn look(client: &Client, id: &TwinId) -> Result<Option<Twin>, Error> {
    match client.get_twin().id(id).send().await {
        Ok(answer) => answer.parse().map(Some),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// A relationship with an id that follows from what it is, so that a second run makes
/// no second one.
async fn relate(client: &Client, edge: Edge) -> Result<(), Error> {
    let id = format!("{}-{}", edge.name, edge.target);
    let relationship = Relationship::new(edge.name, edge.target);
    let put = client.put_relationship().id(&edge.source).relationship_id(id);
    put.body(relationship).send().await.map(drop)
}

/// A deletion; what is not there is as good as deleted.
async fn gone<T>(call: impl Future<Output = Result<T, Error>>) -> Result<(), Error> {
    match call.await {
        Err(error) if !error.is_not_found() => Err(error),
        _ => Ok(()),
    }
}
