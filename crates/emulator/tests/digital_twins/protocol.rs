//! What all operations have in common: versions, methods, headers.

use serde_json::{Value, json};
use twinkit_emulator::digital_twins::{Config, Rates};

use crate::support::{Api, room};

#[tokio::test]
async fn a_known_version_is_needed() {
    let api = Api::new();
    for bad in ["?api-version=", "?api-version=2019-01-01", "?Api-Version=x"] {
        let uri = format!("/models{bad}&x=api-version");
        api.get(&uri).await.refused(400, "InvalidArgument");
    }
    api.get("/models?x=api-version").await.refused(400, "InvalidArgument");
    for good in ["2020-10-31", "2022-05-31", "2023-02-27-preview", "2023-06-30", "2023-10-31"] {
        api.get(&format!("/models?api-version={good}")).await.expect(200);
        api.get(&format!("/models?Api-Version={good}&api-version={good}")).await.expect(200);
    }
}

#[tokio::test]
async fn the_oldest_version_lacks_the_newer_members() {
    let api = Api::with_models();
    api.put("/digitaltwins/r", &room(json!({"temp": 1}))).await.expect(200);
    let time = json!([{"op": "add", "path": "/$metadata/temp/sourceTime",
                       "value": "2024-01-01T00:00:00Z"}]);
    api.patch("/digitaltwins/r", &time).await.empty();
    let old = api.get("/digitaltwins/r?api-version=2020-10-31").await.expect(200);
    let twin = old.json();
    assert_eq!(old.header("etag"), twin["$etag"].as_str());
    assert_eq!(twin["$metadata"].get("$lastUpdateTime"), None);
    assert_eq!(twin["$metadata"]["temp"].get("sourceTime"), None);
    assert!(twin["$metadata"]["temp"]["lastUpdateTime"].is_string());
    assert_eq!(twin["thermostat"]["$metadata"], json!({}));
    let query = json!({"query": "SELECT T FROM DIGITALTWINS T"});
    let rows = api.post("/query?api-version=2020-10-31", &query).await.expect(200).json();
    assert_eq!(rows["value"][0]["T"], twin);
    let missing = api.get("/digitaltwins/x?api-version=2020-10-31").await.expect(404);
    assert_eq!(missing.header("x-ms-error-code"), None);
    assert_eq!(missing.json()["error"]["code"], "DigitalTwinNotFound");
}

#[tokio::test]
async fn older_versions_spell_as_recorded() {
    let api = Api::with_models();
    api.put("/digitaltwins/f", &crate::support::floor(json!({}))).await.expect(200);
    let body = json!({"$targetId": "none", "$relationshipName": "near"});
    let path = "/digitaltwins/f/relationships/1?api-version=";
    for (version, code) in [
        ("2022-05-31", "TargetDigitalTwinNotFound"),
        ("2023-02-27-preview", "TargetDigitalTwinNotFound"),
        ("2023-10-31", "TargetTwinNotFound"),
    ] {
        api.put(&format!("{path}{version}"), &body).await.refused(404, code);
    }
    let path = "/jobs/imports/none?api-version=";
    api.get(&format!("{path}2023-02-27-preview")).await.refused(404, "JobNotFound");
    api.get(&format!("{path}2023-06-30")).await.refused(404, "ImportJobNotFound");
}

#[tokio::test]
async fn jobs_came_with_later_versions() {
    let api = Api::new();
    for (path, version, status) in [
        ("/jobs/imports", "2022-05-31", 404),
        ("/jobs/imports", "2023-02-27-preview", 200),
        ("/jobs/imports", "2023-06-30", 200),
        ("/jobs/deletions", "2023-06-30", 404),
        ("/jobs/deletions", "2023-10-31", 200),
    ] {
        api.get(&format!("{path}?api-version={version}")).await.expect(status);
    }
}

#[tokio::test]
async fn unknown_paths_and_methods() {
    let api = Api::new();
    api.get("/nothing").await.refused(404, "NotFound");
    let answer = api.send("POST", "/digitaltwins/a", &[], None).await;
    assert_eq!(answer.header("allow"), Some("GET, PUT, PATCH, DELETE"));
    answer.refused(405, "MethodNotAllowed");
}

#[tokio::test]
async fn every_answer_has_the_common_headers() {
    let api = Api::new();
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    for path in ["/models", "/digitaltwins/none", "/nothing"] {
        let answer = api.send("GET", path, &[("traceparent", trace)], None).await;
        assert_eq!(answer.header("mise-correlation-id").unwrap().len(), 36);
        let response = answer.header("traceresponse").unwrap();
        assert!(response.starts_with("00-0af7651916cd43dd8448eb211c80319c-"), "{response}");
        assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"));
        assert_eq!(answer.header("strict-transport-security"), None);
    }
    let secure = Api::with(Config { tls: true, ..Config::default() });
    let many: Vec<Value> = (0..101)
        .map(|n| {
            json!({"@id": format!("dtmi:a:M{n};1"), "@type": "Interface",
                        "@context": "dtmi:dtdl:context;2"})
        })
        .collect();
    secure.instance.create_models(&many).unwrap();
    let answer = secure.get("/models").await.expect(200);
    assert_eq!(answer.header("strict-transport-security"), Some("max-age=2592000"));
    let link = answer.json()["nextLink"].as_str().unwrap().to_owned();
    assert!(link.starts_with("https://adt.example:8443/Models?"), "{link}");
}

#[tokio::test(start_paused = true)]
async fn rates_can_be_limited() {
    let rates = Rates { queries: 2, writes_per_twin: 3, ..Rates::default() };
    let api = Api::with(Config { rates: Some(rates), ..Config::default() });
    api.instance.create_models(&crate::support::models()).unwrap();
    let query = json!({"query": "SELECT * FROM DIGITALTWINS"});
    for _ in 0..2 {
        api.post("/query", &query).await.expect(200);
    }
    let refused = api.post("/query", &query).await;
    assert_eq!(refused.header("retry-after"), Some("1"));
    refused.refused(429, "QuotaReachedError");
    for _ in 0..3 {
        api.room("r").await;
    }
    let refused = api.delete("/digitaltwins/r").await.expect(429);
    assert_eq!(refused.header("retry-after"), Some("1"));
    let error = &refused.json()["error"];
    assert_eq!((&error["statusCode"], error.get("code")), (&json!(429), None));
    api.get("/digitaltwins/r").await.expect(200);
    api.room("other").await;
    api.clock.advance(std::time::Duration::from_secs(1));
    api.post("/query", &query).await.expect(200);
    api.delete("/digitaltwins/r").await.empty();
}

#[tokio::test]
async fn bodies_are_read_up_to_a_limit() {
    let api = Api::with_models();
    let large = json!({"name": "x".repeat(2 * 1024 * 1024)});
    api.put("/digitaltwins/r", &large).await.refused(413, "PayloadTooLarge");
    let headers = [("Message-Id", "m")];
    api.room("r").await;
    let payload = json!({"x": "x".repeat(40_000)});
    let path = "/digitaltwins/r/telemetry";
    let faults = api.send("POST", path, &headers, Some(&payload)).await.faults();
    assert!(faults[0].contains("at most 32768"), "{faults:?}");
}
