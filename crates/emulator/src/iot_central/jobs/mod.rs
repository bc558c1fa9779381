//! Jobs at work: which devices they go over, in which batches, and when schedules
//! start them.
//!
//! Nothing runs in the background. Before each request
//! [`State::catch_up`](crate::iot_central::state::State::catch_up) does what has
//! become due since the last one, in the order of time.
//!
//! # Our choices, where the platform's behaviour is not known
//!
//! - A batch takes [`Config::job_batch`]; without a `batch` all devices are one.
//! - A job beyond the number that may run at a time waits as `pending`.
//! - The devices of a job are those of its group, and of its organization, at the
//!   time it is made.
//! - A job is `failed` if it has devices and none of them completed, or if its
//!   group is gone when a schedule starts it; else it ends as `complete`.
//! - A device fails if it is of another template than the job's target, lacks the
//!   capability, does not take the value, or does not answer a command with a code
//!   of 200 to 299. How long it takes to answer is not waited for; a `durable`
//!   command is done when it is taken.
//! - A threshold is passed when more devices failed than it says.
//! - A start that is past counts as now; of a schedule that recurs, what was due
//!   before it was made or while it was disabled is passed over, and so is what the
//!   clock jumps over by more than the history is kept.
//!
//! [`Config::job_batch`]: crate::iot_central::Config::job_batch

mod data;
mod due;
mod recurrence;
mod run;
mod work;

pub(super) use data::target;
pub(super) use recurrence::Progress;
pub(super) use run::{DeviceStatus, Run, Status};

/// How long a job that has ended is kept.
const HISTORY: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);
