//! The query language of previews, over telemetry and properties.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use twinkit_emulator::{
    Emulator,
    clock::Clock,
    iot_central::{Config, MAIN_APPLICATION, Place, Rates},
};

use crate::support::{Caller, PREVIEW, Stage, THERMOSTAT, thermostat};

/// Two devices of a template at a fixed time, and a caller in a preview.
async fn stage() -> (Stage, Caller) {
    let start: Timestamp = "2024-05-01T00:30:00Z".parse().unwrap();
    let stage = Stage::with(Emulator::builder().clock(Clock::starting_at(start))).await;
    let stage = stage.by_api_token().await;
    let template = format!("/deviceTemplates/{THERMOSTAT}");
    stage.owner.put(&template, &thermostat()).await.expect(200);
    for id in ["a1", "b2"] {
        let body = json!({"template": THERMOSTAT, "simulated": true});
        stage.owner.put(&format!("/devices/{id}"), &body).await.expect(200);
    }
    stage.owner.put("/devices/plain", &json!({})).await.expect(200);
    let preview = stage.owner.version(PREVIEW);
    (stage, preview)
}

/// Sends a message and lets some minutes pass.
fn send(stage: &Stage, device: &str, place: &Place, values: Value, minutes: u64) {
    let Value::Object(values) = values else { panic!("an object") };
    let application = stage.emulator.iot_central(MAIN_APPLICATION).unwrap();
    application.send_telemetry(device, place, values).unwrap();
    stage.emulator.clock().advance(Duration::from_secs(minutes * 60));
}

async fn results(caller: &Caller, query: &str) -> Vec<Value> {
    let query = query.replace("TEMPLATE", THERMOSTAT);
    let answer = caller.post("/query", &json!({"query": query})).await.expect(200).json();
    assert_eq!(answer.as_object().unwrap().len(), 1);
    answer["results"].as_array().unwrap().clone()
}

#[tokio::test]
async fn telemetry_is_found_with_its_time() {
    let (stage, preview) = stage().await;
    let root = Place::root();
    send(&stage, "a1", &root, json!({"temperature": 20, "unknown": 1}), 10);
    send(&stage, "b2", &root, json!({"temperature": 22.5}), 10);
    send(&stage, "a1", &Place::component("info"), json!({"load": 7}), 10);
    send(&stage, "a1", &root, json!({"unknown": 1}), 0);
    let found = results(&preview, "SELECT $id, $ts, temperature AS t FROM TEMPLATE").await;
    assert_eq!(found.len(), 2);
    assert_eq!((&found[0]["$id"], &found[0]["t"]), (&json!("b2"), &json!(22.5)));
    assert_eq!(found[1]["t"], 20);
    let time: Timestamp = found[1]["$ts"].as_str().unwrap().parse().unwrap();
    assert_eq!(time.to_string().get(..16), Some("2024-05-01T00:30"));

    for (query, expected) in [
        (
            "SELECT temperature FROM TEMPLATE ORDER BY temperature",
            json!([{"temperature": 20}, {"temperature": 22.5}]),
        ),
        ("SELECT TOP 1 temperature FROM TEMPLATE ORDER BY $ts ASC", json!([{"temperature": 20}])),
        (
            "select temperature, info.load from TEMPLATE where $id = \"a1\"",
            json!([{"temperature": null, "info.load": 7}, {"temperature": 20, "info.load": null}]),
        ),
        (
            "SELECT temperature, info.load FROM TEMPLATE WHERE info.load <> NULL",
            json!([{"temperature": null, "info.load": 7}]),
        ),
        (
            "SELECT temperature FROM TEMPLATE WHERE temperature IN [1, 20] AND $id IN ['a1']",
            json!([{"temperature": 20}]),
        ),
        (
            "SELECT temperature FROM TEMPLATE WHERE WITHIN_WINDOW(PT25M)",
            json!([{"temperature": 22.5}]),
        ),
        (
            "SELECT temperature FROM TEMPLATE WHERE \
             WITHIN_WINDOW('2024-05-01T00:00:00Z/2024-05-01T00:35:00Z') OR temperature > 100",
            json!([{"temperature": 20}]),
        ),
    ] {
        assert_eq!(Value::from(results(&preview, query).await), expected, "{query}");
    }
}

#[tokio::test]
async fn telemetry_is_aggregated_over_windows() {
    let (stage, preview) = stage().await;
    for value in [json!(1), json!(2), json!(6), json!(5)] {
        send(&stage, "a1", &Place::root(), json!({"temperature": value}), 15);
    }
    let functions = "SUM(temperature), MAX(temperature), MIN(temperature), COUNT(temperature) AS \
                     n, AVG(temperature), FIRST(temperature), LAST(temperature)";
    let found = results(&preview, &format!("SELECT {functions} FROM TEMPLATE")).await;
    let start = found[0]["$ts"].clone();
    let expected = json!({
        "$ts": start, "sum_temperature": 14.0, "max_temperature": 6, "min_temperature": 1, "n": 4,
        "avg_temperature": 3.5, "first_temperature": 1, "last_temperature": 5,
    });
    assert_eq!(found, [expected]);
    assert!(start.as_str().unwrap().starts_with("2024-04-01T01:"), "{start}");
    let query = "SELECT $ts, AVG(temperature) FROM TEMPLATE GROUP BY WINDOW(PT1H) ORDER BY $ts";
    let found = results(&preview, query).await;
    let expected = json!([
        {"$ts": "2024-05-01T00:00:00.000Z", "avg_temperature": 1.5},
        {"$ts": "2024-05-01T01:00:00.000Z", "avg_temperature": 5.5},
    ]);
    assert_eq!(Value::from(found), expected);
    let query = "SELECT MAX(temperature) FROM TEMPLATE WHERE temperature > 100";
    assert!(results(&preview, query).await.is_empty());
}

