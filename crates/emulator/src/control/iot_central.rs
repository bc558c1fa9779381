//! Devices, file uploads and rates of IoT Central applications over the control
//! endpoint.

use std::{sync::Arc, time::Duration};

use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    Controls,
    routes::{Mistake, read},
};
use crate::iot_central::{Acknowledgement, ApiError, Application, CommandAnswer, Place, Rates};

type Done = Result<StatusCode, Mistake>;

pub(super) fn router() -> Router<Controls> {
    Router::new()
        .route("/iot-central/provisionings", post(provision))
        .route("/iot-central/connections", post(connect))
        .route("/iot-central/command-answers", post(answer_command))
        .route("/iot-central/properties", post(report_properties))
        .route("/iot-central/telemetry", post(send_telemetry))
        .route("/iot-central/file-uploads", post(set_file_uploads))
        .route("/iot-central/rates", post(set_rates))
}

/// A request about a device, and what else it says.
struct Request<T> {
    application: Arc<Application>,
    device: String,
    place: Place,
    rest: T,
}

impl<T: DeserializeOwned> Request<T> {
    fn read(controls: &Controls, body: &[u8]) -> Result<Self, Mistake> {
        let mut members: Map<String, Value> = read(body)?;
        let application = controls.application(text(&mut members, "application")?.as_deref())?;
        let device = text(&mut members, "device")?;
        let device = device.ok_or_else(|| Mistake::bad("\"device\" is missing"))?;
        let place = Place {
            module: text(&mut members, "module")?,
            component: text(&mut members, "component")?,
        };
        let rest = serde_json::from_value(members.into());
        let rest = rest.map_err(|error| Mistake::bad(error.to_string()))?;
        Ok(Self { application: Arc::clone(application), device, place, rest })
    }
}

/// Takes a text out of a request.
fn text(members: &mut Map<String, Value>, member: &str) -> Result<Option<String>, Mistake> {
    match members.shift_remove(member) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(Mistake::bad(format!("{member:?} is no text"))),
    }
}

impl Controls {
    fn application(&self, name: Option<&str>) -> Result<&Arc<Application>, Mistake> {
        let found = match name {
            None => self.applications.iter().next(),
            Some(name) => self.applications.get(name),
        };
        let told = || format!("there is no application {}", name.unwrap_or_default());
        found.ok_or_else(|| Mistake::not_found(told()))
    }
}

fn done(outcome: Result<(), ApiError>) -> Done {
    match outcome {
        Ok(()) => Ok(StatusCode::NO_CONTENT),
        Err(error) if error.status() == StatusCode::NOT_FOUND => {
            Err(Mistake::not_found(error.message()))
        }
        Err(error) => Err(Mistake::bad(error.message())),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

async fn provision(State(controls): State<Controls>, body: Bytes) -> Done {
    let request = Request::<Nothing>::read(&controls, &body)?;
    done(request.application.provision_device(&request.device))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Connection {
    connected: bool,
}

async fn connect(State(controls): State<Controls>, body: Bytes) -> Done {
    let request = Request::<Connection>::read(&controls, &body)?;
    let Request { application, device, rest, .. } = &request;
    done(match rest.connected {
        true => application.connect_device(device),
        false => application.disconnect_device(device),
    })
}

/// Without a word on it a device answers 200 at once, with no payload.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct NewAnswer {
    command: Option<String>,
    code: Option<i32>,
    response: Option<Value>,
    #[serde(default)]
    delay_milliseconds: u64,
    #[serde(default)]
    silent: bool,
    #[serde(default)]
    reset: bool,
}

async fn answer_command(State(controls): State<Controls>, body: Bytes) -> Done {
    let Request { application, device, place, rest } =
        Request::<NewAnswer>::read(&controls, &body)?;
    let answer = match (rest.silent, rest.reset) {
        (true, true) => return Err(Mistake::bad("\"silent\" and \"reset\" exclude each other")),
        (true, false) => Some(CommandAnswer::Silence),
        (false, true) => None,
        (false, false) => Some(CommandAnswer::Reply {
            code: rest.code.unwrap_or(200),
            response: rest.response,
            delay: Duration::from_millis(rest.delay_milliseconds),
        }),
    };
    done(application.answer_command(&device, &place, rest.command.as_deref(), answer))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Report {
    properties: Map<String, Value>,
    acknowledgement: Option<GivenAcknowledgement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenAcknowledgement {
    code: Option<i32>,
    version: Option<u64>,
    description: Option<String>,
}

async fn report_properties(State(controls): State<Controls>, body: Bytes) -> Done {
    let Request { application, device, place, rest } = Request::<Report>::read(&controls, &body)?;
    let acknowledgement = rest.acknowledgement.map(|given| Acknowledgement {
        code: given.code.unwrap_or(200),
        version: given.version,
        description: given.description,
    });
    let properties = rest.properties;
    done(application.report_properties(&device, &place, properties, acknowledgement.as_ref()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    values: Map<String, Value>,
}

async fn send_telemetry(State(controls): State<Controls>, body: Bytes) -> Done {
    let Request { application, device, place, rest } = Request::<Message>::read(&controls, &body)?;
    done(application.send_telemetry(&device, &place, rest.values))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct NewRates {
    application: Option<String>,
    requests: Option<u32>,
    queries: Option<u32>,
}

async fn set_rates(State(controls): State<Controls>, body: Bytes) -> Done {
    let request: NewRates = read(&body)?;
    let rates = match (request.requests, request.queries) {
        (None, None) => None,
        (requests, queries) => {
            let usual = Rates::default();
            Some(Rates {
                requests: requests.unwrap_or(usual.requests),
                queries: queries.unwrap_or(usual.queries),
            })
        }
    };
    controls.application(request.application.as_deref())?.set_rates(rates);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileUploads {
    application: Option<String>,
    fail: bool,
}

async fn set_file_uploads(State(controls): State<Controls>, body: Bytes) -> Done {
    let request: FileUploads = read(&body)?;
    controls.application(request.application.as_deref())?.fail_file_uploads(request.fail);
    Ok(StatusCode::NO_CONTENT)
}
