//! What goes wrong, and when: faults, ends of tokens, restarts and kills of the
//! emulator, at steps that the seed decides. It must not know what the workload does.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use anyhow::Context as _;
use reqwest::Client;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};
use twinkit_emulator::faults::Fault;

use super::dice::Dice;
use crate::support::process::Process;

/// What can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The connection is reset before the service is asked.
    ResetBefore,
    /// The service acts, then the connection is reset.
    ResetAfter,
    /// 429 with `Retry-After`.
    Throttled,
    /// 503 with `Retry-After`.
    Unavailable,
    /// 500.
    Failure,
    /// The answer comes in drips.
    SlowDrip,
    /// The answer breaks off.
    Truncated,
    /// A token in use comes to its end.
    TokenExpires,
    /// All tokens given out so far are refused.
    TokensRefused,
    /// The emulator is asked to end, and started again.
    Restart,
    /// The emulator is killed, and started again.
    Kill,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Throttled,
        Self::Unavailable,
        Self::Failure,
        Self::SlowDrip,
        Self::Truncated,
        Self::TokenExpires,
        Self::TokensRefused,
        Self::Restart,
        Self::Kill,
    ];

    /// How often it is in a schedule.
    fn times(self) -> usize {
        match self {
            Self::Restart => 1,
            Self::Kill => 2,
            // They do so by themselves.
            Self::TokenExpires => 0,
            Self::TokensRefused => 6,
            _ => 10,
        }
    }

    /// The fault, if it is one of the emulator's schedule.
    fn fault(self, dice: &mut Dice) -> Option<Fault> {
        Some(match self {
            Self::ResetBefore => Fault::reset(),
            Self::ResetAfter => Fault::lose_answer(),
            Self::Throttled => Fault::gateway_throttle().retry_after_secs(1),
            Self::Unavailable => Fault::status(503).retry_after_secs(1),
            Self::Failure => Fault::status(500),
            Self::SlowDrip => Fault::drip(64, Duration::from_millis(3)),
            Self::Truncated => Fault::truncate(dice.within(0..12)),
            Self::TokenExpires | Self::TokensRefused | Self::Restart | Self::Kill => {
                return None;
            }
        })
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ResetBefore => "reset before",
            Self::ResetAfter => "reset after",
            Self::Throttled => "429",
            Self::Unavailable => "503",
            Self::Failure => "500",
            Self::SlowDrip => "slow drip",
            Self::Truncated => "truncated",
            Self::TokenExpires => "token expired",
            Self::TokensRefused => "tokens refused",
            Self::Restart => "restart",
            Self::Kill => "kill",
        })
    }
}

/// How often each kind came about.
pub type Counts = BTreeMap<Kind, u64>;

/// Something that goes wrong when so many steps are done.
#[derive(Clone, Debug)]
struct Act {
    at: usize,
    kind: Kind,
    fault: Option<Fault>,
    /// Milliseconds to wait first, so that it is not always at the end of a step.
    after: u64,
}

/// The schedule of one run, and how far it has come.
#[derive(Debug)]
pub(super) struct Weather {
    acts: Vec<Act>,
    control: Client,
    /// Faults that are set up, by the number that the emulator gave them.
    posted: BTreeMap<u64, Kind>,
    counts: Counts,
    refused: Option<Instant>,
}

/// Between two refusals of all tokens. Clients replace a refused one only every ten
/// seconds, so as not to storm a service that refuses all of them.
const REFUSALS_APART: Duration = Duration::from_secs(25);
/// The service that most requests go to.
const BUSIEST: &str = "digital-twins";
/// Where faults strike.
const SERVICES: [&str; 8] =
    [BUSIEST, BUSIEST, BUSIEST, "iot-central", "itwin", "storage", "identity", "ims"];

impl Weather {
    pub(super) fn new(seed: u64, steps: usize) -> anyhow::Result<Self> {
        // Other numbers than those of the plan.
        let mut dice = Dice::new(seed ^ 0x5ea5_0f57_0a35);
        let mut acts = Vec::new();
        for kind in Kind::ALL {
            for number in 0..kind.times() {
                let fault = kind.fault(&mut dice).map(|fault| {
                    // The first one strikes for sure, the others where they may.
                    let any = dice.one_of(&SERVICES).filter(|_| number > 0);
                    let service = any.unwrap_or(BUSIEST);
                    fault.on(service).times(u64::try_from(dice.within(1..3)).unwrap_or(1))
                });
                // Not in the last steps: what is done to no request shows nothing.
                let at = dice.within(2..(steps * 9 / 10).max(3));
                let after = u64::try_from(dice.within(0..20)).unwrap_or(0);
                acts.push(Act { at, kind, fault, after });
            }
        }
        acts.sort_by_key(|act| act.at);
        Ok(Self {
            acts,
            control: Client::builder().no_proxy().build()?,
            posted: BTreeMap::new(),
            counts: Kind::ALL.into_iter().map(|kind| (kind, 0)).collect(),
            refused: None,
        })
    }

