//! A delivery of the platform's, and what is made of it.

#![cfg(unix)]

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use twinkit::itwin::Secret;
use twinkit::itwin::itwins::types::ITwinCreate;
use twinkit::itwin::webhooks::types::{WebhookCreate, WebhookUpdate};
use twinkit_emulator::Emulator;
use twinkit_examples::platform;

use crate::process::{Program, Serving};

/// A delivery as it came: the signature and the bytes under it.
type Delivery = (String, Bytes);

async fn note(
    State(came): State<mpsc::UnboundedSender<Delivery>>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    came.send((headers["signature"].to_str().unwrap().to_owned(), body)).unwrap();
    StatusCode::NO_CONTENT
}

/// A delivery that the platform made, with the secret that it is signed with.
async fn delivery(emulator: &Emulator) -> (Secret, Delivery) {
    let (came, mut deliveries) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let callback = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(note)).with_state(came);
    let serving = tokio::spawn(axum::serve(listener, router).into_future());
    let client = platform::itwin_of(emulator).unwrap();
    let new: ITwinCreate = serde_json::from_value(
        json!({"class": "Thing", "subClass": "Asset", "displayName": "Bridge"}),
    )
    .unwrap();
    let made = client.itwins().create_itwin().body(new).send().await.unwrap();
    let itwin = made.into_inner().itwin.id;
    let new: WebhookCreate = serde_json::from_value(json!({
        "callbackUrl": callback, "scope": "iTwin", "scopeId": itwin,
        "eventTypes": ["accessControl.memberAdded.v1"]
    }))
    .unwrap();
    let webhook = client.webhooks().create_webhook().body(new).send().await.unwrap().into_inner();
    let start: WebhookUpdate = serde_json::from_value(json!({"active": true})).unwrap();
    client.webhooks().update_webhook().webhook_id(&webhook.id).body(start).send().await.unwrap();
    let content = json!({"memberId": "m-1", "roleName": "Reader"});
    assert!(emulator.itwin().send_event("accessControl.memberAdded.v1", &itwin, content));
    let delivery = deliveries.recv().await.unwrap();
    serving.abort();
    (webhook.secret, delivery)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_genuine_event_is_acted_upon_once() {
    let emulator = Emulator::start().await.unwrap();
    let (secret, (signature, body)) = delivery(&emulator).await;
    let mut command = Program::WebhookReceiver.command();
    command.env("ITWIN_WEBHOOK_SECRET", secret.expose());
    let mut receiver = Serving::start(command);
    let (url, platform) =
        (receiver.url.clone(), reqwest::Client::builder().no_proxy().build().unwrap());
    let deliver = async |signature: Option<&str>, body: Bytes| {
        let mut post = platform.post(&url).body(body);
        if let Some(signature) = signature {
            post = post.header("Signature", signature);
        }
        post.send().await.unwrap().status().as_u16()
    };

    // What is not the platform's is refused, and does not use the message up.
    let longer = Bytes::from([body.as_ref(), b" "].concat());
    assert_eq!(deliver(Some(&signature), longer).await, 401);
    assert_eq!(deliver(None, body.clone()).await, 401);
    let wrong = format!("sha256={}", "0".repeat(64));
    assert_eq!(deliver(Some(&wrong), body.clone()).await, 401);

    for _ in 0..3 {
        assert_eq!(deliver(Some(&signature), body.clone()).await, 204);
    }
    let message: Value = serde_json::from_slice(&body).unwrap();
    let acted = receiver.line();
    assert!(acted.contains(message["messageId"].as_str().unwrap()), "{acted}");
    assert!(acted.contains("member m-1 was added as Reader"), "{acted}");
    let (rest, errors) = receiver.stop();
    assert_eq!(rest, "", "once");
    assert_eq!(errors.matches("refused: ").count(), 3, "{errors}");
    assert!(!errors.contains(secret.expose()), "{errors}");
}
