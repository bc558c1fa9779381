//! Moving the platform over the control endpoint.

use serde_json::{Value, json};
use twinkit_emulator::ims::SERVICE_CLIENT_ID;

use crate::support::{Stage, client};

async fn control(stage: &Stage, path: &str, body: &Value) -> (u16, Value) {
    let url = format!("{}/itwin/{path}", stage.emulator.control_url());
    let answer = client().post(url).body(body.to_string()).send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

#[tokio::test]
async fn administrators_come_and_go() {
    let stage = Stage::new().await;
    let bob = stage.person("Bob").await;
    let id = stage.ada.new_itwin("A").await;
    let path = format!("/itwins/{id}");
    bob.get(&path).await.refused(404, "iTwinNotFound");
    let set = |on: bool| json!({"email": bob.email, "administrator": on});
    assert_eq!(control(&stage, "administrators", &set(true)).await.0, 204);
    bob.get(&path).await.expect(200);
    assert_eq!(control(&stage, "administrators", &set(false)).await.0, 204);
    bob.get(&path).await.refused(404, "iTwinNotFound");
    let nobody = json!({"email": "nobody@x.example", "administrator": true});
    assert_eq!(control(&stage, "administrators", &nobody).await.0, 404);
    assert_eq!(control(&stage, "administrators", &json!({})).await.0, 400);
}

#[tokio::test]
async fn invitations_are_accepted_for_others() {
    let stage = Stage::new().await;
    let bob = stage.person("Bob").await;
    let id = stage.service.new_itwin("A").await;
    let path = format!("/accesscontrol/itwins/{id}/members/owners");
    stage.service.post(&path, &json!({"email": bob.email})).await.expect(201);
    let (status, body) = control(&stage, "invitations", &json!({"email": bob.email})).await;
    assert_eq!((status, body), (200, json!({"accepted": 1})));
    bob.get(&format!("/itwins/{id}")).await.expect(200);
    let (status, _) = control(&stage, "invitations", &json!({"email": "x@x.example"})).await;
    assert_eq!(status, 404);
}

#[tokio::test]
async fn groups_clients_and_rates_are_set() {
    let stage = Stage::new().await;
    let group = json!({"name": "Engineers", "emails": [stage.ada.email]});
    assert_eq!(control(&stage, "ims-groups", &group).await.0, 204);
    let found = stage.ada.get("/users/groups?$search=Engineers").await.expect(200).json();
    assert_eq!(found["groups"].as_array().unwrap().len(), 1);
    let group = json!({"name": "Engineers", "emails": ["x@x.example"]});
    assert_eq!(control(&stage, "ims-groups", &group).await.0, 404);

    let client = |known: bool| json!({"clientId": SERVICE_CLIENT_ID, "known": known});
    assert_eq!(control(&stage, "clients", &client(false)).await.0, 204);
    stage.service.get("/users/me").await.refused(401, "Unauthorized");
    assert_eq!(control(&stage, "clients", &client(true)).await.0, 204);

    assert_eq!(control(&stage, "rates", &json!({"perHour": 0})).await.0, 204);
    stage.service.get("/users/me").await.refused(429, "TooManyRequests");
    assert_eq!(control(&stage, "rates", &json!({})).await.0, 204);
    stage.service.get("/users/me").await.expect(200);
}
