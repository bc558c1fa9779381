//! Answers to the letter where clients were caught out: whole bodies of
//! refusals, and which headers stand on what. Sources are the vendor's
//! specification with its examples, and what users reported.

use serde_json::{Value, json};

use crate::support::{Api, floor, room};

/// The whole body of a refusal without details.
fn told(code: &str, message: &Value) -> Value {
    json!({"error": {"code": code, "message": message}})
}

/// azure-sdk-for-python #23445: the message names no fault, `details` all of
/// them, each under the code of the whole.
#[tokio::test]
async fn faults_of_a_document_stand_in_details_only() {
    let api = Api::with_models();
    let body = floor(json!({"contains": "a", "near": 1}));
    let answer = api.put("/digitaltwins/f", &body).await;
    assert_eq!(answer.header("etag"), None);
    let body = answer.refused(400, "ValidationFailed");
    let fault = |name: &str| {
        let message = format!(
            "{name} is not a property of the model dtmi:test:Floor;1: it is a Relationship"
        );
        json!({"code": "ValidationFailed", "message": message})
    };
    assert_eq!(
        body,
        json!({"error": {
            "code": "ValidationFailed",
            "message": "The digital twin is not valid: 2 faults, listed in details.",
            "details": [fault("contains"), fault("near")],
        }})
    );
}

#[tokio::test]
async fn members_of_another_kind_are_called_by_it() {
    let api = Api::with_models();
    api.room("r").await;
    let motion = json!([{"op": "add", "path": "/motion", "value": true}]);
    assert_eq!(
        api.patch("/digitaltwins/r", &motion).await.faults(),
        ["motion is not a property of the model dtmi:test:Room;1: it is a Telemetry"]
    );
    let none = json!([{"op": "add", "path": "/thermostat/none", "value": 1}]);
    assert_eq!(
        api.patch("/digitaltwins/r", &none).await.faults(),
        ["thermostat/none is not a property of the model dtmi:test:Thermostat;1"]
    );
}

/// azure-docs #80194: an array inside the array of models is an argument that
/// is wrong, not a model that is.
#[tokio::test]
async fn what_is_no_document_is_no_matter_of_dtdl() {
    let api = Api::new();
    let message = json!("Item 1 of the list of models is not an object.");
    let model =
        json!({"@id": "dtmi:t:A;1", "@type": "Interface", "@context": "dtmi:dtdl:context;2"});
    for item in [json!([model]), json!("x"), json!(null), json!(7)] {
        let body = api.post("/models", &json!([model, item])).await.refused(400, "InvalidArgument");
        assert_eq!(body, told("InvalidArgument", &message));
    }
    assert_eq!(api.instance.counts(), (0, 0, 0));
}

/// Refusals that are one sentence have neither `details` nor `innererror`, and
/// name what they are about.
#[tokio::test]
async fn other_refusals_are_code_and_message_and_name_their_subject() {
    let api = Api::with_models();
    api.put("/digitaltwins/f", &floor(json!({}))).await.expect(200);
    api.room("r").await;
    let near = json!({"$targetId": "r", "$relationshipName": "near"});
    api.put("/digitaltwins/f/relationships/1", &near).await.expect(200);
    let away = json!({"$targetId": "gone", "$relationshipName": "near"});
    let cases = [
        (api.get("/digitaltwins/gone").await, 404, "DigitalTwinNotFound", "gone"),
        (api.get("/digitaltwins/f/relationships/9").await, 404, "RelationshipNotFound", "9"),
        (api.get("/digitaltwins/r/components/fan").await, 404, "ComponentNotFound", "fan"),
        (api.get("/models/dtmi:test:Gone;1").await, 404, "ModelNotFound", "dtmi:test:Gone;1"),
        (api.get("/eventroutes/gone").await, 404, "EventRouteNotFound", "gone"),
        (
            api.put("/digitaltwins/f/relationships/2", &away).await,
            404,
            "TargetTwinNotFound",
            "gone",
        ),
        (api.delete("/digitaltwins/r").await, 400, "RelationshipsNotDeleted", "r"),
        (
            api.delete("/models/dtmi:test:Space;1").await,
            409,
            "ModelReferencesNotDeleted",
            "dtmi:test:Space;1",
        ),
    ];
    for (answer, status, code, subject) in cases {
        let body = answer.refused(status, code);
        let message = &body["error"]["message"];
        assert!(message.as_str().unwrap().contains(subject), "{code}: {message}");
        assert_eq!(body, told(code, message));
    }
}

/// Only what has an etag of its own has the header; no list has one.
#[tokio::test]
async fn etags_stand_where_the_specification_has_them() {
    let api = Api::with_models();
    api.put("/digitaltwins/f", &floor(json!({}))).await.expect(200);
    api.room("r").await;
    let near = json!({"$targetId": "r", "$relationshipName": "near"});
    api.put("/digitaltwins/f/relationships/1", &near).await.expect(200);
    for path in ["/digitaltwins/r", "/digitaltwins/r/components/thermostat"] {
        let etag = api.get("/digitaltwins/r").await.etag();
        assert_eq!(api.get(path).await.expect(200).etag(), etag);
    }
    for path in [
        "/models",
        "/models/dtmi:test:Space;1",
        "/eventroutes",
        "/jobs/imports",
        "/jobs/deletions",
        "/digitaltwins/f/relationships",
        "/digitaltwins/r/incomingrelationships",
    ] {
        assert_eq!(api.get(path).await.expect(200).header("etag"), None, "{path}");
    }
    let query = json!({"query": "SELECT * FROM DIGITALTWINS"});
    assert_eq!(api.post("/query", &query).await.expect(200).header("etag"), None);
    assert_eq!(api.delete("/digitaltwins/f/relationships/1").await.empty().header("etag"), None);
}

/// A filter that cannot be read is told with its place, in one sentence end.
#[tokio::test]
async fn bad_filters_are_told_with_their_place() {
    let api = Api::new();
    let route = json!({"endpointName": "events", "filter": "this is not a filter"});
    let body = api.put("/eventroutes/r", &route).await.refused(400, "EventRouteFilterInvalid");
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains("line 1, column 6") && !message.ends_with(".."), "{message}");
}

/// The vendor's example of a delete job: where to follow it, and its id again.
#[tokio::test]
async fn a_delete_job_is_told_by_two_headers() {
    let api = Api::with_models();
    api.put("/digitaltwins/r", &room(json!({}))).await.expect(200);
    let answer = api.send("POST", "/jobs/deletions", &[], None).await.expect(202);
    let job = answer.json();
    let id = job["id"].as_str().unwrap();
    assert_eq!(answer.header("operation-id"), Some(id));
    let place = format!("http://adt.example:8443/jobs/deletions/{id}?api-version=2023-10-31");
    assert_eq!(answer.header("operation-location"), Some(place.as_str()));
    for name in ["createdDateTime", "purgeDateTime"] {
        let time = job[name].as_str().unwrap();
        assert!(time.len() == 33 && time.ends_with("+00:00"), "{time}");
    }
}