    /// Lets everything happen, until the workload has ended.
    pub(super) async fn run(
        &mut self,
        process: &mut Process,
        mut progress: watch::Receiver<usize>,
    ) -> anyhow::Result<()> {
        for act in std::mem::take(&mut self.acts) {
            progress.wait_for(|done| *done >= act.at).await.context("the workload is gone")?;
            if *progress.borrow() == DONE {
                break;
            }
            sleep(Duration::from_millis(act.after)).await;
            self.act(&act, process).await?;
        }
        progress.wait_for(|done| *done == DONE).await.context("the workload is gone")?;
        Ok(())
    }

    async fn act(&mut self, act: &Act, process: &mut Process) -> anyhow::Result<()> {
        let url = |path: &str| format!("{}{path}", process.url("control"));
        match (&act.fault, act.kind) {
            (Some(fault), kind) => {
                let answer: Ids = post(&self.control, &url("/faults"), &json!(fault)).await?;
                self.posted.extend(answer.ids.into_iter().map(|id| (id, kind)));
            }
            (None, Kind::TokensRefused) => {
                if self.refused.is_some_and(|last| last.elapsed() < REFUSALS_APART) {
                    return Ok(());
                }
                self.refused = Some(Instant::now());
                for service in ["identity", "ims"] {
                    let body = json!({"service": service, "revoke": true});
                    post::<Value>(&self.control, &url("/tokens"), &body).await?;
                }
                self.count(Kind::TokensRefused, 1);
            }
            (None, kind) => {
                self.collect(process).await?;
                match kind {
                    Kind::Kill => process.kill().await?,
                    _ => process.restart().await?,
                }
                self.count(kind, 1);
            }
        }
        Ok(())
    }

    /// Takes the faults that are left back, and tells how often each kind came about.
    pub(super) async fn end(mut self, process: &Process) -> anyhow::Result<Counts> {
        self.collect(process).await?;
        let faults = format!("{}/faults", process.url("control"));
        self.control.delete(&faults).send().await?.error_for_status()?;
        Ok(self.counts)
    }

    /// Counts what came of the faults of this emulator, which forgets them at its end.
    async fn collect(&mut self, process: &Process) -> anyhow::Result<()> {
        let faults = format!("{}/faults", process.url("control"));
        let answer = self.control.get(faults).send().await?.error_for_status()?;
        for stand in answer.json::<Vec<Stand>>().await? {
            if let Some(kind) = self.posted.remove(&stand.id) {
                self.count(kind, stand.served);
            }
        }
        self.posted.clear();
        Ok(())
    }

    fn count(&mut self, kind: Kind, times: u64) {
        *self.counts.entry(kind).or_default() += times;
    }
}

/// The progress of a workload that has ended.
pub(super) const DONE: usize = usize::MAX;

#[derive(Deserialize)]
struct Ids {
    ids: Vec<u64>,
}

/// How a fault stands.
#[derive(Deserialize)]
struct Stand {
    id: u64,
    served: u64,
}

/// Asks the control endpoint; an empty answer is null.
pub(super) async fn post<T: serde::de::DeserializeOwned>(
    control: &Client,
    url: &str,
    body: &Value,
) -> anyhow::Result<T> {
    let answer = control.post(url).json(body).send().await?.error_for_status()?;
    let text = answer.text().await?;
    Ok(serde_json::from_str(if text.is_empty() { "null" } else { &text })?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_in_every_schedule_and_the_same_one_for_a_seed() {
        for seed in 0..20 {
            let weather = Weather::new(seed, 500).unwrap();
            let again = Weather::new(seed, 500).unwrap();
            assert_eq!(format!("{:?}", weather.acts), format!("{:?}", again.acts));
            for kind in Kind::ALL {
                let acts = weather.acts.iter().filter(|act| act.kind == kind);
                assert_eq!(acts.count(), kind.times(), "{kind}");
            }
            assert!(weather.acts.iter().all(|act| (2..450).contains(&act.at)));
        }
    }
}
