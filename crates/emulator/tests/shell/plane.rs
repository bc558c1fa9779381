//! The data plane as the shell wires it: seed, jobs over storage, endpoints.

use reqwest::Method;
use serde_json::{Value, json};
use twinkit_emulator::{Emulator, EmulatorError, seed::Seed};

use crate::support::{client, token};

const ROOM: &str = "dtmi:example:Room;1";

/// The base stands behind the model that needs it.
fn seed() -> Value {
    json!({
        "models": [
            {
                "@id": ROOM, "@type": "Interface", "@context": "dtmi:dtdl:context;3",
                "extends": "dtmi:example:Space;1",
                "contents": [{"@type": "Property", "name": "temp", "schema": "double"}],
            },
            {
                "@id": "dtmi:example:Space;1", "@type": "Interface", "@context": "dtmi:dtdl:context;3",
                "contents": [{"@type": "Relationship", "name": "next"}],
            },
        ],
        "twins": [
            {"$dtId": "a b", "$metadata": {"$model": ROOM}, "temp": 1.5},
            {"$dtId": "c", "$metadata": {"$model": ROOM}},
        ],
        "relationships": [{
            "$sourceId": "a b", "$relationshipId": "r1", "$targetId": "c",
            "$relationshipName": "next",
        }],
        "endpoints": ["bus"],
        "eventRoutes": [{"id": "all", "endpointName": "bus", "filter": "true"}],
    })
}

async fn start(seed: Value) -> Result<Emulator, EmulatorError> {
    let seed: Seed = serde_json::from_value(seed).unwrap();
    Emulator::builder().seed(seed).start().await
}

struct Plane {
    emulator: Emulator,
    token: String,
}

impl Plane {
    async fn seeded() -> Self {
        let emulator = start(seed()).await.unwrap();
        let token = token(&emulator, &[]).await;
        Self { emulator, token }
    }

    async fn call(&self, method: Method, path: &str, body: Option<Value>) -> (u16, Value) {
        let url = format!("{}{path}?api-version=2023-10-31", self.emulator.digital_twins_url());
        let mut request = client().request(method, url).bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let bytes = response.bytes().await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }
}

async fn control(emulator: &Emulator, method: Method, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}{path}", emulator.control_url());
    let response = client().request(method, url).json(&body).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn a_seed_is_there_from_the_first_request() {
    let plane = Plane::seeded().await;
    let (status, twin) = plane.call(Method::GET, "/digitaltwins/a%20b", None).await;
    assert_eq!((status, &twin["temp"]), (200, &json!(1.5)));
    let (_, list) = plane.call(Method::GET, "/digitaltwins/a%20b/relationships", None).await;
    assert_eq!(list["value"][0]["$targetId"], "c");
    let (_, route) = plane.call(Method::GET, "/eventroutes/all", None).await;
    assert_eq!(route["endpointName"], "bus");
    let instance = plane.emulator.instance("digital-twins").unwrap();
    assert_eq!(instance.counts(), (2, 2, 1));
}

#[tokio::test]
async fn a_refused_seed_names_the_item() {
    let mut broken = seed();
    broken["twins"][1]["temp"] = json!("warm");
    let error = start(broken).await.unwrap_err().to_string();
    assert!(error.starts_with("twins[1] \"c\" of the seed was refused with 400: "), "{error}");
    assert!(error.contains("ValidationFailed") && error.contains("temp must be"), "{error}");
    let mut nameless = seed();
    nameless["relationships"][0] = json!({"$sourceId": "a b"});
    let error = start(nameless).await.unwrap_err().to_string();
    assert_eq!(error, "relationships[0] of the seed has no $relationshipId");
    let error = start(json!({"models": [{"@id": "x"}]})).await.unwrap_err().to_string();
    assert!(error.starts_with("models (x) of the seed was refused with 400: "), "{error}");
}

