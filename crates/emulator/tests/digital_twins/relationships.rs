//! Relationships and their two lists.

use serde_json::{Value, json};

use crate::support::{Api, all_pages, floor};

async fn api() -> Api {
    let api = Api::with_models();
    for id in ["f", "g"] {
        api.put(&format!("/digitaltwins/{id}"), &floor(json!({}))).await.expect(200);
    }
    api.room("r").await;
    api
}

const ONE: &str = "/digitaltwins/f/relationships/1";

fn to(target: &str, name: &str) -> Value {
    json!({"$targetId": target, "$relationshipName": name})
}

#[tokio::test]
async fn put_creates_and_replaces() {
    let api = api().await;
    let body = json!({"$targetId": "r", "$relationshipName": "contains", "since": "2024-01-01",
                      "$sourceId": "x", "$relationshipId": "y", "$etag": null});
    let created = api.put(ONE, &body).await.expect(200);
    let expected = json!({
        "$relationshipId": "1", "$etag": created.etag(), "$sourceId": "f",
        "$relationshipName": "contains", "$targetId": "r", "since": "2024-01-01",
    });
    assert_eq!(created.json(), expected);
    let read = api.get(ONE).await.expect(200);
    assert_eq!((read.json(), read.etag()), (expected, created.etag()));
    let replaced = api.put(ONE, &to("g", "near")).await.expect(200);
    assert_ne!(replaced.etag(), created.etag());
    assert_eq!(api.get("/digitaltwins/r/incomingrelationships").await.json()["value"], json!([]));
    let create = [("If-None-Match", "*")];
    api.send("PUT", ONE, &create, Some(&to("g", "near"))).await.refused(412, "PreconditionFailed");
    let two = "/digitaltwins/f/relationships/2";
    api.send("PUT", two, &create, Some(&to("g", "near"))).await.expect(200);
    // The same id under another source is another relationship.
    api.put("/digitaltwins/g/relationships/1", &to("f", "near")).await.expect(200);
    assert_eq!(api.instance.counts().2, 3);
}

#[tokio::test]
async fn what_the_models_do_not_allow_is_refused() {
    let api = api().await;
    for (body, code) in [
        (to("r", "holds"), "InvalidRelationship"),
        (to("g", "serves"), "InvalidRelationship"),
        (to("f", "near"), "OperationNotAllowed"),
        (json!({"$targetId": "r", "$relationshipName": "near", "x": 1}), "InvalidRelationship"),
        (
            json!({"$targetId": "r", "$relationshipName": "contains", "since": 1}),
            "ValidationFailed",
        ),
        (json!([]), "InvalidArgument"),
    ] {
        api.put(ONE, &body).await.refused(400, code);
    }
    let faults = api.put(ONE, &json!({"$targetId": 1})).await.faults();
    assert_eq!(
        faults,
        ["$relationshipName is missing", "$targetId must be a string with text, not 1"]
    );
    api.put("/digitaltwins/r/relationships/1", &to("f", "contains"))
        .await
        .refused(400, "InvalidRelationship");
    api.put(ONE, &to("none", "near")).await.refused(404, "TargetTwinNotFound");
    api.put("/digitaltwins/none/relationships/1", &to("r", "near"))
        .await
        .refused(404, "DigitalTwinNotFound");
    // A declared target takes twins of models that extend it.
    api.put(ONE, &to("g", "contains")).await.expect(200);
    api.put(ONE, &to("r", "serves")).await.expect(200);
    let long = format!("/digitaltwins/f/relationships/{}", "a".repeat(129));
    api.put(&long, &to("r", "near")).await.refused(400, "InvalidArgument");
}

#[tokio::test]
async fn the_recorded_spelling_of_a_missing_target_can_be_set() {
    let spelling = twinkit_emulator::digital_twins::Spelling::recorded();
    let api = Api::with(twinkit_emulator::digital_twins::Config { spelling, ..Default::default() });
    api.instance.create_models(&crate::support::models()).unwrap();
    api.put("/digitaltwins/f", &floor(json!({}))).await.expect(200);
    api.put(ONE, &to("none", "near")).await.refused(404, "TargetDigitalTwinNotFound");
    api.get("/jobs/imports/none").await.refused(404, "JobNotFound");
}

#[tokio::test]
async fn missing_relationships_and_twins_are_told_apart() {
    let api = api().await;
    for (method, body) in [("GET", None), ("DELETE", None), ("PATCH", Some(json!([])))] {
        api.send(method, ONE, &[], body.as_ref()).await.refused(404, "RelationshipNotFound");
        let path = "/digitaltwins/none/relationships/1";
        api.send(method, path, &[], body.as_ref()).await.refused(404, "DigitalTwinNotFound");
        let path = "/digitaltwins/f/relationships/";
        api.send(method, path, &[], body.as_ref()).await.refused(400, "InvalidArgument");
    }
    for list in ["relationships", "incomingrelationships"] {
        let path = format!("/digitaltwins/none/{list}");
        api.get(&path).await.refused(404, "DigitalTwinNotFound");
        let path = format!("/digitaltwins/{}/{list}", "a".repeat(129));
        api.get(&path).await.refused(400, "InvalidArgument");
    }
}

