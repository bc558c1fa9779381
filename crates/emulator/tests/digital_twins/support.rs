//! An instance without listeners: requests go straight into its router.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use twinkit_emulator::{
    clock::Clock,
    digital_twins::{BlobFault, Blobs, Config, Instance, routes},
};

pub(crate) const VERSION: &str = "2023-10-31";

/// Storage that is a map.
#[derive(Debug, Default)]
pub(crate) struct MapBlobs(pub(crate) Mutex<HashMap<String, Vec<u8>>>);

impl Blobs for MapBlobs {
    fn read(&self, url: &str) -> Result<Bytes, BlobFault> {
        let blobs = self.0.lock().unwrap();
        let blob = blobs.get(url).ok_or_else(|| BlobFault(format!("{url} is not there")))?;
        Ok(Bytes::from(blob.clone()))
    }

    fn append(&self, url: &str, bytes: &[u8]) -> Result<(), BlobFault> {
        self.0.lock().unwrap().entry(url.to_owned()).or_default().extend(bytes);
        Ok(())
    }
}

/// An instance and what its router answers.
pub(crate) struct Api {
    pub(crate) instance: Arc<Instance>,
    pub(crate) blobs: Arc<MapBlobs>,
    pub(crate) clock: Clock,
    router: Router,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Api {
    pub(crate) fn new() -> Self {
        Self::with(Config::default())
    }

    pub(crate) fn with(config: Config) -> Self {
        let (clock, blobs) = (Clock::new(), Arc::new(MapBlobs::default()));
        let instance = Instance::new(config, clock.clone(), blobs.clone());
        let router = routes::router(instance.clone());
        Self { instance, blobs, clock, router }
    }

    /// An instance with the models of [`models`].
    pub(crate) fn with_models() -> Self {
        let api = Self::new();
        api.instance.create_models(&models()).unwrap();
        api
    }

    /// Sends a request; the version is added unless the path has one.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let uri = match (path.contains("api-version"), path.contains('?')) {
            (true, _) => path.to_owned(),
            (false, true) => format!("{path}&api-version={VERSION}"),
            (false, false) => format!("{path}?api-version={VERSION}"),
        };
        let mut request =
            Request::builder().method(method).uri(uri).header(header::HOST, "adt.example:8443");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let typed = headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"));
        if body.is_some() && !typed {
            let patch = method == Method::PATCH.as_str();
            let media = if patch { "application/json-patch+json" } else { "application/json" };
            request = request.header(header::CONTENT_TYPE, media);
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], None).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, &[], Some(body)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, &[], Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, &[], Some(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, &[], None).await
    }

    /// A room that is valid and has no properties.
    pub(crate) async fn room(&self, id: &str) -> Answer {
        self.put(&format!("/digitaltwins/{id}"), &room(json!({}))).await.expect(200)
    }
}

impl Answer {
    /// Checks the status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self
    }

    /// Checks status, code and the code header of an error; gives back its body.
    #[track_caller]
    pub(crate) fn refused(self, status: u16, code: &str) -> Value {
        let error = self.expect(status);
        let body = error.json();
        assert_eq!(body["error"]["code"], code, "{}", error.text);
        assert_eq!(error.header("x-ms-error-code"), Some(code));
        assert_eq!(error.header("content-type"), Some("application/json; charset=utf-8"));
        assert!(body["error"]["message"].as_str().is_some_and(|text| !text.is_empty()));
        body
    }

    /// The messages in `details` of a 400 ValidationFailed.
    #[track_caller]
    pub(crate) fn faults(self) -> Vec<String> {
        let body = self.refused(400, "ValidationFailed");
        let details = body["error"]["details"].as_array().unwrap();
        details.iter().map(|detail| detail["message"].as_str().unwrap().to_owned()).collect()
    }

    /// Checks for 204 without a body.
    #[track_caller]
    pub(crate) fn empty(self) -> Self {
        let answer = self.expect(204);
        assert_eq!(answer.text, "");
        assert_eq!(answer.header("content-type"), None);
        answer
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn etag(&self) -> String {
        let etag = self.header("etag").unwrap().to_owned();
        let guid = etag.strip_prefix("W/\"").and_then(|rest| rest.strip_suffix('"')).unwrap();
        assert_eq!(guid.len(), 36, "{etag}");
        etag
    }
}

