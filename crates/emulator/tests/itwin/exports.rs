//! Exports: files with lists of iTwins.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{MISSING, Stage, client};

const INVALID: &str = "InvalidiTwinsRequest";
const HOUR: Duration = Duration::from_secs(3600);

async fn start(stage: &Stage, body: &Value) -> String {
    let made = stage.ada.post("/itwins/exports", body).await.expect(201).json();
    let export = &made["export"];
    assert_eq!((&export["status"], &export["outputUrl"]), (&json!("Queued"), &Value::Null));
    assert_eq!(export["request"], *body);
    format!("/itwins/exports/{}", export["id"].as_str().unwrap())
}

async fn file(stage: &Stage, body: &Value) -> Vec<u8> {
    let path = start(stage, body).await;
    stage.emulator.clock().advance(Duration::from_secs(3));
    let export = stage.ada.get(&path).await.expect(200).json();
    assert_eq!(export["export"]["status"], "Completed");
    let url = export["export"]["outputUrl"].as_str().unwrap();
    client().get(url).send().await.unwrap().bytes().await.unwrap().to_vec()
}

#[tokio::test]
async fn an_export_runs_and_holds_what_was_asked_for() {
    let stage = Stage::new().await;
    for name in ["One", "Two, \"quoted\""] {
        stage.ada.new_itwin(name).await;
    }
    let csv = json!({"outputFormat": "Csv", "select": "displayName,subClass"});
    let text = String::from_utf8(file(&stage, &csv).await).unwrap();
    assert_eq!(text, "displayName,subClass\r\nOne,Asset\r\n\"Two, \"\"quoted\"\"\",Asset\r\n");
    let gzip = json!({
        "outputFormat": "JsonGZip", "filter": "displayName eq 'One'", "select": "displayName",
        "queryScope": "OrganizationAdmin", "subClass": "Asset,Project", "includeInactive": true,
    });
    let bytes = file(&stage, &gzip).await;
    assert_eq!(bytes[..2], [0x1f, 0x8b]);
    let content: Value = serde_json::from_slice(&bytes[15..bytes.len() - 8]).unwrap();
    assert_eq!(content, json!([{"displayName": "One"}]));
    let bytes = file(&stage, &json!({"outputFormat": "JsonZipArchive"})).await;
    assert_eq!(&bytes[..4], b"PK\x03\x04");
}

#[tokio::test]
async fn an_export_goes_through_its_states_and_expires() {
    let stage = Stage::new().await;
    let path = start(&stage, &json!({"outputFormat": "Csv"})).await;
    stage.emulator.clock().advance(Duration::from_secs(1));
    let export = stage.ada.get(&path).await.expect(200).json();
    assert_eq!(export["export"]["status"], "InProgress");
    assert!(export["export"]["startedDateTime"].is_string());
    assert_eq!(export["export"]["completedDateTime"], Value::Null);
    let list = stage.ada.get("/itwins/exports").await.expect(200).json();
    assert_eq!(list["exports"].as_array().unwrap().len(), 1);
    let others = stage.service.get("/itwins/exports").await.expect(200).json();
    assert_eq!(others["exports"], json!([]));
    stage.service.get(&path).await.refused(404, "ExportNotFound");
    stage.ada.get(&format!("/itwins/exports/{MISSING}")).await.refused(404, "ExportNotFound");
}

#[tokio::test]
async fn exports_are_one_at_a_time_and_three_in_an_hour() {
    let stage = Stage::new().await;
    let body = json!({"outputFormat": "Csv"});
    start(&stage, &body).await;
    let refused = stage.ada.post("/itwins/exports", &body).await;
    assert!(refused.headers.get("retry-after").is_none());
    refused.refused(429, "RateLimitExceeded");
    for _ in 0..2 {
        stage.emulator.clock().advance(Duration::from_secs(2));
        start(&stage, &body).await;
    }
    stage.emulator.clock().advance(Duration::from_secs(2));
    stage.ada.post("/itwins/exports", &body).await.refused(429, "RateLimitExceeded");
    stage.service.post("/itwins/exports", &body).await.expect(201);
    assert!(HOUR > Duration::from_secs(6), "all of it within the hour");
}

#[tokio::test]
async fn exports_that_cannot_be_made_are_refused() {
    let stage = Stage::new().await;
    for (body, detail, target) in [
        (json!({}), "MissingRequiredProperty", "outputFormat"),
        (json!({"outputFormat": "Xml"}), "InvalidValue", "outputFormat"),
        (json!({"outputFormat": "Csv", "queryScope": "All"}), "InvalidValue", "queryScope"),
        (json!({"outputFormat": "Csv", "subClass": "Road"}), "InvalidValue", "subClass"),
        (json!({"outputFormat": "Csv", "select": "id,colour"}), "InvalidValue", "$select"),
        (json!({"outputFormat": "Csv", "filter": "colour"}), "InvalidValue", "$filter"),
    ] {
        let answer = stage.ada.post("/itwins/exports", &body).await;
        answer.refused_for(INVALID, detail, target);
    }
}