#[tokio::test(start_paused = true)]
async fn an_import_job_reads_and_writes_the_storage() {
    let plane = Plane::seeded().await;
    let storage = plane.emulator.storage();
    let lines = [
        json!({"Section": "Header"}),
        json!({"fileVersion": "1.0.0", "author": "a", "organization": "o"}),
        json!({"Section": "Twins"}),
        json!({"$dtId": "imported", "$metadata": {"$model": ROOM}, "temp": 3}),
    ];
    let text = lines.map(|line| line.to_string()).join("\n");
    storage.put("jobs", "input.ndjson", text);
    let log = storage.blob_url("jobs", "log.ndjson");
    let body = json!({
        "inputBlobUri": storage.blob_url("jobs", "input.ndjson"),
        "outputBlobUri": log,
    });
    let (status, job) = plane.call(Method::PUT, "/jobs/imports/one", Some(body)).await;
    assert_eq!(status, 201, "{job}");
    let mut state = Value::Null;
    for _ in 0..100 {
        let (_, job) = plane.call(Method::GET, "/jobs/imports/one", None).await;
        state = job["status"].clone();
        if state == "succeeded" || state == "failed" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
    assert_eq!(state, "succeeded");
    assert_eq!(plane.call(Method::GET, "/digitaltwins/imported", None).await.0, 200);
    let log = storage.read(&log).unwrap();
    let first: Value =
        serde_json::from_slice(log.split(|byte| *byte == b'\n').next().unwrap()).unwrap();
    assert_eq!(first["jobId"], "one");
}

#[tokio::test]
async fn the_control_endpoint_reaches_into_an_instance() {
    let plane = Plane::seeded().await;
    let emulator = &plane.emulator;
    let route = json!({"endpointName": "hub", "filter": "true"});
    let missing = plane.call(Method::PUT, "/eventroutes/hub", Some(route.clone())).await;
    assert_eq!(missing.0, 400, "{}", missing.1);
    assert_eq!(control(emulator, Method::POST, "/endpoints", json!({"name": "hub"})).await.0, 204);
    assert_eq!(plane.call(Method::PUT, "/eventroutes/hub", Some(route)).await.0, 204);

    let twin = json!({"$metadata": {"$model": ROOM}});
    assert_eq!(control(emulator, Method::DELETE, "/events", Value::Null).await.0, 204);
    assert_eq!(plane.call(Method::PUT, "/digitaltwins/new", Some(twin.clone())).await.0, 200);
    let (_, events) = control(emulator, Method::GET, "/events", Value::Null).await;
    let endpoints: Vec<_> =
        events.as_array().unwrap().iter().map(|event| &event["endpoint"]).collect();
    assert_eq!(endpoints, ["bus", "hub"]);
    assert_eq!(events[0]["event"]["subject"], "new");

    let lag = json!({"milliseconds": 60_000});
    assert_eq!(control(emulator, Method::POST, "/index-lag", lag).await.0, 204);
    assert_eq!(plane.call(Method::PUT, "/digitaltwins/late", Some(twin)).await.0, 200);
    let count = json!({"query": "SELECT COUNT() FROM DIGITALTWINS"});
    let (_, rows) = plane.call(Method::POST, "/query", Some(count.clone())).await;
    assert_eq!(rows["value"], json!([{"COUNT": 3}]));
    emulator.clock().advance(std::time::Duration::from_secs(61));
    let (_, rows) = plane.call(Method::POST, "/query", Some(count)).await;
    assert_eq!(rows["value"], json!([{"COUNT": 4}]));

    for path in ["/endpoints", "/index-lag"] {
        let body = json!({"name": "x", "instance": "nowhere"});
        assert!(control(emulator, Method::POST, path, body).await.0 >= 400);
    }
    assert_eq!(
        control(emulator, Method::GET, "/events?instance=nowhere", Value::Null).await.0,
        404
    );
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_on_a_connection_that_holds() {
    let plane = Plane::seeded().await;
    let body = json!({"$metadata": {"$model": ROOM}, "temp": "x".repeat(20 * 1024 * 1024)});
    let (status, answer) = plane.call(Method::PUT, "/digitaltwins/c", Some(body)).await;
    assert_eq!((status, &answer["error"]["code"]), (413, &json!("PayloadTooLarge")));
}
