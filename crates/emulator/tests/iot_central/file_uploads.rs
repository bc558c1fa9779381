//! The configuration of file uploads: states that pass with time, a key that
//! stays hidden.

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_emulator::iot_central::MAIN_APPLICATION;

use crate::support::{PREVIEW, Stage};

const PATH: &str = "/fileUploads";
const KEY: &str = "c2VjcmV0LWtleQ==";

fn body() -> Value {
    let text = format!("DefaultEndpointsProtocol=https;AccountName=files;AccountKey={KEY}");
    json!({"connectionString": text, "container": "uploads"})
}

#[tokio::test]
async fn it_is_made_changed_and_deleted_in_time() {
    let stage = Stage::new().await;
    let pass = || stage.emulator.clock().advance(Duration::from_secs(2));
    let state = async || stage.owner.get(PATH).await.expect(200).json()["state"].clone();
    stage.owner.get(PATH).await.refused(404, "NotFound");
    stage.owner.patch(PATH, &json!({})).await.refused(404, "NotFound");
    let made = stage.owner.put(PATH, &body()).await.expect(200).json();
    assert_eq!(
        made,
        json!({
            "etag": made["etag"],
            "connectionString": "DefaultEndpointsProtocol=https;AccountName=files;AccountKey=*****",
            "container": "uploads",
            "sasTtl": "PT1H",
            "state": "pending",
        })
    );
    pass();
    assert_eq!(state().await, "succeeded");
    let changed = stage.owner.patch(PATH, &json!({"sasTtl": "PT2H"})).await.expect(200).json();
    assert_eq!((&changed["state"], &changed["sasTtl"]), (&json!("updating"), &json!("PT2H")));
    pass();
    assert_eq!(state().await, "succeeded");

    stage.owner.delete(PATH).await.expect(204);
    assert_eq!(state().await, "deleting");
    stage.owner.put(PATH, &body()).await.refused(409, "Conflict");
    stage.owner.delete(PATH).await.refused(409, "Conflict");
    pass();
    stage.owner.get(PATH).await.refused(404, "NotFound");
    stage.owner.delete(PATH).await.refused(404, "NotFound");
    assert_eq!(stage.owner.put(PATH, &body()).await.expect(200).json()["state"], "pending");
}

#[tokio::test]
async fn the_key_never_comes_back_and_asterisks_are_refused() {
    let stage = Stage::new().await;
    stage.owner.put(PATH, &body()).await.expect(200);
    let shown = stage.owner.get(PATH).await.expect(200);
    assert!(!shown.text.contains(KEY), "{}", shown.text);
    let message = stage.owner.put(PATH, &shown.json()).await.refused(422, "InvalidBody");
    assert!(message.contains("asterisks"), "{message}");
    let patch = json!({"connectionString": shown.json()["connectionString"]});
    stage.owner.patch(PATH, &patch).await.refused(422, "InvalidBody");
}

#[tokio::test]
async fn changes_fail_when_they_are_to() {
    let stage = Stage::new().await;
    let fail = async |fail: bool| {
        let url = format!("{}/iot-central/file-uploads", stage.emulator.control_url());
        let body = json!({"fail": fail, "application": MAIN_APPLICATION});
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        assert_eq!(client.post(url).json(&body).send().await.unwrap().status(), 204);
    };
    fail(true).await;
    stage.owner.put(PATH, &body()).await.expect(200);
    stage.emulator.clock().advance(Duration::from_secs(2));
    assert_eq!(stage.owner.get(PATH).await.json()["state"], "failed");
    fail(false).await;
    stage.owner.patch(PATH, &json!({})).await.expect(200);
    stage.emulator.clock().advance(Duration::from_secs(2));
    assert_eq!(stage.owner.get(PATH).await.json()["state"], "succeeded");
}

#[tokio::test]
async fn etags_guard_it() {
    let stage = Stage::new().await;
    let made = stage.owner.put(PATH, &body()).await.expect(200).json();
    let stale = json!({"etag": "\"x\"", "sasTtl": "PT2H"});
    stage.owner.patch(PATH, &stale).await.refused(412, "PreconditionFailed");
    let fresh = json!({"etag": made["etag"], "sasTtl": "PT2H"});
    stage.owner.patch(PATH, &fresh).await.expect(200);
    let preview = stage.owner.version(PREVIEW);
    let if_match = [("if-match", made["etag"].as_str().unwrap())];
    let patch = json!({"readAccess": true});
    let stale = preview.send("PATCH", PATH, &if_match, Some(&patch)).await;
    stale.refused(412, "PreconditionFailed");
    let fresh = preview.send("PATCH", PATH, &[("if-match", "*")], Some(&patch)).await;
    assert_eq!(fresh.expect(200).json()["readAccess"], true);
    assert!(stage.owner.get(PATH).await.json().get("readAccess").is_none());
}

#[tokio::test]
async fn bad_ones_are_refused_with_all_their_faults() {
    let stage = Stage::new().await;
    let bad = json!({"connectionString": "AccountName=a", "container": "Up", "sasTtl": "1h 30m"});
    let message = stage.owner.put(PATH, &bad).await.refused(422, "InvalidBody");
    for part in ["AccountKey", "container is no name", "sasTtl"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    let message = stage.owner.put(PATH, &json!({})).await.refused(422, "InvalidBody");
    assert!(message.contains("connectionString is missing") && message.contains("container"));
}
