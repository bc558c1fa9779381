//! What becomes due with time: batches of running jobs, starts of schedules, turns
//! of waiting jobs, and the end of their history.

use jiff::Timestamp;
use serde_json::Value;
use uuid::Uuid;

use super::{DeviceStatus, HISTORY, Run, Status, work};
use crate::iot_central::{
    access::organizations_of,
    config::Config,
    state::{Document, Record, State},
};

/// What is due.
enum Due {
    Batch(String),
    Start(String),
}

/// The members that a job has from the schedule that starts it.
const COPIED: [&str; 7] = [
    "displayName",
    "description",
    "group",
    "batch",
    "cancellationThreshold",
    "data",
    "organizations",
];

impl State {
    /// Whether [`Self::catch_up`] has anything to do.
    pub(in crate::iot_central) fn is_behind(&self, now: Timestamp) -> bool {
        self.next_due().is_some_and(|(at, _)| at <= now)
            || self.job_runs.values().any(|run| is_over(run, now))
    }

    /// Does what has become due, in the order of time.
    pub(in crate::iot_central) fn catch_up(&mut self, config: &Config, now: Timestamp) {
        while let Some((at, due)) = self.next_due()
            && at <= now
        {
            match due {
                Due::Batch(job) => self.work_batch(config, &job, at),
                Due::Start(schedule) => self.start_scheduled(config, &schedule, at, now),
            }
            self.start_waiting(config, at);
        }
        let over = |(id, run): (&String, &Run)| is_over(run, now).then(|| id.clone());
        let over: Vec<String> = self.job_runs.iter().filter_map(over).collect();
        for job in over {
            self.jobs.remove(&job);
            self.job_runs.remove(&job);
        }
    }

    /// What is due first, and when.
    fn next_due(&self) -> Option<(Timestamp, Due)> {
        let batch = self.job_runs.iter().filter_map(|(id, run)| Some((run.next?, id)));
        let batch = batch.min().map(|(at, id)| (at, Due::Batch(id.clone())));
        let start = self.scheduled_jobs.iter().filter_map(|(id, record)| {
            let is_enabled = record.document.get("enabled") != Some(&Value::Bool(false));
            Some((self.schedules.get(id).filter(|_| is_enabled)?.due()?, id))
        });
        let start = start.min().map(|(at, id)| (at, Due::Start(id.clone())));
        batch.into_iter().chain(start).min_by_key(|(at, _)| *at)
    }

    /// Makes a job, and starts it unless too many are running.
    pub(in crate::iot_central) fn job_stored(
        &mut self,
        config: &Config,
        job: &str,
        devices: Vec<String>,
        now: Timestamp,
    ) {
        self.job_runs.insert(job.to_owned(), Run::new(devices, now));
        self.start_waiting(config, now);
    }

    /// The devices that a job goes over; none: its group is gone.
    pub(in crate::iot_central) fn devices_of_job(
        &self,
        document: &Document,
        config: &Config,
        now: Timestamp,
    ) -> Option<Vec<String>> {
        let group = self.device_groups.get(document.get("group")?.as_str()?)?;
        let own = document.get("organizations").and_then(Value::as_array);
        let own = own.and_then(|own| own.first()?.as_str()).map(|own| self.below(own));
        let members = self.members(group, config, now).filter(|(_, device)| {
            own.as_ref().is_none_or(|own| {
                organizations_of(device).iter().any(|organization| own.contains(*organization))
            })
        });
        Some(members.map(|(id, _)| id.clone()).collect())
    }

    /// Starts those that wait, the oldest first, as long as more may run.
    pub(in crate::iot_central) fn start_waiting(&mut self, config: &Config, at: Timestamp) {
        let count = |runs: &std::collections::BTreeMap<String, Run>| {
            runs.values().filter(|run| run.status == Status::Running).count()
        };
        while count(&self.job_runs) < config.limits.running_jobs {
            let waiting = self.job_runs.iter().filter(|(_, run)| run.status == Status::Pending);
            let first = waiting.min_by_key(|(_, run)| run.made).map(|(id, _)| id.clone());
            let Some(run) = first.and_then(|id| self.job_runs.get_mut(&id)) else { return };
            run.go(at, config.job_batch);
        }
    }