/// Follows the next links of a list to its end.
pub(crate) async fn all_pages(api: &Api, first: &str, headers: &[(&str, &str)]) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut path = first.to_owned();
    loop {
        let page = api.send("GET", &path, headers, None).await.expect(200).json();
        pages.push(page["value"].as_array().unwrap().clone());
        let Some(next) = page["nextLink"].as_str() else {
            assert_eq!(page["nextLink"], Value::Null);
            assert!(page.as_object().unwrap().contains_key("nextLink"));
            return pages;
        };
        let rest = next.strip_prefix("http://adt.example:8443").unwrap();
        assert!(rest.contains("continuationToken=") && rest.contains("api-version="), "{rest}");
        path = rest.to_owned();
    }
}

/// A room of the model below with these members.
pub(crate) fn room(members: Value) -> Value {
    let mut room = json!({
        "$metadata": {"$model": "dtmi:test:Room;1"},
        "thermostat": {"$metadata": {}},
    });
    room.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    room
}

/// A floor with these members.
pub(crate) fn floor(members: Value) -> Value {
    let mut floor = json!({"$metadata": {"$model": "dtmi:test:Floor;1"}});
    floor.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    floor
}

/// Space <- Room (with a Thermostat), Space <- Floor, in both versions.
pub(crate) fn models() -> Vec<Value> {
    vec![
        json!({
            "@id": "dtmi:test:Room;1", "@type": "Interface", "@context": "dtmi:dtdl:context;3",
            "extends": "dtmi:test:Space;1",
            "contents": [
                {"@type": "Property", "name": "temp", "schema": "double"},
                {"@type": "Property", "name": "seats", "schema": "integer"},
                {"@type": "Property", "name": "tags",
                 "schema": {"@type": "Array", "elementSchema": "string"}},
                {"@type": "Component", "name": "thermostat", "schema": "dtmi:test:Thermostat;1"},
                {"@type": "Telemetry", "name": "motion", "schema": "boolean"},
            ],
        }),
        json!({
            "@id": "dtmi:test:Space;1", "@type": "Interface", "@context": "dtmi:dtdl:context;2",
            "displayName": "Space",
            "contents": [
                {"@type": "Property", "name": "name", "schema": "string"},
                {"@type": "Property", "name": "size", "schema": {"@type": "Object", "fields": [
                    {"name": "width", "schema": "double"}, {"name": "depth", "schema": "double"},
                ]}},
                {"@type": "Property", "name": "labels", "schema": {"@type": "Map",
                    "mapKey": {"name": "key", "schema": "string"},
                    "mapValue": {"name": "value", "schema": "string"}}},
                {"@type": "Property", "name": "use", "schema": {"@type": "Enum",
                    "valueSchema": "string", "enumValues": [
                        {"name": "office", "enumValue": "office"},
                        {"name": "hall", "enumValue": "hall"},
                ]}},
            ],
        }),
        json!({
            "@id": "dtmi:test:Floor;1", "@type": "Interface", "@context": "dtmi:dtdl:context;2",
            "displayName": {"en": "Floor", "de": "Etage"}, "description": "One level",
            "extends": ["dtmi:test:Space;1"],
            "contents": [
                {"@type": "Relationship", "name": "contains", "target": "dtmi:test:Space;1",
                 "properties": [{"@type": "Property", "name": "since", "schema": "date"}]},
                {"@type": "Relationship", "name": "near"},
                {"@type": "Relationship", "name": "serves", "target": "dtmi:test:Room;1"},
            ],
        }),
        json!({
            "@id": "dtmi:test:Thermostat;1", "@type": "Interface",
            "@context": ["dtmi:dtdl:context;3", "dtmi:dtdl:extension:quantitativeTypes;1"],
            "contents": [
                {"@type": ["Property", "Temperature"], "name": "setPoint", "schema": "double",
                 "unit": "degreeCelsius", "writable": true},
                {"@type": "Property", "name": "mode", "schema": "string"},
            ],
        }),
    ]
}
