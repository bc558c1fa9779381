//! Rate limits, off unless the settings ask for them.
//!
//! Requests are counted by the wall-clock second (the platform's window is not
//! known). Above a limit the answer is 429 with `Retry-After: 1`: a query gets
//! the documented `QuotaReachedError`, the rest the gateway's own shape, which
//! has no code.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::{
    http::{HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{answer, path::Resource};
use crate::digital_twins::{config::Rates, errors::ApiError};

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Jobs,
    Models,
    TwinReads,
    TwinPatches,
    TwinCreatesAndDeletes,
    EventRoutes,
    Queries,
}

/// Counts the requests of the current second.
#[derive(Debug)]
pub(super) struct Throttle {
    rates: Option<Rates>,
    window: Mutex<Window>,
}

#[derive(Debug, Default)]
struct Window {
    second: i64,
    kinds: HashMap<Kind, u32>,
    /// Writes on a twin and its relationships.
    twins: HashMap<String, u32>,
}

impl Throttle {
    pub(super) fn new(rates: Option<Rates>) -> Self {
        Self { rates, window: Mutex::default() }
    }

    /// Counts a request made in `second`; the answer if it is one too many.
    pub(super) fn refusal(
        &self,
        resource: &Resource,
        method: &Method,
        second: i64,
    ) -> Option<Response> {
        let rates = self.rates.as_ref()?;
        let kind = kind(resource, method);
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.second != second {
            *window = Window { second, ..Window::default() };
        }
        let mut over = exceeds(window.kinds.entry(kind).or_default(), limit(rates, kind));
        if let Some(twin) = written_twin(resource, method) {
            let count = window.twins.entry(twin.to_owned()).or_default();
            over |= exceeds(count, rates.writes_per_twin);
        }
        over.then(|| too_many(kind))
    }
}

fn exceeds(count: &mut u32, limit: u32) -> bool {
    *count = count.saturating_add(1);
    *count > limit
}

fn limit(rates: &Rates, kind: Kind) -> u32 {
    match kind {
        Kind::Jobs => rates.jobs,
        Kind::Models => rates.models,
        Kind::TwinReads => rates.twin_reads,
        Kind::TwinPatches => rates.twin_patches,
        Kind::TwinCreatesAndDeletes => rates.twin_creates_and_deletes,
        Kind::EventRoutes => rates.event_routes,
        Kind::Queries => rates.queries,
    }
}

fn kind(resource: &Resource, method: &Method) -> Kind {
    match resource {
        Resource::Models | Resource::Model(_) => Kind::Models,
        Resource::Query => Kind::Queries,
        Resource::EventRoutes | Resource::EventRoute(_) => Kind::EventRoutes,
        Resource::ImportJobs
        | Resource::ImportJob(_)
        | Resource::CancelImportJob(_)
        | Resource::DeleteJobs
        | Resource::DeleteJob(_) => Kind::Jobs,
        _ => match *method {
            Method::GET => Kind::TwinReads,
            // Telemetry is not in the table; our choice is to count it as a patch.
            Method::PATCH | Method::POST => Kind::TwinPatches,
            _ => Kind::TwinCreatesAndDeletes,
        },
    }
}

/// The twin that a write counts for.
fn written_twin<'r>(resource: &'r Resource, method: &Method) -> Option<&'r str> {
    if !matches!(*method, Method::PUT | Method::PATCH | Method::DELETE) {
        return None;
    }
    match resource {
        Resource::Twin(twin) | Resource::Relationship(twin, _) | Resource::Component(twin, _) => {
            Some(twin)
        }
        _ => None,
    }
}

fn too_many(kind: Kind) -> Response {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let message = "Too many requests. Try again later.";
    let mut response = match kind {
        Kind::Queries => ApiError::new(status, "QuotaReachedError", message).into_response(),
        _ => {
            let error = json!({"statusCode": status.as_u16(), "message": message});
            answer::json(status, &json!({"error": error}))
        }
    };
    response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    response
}
