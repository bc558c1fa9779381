//! The routes of the control endpoint.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{delete, get, post},
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{
    Controls, identity, ims, iot_central, itwin, principals,
    requests::{IndexLag, KeepRequests, MoveClock, NewEndpoint, NewSignedUrl, WhichInstance},
};
use crate::{
    digital_twins::{DeliveredEvent, Instance},
    faults::{Fault, Scheduled},
    requests::Recorded,
    server::DIGITAL_TWINS,
    storage::Permissions,
};

/// How long a signed URL holds unless the request says otherwise: an hour.
const SIGNED_URL_LIFETIME_SECONDS: u64 = 3600;

pub(super) type Answer = Result<Json<Value>, Mistake>;

/// A request that the control endpoint cannot follow.
pub(super) struct Mistake(pub(super) StatusCode, pub(super) String);

impl Mistake {
    pub(super) fn bad(text: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, text.into())
    }

    pub(super) fn refused(error: impl std::error::Error) -> Self {
        Self::bad(error.to_string())
    }

    pub(super) fn not_found(text: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, text.into())
    }
}

impl IntoResponse for Mistake {
    fn into_response(self) -> Response {
        (self.0, Json(json!({"error": self.1}))).into_response()
    }
}

/// Reads a body without asking for a media type: curl's default is a form.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Mistake> {
    serde_json::from_slice(body).map_err(|error| Mistake::bad(error.to_string()))
}

/// All routes of the control listener.
pub(crate) fn router(controls: Controls) -> Router {
    Router::new()
        .route("/health", get(health))
        .route("/services", get(services))
        .route("/faults", get(list_faults).post(add_faults).delete(clear_faults))
        .route("/faults/{id}", delete(cancel_fault))
        .route("/requests", get(list_requests).post(keep_requests).delete(clear_requests))
        .route("/clock", get(health).post(move_clock))
        .route("/signed-urls", post(sign_url))
        .route("/endpoints", post(add_endpoint))
        .route("/index-lag", post(set_index_lag))
        .route("/events", get(list_events).delete(clear_events))
        .merge(identity::router())
        .merge(principals::router())
        .merge(ims::router())
        .merge(iot_central::router())
        .merge(itwin::router())
        .with_state(controls)
}

async fn health(State(controls): State<Controls>) -> Json<Value> {
    Json(json!({"status": "ok", "time": controls.shared.clock.now().to_string()}))
}

async fn services(State(controls): State<Controls>) -> Json<BTreeMap<String, String>> {
    Json((*controls.services).clone())
}

async fn list_faults(State(controls): State<Controls>) -> Json<Vec<Scheduled>> {
    Json(controls.shared.faults.list())
}

async fn add_faults(State(controls): State<Controls>, body: Bytes) -> Answer {
    let faults: Vec<Fault> = match body.first() {
        Some(b'[') => read(&body)?,
        _ => vec![read(&body)?],
    };
    let faults_of = &controls.shared.faults;
    let ids: Vec<_> = faults.into_iter().map(|fault| faults_of.next(fault)).collect();
    Ok(Json(json!({"ids": ids})))
}

async fn clear_faults(State(controls): State<Controls>) -> StatusCode {
    controls.shared.faults.clear();
    StatusCode::NO_CONTENT
}

async fn cancel_fault(
    State(controls): State<Controls>,
    Path(id): Path<u64>,
) -> Result<StatusCode, Mistake> {
    if controls.shared.faults.cancel(id) {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Mistake::not_found(format!("there is no fault {id}")))
    }
}

async fn list_requests(State(controls): State<Controls>) -> Json<Vec<Recorded>> {
    Json(controls.shared.log.list())
}

async fn keep_requests(
    State(controls): State<Controls>,
    body: Bytes,
) -> Result<StatusCode, Mistake> {
    let request: KeepRequests = read(&body)?;
    controls.shared.log.keep(request.keep);
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_requests(State(controls): State<Controls>) -> StatusCode {
    controls.shared.log.clear();
    StatusCode::NO_CONTENT
}

async fn move_clock(State(controls): State<Controls>, body: Bytes) -> Answer {
    let request: MoveClock = read(&body)?;
    controls.shared.clock.advance(Duration::from_secs(request.advance_seconds));
    Ok(health(State(controls)).await)
}

async fn sign_url(State(controls): State<Controls>, body: Bytes) -> Answer {
    let request: NewSignedUrl = read(&body)?;
    let seconds = request.lifetime_seconds.unwrap_or(SIGNED_URL_LIFETIME_SECONDS);
    let lifetime = Duration::from_secs(seconds);
    let permissions = Permissions::from_letters(&request.permissions);
    let storage = &controls.shared.storage;
    let url = match &request.blob {
        Some(blob) => storage.signed_url(&request.container, blob, permissions, lifetime),
        None => storage.signed_container_url(&request.container, permissions, lifetime),
    };
    Ok(Json(json!({ "url": url })))
}

async fn add_endpoint(
    State(controls): State<Controls>,
    body: Bytes,
) -> Result<StatusCode, Mistake> {
    let request: NewEndpoint = read(&body)?;
    controls.instance(request.instance.as_deref())?.add_endpoint(request.name);
    Ok(StatusCode::NO_CONTENT)
}

async fn set_index_lag(
    State(controls): State<Controls>,
    body: Bytes,
) -> Result<StatusCode, Mistake> {
    let request: IndexLag = read(&body)?;
    let lag = Duration::from_millis(request.milliseconds);
    controls.instance(request.instance.as_deref())?.set_index_lag(lag);
    Ok(StatusCode::NO_CONTENT)
}

async fn list_events(
    State(controls): State<Controls>,
    Query(which): Query<WhichInstance>,
) -> Result<Json<Vec<Value>>, Mistake> {
    let events = controls.instance(which.instance.as_deref())?.events();
    Ok(Json(events.iter().map(DeliveredEvent::to_json).collect()))
}

async fn clear_events(
    State(controls): State<Controls>,
    Query(which): Query<WhichInstance>,
) -> Result<StatusCode, Mistake> {
    controls.instance(which.instance.as_deref())?.clear_events();
    Ok(StatusCode::NO_CONTENT)
}

impl Controls {
    pub(super) fn instance(&self, name: Option<&str>) -> Result<&Arc<Instance>, Mistake> {
        let name = name.unwrap_or(DIGITAL_TWINS);
        self.instances
            .get(name)
            .ok_or_else(|| Mistake::not_found(format!("there is no instance {name}")))
    }
}
