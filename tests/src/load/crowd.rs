//! Many tasks that call as often as they can, on one client. It must not know
//! what is asked of the figures.

use std::time::Duration;

use anyhow::Context as _;
use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};
use twinkit_auth::Credential;
use twinkit_digital_twins::{CallOptions, Client, Pacing};

use super::memory::{self, Samples};
use super::server::Counts;

/// Tasks that give up sooner than their turn comes, where calls are paced.
const HASTY: usize = 50;
const HASTY_TIME: Duration = Duration::from_millis(300);
/// Samples of memory in one run.
const SAMPLES: u32 = 100;
/// Beyond its end, a run may take this long: no task waits for ever.
const MARGIN: Duration = Duration::from_secs(60);
/// Of the failures, so many are shown.
const SHOWN: usize = 3;

/// How a crowd calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan {
    pub(super) tasks: usize,
    pub(super) time: Duration,
    /// Requests per second, if the client is paced.
    pub(super) pace: Option<u32>,
    /// Seconds that a token lives.
    pub(super) token_life: u64,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Crowd {
    /// Calls that succeeded, per task.
    pub(super) calls: Vec<u64>,
    /// Why calls failed that should not have.
    pub(super) failures: Vec<String>,
    pub(super) failed: u64,
    /// Calls of hasty tasks that gave up in line.
    pub(super) gave_up: u64,
    /// The longest that one call took.
    pub(super) slowest: Duration,
    pub(super) took: Duration,
    pub(super) memory: Samples,
    /// The most tasks of the runtime at one time.
    pub(super) alive: usize,
    pub(super) counts: Counts,
}

/// Lets the crowd call until its time is over. In the middle all tokens are
/// revoked.
pub(super) async fn run(url: &str, plan: Plan) -> anyhow::Result<Crowd> {
    timeout(plan.time + MARGIN, play(url, plan))
        .await
        .context("the crowd does not come to an end")?
}

async fn play(url: &str, plan: Plan) -> anyhow::Result<Crowd> {
    let control = reqwest::Client::builder().no_proxy().build()?;
    let ask = async |path: &str| -> anyhow::Result<String> {
        let answer = control.get(format!("{url}{path}")).send().await?;
        Ok(answer.error_for_status()?.text().await?)
    };
    ask(&format!("/begin?{}", plan.token_life)).await?;

    let credential = Credential::client_secret("load.example", "load", "secret").authority(url);
    let mut client = Client::builder(url, credential.build()?);
    if let Some(pace) = plan.pace {
        client = client.pacing(Pacing::per_second(pace));
    }
    let client = client.build()?;
    let begin = Instant::now();
    let end = begin + plan.time;
    let (mut patient, mut hasty) = (JoinSet::new(), JoinSet::new());
    for _ in 0..plan.tasks {
        patient.spawn(call_until(client.clone(), end));
    }
    for _ in 0..plan.pace.map_or(0, |_| HASTY) {
        let options = CallOptions::new().timeout(HASTY_TIME);
        hasty.spawn(call_until(client.with_options(options), end));
    }
    drop(client);

    let mut crowd = Crowd::default();
    let mut revoked = false;
    while Instant::now() < end {
        sleep(plan.time / SAMPLES).await;
        crowd.memory.add(begin.elapsed().as_secs_f64(), memory::resident()?);
        crowd.alive = crowd.alive.max(Handle::current().metrics().num_alive_tasks());
        if !revoked && begin.elapsed() > plan.time / 2 {
            revoked = true;
            ask("/revoke").await?;
        }
    }
    while let Some(one) = patient.join_next().await {
        let one = one?;
        crowd.calls.push(one.calls);
        crowd.failed += one.failed;
        crowd.slowest = crowd.slowest.max(one.slowest);
        let more = SHOWN.saturating_sub(crowd.failures.len());
        crowd.failures.extend(one.failures.into_iter().take(more));
    }
    crowd.took = begin.elapsed();
    while let Some(one) = hasty.join_next().await {
        crowd.gave_up += one?.failed;
    }
    crowd.counts = serde_json::from_str(&ask("/counts").await?)?;
    Ok(crowd)
}

#[derive(Default)]
struct One {
    calls: u64,
    failed: u64,
    failures: Vec<String>,
    slowest: Duration,
}

async fn call_until(client: Client, end: Instant) -> One {
    let mut one = One::default();
    while Instant::now() < end {
        let begin = Instant::now();
        match client.get_twin().id("room-1").send().await {
            Ok(_) => one.calls += 1,
            Err(error) => {
                one.failed += 1;
                if one.failures.len() < SHOWN {
                    one.failures.push(error.to_string());
                }
            }
        }
        one.slowest = one.slowest.max(begin.elapsed());
    }
    one
}
