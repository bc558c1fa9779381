//! Moving the iTwin platform over the control endpoint.

use axum::{Json, Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    Controls,
    routes::{Answer, Mistake, read},
};
use crate::itwin::{ImodelOutcome, ImodelRates, Rates};

type Done = Result<StatusCode, Mistake>;

pub(super) fn router() -> Router<Controls> {
    Router::new()
        .route("/itwin/administrators", post(set_administrator))
        .route("/itwin/invitations", post(accept_invitations))
        .route("/itwin/ims-groups", post(set_ims_group))
        .route("/itwin/clients", post(set_client_known))
        .route("/itwin/rates", post(set_rates))
        .route("/itwin/events", post(send_event))
        .route("/itwin/imodels", post(set_imodel_outcome))
}

fn nobody(email: &str) -> Mistake {
    Mistake::not_found(format!("there is no user {email}"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Administrator {
    email: String,
    administrator: bool,
}

async fn set_administrator(State(controls): State<Controls>, body: Bytes) -> Done {
    let request: Administrator = read(&body)?;
    if !controls.platform.set_administrator(&request.email, request.administrator) {
        return Err(nobody(&request.email));
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Invitee {
    email: String,
}

async fn accept_invitations(State(controls): State<Controls>, body: Bytes) -> Answer {
    let request: Invitee = read(&body)?;
    if controls.platform.user_named(&request.email).is_none() {
        return Err(nobody(&request.email));
    }
    Ok(Json(json!({"accepted": controls.platform.accept_invitations(&request.email)})))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewImsGroup {
    name: String,
    #[serde(default)]
    emails: Vec<String>,
}

async fn set_ims_group(State(controls): State<Controls>, body: Bytes) -> Done {
    let request: NewImsGroup = read(&body)?;
    let unknown = request.emails.iter().find(|email| controls.platform.user_named(email).is_none());
    if let Some(email) = unknown {
        return Err(nobody(email));
    }
    controls.platform.set_ims_group(&request.name, &request.emails);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct KnownClient {
    client_id: String,
    known: bool,
}

async fn set_client_known(State(controls): State<Controls>, body: Bytes) -> Done {
    let request: KnownClient = read(&body)?;
    controls.platform.set_client_known(&request.client_id, request.known);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewRates {
    per_minute: Option<u32>,
    per_hour: Option<u32>,
    imodels: Option<NewImodelRates>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewImodelRates {
    creations: u32,
    copies: u32,
    acquisitions: u32,
}

async fn set_rates(State(controls): State<Controls>, body: Bytes) -> Done {
    let request: NewRates = read(&body)?;
    let imodels = request.imodels.map(|NewImodelRates { creations, copies, acquisitions }| {
        ImodelRates { creations, copies, acquisitions }
    });
    let rates = match (request.per_minute, request.per_hour, imodels) {
        (None, None, None) => None,
        (per_minute, per_hour, imodels) => {
            let per_minute = per_minute.unwrap_or(u32::MAX);
            Some(Rates { per_minute, per_hour, imodels })
        }
    };
    controls.platform.set_rates(rates);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewEvent {
    event_type: String,
    #[serde(rename = "iTwinId")]
    itwin_id: String,
    #[serde(default)]
    content: Map<String, Value>,
}

async fn send_event(State(controls): State<Controls>, body: Bytes) -> Done {
    let request: NewEvent = read(&body)?;
    let (kind, id) = (&request.event_type, &request.itwin_id);
    if !controls.platform.send_event(kind, id, request.content.into()) {
        return Err(Mistake::not_found(format!("there is no iTwin {id}")));
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewImodels {
    outcome: ImodelOutcome,
}

async fn set_imodel_outcome(State(controls): State<Controls>, body: Bytes) -> Done {
    let request: NewImodels = read(&body)?;
    controls.platform.set_imodel_outcome(request.outcome);
    Ok(StatusCode::NO_CONTENT)
}
