//! Calls in the name of who was let in.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use twinkit_iot_central::{BuiltInRole, ErrorKind, OnboardingReport};

use crate::support::{
    APP, OBJECT, OPERATOR, Server, TENANT, credential, credential_of, jwt, list, program, refusal,
};

/// An application that lets the program in after some refusals.
async fn application(object: &'static str, refusals: usize) -> (Server, OnboardingReport) {
    let made = AtomicUsize::new(0);
    let server = Server::start(move |seen| match seen.line.as_str() {
        "GET /api/devices" if made.fetch_add(1, Ordering::SeqCst) < refusals => {
            refusal(403, "Forbidden")
        }
        "GET /api/devices" => list(json!([{"id": "a"}])),
        "GET /api/users" => list(json!([])),
        _ => (
            200,
            json!({"id": "sp", "type": "servicePrincipal", "tenantId": TENANT,
                   "objectId": object, "roles": [{"role": OPERATOR}]}),
        ),
    })
    .await;
    let client = server.client();
    let onboarding = client.onboard_service_principal(TENANT, object).user_id("sp");
    let report = onboarding.role(BuiltInRole::Operator).apply().await.unwrap();
    (server, report)
}

#[tokio::test(start_paused = true)]
async fn a_grant_that_takes_a_while_is_waited_for() {
    let (server, report) = application(OBJECT, 3).await;
    let claims = program(OBJECT);
    let client = server.client();
    let proven = client.prove_access(&credential_of(&claims)).of(&report).run().await.unwrap();
    assert_eq!(proven.devices, 1);
    assert_eq!(proven.claims.unwrap().object_id(), Some(OBJECT));
    let seen = server.seen();
    let calls: Vec<_> = seen.iter().filter(|seen| seen.line == "GET /api/devices").collect();
    assert_eq!(calls.len(), 4);
    assert!(calls.iter().all(|call| call.authorization == format!("Bearer {}", jwt(&claims))));
}

#[tokio::test(start_paused = true)]
async fn a_refusal_to_the_end_tells_both_ids() {
    let (server, report) = application(OBJECT, usize::MAX).await;
    let client = server.client();
    let error =
        client.prove_access(&credential_of(&program(OBJECT))).of(&report).run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Denied);
    assert_eq!((error.code(), error.request_id()), (Some("Forbidden"), Some("r-1")));
    let hint = error.hint().unwrap();
    assert!(hint.contains(OBJECT) && hint.contains("user sp is service principal"), "{hint}");

    let opaque = client.prove_access(&credential("opaque")).within(Duration::ZERO);
    let count = server.seen().len();
    let error = opaque.run().await.unwrap_err();
    assert_eq!(server.seen().len(), count + 1, "tried once");
    assert!(error.hint().unwrap().contains("does not tell whose it is"), "{:?}", error.hint());
}

#[tokio::test]
async fn another_principals_token_is_told_before_it_is_sent() {
    let registration = "12121212-3434-5656-7878-909090909090";
    for (onboarded, said) in
        [(APP, "is the application's client id"), (registration, "app registration")]
    {
        let (server, report) = application(onboarded, 0).await;
        let count = server.seen().len();
        let client = server.client();
        let proof = client.prove_access(&credential_of(&program(OBJECT))).of(&report);
        let error = proof.run().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        let told = error.to_string();
        assert!(told.contains(OBJECT) && told.contains(onboarded), "{told}");
        assert!(error.hint().unwrap().contains(said), "{:?}", error.hint());
        assert_eq!(server.seen().len(), count);
    }
}
