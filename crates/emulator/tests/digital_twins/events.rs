//! Telemetry, and the events that changes cause.

use serde_json::{Value, json};

use crate::support::{Api, floor};

async fn api(filter: &str) -> Api {
    let api = Api::with_models();
    let route = json!({"endpointName": "events", "filter": filter});
    api.put("/eventroutes/all", &route).await.empty();
    api
}

/// The events so far, without what differs each time.
fn events(api: &Api) -> Vec<Value> {
    let events = api.instance.events();
    api.instance.clear_events();
    events
        .iter()
        .map(|delivered| {
            assert_eq!((delivered.route.as_str(), delivered.endpoint.as_str()), ("all", "events"));
            let mut event = delivered.event.to_json();
            let members = event.as_object_mut().unwrap();
            assert_eq!(members.remove("specversion"), Some(json!("1.0")));
            assert_eq!(members.remove("datacontenttype"), Some(json!("application/json")));
            assert!(members["time"].as_str().unwrap().ends_with('Z'));
            if members["type"] != "microsoft.iot.telemetry" {
                assert_eq!(members.remove("id").unwrap().as_str().unwrap().len(), 36);
                members.remove("time");
            }
            event
        })
        .collect()
}

#[tokio::test]
async fn changes_of_twins_are_told() {
    let api = api("true").await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let created = api
        .send(
            "PUT",
            "/digitaltwins/f",
            &[("traceparent", trace)],
            Some(&floor(json!({"name": "a"}))),
        )
        .await
        .expect(200)
        .json();
    assert_eq!(
        events(&api),
        [json!({"type": "Microsoft.DigitalTwins.Twin.Create", "source": "localhost",
                "subject": "f", "traceparent": trace, "data": created})]
    );
    let patch = json!([{"op": "replace", "path": "/name", "value": "b"}]);
    api.patch("/digitaltwins/f", &patch).await.empty();
    let updated = |patch: Value| {
        json!({"type": "Microsoft.DigitalTwins.Twin.Update", "source": "localhost", "subject": "f",
               "data": {"modelId": "dtmi:test:Floor;1", "patch": patch}})
    };
    assert_eq!(events(&api), [updated(patch)]);
    let replaced = floor(json!({"name": "c", "size": {}}));
    api.put("/digitaltwins/f", &replaced).await.expect(200);
    api.put("/digitaltwins/f", &floor(json!({"size": {}}))).await.expect(200);
    assert_eq!(
        events(&api),
        [
            updated(json!([{"value": "c", "path": "/name", "op": "replace"},
                           {"value": {}, "path": "/size", "op": "add"}])),
            updated(json!([{"path": "/name", "op": "remove"}])),
        ]
    );
    let last = api.get("/digitaltwins/f").await.json();
    api.delete("/digitaltwins/f").await.empty();
    assert_eq!(
        events(&api),
        [json!({"type": "Microsoft.DigitalTwins.Twin.Delete", "source": "localhost",
                "subject": "f", "data": last})]
    );
}

#[tokio::test]
async fn changes_of_components_are_told_with_paths_of_the_twin() {
    let api = api("true").await;
    api.room("r").await;
    events(&api);
    let patch = json!([{"op": "add", "path": "/setPoint", "value": 1}]);
    api.patch("/digitaltwins/r/components/thermostat", &patch).await.empty();
    let told = &events(&api)[0]["data"]["patch"];
    assert_eq!(*told, json!([{"op": "add", "path": "/thermostat/setPoint", "value": 1}]));
}

#[tokio::test]
async fn changes_of_relationships_are_told() {
    let api = api("subject = 'f/relationships/1'").await;
    api.put("/digitaltwins/f", &floor(json!({}))).await.expect(200);
    api.room("r").await;
    let path = "/digitaltwins/f/relationships/1";
    let body = json!({"$targetId": "r", "$relationshipName": "contains"});
    let created = api.put(path, &body).await.expect(200).json();
    let patch = json!([{"op": "add", "path": "/since", "value": "2024-01-01"}]);
    api.patch(path, &patch).await.empty();
    let last = api.get(path).await.json();
    api.delete(path).await.empty();
    let event = |kind: &str, data: Value| {
        json!({"type": format!("Microsoft.DigitalTwins.Relationship.{kind}"),
               "source": "localhost", "subject": "f/relationships/1", "data": data})
    };
    assert_eq!(
        events(&api),
        [
            event("Create", created),
            event("Update", json!({"modelId": "dtmi:test:Floor;1", "patch": patch})),
            event("Delete", last),
        ]
    );
}

#[tokio::test]
async fn telemetry_is_told_and_not_stored() {
    let api = api("type = 'microsoft.iot.telemetry'").await;
    let etag = api.room("r").await.etag();
    let time = "2024-01-01T00:00:00.123Z";
    let headers = [("Message-Id", "m1"), ("Telemetry-Source-Time", time)];
    let payload = json!({"motion": true, "undeclared": 1});
    api.send("POST", "/digitaltwins/r/telemetry", &headers, Some(&payload)).await.empty();
    let path = "/digitaltwins/r/components/thermostat/telemetry";
    api.send("POST", path, &headers, Some(&payload)).await.empty();
    let event = |subject: &str| {
        json!({"type": "microsoft.iot.telemetry", "id": "m1", "time": time,
               "source": "localhost/digitaltwins/r", "subject": subject,
               "dataschema": "dtmi:test:Room;1", "data": payload})
    };
    assert_eq!(events(&api), [event(""), event("thermostat")]);
    assert_eq!(api.get("/digitaltwins/r").await.etag(), etag);
}

#[tokio::test]
async fn bad_telemetry_is_refused() {
    let api = api("true").await;
    api.room("r").await;
    events(&api);
    let id = ("Message-Id", "m1");
    let own = "/digitaltwins/r/telemetry";
    let part = "/digitaltwins/r/components/thermostat/telemetry";
    let payload = json!({});
    for path in [own, part] {
        api.post(path, &payload).await.refused(400, "InvalidArgument");
        let empty = [("Message-Id", "")];
        api.send("POST", path, &empty, Some(&payload)).await.refused(400, "InvalidArgument");
        let time = [id, ("Telemetry-Source-Time", "yesterday")];
        api.send("POST", path, &time, Some(&payload)).await.refused(400, "InvalidArgument");
        let faults = api.send("POST", path, &[id], Some(&json!([1]))).await.faults();
        assert_eq!(faults, ["the payload must be a JSON object"]);
    }
    for (path, code) in [
        ("/digitaltwins/none/telemetry", "DigitalTwinNotFound"),
        ("/digitaltwins/none/components/thermostat/telemetry", "DigitalTwinNotFound"),
        ("/digitaltwins/r/components/none/telemetry", "ComponentNotFound"),
    ] {
        api.send("POST", path, &[id], Some(&payload)).await.refused(404, code);
    }
    assert_eq!(events(&api), [] as [Value; 0]);
}

#[tokio::test]
async fn routes_let_through_what_they_say() {
    let api = api("type = 'Microsoft.DigitalTwins.Twin.Delete' AND subject = 'b'").await;
    for id in ["a", "b"] {
        api.room(id).await;
        api.delete(&format!("/digitaltwins/{id}")).await.empty();
    }
    let told = events(&api);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["subject"], "b");
    api.put("/eventroutes/all", &json!({"endpointName": "events", "filter": "false"}))
        .await
        .empty();
    api.room("b").await;
    assert_eq!(events(&api).len(), 0);
}
