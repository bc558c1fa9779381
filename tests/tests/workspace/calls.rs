//! What callers choose for their calls, on the wire: versions of raw calls, options
//! that are kept, and values that are refused before anything is sent.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};
use twinkit_digital_twins as twins;
use twinkit_digital_twins::{CallOptions, Error, ErrorKind, JsonPatch, Method, Twin, TwinPatch};
use twinkit_iot_central as central;
use twinkit_itwin as itwin;
use twinkit_tests::support::recorder::{Canned, Recorder};
use twinkit_tests::support::token;

struct Service {
    recorder: Recorder,
    twins: twins::Client,
    central: central::Client,
    itwin: itwin::ITwin,
}

impl Service {
    async fn start() -> Self {
        let recorder = Recorder::start().await.unwrap();
        let content = Some(("application/json".to_owned(), json!({})));
        recorder.answer_with(Canned { status: 200, headers: Vec::new(), content });
        let credential = || token::fixed("t");
        let options = CallOptions::new().header("x-tenant", "a").timeout(Duration::from_secs(60));
        let (twins, central) = (
            twins::Client::builder(recorder.url(), credential()).options(options.clone()),
            central::Client::builder(recorder.url(), credential()).options(options.clone()),
        );
        let itwin = itwin::ITwin::builder(credential()).endpoint(recorder.url()).options(options);
        Self {
            twins: twins.build().unwrap(),
            central: central.build().unwrap(),
            itwin: itwin.build().unwrap(),
            recorder,
        }
    }

    fn target(&self) -> String {
        self.recorder.take().pop().unwrap().target
    }

    /// Refused, with a word of the place, and not sent.
    fn refused(&self, outcome: Result<(), Error>, place: &str) {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidRequest, 0), "{error}");
        assert!(error.to_string().contains(place), "{place}: {error}");
        assert!(error.to_string().contains("is not a number in JSON"), "{error}");
        assert!(self.recorder.take().is_empty(), "{place}");
    }
}

#[tokio::test]
async fn raw_calls_have_the_clients_version_or_the_callers() {
    let service = Service::start().await;
    let (central, preview) = (&service.central, service.central.preview());
    for (request, version) in [
        (service.twins.request(Method::GET, "/new"), twins::API_VERSION),
        (central.request(Method::GET, "/new"), central::API_VERSION),
        (preview.request(Method::GET, "/new"), central::preview::API_VERSION),
    ] {
        request.query("a", "b").send().await.unwrap();
        assert_eq!(service.target(), format!("/new?a=b&api-version={version}"));
    }
    for request in [
        service.twins.request(Method::GET, "/new"),
        central.request(Method::GET, "/new"),
        preview.request(Method::GET, "/new"),
    ] {
        request.query("api-version", "2030-01-01").send().await.unwrap();
        assert_eq!(service.target(), "/new?api-version=2030-01-01");
    }
}

#[tokio::test]
async fn options_of_some_calls_leave_those_of_the_client_in_place() {
    let service = Service::start().await;
    let once = || CallOptions::new().no_retry().header("x-run", "7");
    let send = |request: twins::RawRequest| async { request.send().await.map(|_| ()).unwrap() };
    let itwin = service.itwin.with_options(once());
    let central = service.central.with_options(once());
    for request in [
        service.twins.with_options(once()).request(Method::GET, "/new"),
        central.request(Method::GET, "/new"),
        central.preview().request(Method::GET, "/new"),
        service.central.preview().with_options(once()).request(Method::GET, "/new"),
        itwin.request(Method::GET, "/new", 1),
        itwin.imodels().request(Method::GET, "/new"),
        service.itwin.imodels().with_options(once()).request(Method::GET, "/new"),
    ] {
        send(request).await;
        let sent = service.recorder.take().pop().unwrap();
        assert_eq!(sent.header("x-tenant").as_deref(), Some("a"), "{}", sent.target);
        assert_eq!(sent.header("x-run").as_deref(), Some("7"), "{}", sent.target);
    }
    let other = service.twins.with_options(CallOptions::new().header("X-Tenant", "b"));
    send(other.request(Method::GET, "/new")).await;
    let sent = service.recorder.take().pop().unwrap();
    assert_eq!(sent.header("x-tenant").as_deref(), Some("b"));
    send(service.twins.request(Method::GET, "/new")).await;
    assert_eq!(service.recorder.take()[0].header("x-tenant").as_deref(), Some("a"));
}

#[derive(Serialize)]
struct Pump {
    speed: f64,
    note: Option<String>,
}

#[tokio::test]
async fn numbers_that_json_has_no_form_for_are_not_sent_as_null() {
    let service = Service::start().await;
    let pump = |speed| Pump { speed, note: None };
    let twins = &service.twins;
    let patch = TwinPatch::new().set("note", "n").set("speed", f64::NAN);
    let sent = twins.update_twin().id("p").body(patch).send().await;
    service.refused(sent.map(|_| ()), "/speed");
    let twin = Twin::new("dtmi:test:Pump;1".parse().unwrap(), pump(f64::INFINITY));
    let sent = twins.put_twin().id("p").body(twin).send().await;
    service.refused(sent.map(|_| ()), "speed: inf");
    let raw = twins.request(Method::POST, "/new").json_body(&[pump(1.0), pump(f64::NAN)]);
    service.refused(raw.send().await.map(|_| ()), "[1].speed: NaN");

    let central = &service.central;
    let sent = central.properties("p").set(&pump(f64::NEG_INFINITY)).await;
    service.refused(sent.map(|_| ()), "speed: -inf");
    let threshold = central::patches::JobCancellationThresholdPatch::new().value(f64::NAN);
    let patch = central::patches::ScheduledJobPatch::new().cancellation_threshold(threshold);
    let sent = central.update_scheduled_job().scheduled_job_id("j").body(patch).send().await;
    service.refused(sent.map(|_| ()), "NaN");

    let itwin = &service.itwin;
    let patch = itwin::itwins::patches::ITwinPatch::new().latitude(f64::NAN);
    let sent = itwin.itwins().update_itwin().id("i").body(patch).send().await;
    service.refused(sent.map(|_| ()), "NaN");
    let point = itwin::imodels::types::Point::builder().latitude(f64::NAN).longitude(1.0);
    let point = itwin::imodels::types::Point::try_from(point).unwrap();
    let raw = itwin.request(Method::POST, "/new", 1).json_body(&point);
    service.refused(raw.send().await.map(|_| ()), "latitude: NaN");

    // Null that is meant is sent.
    central.properties("p").set(&pump(1.5)).await.unwrap();
    let sent: Value = serde_json::from_slice(&service.recorder.take()[0].body).unwrap();
    assert_eq!(sent, json!({"speed": 1.5, "note": null}));
}

#[tokio::test]
async fn a_patch_that_was_read_is_sent_with_its_nulls() {
    let service = Service::start().await;
    let document = json!([{"op": "add", "path": "/note", "value": null}]);
    let patch = JsonPatch::try_from(document.clone()).unwrap();
    let send = service.twins.update_twin().id("p").body(patch).send();
    send.await.unwrap();
    let sent: Value = serde_json::from_slice(&service.recorder.take()[0].body).unwrap();
    assert_eq!(sent, document);
}
