//! Deliveries as the platform makes them, to a listener of ours: verified, read,
//! and taken once however often they come.

use std::time::Duration;

use serde_json::json;
use twinkit_emulator::ims::USER_ID;
use twinkit_itwin::Secret;
use twinkit_itwin::imodels::types::NamedVersionCreate;
use twinkit_itwin::webhooks::types::{WebhookCreate, WebhookUpdate};
use twinkit_itwin::webhooks::{
    DeliveryError, Event, EventContent, EventVerifier, SIGNATURE_HEADER, SeenMessages,
};
use twinkit_tests::support::itwin_stage::ITwinStage;
use twinkit_tests::support::recorder::{Canned, Recorded, Recorder};

use super::support::{
    body, bytes, changeset_id, new_briefcase, new_imodel, new_itwin, new_role, push, stage,
};

/// Waits until so many deliveries have come.
async fn deliveries(listener: &Recorder, count: usize) -> Vec<Recorded> {
    let mut came = Vec::new();
    for _ in 0..2000 {
        came.extend(listener.take());
        if came.len() >= count {
            return came;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{} of {count} deliveries came", came.len());
}

fn answering(listener: &Recorder, status: u16) {
    listener.answer_with(Canned { status, headers: Vec::new(), content: None });
}

/// Makes a webhook of the service application's for an iTwin, and starts it; gives
/// its secret.
async fn webhook(stage: &ITwinStage, itwin: &str, listener: &Recorder, kinds: &[&str]) -> Secret {
    let client = stage.service.webhooks();
    let new: WebhookCreate = body(json!({"callbackUrl": format!("{}/hook", listener.url()),
        "scope": "iTwin", "scopeId": itwin, "eventTypes": kinds}));
    let made = client.create_webhook().body(new).send().await.unwrap().into_inner();
    assert!(!made.active && !format!("{made:?}").contains(made.secret.expose()));
    let start: WebhookUpdate = body(json!({"active": true}));
    client.update_webhook().webhook_id(&made.id).body(start).send().await.unwrap();
    made.secret
}

fn verified(verifier: &EventVerifier, delivery: &Recorded) -> Result<Event, DeliveryError> {
    verifier.verify(delivery.header(SIGNATURE_HEADER).as_deref(), &delivery.body)
}

/// Lets the service application hear of Ada's iTwin.
async fn heard(stage: &ITwinStage) -> String {
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let role = new_role(&stage.ada, &itwin, "Listener", &["webhooks_maintainer"]).await;
    let program = &stage.service_credential;
    stage.ada.onboard_credential(&itwin, program).role(role.as_str()).apply().await.unwrap();
    itwin
}

#[tokio::test]
async fn a_named_version_is_told_of_signed_and_typed() {
    let stage = stage().await;
    let itwin = heard(&stage).await;
    let listener = Recorder::start().await.unwrap();
    let kind = "iModels.namedVersionCreated.v1";
    let secret = webhook(&stage, &itwin, &listener, &[kind]).await;
    let imodel = new_imodel(&stage.ada, &itwin, "M").await;
    let briefcase = new_briefcase(&stage.ada, &imodel).await;
    push(&stage.ada, &imodel, briefcase, 1, bytes(3)).run().await.unwrap();
    let new: NamedVersionCreate = body(json!({"name": "One", "changesetId": changeset_id(1)}));
    let made = stage.ada.imodels().create_named_version().id(&imodel).body(new).send().await;
    let version = made.unwrap().into_inner().named_version;

    let came = deliveries(&listener, 1).await;
    let verifier = EventVerifier::new(&secret).unwrap();
    let event = verified(&verifier, &came[0]).unwrap();
    assert_eq!(
        (event.event_type.as_str(), event.itwin_id.as_deref()),
        (kind, Some(itwin.as_str()))
    );
    assert!(event.enqueued.as_deref().is_some_and(|it| it.ends_with('M')), "{event:?}");
    let EventContent::NamedVersionCreated(content) = &event.content else { panic!("{event:?}") };
    assert_eq!(content.version_id.as_deref(), Some(version.id.as_str()));
    assert_eq!(content.imodel_id.as_deref(), Some(imodel.as_str()));
    assert_eq!(content.changeset_index, Some(1));
    assert_eq!(content.user_id.as_deref(), Some(USER_ID));

    // Another secret, or a byte more, and nothing is read.
    let other = EventVerifier::new(&Secret::from("another secret of 32 letters or so")).unwrap();
    assert_eq!(verified(&other, &came[0]).unwrap_err(), DeliveryError::NotGenuine);
    assert!(verified(&other.or(&secret).unwrap(), &came[0]).is_ok(), "while a secret is replaced");
    let longer = [came[0].body.as_ref(), b" "].concat();
    let signature = came[0].header(SIGNATURE_HEADER);
    assert_eq!(verifier.verify(signature.as_deref(), &longer).unwrap_err().status(), 401);
}

#[tokio::test]
async fn an_event_that_comes_again_is_acted_upon_once() {
    let stage = stage().await;
    let itwin = heard(&stage).await;
    let listener = Recorder::start().await.unwrap();
    answering(&listener, 500);
    let secret = webhook(&stage, &itwin, &listener, &["accessControl.memberAdded.v1"]).await;
    let reader = new_role(&stage.ada, &itwin, "Reader", &["imodels_read"]).await;
    let bob = stage.person("bob").unwrap();
    stage.ada.onboard_email(&itwin, &bob).role(reader.as_str()).apply().await.unwrap();

    let first = deliveries(&listener, 1).await;
    answering(&listener, 204);
    // The next one comes by the platform's clock; it is moved until it does.
    let mut again = Vec::new();
    for _ in 0..2000 {
        stage.emulator.clock().advance(Duration::from_secs(10));
        again = listener.take();
        if !again.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(again[0].body, first[0].body, "the same bytes");
    let (verifier, seen) = (EventVerifier::new(&secret).unwrap(), SeenMessages::new(100));
    let acted: Vec<bool> = first
        .iter()
        .chain(&again)
        .map(|delivery| seen.admit(&verified(&verifier, delivery).unwrap()))
        .collect();
    assert_eq!(acted, [true, false]);
    let event = verified(&verifier, &again[0]).unwrap();
    let EventContent::MemberAdded(content) = &event.content else { panic!("{event:?}") };
    assert_eq!(content.role_name.as_deref(), Some("Reader"));
    // Nothing came of it: it may come again.
    seen.forget(&event);
    assert!(seen.admit(&event));
}

#[tokio::test]
async fn kinds_without_a_type_are_kept_as_they_came() {
    let stage = stage().await;
    let itwin = heard(&stage).await;
    let listener = Recorder::start().await.unwrap();
    let secret = webhook(&stage, &itwin, &listener, &["new.thingHappened.v3"]).await;
    let content = json!({"much": [1.50, null, "ä"], "changesetIndex": 7});
    assert!(stage.emulator.itwin().send_event("new.thingHappened.v3", &itwin, content.clone()));
    let came = deliveries(&listener, 1).await;
    let event = verified(&EventVerifier::new(&secret).unwrap(), &came[0]).unwrap();
    let EventContent::Other(kept) = &event.content else { panic!("{event:?}") };
    assert_eq!(serde_json::to_value(kept).unwrap(), content);
}
