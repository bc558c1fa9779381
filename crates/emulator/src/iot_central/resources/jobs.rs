//! Jobs: made once, stopped, resumed and run again, never changed.
//!
//! Our choices: `PUT` of a job that is there is 409; so is stopping one that is
//! not at work, resuming one that is not stopped, and running one again that has
//! not ended or of which no device failed.

use std::ops::Bound;

use serde_json::{Value, json};

use super::{
    collection::{self, Collection, Context, table},
    job_body,
};
use crate::{
    data::Writing,
    iot_central::{
        ApiError, Application,
        access::{Access, Area},
        jobs::{DeviceStatus, Status},
        routes::{Answer, Call, ListOptions, nothing_here},
        rules::{Body, ids},
        state::{Document, Record, State},
    },
};

pub(super) struct Jobs;

pub(super) fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", []) => collection::list::<Jobs>(call),
        ("GET", [job]) => collection::get::<Jobs>(call, job),
        ("PUT", [job]) => collection::put::<Jobs>(call, job),
        ("GET", [job, "devices"]) => devices(call, job),
        ("POST", [job, "stop"]) => stop(call, job),
        ("POST", [job, "resume"]) => resume(call, job),
        ("PUT", [job, "rerun", rerun]) => run_again(call, job, rerun),
        _ => Err(nothing_here()),
    }
}

/// How each device of the job fares.
fn devices(call: &Call, job: &str) -> Result<Answer, ApiError> {
    call.caller.require(Area::Jobs, Access::Read)?;
    let page = call.page(ListOptions::None)?;
    let state = call.application.read();
    collection::visible::<Jobs>(call, &state, job)?;
    let start = page.after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
    let devices = state.job_runs.get(job).map(|run| &run.devices);
    let rest = devices
        .into_iter()
        .flat_map(|devices| devices.range::<String, _>((start, Bound::Unbounded)));
    let items = rest.map(|(id, status)| (id.clone(), json!({"id": id, "status": status.word()})));
    Ok(call.answer_page(&page, items))
}

fn stop(call: &Call, job: &str) -> Result<Answer, ApiError> {
    let (mut state, status) = at_hand(call, job)?;
    if !matches!(status, Status::Pending | Status::Running) {
        return Err(wrong_status(status));
    }
    let (application, now) = (&call.application, call.application.now());
    if let Some(run) = state.job_runs.get_mut(job) {
        run.end(Status::Stopped, now);
    }
    state.start_waiting(&application.config, now);
    Ok(Answer::no_content())
}

fn resume(call: &Call, job: &str) -> Result<Answer, ApiError> {
    let (mut state, status) = at_hand(call, job)?;
    if status != Status::Stopped {
        return Err(wrong_status(status));
    }
    let (application, now) = (&call.application, call.application.now());
    if let Some(run) = state.job_runs.get_mut(job) {
        run.wait(now);
    }
    state.start_waiting(&application.config, now);
    Ok(Answer::no_content())
}

/// Makes a new job over the devices that failed.
fn run_again(call: &Call, job: &str, rerun: &str) -> Result<Answer, ApiError> {
    let (mut state, status) = at_hand(call, job)?;
    Jobs::check_id(rerun)?;
    if state.jobs.contains_key(rerun) {
        return Err(already_there(rerun));
    }
    if matches!(status, Status::Pending | Status::Running | Status::Stopped) {
        return Err(wrong_status(status));
    }
    let devices = state.job_runs.get(job).into_iter().flat_map(|run| &run.devices);
    let failed = devices.filter(|(_, status)| **status == DeviceStatus::Failed);
    let failed: Vec<String> = failed.map(|(id, _)| id.clone()).collect();
    if failed.is_empty() {
        return Err(ApiError::conflict("No device of the job failed."));
    }
    let document = state.jobs.get(job).map(|record| record.document.clone());
    let record = Record::new(document.unwrap_or_default());
    state.jobs.insert(rerun.to_owned(), record.clone());
    let (application, now) = (&call.application, call.application.now());
    state.job_stored(&application.config, rerun, failed, now);
    Ok(Answer::ok(job_body::show_job(&state, rerun, &record)))
}

/// The state for writing and the status of a job that the caller may change.
fn at_hand<'c>(call: &'c Call, job: &str) -> Result<(Writing<'c, State>, Status), ApiError> {
    call.caller.require(Area::Jobs, Access::Write)?;
    let state = call.application.write();
    let record = collection::visible::<Jobs>(call, &state, job)?;
    collection::writable::<Jobs>(call, job, record)?;
    let status = state.job_runs.get(job).map(|run| run.status);
    let status = status.ok_or_else(|| ApiError::no_such(Jobs::KIND, job))?;
    Ok((state, status))
}

fn wrong_status(status: Status) -> ApiError {
    ApiError::conflict(format!("The job is {}.", status.word()))
}

fn already_there(id: &str) -> ApiError {
    ApiError::conflict(format!("There is a job {id:?} already."))
}

impl Collection for Jobs {
    const KIND: &'static str = "job";
    const AREA: Area = Area::Jobs;
    const READ_ONLY: &'static [&'static str] =
        &["scheduledJobId", "start", "end", "progress", "status"];
    const OPTIONS: ListOptions = ListOptions::Size;

    table!(jobs);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::word(Self::KIND, id, 255)
    }

    fn check(
        context: &Context<'_>,
        id: &str,
        document: &Document,
        old: Option<&Record>,
    ) -> Result<(), ApiError> {
        if old.is_some() {
            return Err(already_there(id));
        }
        let mut body = Body::new(document);
        job_body::check(context, &mut body, false);
        body.verdict()
    }

    fn stored(state: &mut State, application: &Application, id: &str) {
        let (config, now) = (&application.config, application.now());
        let document = state.jobs.get(id).map(|record| record.document.clone());
        let devices = state.devices_of_job(&document.unwrap_or_default(), config, now);
        state.job_stored(config, id, devices.unwrap_or_default(), now);
    }

    fn show(context: &Context<'_>, id: &str, record: &Record) -> Value {
        job_body::show_job(context.state, id, record)
    }
}