#[tokio::test]
async fn patch_reaches_properties_only() {
    let api = api().await;
    let etag = api.put(ONE, &to("r", "contains")).await.etag();
    let since = |value: Value| json!([{"op": "add", "path": "/since", "value": value}]);
    let patched = api.patch(ONE, &since(json!("2024-02-29"))).await.empty();
    assert_ne!(patched.etag(), etag);
    let read = api.get(ONE).await;
    assert_eq!((read.json()["since"].clone(), read.etag()), (json!("2024-02-29"), patched.etag()));
    let faults = api.patch(ONE, &since(json!("2023-02-29"))).await.faults();
    assert_eq!(faults, ["since must be of schema date, not \"2023-02-29\""]);
    let unknown = json!([{"op": "add", "path": "/x", "value": 1}]);
    api.patch(ONE, &unknown).await.refused(400, "InvalidRelationship");
    for bad in [
        json!([{"op": "replace", "path": "/$targetId", "value": "g"}]),
        json!([{"op": "remove", "path": "/$relationshipName"}]),
        json!([{"op": "remove", "path": "/x"}]),
        json!([{"op": "test", "path": "/since", "value": 1}]),
    ] {
        api.patch(ONE, &bad).await.refused(400, "JsonPatchInvalid");
    }
    let stale = [("If-Match", etag.as_str())];
    let patch = since(json!("2024-01-01"));
    api.send("PATCH", ONE, &stale, Some(&patch)).await.refused(412, "PreconditionFailed");
    api.send("PATCH", ONE, &[("If-Match", "x")], Some(&patch))
        .await
        .refused(400, "InvalidArgument");
    let remove = json!([{"op": "remove", "path": "/since"}]);
    let current = patched.etag();
    api.send("PATCH", ONE, &[("If-Match", &current)], Some(&remove)).await.empty();
    assert_eq!(api.get(ONE).await.json().get("since"), None);
    assert_eq!(api.get("/digitaltwins/f").await.etag(), api.get("/digitaltwins/f").await.etag());
}

#[tokio::test]
async fn delete_honours_its_condition() {
    let api = api().await;
    let etag = api.put(ONE, &to("r", "near")).await.etag();
    api.send("DELETE", ONE, &[("If-Match", "W/\"a\"")], None)
        .await
        .refused(412, "PreconditionFailed");
    api.send("DELETE", ONE, &[("If-Match", "a")], None).await.refused(400, "InvalidArgument");
    let answer = api.send("DELETE", ONE, &[("If-Match", &etag)], None).await.empty();
    assert_eq!(answer.header("etag"), None);
    api.delete(ONE).await.refused(404, "RelationshipNotFound");
}

#[tokio::test]
async fn lists_are_paged_without_being_asked() {
    let api = api().await;
    for n in 10..35 {
        let path = format!("/digitaltwins/f/relationships/{n}");
        let name = if n % 5 == 0 { "contains" } else { "near" };
        api.put(&path, &to(if n < 30 { "r" } else { "g" }, name)).await.expect(200);
    }
    let sizes = |pages: &[Vec<Value>]| pages.iter().map(Vec::len).collect::<Vec<_>>();
    let pages = all_pages(&api, "/digitaltwins/f/relationships", &[]).await;
    assert_eq!(sizes(&pages), [10, 10, 5]);
    assert_eq!(pages[0][0], api.get("/digitaltwins/f/relationships/10").await.json());
    let named = "/digitaltwins/f/relationships?relationshipName=near";
    let pages = all_pages(&api, named, &[]).await;
    assert_eq!(sizes(&pages), [10, 10]);
    assert!(pages.iter().flatten().all(|row| row["$relationshipName"] == "near"));
    let none = "/digitaltwins/f/relationships?relationshipName=Near";
    assert_eq!(sizes(&all_pages(&api, none, &[]).await), [0]);

    let incoming = all_pages(&api, "/digitaltwins/r/incomingrelationships", &[]).await;
    assert_eq!(sizes(&incoming), [10, 10]);
    assert_eq!(
        incoming[0][0],
        json!({
            "$relationshipId": "10", "$sourceId": "f", "$relationshipName": "contains",
            "$relationshipLink":
                "http://adt.example:8443/digitaltwins/f/relationships/10?api-version=2023-10-31",
        })
    );
    let mut ids: Vec<&str> =
        incoming.iter().flatten().map(|row| row["$relationshipId"].as_str().unwrap()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20);
    let other = "/digitaltwins/g/relationships?continuationToken=abc";
    api.get(other).await.refused(400, "BadRequest");
}

#[tokio::test]
async fn ids_in_links_are_encoded() {
    let api = api().await;
    api.put("/digitaltwins/a%2Fb%3F", &floor(json!({}))).await.expect(200);
    for n in 0..11 {
        let path = format!("/digitaltwins/a%2Fb%3F/relationships/r%20{n:02}");
        api.put(&path, &to("r", "near")).await.expect(200);
    }
    let pages = all_pages(&api, "/digitaltwins/a%2Fb%3F/relationships", &[]).await;
    assert_eq!(pages.iter().map(Vec::len).sum::<usize>(), 11);
    let incoming = api.get("/digitaltwins/r/incomingrelationships").await.json();
    let link = incoming["value"][0]["$relationshipLink"].as_str().unwrap();
    let path = link.strip_prefix("http://adt.example:8443").unwrap();
    assert_eq!(api.get(path).await.expect(200).json()["$relationshipId"], "r 00");
}
