//! Scheduled jobs: jobs that start by themselves, once or again and again.
//!
//! Our choices: enabled unless it is said; completed once nothing is due any more.
//! Deleting one leaves its runs.

use serde_json::Value;

use super::{
    collection::{self, Collection, Context, table},
    job_body,
    jobs::Jobs,
};
use crate::iot_central::{
    ApiError, Application,
    access::{Access, Area},
    jobs::Progress,
    routes::{Answer, Call, ListOptions},
    rules::{Body, ids},
    state::{Document, Record, State},
};

pub(super) struct ScheduledJobs;

const RECURRENCES: [&str; 3] = ["daily", "weekly", "monthly"];

pub(super) fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match (call.method(), path) {
        ("GET", [id, "jobs"]) => runs(call, id),
        _ => ScheduledJobs::answer(call, path),
    }
}

/// The jobs that it started.
fn runs(call: &Call, id: &str) -> Result<Answer, ApiError> {
    call.caller.require(Area::Jobs, Access::Read)?;
    let page = call.page(ListOptions::Size)?;
    let state = call.application.read();
    collection::visible::<ScheduledJobs>(call, &state, id)?;
    let context = Context { call, state: &state };
    let items = state
        .jobs
        .iter()
        .filter(|(_, record)| record.text("scheduledJobId") == Some(id))
        .filter(|(job, _)| page.after.as_ref().is_none_or(|after| *job > after))
        .map(|(job, record)| (job.clone(), Jobs::show(&context, job, record)));
    Ok(call.answer_page(&page, items))
}

impl Collection for ScheduledJobs {
    const KIND: &'static str = "scheduled job";
    const AREA: Area = Area::Jobs;
    const HAS_ETAG: bool = true;
    const READ_ONLY: &'static [&'static str] = &["completed"];
    const OPTIONS: ListOptions = ListOptions::Size;

    table!(scheduled_jobs);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::word(Self::KIND, id, 255)
    }

    fn check(
        context: &Context<'_>,
        _id: &str,
        document: &Document,
        _old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let mut body = Body::new(document);
        body.optional_bool("enabled");
        if let Some(schedule) = body.object("schedule") {
            body.part("schedule", schedule, check_schedule);
        }
        job_body::check(context, &mut body, true);
        body.verdict()
    }

    fn settle(_: &Context<'_>, _: &str, document: &mut Document, _: Option<&Record>) {
        document.entry("enabled").or_insert(true.into());
    }

    /// A new schedule begins anew.
    fn stored(state: &mut State, application: &Application, id: &str) {
        let now = application.now();
        let schedule = |record: &Record| record.document.get("schedule").cloned();
        let new = state.scheduled_jobs.get(id).and_then(schedule).unwrap_or_default();
        match state.schedules.get_mut(id).filter(|progress| progress.is_of(&new)) {
            Some(progress) => progress.skip_to(now),
            None => {
                state.schedules.insert(id.to_owned(), Progress::new(new, now));
            }
        }
        // What starts now starts before the answer.
        state.catch_up(&application.config, now);
    }

    fn show(context: &Context<'_>, id: &str, record: &Record) -> Value {
        let mut members = collection::shown(id, record, true);
        let progress = context.state.schedules.get(id);
        let completed = progress.is_some_and(|progress| progress.due().is_none());
        members.insert("completed".to_owned(), completed.into());
        members.into()
    }

    fn deleted(state: &mut State, id: &str) {
        state.schedules.remove(id);
    }
}

fn check_schedule(body: &mut Body<'_>) {
    let start = body.text("start");
    if start.is_some_and(|start| start.parse::<jiff::Timestamp>().is_err()) {
        body.fault("start is no time");
    }
    body.optional_one_of("recurrence", &RECURRENCES);
    let Some(end) = body.optional_object("end") else { return };
    body.part("end", end, |body| match body.one_of("type", &["date", "occurrences"]) {
        Some("date") => {
            let date = body.text("date");
            if date.is_some_and(|date| !is_date(date)) {
                body.fault("date is no date such as 2022-12-30");
            }
        }
        Some(_) => {
            body.integer("occurrences", 1..=999);
        }
        None => {}
    });
}

fn is_date(text: &str) -> bool {
    text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok()
}
