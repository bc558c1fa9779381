//! Data export, which previews have: destinations with secrets, exports to them.

use serde_json::{Value, json};

use crate::support::{BUILDER, Caller, PREVIEW, Stage};

const DESTINATION: &str = "/dataExport/destinations/hub%201";
const EXPORT: &str = "/dataExport/exports/all";

fn event_hub() -> Value {
    json!({"displayName": "Hub", "type": "eventhubs@v1", "authorization": {
        "type": "connectionString",
        "connectionString": "Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey=c2VjcmV0",
    }})
}

fn export(destination: &str) -> Value {
    json!({
        "displayName": "All", "enabled": true, "source": "telemetry",
        "destinations": [{"id": destination}],
    })
}

async fn preview() -> (Stage, Caller) {
    let stage = Stage::new().await;
    let preview = stage.owner.version(PREVIEW);
    (stage, preview)
}

#[tokio::test]
async fn destinations_hide_their_secrets() {
    let (stage, preview) = preview().await;
    let made = preview.put(DESTINATION, &event_hub()).await.expect(200).json();
    let shown = "Endpoint=sb://x/;SharedAccessKeyName=k;SharedAccessKey=*****";
    let whole = json!({
        "id": "hub 1", "displayName": "Hub", "type": "eventhubs@v1", "status": "waiting",
        "authorization": {"type": "connectionString", "connectionString": shown},
    });
    assert_eq!(made, whole);
    let message = preview.put(DESTINATION, &made).await.refused(422, "InvalidBody");
    assert!(message.contains("asterisks"), "{message}");
    let patch = json!({"displayName": "Other"});
    let changed = preview.patch(DESTINATION, &patch).await.expect(200).json();
    assert_eq!((&changed["displayName"], &changed["id"]), (&json!("Other"), &json!("hub 1")));

    let hook = json!({
        "displayName": "Hook", "type": "webhook@v1", "url": "https://hook.example",
        "authorization": {"type": "oauth", "tokenUrl": "https://t.example", "clientId": "c",
            "clientSecret": "hidden-1"},
        "headerCustomizations": {
            "x-key": {"value": "hidden-2", "secret": true}, "x-plain": {"value": "seen"},
        },
    });
    let path = "/dataExport/destinations/hook";
    let made = preview.put(path, &hook).await.expect(200);
    assert!(!made.text.contains("hidden") && made.text.contains("seen"), "{}", made.text);
    assert_eq!(made.json()["headerCustomizations"]["x-key"]["value"], "*****");
    preview.put(path, &made.json()).await.refused(422, "InvalidBody");
    assert_eq!(preview.all("/dataExport/destinations").await.0.len(), 2);
    stage.owner.get("/dataExport/destinations").await.refused(404, "NotFound");
}

#[tokio::test]
async fn exports_go_to_destinations_that_are_there() {
    let (_stage, preview) = preview().await;
    let message = preview.put(EXPORT, &export("hub 1")).await.refused(422, "InvalidBody");
    assert!(message.contains("names no destination"), "{message}");
    let destination = preview.put(DESTINATION, &event_hub()).await.expect(200).json();
    let made = preview.put(EXPORT, &export("hub 1")).await.expect(200).json();
    let mut whole = export("hub 1");
    whole["id"] = "all".into();
    whole["status"] = "healthy".into();
    assert_eq!(made, whole);
    let (destinations, _) = preview.all(&format!("{EXPORT}/destinations")).await;
    assert_eq!(destinations[0]["status"], "healthy");
    assert_eq!(destinations[0]["authorization"], destination["authorization"]);
    assert_eq!(preview.all(&format!("{DESTINATION}/exports")).await.0, [made]);
    preview.delete(DESTINATION).await.refused(409, "Conflict");

    let off = preview.patch(EXPORT, &json!({"enabled": false})).await.expect(200).json();
    assert_eq!(off["status"], "notStarted");
    assert_eq!(preview.get(DESTINATION).await.json()["status"], "waiting");
    preview.delete(EXPORT).await.expect(204);
    preview.delete(DESTINATION).await.expect(204);
    preview.get(&format!("{EXPORT}/destinations")).await.refused(404, "NotFound");
}

#[tokio::test]
async fn bad_ones_are_refused_with_all_their_faults() {
    let (stage, preview) = preview().await;
    let top_level = json!({"displayName": "x", "type": "eventhubs@v1", "connectionString": "x"});
    let wrong_kind = json!({"displayName": "x", "type": "blobstorage@v1", "authorization":
        {"type": "servicePrincipal"}});
    let incomplete = json!({"displayName": "x", "type": "dataexplorer@v1", "authorization":
        {"type": "servicePrincipal", "clientId": "c"}});
    for (body, told) in [
        (top_level, vec!["authorization is missing"]),
        (wrong_kind, vec!["authorization.type is not one of connectionString, system"]),
        (incomplete, vec!["clusterUrl", "database", "table", "authorization.clientSecret"]),
        (json!({"type": "ftp@v1"}), vec!["displayName is missing", "type is not one of blob"]),
    ] {
        let message = preview.put(DESTINATION, &body).await.refused(422, "InvalidBody");
        for part in told {
            assert!(message.contains(part), "{part}: {message}");
        }
    }
    let bad = json!({"source": "rumours", "destinations": [{}], "enrichments": {"a": {}, "b": 1}});
    let message = preview.put(EXPORT, &bad).await.refused(422, "InvalidBody");
    for part in [
        "displayName is missing",
        "enabled is missing",
        "source is not one of telemetry",
        "destinations.0.id is missing",
        "enrichments.a has neither",
        "enrichments.b is no object",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let builder = stage.member(json!([{"role": BUILDER}])).await.version(PREVIEW);
    builder.get("/dataExport/exports").await.refused(403, "Forbidden");
}

#[tokio::test]
async fn there_are_ten_destinations() {
    let (_stage, preview) = preview().await;
    for number in 0..10 {
        let path = format!("/dataExport/destinations/d{number}");
        preview.put(&path, &event_hub()).await.expect(200);
    }
    preview.put(DESTINATION, &event_hub()).await.refused(409, "Conflict");
}
