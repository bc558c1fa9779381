//! The refusals that the tests of the vendor's own clients expect of the platform,
//! replayed: `expected_errors.json` says what is sent and what must come back.
//!
//! In it `{missing}` is a GUID that nothing has; `{iTwin}`, `{repository}`,
//! `{group}` and `{role}` are there. A status may be one of several.

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    image::png,
    support::{Answer, MISSING, Stage},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    method: String,
    path: String,
    #[serde(default)]
    query: serde_json::Map<String, Value>,
    body: Option<Value>,
    /// Width, height and length of a picture that is the body.
    png: Option<(u32, u32, usize)>,
    authorization: Option<String>,
    status: Value,
    code: Option<String>,
    /// Code and target of details that must be among the error's.
    #[serde(default)]
    details: Vec<(String, String)>,
}

/// What the placeholders stand for.
async fn fill(stage: &Stage) -> Vec<(&'static str, String)> {
    let body =
        json!({"class": "Thing", "subClass": "Asset", "displayName": "Bridge", "number": "B-1"});
    let made = stage.ada.post("/itwins", &body).await.expect(201).json();
    let itwin = made["iTwin"]["id"].as_str().unwrap().to_owned();
    let body = json!({
        "class": "GeographicInformationSystem", "subClass": "WebMapService",
        "displayName": "Maps", "uri": "https://maps.example.com/wms",
    });
    let path = format!("/itwins/{itwin}/repositories");
    let made = stage.ada.post(&path, &body).await.expect(201).json();
    let repository = made["repository"]["id"].as_str().unwrap().to_owned();
    let body = json!({"id": "layer", "displayName": "Layer"});
    stage.ada.post(&format!("{path}/{repository}/resources"), &body).await.expect(201);
    let body = json!({"name": "Builders", "description": ""});
    let path = format!("/accesscontrol/itwins/{itwin}/groups");
    let made = stage.ada.post(&path, &body).await.expect(201).json();
    let group = made["group"]["id"].as_str().unwrap().to_owned();
    let role = stage.ada.new_role(&itwin, "Readers", &[]).await;
    vec![
        ("{missing}", MISSING.to_owned()),
        ("{iTwin}", itwin),
        ("{repository}", repository),
        ("{group}", group),
        ("{role}", role),
    ]
}

async fn send(stage: &Stage, case: &Case, filled: &[(&str, String)]) -> Answer {
    let fill =
        |text: String| filled.iter().fold(text, |text, (name, value)| text.replace(name, value));
    let pairs = case.query.iter().map(|(name, value)| (name, value.as_str().unwrap()));
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let path = format!("{}?{query}", fill(case.path.clone()));
    let (media, body) = match (case.png, &case.body) {
        (Some((width, height, length)), _) => ("image/png", Some(png(width, height, length))),
        (None, Some(body)) => ("application/json", Some(fill(body.to_string()).into_bytes())),
        (None, None) => ("application/json", None),
    };
    let caller = match &case.authorization {
        Some(authorization) => stage.ada.as_whom(authorization),
        None => stage.ada.clone(),
    };
    caller.send(&case.method, &path, &[("content-type", media)], body).await
}

#[tokio::test]
async fn every_refusal_is_the_expected_one() {
    let stage = Stage::new().await;
    let filled = fill(&stage).await;
    let cases: Vec<Case> = serde_json::from_str(include_str!("expected_errors.json")).unwrap();
    assert!(cases.len() > 80);
    for case in &cases {
        let answer = send(&stage, case, &filled).await;
        let told = format!("{} {} {:?}: {}", case.method, case.path, case.body, answer.text);
        let status = json!(answer.status.as_u16());
        let statuses = case.status.as_array().cloned().unwrap_or_else(|| vec![case.status.clone()]);
        assert!(statuses.contains(&status), "{status} of {told}");
        if answer.status.is_success() {
            continue;
        }
        let error = &answer.json()["error"];
        assert!(error["message"].is_string(), "{told}");
        if let Some(code) = &case.code {
            assert_eq!(error["code"], *code, "{told}");
        }
        let details = error["details"].as_array().cloned().unwrap_or_default();
        for (code, target) in &case.details {
            let is = |detail: &Value| detail["code"] == *code && detail["target"] == *target;
            assert!(details.iter().any(is), "{told}");
        }
    }
}
