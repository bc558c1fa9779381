//! Twins: get, put, delete, and what a valid document is.

use serde_json::{Value, json};

use crate::support::{Api, floor, room};

#[tokio::test]
async fn put_creates_and_replaces_with_new_etags() {
    let api = Api::with_models();
    let body = room(json!({
        "temp": 21.5, "$dtId": null, "$etag": null, "thermostat": {"setPoint": 20, "$metadata": {}},
    }));
    let created = api.put("/digitaltwins/r1", &body).await.expect(200);
    let twin = created.json();
    assert_eq!(twin["$etag"], created.etag());
    let time = twin["$metadata"]["$lastUpdateTime"].as_str().unwrap();
    assert!(time.len() == 28 && time.ends_with('Z'), "{time}");
    assert_eq!(
        twin,
        json!({
            "$dtId": "r1",
            "$etag": created.etag(),
            "thermostat": {
                "setPoint": 20,
                "$metadata": {"$lastUpdateTime": time, "setPoint": {"lastUpdateTime": time}},
            },
            "temp": 21.5,
            "$metadata": {
                "$model": "dtmi:test:Room;1",
                "$lastUpdateTime": time,
                "temp": {"lastUpdateTime": time},
            },
        })
    );
    let read = api.get("/digitaltwins/r1").await.expect(200);
    assert_eq!((read.json(), read.etag()), (twin, created.etag()));

    let replaced = api.put("/digitaltwins/r1", &room(json!({"seats": 4}))).await.expect(200);
    assert_ne!(replaced.etag(), created.etag());
    assert_eq!(replaced.json().get("temp"), None);
    // What was read can be written back, server's members and all.
    let again = api.put("/digitaltwins/r1", &replaced.json()).await.expect(200);
    assert_eq!(again.json()["seats"], 4);
    assert_ne!(again.etag(), replaced.etag());
}

#[tokio::test]
async fn the_path_has_the_id() {
    let api = Api::with_models();
    let twin = api.put("/DigitalTwins/Room%2F1%20%C3%BC", &room(json!({"$dtId": "x"}))).await;
    assert_eq!(twin.expect(200).json()["$dtId"], "Room/1 ü");
    api.get("/digitaltwins/Room%2F1%20%c3%bc").await.expect(200);
    api.get("/digitaltwins/room%2F1%20%c3%bc").await.refused(404, "DigitalTwinNotFound");
    let long = "a".repeat(129);
    for bad in ["", "a%0Ab", "%ff", &long] {
        let path = format!("/digitaltwins/{bad}");
        api.get(&path).await.refused(400, "InvalidArgument");
        api.put(&path, &room(json!({}))).await.refused(400, "InvalidArgument");
        api.patch(&path, &json!([])).await.refused(400, "InvalidArgument");
        api.delete(&path).await.refused(400, "InvalidArgument");
    }
}

