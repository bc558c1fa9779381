//! Webhooks one by one, and who may have them.

use std::time::Duration;

use serde_json::{Value, json};

use super::{INVALID, SECRET};
use crate::support::{Caller, MISSING, Stage, each};

const KIND: &str = "iModels.namedVersionCreated.v1";

fn body(itwin: &str) -> Value {
    json!({
        "callbackUrl": "https://a.example/hook", "scope": "iTwin", "scopeId": itwin,
        "eventTypes": [KIND],
    })
}

async fn setting() -> (Stage, Caller, String) {
    let stage = Stage::new().await;
    let itwin = stage.service.new_itwin("A").await;
    let service = stage.service.version(2);
    (stage, service, itwin)
}

#[tokio::test]
async fn a_webhook_is_made_read_changed_and_deleted() {
    let (stage, service, itwin) = setting().await;
    let made = service.post("/webhooks", &body(&itwin.to_uppercase())).await.expect(201).json();
    assert_eq!((&made["scope"], &made["scopeId"]), (&json!("iTwin"), &json!(itwin)));
    assert_eq!((&made["active"], &made["eventTypes"]), (&json!(false), &json!([KIND])));
    assert_eq!(made["callbackUrl"], "https://a.example/hook");
    let secret = made["secret"].as_str().unwrap();
    assert!(secret.len() >= 32);
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    let read = service.get(&path).await.expect(200);
    assert!(!read.text.contains(secret));
    let read = read.json();
    assert_eq!((&read["id"], &read["active"]), (&made["id"], &json!(false)));
    assert_eq!(read["modified"], read["created"]);

    stage.emulator.clock().advance(Duration::from_secs(60));
    let change = json!({
        "active": true, "callbackUrl": "https://b.example/", "secret": SECRET,
        "eventTypes": ["iModels.iModelCreated.v1", KIND],
    });
    let changed = service.patch(&path, &change).await.expect(200);
    assert!(!changed.text.contains(SECRET));
    let changed = changed.json();
    for member in ["active", "callbackUrl", "eventTypes"] {
        assert_eq!(changed[member], change[member], "{member}");
    }
    assert_ne!(changed["modified"], read["modified"]);
    assert_eq!(changed["created"], read["created"]);
    let stopped = service.patch(&path, &json!({"active": false})).await.expect(200).json();
    assert_eq!(
        (&stopped["active"], &stopped["callbackUrl"]),
        (&json!(false), &json!("https://b.example/"))
    );

    let given = json!({
        "callbackUrl": "http://localhost:1/", "scope": "Account", "secret": SECRET,
        "eventTypes": [KIND],
    });
    let other = service.post("/webhooks", &given).await.expect(201).json();
    assert_eq!((&other["secret"], &other["scopeId"]), (&json!(SECRET), &Value::Null));
    let listed = service.get("/webhooks").await.expect(200);
    assert!(!listed.text.contains(SECRET));
    assert_eq!(each(&listed.json()["webhooks"], "scope"), ["iTwin", "Account"]);
    service.delete(&path).await.expect(204);
    service.delete(&path).await.refused(404, "WebhookNotFound");
    service.get(&path).await.refused(404, "WebhookNotFound");
    let listed = service.get("/webhooks").await.expect(200).json();
    assert_eq!(each(&listed["webhooks"], "scope"), ["Account"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_body_is_told() {
    let (_stage, service, itwin) = setting().await;
    let details = service.post("/webhooks", &json!({})).await.refused(422, INVALID);
    let missing = |name: &str| ("MissingRequiredProperty".to_owned(), name.to_owned());
    assert_eq!(details, ["scope", "callbackUrl", "eventTypes"].map(missing));
    let mut unscoped = body(&itwin);
    unscoped.as_object_mut().unwrap().remove("scopeId");
    let answer = service.post("/webhooks", &unscoped).await;
    answer.refused_for(INVALID, "MissingRequiredProperty", "scopeId");
    let made = service.post("/webhooks", &body(&itwin)).await.expect(201).json();
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    for (member, value, target) in [
        ("callbackUrl", json!("http://a.example/"), "callbackUrl"),
        ("callbackUrl", json!("hook"), "callbackUrl"),
        ("secret", json!("s".repeat(31)), "secret"),
        ("eventTypes", json!([]), "eventTypes"),
        ("eventTypes", json!([KIND, "nothing"]), "eventTypes[1]"),
    ] {
        let mut given = body(&itwin);
        given[member] = value.clone();
        let answer = service.post("/webhooks", &given).await;
        answer.refused_for(INVALID, "InvalidValue", target);
        let answer = service.patch(&path, &json!({member: value})).await;
        answer.refused_for(INVALID, "InvalidValue", target);
    }
    for (member, value) in [("scope", json!("Organization")), ("scopeId", json!("x"))] {
        let mut given = body(&itwin);
        given[member] = value;
        service.post("/webhooks", &given).await.refused_for(INVALID, "InvalidValue", member);
    }
    let answer = service.patch(&path, &json!({"active": "yes"})).await;
    answer.refused_for(INVALID, "InvalidValue", "active");
    service.send("POST", "/webhooks", &[], None).await.refused_for(
        INVALID,
        "MissingRequestBody",
        "",
    );
}

#[tokio::test]
async fn webhooks_are_for_applications_with_the_permission() {
    let (stage, service, own) = setting().await;
    let itwin = stage.ada.new_itwin("B").await;
    let ada = stage.ada.version(2);
    ada.post("/webhooks", &body(&itwin)).await.refused(403, "InsufficientPermissions");
    ada.get("/webhooks").await.refused(403, "InsufficientPermissions");
    for id in [itwin.as_str(), MISSING] {
        let answer = service.post("/webhooks", &body(id)).await;
        answer.refused(403, "InsufficientPermissions");
    }
    let role = stage.ada.new_role(&itwin, "Readers", &["imodels_read"]).await;
    stage.ada.add_member(&itwin, &stage.service.email, &role).await;
    service.post("/webhooks", &body(&itwin)).await.refused(403, "InsufficientPermissions");
    let role = stage.ada.new_role(&itwin, "Tellers", &["webhooks_maintainer"]).await;
    stage.ada.add_member(&itwin, &stage.service.email, &role).await;
    service.post("/webhooks", &body(&itwin)).await.expect(201);

    let made = service.post("/webhooks", &body(&own)).await.expect(201).json();
    let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
    let other = stage.service_named("other").await.version(2);
    other.get(&path).await.refused(404, "WebhookNotFound");
    other.patch(&path, &json!({})).await.refused(404, "WebhookNotFound");
    other.delete(&path).await.refused(404, "WebhookNotFound");
    assert_eq!(other.get("/webhooks").await.expect(200).json(), json!({"webhooks": []}));
    let account =
        json!({"callbackUrl": "https://a.example/", "scope": "Account", "eventTypes": [KIND]});
    other.post("/webhooks", &account).await.expect(201);
    stage.emulator.itwin().set_administrator(&other.email, false);
    other.post("/webhooks", &account).await.refused(403, "InsufficientPermissions");
    for version in [0, 1] {
        stage.service.version(version).get("/webhooks").await.refused(404, "ResourceNotFound");
    }
    service.get(&format!("{path}/activate")).await.refused(404, "ResourceNotFound");
}