    fn work_batch(&mut self, config: &Config, job: &str, at: Timestamp) {
        let Some(mut run) = self.job_runs.remove(job) else { return };
        let document = self.jobs.get(job).map(|record| record.document.clone());
        let document = document.unwrap_or_default();
        let data = document.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        let batch = run.batch(&document);
        for device in &batch {
            let fine = work::work(self, config, device, &data, at);
            let status = if fine { DeviceStatus::Completed } else { DeviceStatus::Failed };
            run.devices.insert(device.clone(), status);
        }
        if run.passes_threshold(&document, &batch) {
            run.end(Status::Cancelled, at);
        } else if run.count(DeviceStatus::Pending) > 0 {
            run.go(at, config.job_batch);
        } else if !run.devices.is_empty() && run.count(DeviceStatus::Completed) == 0 {
            run.end(Status::Failed, at);
        } else {
            run.end(Status::Complete, at);
        }
        self.job_runs.insert(job.to_owned(), run);
    }

    fn start_scheduled(&mut self, config: &Config, id: &str, at: Timestamp, now: Timestamp) {
        let Some(scheduled) = self.scheduled_jobs.get(id) else { return };
        let Some(progress) = self.schedules.get_mut(id) else { return };
        progress.pass();
        if progress.recurs() && at.saturating_add(HISTORY).is_ok_and(|over| over < now) {
            return;
        }
        let mut document = Document::new();
        document.insert("scheduledJobId".to_owned(), id.into());
        for member in COPIED {
            if let Some(value) = scheduled.document.get(member) {
                document.insert(member.to_owned(), value.clone());
            }
        }
        let devices = self.devices_of_job(&document, config, at);
        let job = Uuid::new_v4().to_string();
        let mut run = Run::new(devices.clone().unwrap_or_default(), at);
        if devices.is_none() {
            run.end(Status::Failed, at);
        }
        self.jobs.insert(job.clone(), Record::new(document));
        self.job_runs.insert(job, run);
    }
}

/// Whether a job ended so long ago that it is forgotten.
fn is_over(run: &Run, now: Timestamp) -> bool {
    let over = run.end.filter(|_| run.status != Status::Stopped);
    over.is_some_and(|end| now.duration_since(end) > HISTORY)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::SignedDuration;
    use serde_json::{Value, json};

    use super::*;
    use crate::{data::after_restart, iot_central::jobs::Progress};

    fn document(value: Value) -> Document {
        match value {
            Value::Object(members) => members,
            _ => panic!("an object"),
        }
    }

    /// Three devices, and a job that gives them another template, one by one.
    fn with_job(now: Timestamp, config: &Config) -> State {
        let mut state = State::default();
        for id in ["a", "b", "c"] {
            state.devices.insert(id.to_owned(), Record::new(Document::new()));
        }
        let group = document(json!({"filter": "SELECT * FROM devices"}));
        state.device_groups.insert("all".to_owned(), Record::new(group));
        state.device_templates.insert("dtmi:a;1".to_owned(), Record::new(Document::new()));
        let job = document(json!({
            "group": "all",
            "batch": {"type": "number", "value": 1},
            "data": [{"type": "deviceTemplateMigration", "template": "dtmi:a;1"}],
        }));
        let devices = state.devices_of_job(&job, config, now).unwrap();
        state.jobs.insert("job".to_owned(), Record::new(job));
        state.job_stored(config, "job", devices, now);
        state
    }

    #[test]
    fn a_state_can_be_kept_and_taken_up_again_in_the_middle_of_a_job() {
        let config = Config { job_batch: Duration::from_secs(10), ..Config::default() };
        let start: Timestamp = "2024-05-01T00:00:00Z".parse().unwrap();
        let at = |seconds| start + SignedDuration::from_secs(seconds);
        let mut state = with_job(start, &config);
        let mut schedule = state.jobs["job"].document.clone();
        schedule.insert("enabled".to_owned(), true.into());
        state.scheduled_jobs.insert("later".to_owned(), Record::new(schedule));
        let progress = Progress::new(json!({"start": "2024-05-01T00:00:25Z"}), start);
        state.schedules.insert("later".to_owned(), progress);
        assert!(!state.is_behind(at(9)) && state.is_behind(at(10)));
        state.catch_up(&config, at(12));
        assert_eq!(state.job_runs["job"].count(DeviceStatus::Completed), 1);

        let mut state = after_restart(&mut state, State::default());
        state.catch_up(&config, at(26));
        assert_eq!(state.job_runs["job"].count(DeviceStatus::Completed), 2);
        assert_eq!(state.jobs.len(), 2);
        state.catch_up(&config, at(60));
        assert!(state.job_runs.values().all(|run| run.status == Status::Complete));
        assert!(state.devices.values().all(|device| device.text("template") == Some("dtmi:a;1")));
        state.catch_up(&config, at(31 * 24 * 3600));
        assert!(state.jobs.is_empty() && state.job_runs.is_empty() && !state.is_behind(at(60)));
    }
}