#[tokio::test]
async fn put_can_be_held_to_creation() {
    let api = Api::with_models();
    let create = [("If-None-Match", "*")];
    let body = room(json!({}));
    api.send("PUT", "/digitaltwins/r", &create, Some(&body)).await.expect(200);
    api.send("PUT", "/digitaltwins/r", &create, Some(&body))
        .await
        .refused(412, "PreconditionFailed");
    let etag = [("If-None-Match", "W/\"a\"")];
    api.send("PUT", "/digitaltwins/r", &etag, Some(&body)).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn all_faults_of_a_document_are_listed() {
    let api = Api::with_models();
    let body = json!({
        "$metadata": {"$model": "dtmi:test:Room;1", "temp": {"sourceTime": "yesterday"}},
        "temp": "warm", "seats": 2.5, "tags": ["a", 1], "use": "kitchen", "motion": true,
        "colour": "red", "$kind": 1, "size": {"width": 1, "height": 2}, "labels": {"a": 1},
        "name": null,
    });
    let faults = api.put("/digitaltwins/r", &body).await.faults();
    assert_eq!(
        faults,
        [
            "$metadata/temp/sourceTime must be a dateTime, not \"yesterday\"",
            "temp must be of schema double, not \"warm\"",
            "seats must be of schema integer, not 2.5",
            "tags/1 must be of schema string, not 1",
            "use must be one of \"office\", \"hall\", not \"kitchen\"",
            "motion is not a property of the model dtmi:test:Room;1: it is a Telemetry",
            "colour is not a property of the model dtmi:test:Room;1",
            "$kind is not a property of the model dtmi:test:Room;1",
            "size/height is not a field of the declared object",
            "labels/a must be of schema string, not 1",
            "name must be of schema string, not null",
            "the component thermostat of model dtmi:test:Thermostat;1 is missing",
        ]
    );
    assert_eq!(api.instance.counts().1, 0);
}

#[tokio::test]
async fn models_and_components_must_be_named_rightly() {
    let api = Api::with_models();
    let cases = [
        (json!({}), "$metadata is missing"),
        (json!({"$metadata": 1}), "$metadata must be an object, not 1"),
        (json!({"$metadata": {}}), "$metadata/$model is missing"),
        (json!({"$metadata": {"$model": 1}}), "$metadata/$model must be a string, not 1"),
        (json!({"$metadata": {"$model": "dtmi:a:b;1"}}), "the model dtmi:a:b;1 is not known"),
        (
            room(json!({"thermostat": {}})),
            "the component thermostat must be an object with $metadata",
        ),
        (
            room(json!({"thermostat": {"$metadata": {"$model": "dtmi:test:Thermostat;1"}}})),
            "thermostat/$metadata must not have a $model: the twin's model names it",
        ),
        (
            room(json!({"thermostat": {"$metadata": {}, "x": 1}})),
            "thermostat/x is not a property of the model dtmi:test:Thermostat;1",
        ),
        (
            room(json!({"thermostat": {"$metadata": {}, "setPoint": true}})),
            "thermostat/setPoint must be of schema double, not true",
        ),
        (
            floor(json!({"size": {"$metadata": {}}})),
            "size is a property, not a component: it takes no $metadata",
        ),
    ];
    for (body, fault) in cases {
        assert_eq!(api.put("/digitaltwins/r", &body).await.faults(), [fault]);
    }
    api.put("/digitaltwins/r", &json!([])).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn sizes_are_limited() {
    let api = Api::with_models();
    let faults =
        api.put("/digitaltwins/r", &room(json!({"name": "x".repeat(4097)}))).await.faults();
    assert_eq!(faults, ["name must be at most 4096 bytes long, not a string of 4097 bytes"]);
    let tags: Vec<String> = (0..9).map(|_| "x".repeat(4000)).collect();
    let faults = api.put("/digitaltwins/r", &room(json!({"tags": tags}))).await.faults();
    assert!(faults[0].contains("at most 32768 are allowed"), "{faults:?}");

    let mut config = twinkit_emulator::digital_twins::Config::default();
    config.limits.twins = 1;
    let api = Api::with(config);
    api.instance.create_models(&crate::support::models()).unwrap();
    api.room("a").await;
    api.room("a").await;
    api.put("/digitaltwins/b", &room(json!({}))).await.refused(400, "TwinLimitReached");
}

#[tokio::test]
async fn the_list_of_faults_ends_somewhere() {
    let api = Api::with_models();
    let mut body = room(json!({}));
    for n in 0..500 {
        body[format!("p{n}")] = n.into();
    }
    let error = api.put("/digitaltwins/r", &body).await.refused(400, "ValidationFailed");
    assert!(error["error"]["message"].as_str().unwrap().contains("500 faults"), "{error}");
    assert_eq!(error["error"]["details"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn source_times_are_kept_where_written() {
    let api = Api::with_models();
    let time = "2024-01-01T00:00:00.1234567Z";
    let body = json!({
        "$metadata": {"$model": "dtmi:test:Room;1", "temp": {"sourceTime": time, "lastUpdateTime": "x"},
                      "seats": {"sourceTime": time}},
        "temp": 1,
        "thermostat": {"mode": "on", "$metadata": {"mode": {"sourceTime": time}}},
    });
    let twin = api.put("/digitaltwins/r", &body).await.expect(200).json();
    let now = &twin["$metadata"]["$lastUpdateTime"];
    assert_eq!(twin["$metadata"]["temp"], json!({"lastUpdateTime": now, "sourceTime": time}));
    assert_eq!(twin["$metadata"].get("seats"), None);
    assert_eq!(twin["thermostat"]["$metadata"]["mode"]["sourceTime"], time);
}

#[tokio::test]
async fn delete_wants_no_relationships_and_its_condition_met() {
    let api = Api::with_models();
    api.put("/digitaltwins/f", &floor(json!({}))).await.expect(200);
    let etag = api.room("r").await.etag();
    let contains = json!({"$targetId": "r", "$relationshipName": "contains"});
    api.put("/digitaltwins/f/relationships/1", &contains).await.expect(200);
    for twin in ["/digitaltwins/f", "/digitaltwins/r"] {
        api.delete(twin).await.refused(400, "RelationshipsNotDeleted");
    }
    api.delete("/digitaltwins/f/relationships/1").await.empty();
    let delete = |condition: &str| {
        let (api, condition) = (&api, condition.to_owned());
        async move { api.send("DELETE", "/digitaltwins/r", &[("If-Match", &condition)], None).await }
    };
    delete("nonsense").await.refused(400, "InvalidArgument");
    delete("W/\"7e67a355-f19c-4c19-8a10-2d69b2d2253f\"").await.refused(412, "PreconditionFailed");
    let answer = delete(&etag).await.empty();
    assert_eq!(answer.header("etag"), None);
    delete(&etag).await.refused(404, "DigitalTwinNotFound");
    api.send("DELETE", "/digitaltwins/f", &[("If-Match", "*")], None).await.empty();
    api.delete("/digitaltwins/f").await.refused(404, "DigitalTwinNotFound");
}

#[tokio::test]
async fn bodies_must_be_json_of_the_right_kind() {
    let api = Api::with_models();
    let text = Value::String("x".into());
    api.put("/digitaltwins/r", &text).await.refused(400, "InvalidArgument");
    for media in ["text/plain", "application/json-patch+json", ""] {
        let headers = [("Content-Type", media)];
        api.send("PUT", "/digitaltwins/r", &headers, Some(&room(json!({}))))
            .await
            .refused(415, "UnsupportedMediaType");
    }
    let headers = [("Content-Type", "application/json; charset=utf-8")];
    api.send("PUT", "/digitaltwins/r", &headers, Some(&room(json!({})))).await.expect(200);
    api.send("PUT", "/digitaltwins/r", &headers, None).await.refused(400, "InvalidArgument");
    api.send("PATCH", "/digitaltwins/r", &headers, Some(&json!([])))
        .await
        .refused(415, "UnsupportedMediaType");
}