#[tokio::test]
async fn properties_are_found_as_they_are() {
    let (stage, preview) = stage().await;
    let write = json!({"customer": "Ada", "target": 21, "info": {"owner": "Bob"}});
    stage.owner.patch("/devices/a1/properties", &write).await.expect(202);
    stage.emulator.clock().advance(Duration::from_secs(3));
    let all = "SELECT $id, customer, target AS wanted, info.owner, $simulated FROM TEMPLATE";
    let expected = json!([
        {"$id": "a1", "customer": "Ada", "wanted": 21, "info.owner": "Bob", "$simulated": true},
        {"$id": "b2", "customer": null, "wanted": null, "info.owner": null, "$simulated": true},
    ]);
    assert_eq!(Value::from(results(&preview, all).await), expected);
    for (condition, ids) in [
        ("WHERE customer = 'Ada' AND target >= 21", vec!["a1"]),
        ("WHERE customer = NULL", vec!["b2"]),
        ("WHERE $provisioned = true ORDER BY $id DESC", vec!["b2", "a1"]),
    ] {
        let found = results(&preview, &format!("SELECT $id FROM TEMPLATE {condition}")).await;
        let found: Vec<&str> = found.iter().map(|row| row["$id"].as_str().unwrap()).collect();
        assert_eq!(found, ids, "{condition}");
    }
}

#[tokio::test]
async fn bad_queries_are_refused_with_the_place() {
    let (_stage, preview) = stage().await;
    let items = ["temperature"; 16].join(", ");
    let many = ["target = 1"; 11].join(" OR ");
    for (query, told) in [
        ("SELECT * FROM TEMPLATE".to_owned(), "at character 8: a name is expected"),
        ("SELECT target FROM dtmi:none;1".to_owned(), "character 20: there is no device template"),
        ("SELECT colour FROM TEMPLATE".to_owned(), "character 8: \"colour\" is nothing"),
        ("SELECT temperature, target FROM TEMPLATE".to_owned(), "do not go together"),
        ("SELECT target FROM TEMPLATE WHERE WITHIN_WINDOW(P1D)".to_owned(), "do not go together"),
        ("SELECT target FROM TEMPLATE WHERE target IN [1]".to_owned(), "IN is for telemetry"),
        ("SELECT AVG(target) FROM TEMPLATE".to_owned(), "functions are for telemetry"),
        ("SELECT $id, AVG(temperature) FROM TEMPLATE".to_owned(), "needs a function"),
        ("SELECT temperature FROM TEMPLATE GROUP BY WINDOW(P1D)".to_owned(), "needs a function"),
        ("SELECT AVG(temperature) FROM TEMPLATE GROUP BY WINDOW(x)".to_owned(), "PT1H"),
        ("SELECT target FROM TEMPLATE ORDER BY mode".to_owned(), "is not selected"),
        ("SELECT TOP 1001 target FROM TEMPLATE".to_owned(), "1000 rows at the most"),
        ("SELECT TOP 10001 temperature FROM TEMPLATE".to_owned(), "10000 rows at the most"),
        ("SELECT TOP x target FROM TEMPLATE".to_owned(), "a number of rows"),
        (format!("SELECT {items} FROM TEMPLATE"), "more than 15 items"),
        (format!("SELECT target FROM TEMPLATE WHERE {many}"), "more than 10 operators"),
        (format!("SELECT target FROM TEMPLATE WHERE mode = '{}'", "x".repeat(350)), "350"),
    ] {
        let query = query.replace("TEMPLATE", THERMOSTAT);
        let answer = preview.post("/query", &json!({"query": query})).await;
        let message = answer.refused(422, "InvalidBody");
        assert!(message.contains(told), "{query}: {message}");
    }
    let nothing = Value::Object(Map::new());
    preview.post("/query", &nothing).await.refused(422, "InvalidBody");
    preview.get("/query").await.refused(404, "NotFound");
    preview.version("2022-07-31").post("/query", &nothing).await.refused(404, "NotFound");
}

#[tokio::test]
async fn one_query_a_second_when_rates_are_asked_for() {
    let rates = Some(Rates { requests: 100, queries: 0 });
    let config = Config { rates, ..Config::default() };
    let stage = Stage::with(Emulator::builder().iot_central(config)).await;
    let preview = stage.owner.version(PREVIEW);
    preview.post("/query", &json!({"query": "x"})).await.refused(429, "TooManyRequests");
    preview.get("/roles").await.expect(200);
}
