//! The control endpoint.

use serde_json::{Value, json};
use twinkit_emulator::Emulator;

use crate::support::{ask_token, client, models, models_url, token};

async fn call(emulator: &Emulator, method: &str, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}{path}", emulator.control_url());
    let mut request = client().request(method.parse().unwrap(), url);
    if !body.is_null() {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let bytes = response.bytes().await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

#[tokio::test]
async fn it_shows_services_and_requests() {
    let emulator = Emulator::start().await.unwrap();
    let (status, health) = call(&emulator, "GET", "/health", Value::Null).await;
    assert_eq!((status, &health["status"]), (200, &json!("ok")));
    let (_, services) = call(&emulator, "GET", "/services", Value::Null).await;
    assert_eq!(services, json!(emulator.services()));
    let token = token(&emulator, &[]).await;
    models(&emulator, &token).await;
    let (_, requests) = call(&emulator, "GET", "/requests", Value::Null).await;
    let noted = &requests[1];
    assert_eq!((&noted["service"], &noted["path"]), (&json!("digital-twins"), &json!("/models")));
    assert_eq!((&noted["status"], &noted["method"]), (&json!(200), &json!("GET")));
    assert_eq!(noted["headers"]["authorization"], "[redacted]");
    assert!(!requests.to_string().contains(&token));
    assert_eq!(call(&emulator, "POST", "/requests", json!({"keep": 1})).await.0, 204);
    let (_, kept) = call(&emulator, "GET", "/requests", Value::Null).await;
    assert_eq!(kept, json!([noted]));
    assert_eq!(call(&emulator, "POST", "/requests", json!({"keep": -1})).await.0, 400);
    assert_eq!(call(&emulator, "DELETE", "/requests", Value::Null).await.0, 204);
    assert_eq!(call(&emulator, "GET", "/requests", Value::Null).await.1, json!([]));
}

#[tokio::test]
async fn it_schedules_faults() {
    let emulator = Emulator::start().await.unwrap();
    let fault = json!({"effect": {"kind": "status", "status": 503}, "service": "digital-twins"});
    let (status, one) = call(&emulator, "POST", "/faults", fault.clone()).await;
    assert_eq!((status, one), (200, json!({"ids": [1]})));
    let (_, many) = call(&emulator, "POST", "/faults", json!([fault, fault])).await;
    assert_eq!(many, json!({"ids": [2, 3]}));
    assert_eq!(call(&emulator, "DELETE", "/faults/2", Value::Null).await.0, 204);
    assert_eq!(call(&emulator, "DELETE", "/faults/2", Value::Null).await.0, 404);
    for expected in [503, 503, 401] {
        assert_eq!(client().get(models_url(&emulator)).send().await.unwrap().status(), expected);
    }
    let (_, list) = call(&emulator, "GET", "/faults", Value::Null).await;
    let served: Vec<_> = list.as_array().unwrap().iter().map(|entry| &entry["served"]).collect();
    assert_eq!(served, [1, 1]);
    assert_eq!(call(&emulator, "DELETE", "/faults", Value::Null).await.0, 204);
    let (status, mistake) =
        call(&emulator, "POST", "/faults", json!({"effect": {"kind": "magic"}})).await;
    assert_eq!(status, 400);
    assert!(mistake["error"].as_str().unwrap().contains("magic"));
}

#[tokio::test]
async fn it_moves_time_and_tokens() {
    let emulator = Emulator::start().await.unwrap();
    let old = token(&emulator, &[]).await;
    assert_eq!(call(&emulator, "POST", "/clock", json!({"advanceSeconds": 3600})).await.0, 200);
    assert_eq!(models(&emulator, &old).await.status(), 401);
    let fresh = token(&emulator, &[]).await;
    assert_eq!(call(&emulator, "POST", "/tokens", json!({"revoke": true})).await.0, 204);
    assert_eq!(models(&emulator, &fresh).await.status(), 401);
    let next = json!({"next": 1, "lifetimeSeconds": 5});
    assert_eq!(call(&emulator, "POST", "/tokens", next).await.0, 204);
    assert_eq!(call(&emulator, "POST", "/tokens", json!({"lifetimeSeconds": 60})).await.0, 204);
    for lifetime in [5, 60] {
        let body: Value = ask_token(&emulator, &[]).await.json().await.unwrap();
        assert_eq!(body["expires_in"], json!(lifetime));
    }
    assert_eq!(call(&emulator, "POST", "/tokens", json!({"next": 1})).await.0, 400);
}

#[tokio::test]
async fn it_makes_principals_and_signed_urls() {
    let emulator = Emulator::start().await.unwrap();
    let reader = json!({"role": "dataReader", "tokenLifetimeSeconds": 30});
    let (status, made) = call(&emulator, "POST", "/principals", reader).await;
    assert_eq!(status, 200);
    let id = made["clientId"].as_str().unwrap();
    let secret = made["clientSecret"].as_str().unwrap();
    let body: Value = ask_token(&emulator, &[("client_id", id), ("client_secret", secret)])
        .await
        .json()
        .await
        .unwrap();
    assert_eq!(body["expires_in"], json!(30));
    let token = body["access_token"].as_str().unwrap();
    assert_eq!(models(&emulator, token).await.status(), 200);
    assert_eq!(call(&emulator, "POST", "/principals", json!({"clientId": id})).await.0, 400);
    assert_eq!(call(&emulator, "POST", "/principals", json!({"instance": "x"})).await.0, 404);
    assert_eq!(call(&emulator, "POST", "/principals", json!({"x": 1})).await.0, 400);

    let asked = json!({"container": "box", "blob": "a", "permissions": "rcw"});
    let (_, signed) = call(&emulator, "POST", "/signed-urls", asked).await;
    let url = signed["url"].as_str().unwrap();
    let put = client().put(url).header("x-ms-blob-type", "BlockBlob").body("text");
    assert_eq!(put.send().await.unwrap().status(), 201);
    assert_eq!(emulator.storage().read(url).unwrap(), "text");
}
