//! API tokens: shown once, checked, revoked, expired.

use std::time::Duration;

use serde_json::json;
use twinkit_emulator::{Emulator, iot_central::MAIN_APPLICATION_ID};

use crate::support::{ADMINISTRATOR, OPERATOR, Stage};

#[tokio::test]
async fn a_token_is_shown_once_and_works_until_it_is_revoked() {
    let stage = Stage::new().await;
    let body = json!({"roles": [{"role": ADMINISTRATOR}], "token": "mine", "id": "x"});
    let made = stage.owner.put("/apiTokens/ops%2F1", &body).await.expect(200).json();
    let text = made["token"].as_str().unwrap();
    let start = format!("SharedAccessSignature sr={MAIN_APPLICATION_ID}&sig=");
    assert!(text.starts_with(&start) && text.contains("&skn=ops%2F1&se="), "{text}");
    let expiry: jiff::Timestamp = made["expiry"].as_str().unwrap().parse().unwrap();
    assert!(text.ends_with(&format!("&se={}", expiry.as_millisecond())), "{text} {expiry}");
    assert_eq!(made["id"], "ops/1");

    let holder = stage.owner.as_whom(text);
    let shown = holder.get("/apiTokens/ops%2F1").await.expect(200).json();
    let whole =
        json!({"id": "ops/1", "roles": [{"role": ADMINISTRATOR}], "expiry": made["expiry"]});
    assert_eq!(shown, whole);
    assert_eq!(holder.all("/apiTokens").await.0, [whole]);
    stage.owner.put("/apiTokens/ops%2F1", &body).await.refused(409, "Conflict");

    stage.owner.delete("/apiTokens/ops%2F1").await.expect(204);
    let message = holder.get("/roles").await.refused(401, "Unauthenticated");
    assert!(message.contains("revoked"), "{message}");
}

#[tokio::test]
async fn what_is_wrong_with_a_token_is_told() {
    let stage = Stage::with(Emulator::builder().iot_central_application("second")).await;
    let body = json!({"roles": [{"role": OPERATOR}]});
    let made = stage.owner.put("/apiTokens/ops", &body).await.expect(200).json();
    let text = made["token"].as_str().unwrap();
    let refused = |authorization: String| {
        let caller = stage.owner.as_whom(&authorization);
        async move { caller.get("/roles").await.refused(401, "Unauthenticated") }
    };
    assert!(refused(format!("Bearer {text}")).await.contains("without Bearer"));
    assert!(refused(text.replace("sig=", "sig=x")).await.contains("not the one made"));
    assert!(refused(text.replace("&se=", "&se=9")).await.contains("not the one made"));
    assert!(refused(text.replace("skn=ops", "skn=other")).await.contains("never made"));
    let elsewhere = stage.owner.at(&stage.emulator.iot_central_url_of("second").unwrap());
    let message = elsewhere.as_whom(text).get("/roles").await.refused(401, "Unauthenticated");
    assert!(message.contains("another application"), "{message}");
    stage.emulator.clock().advance(Duration::from_secs(366 * 24 * 3600));
    assert!(refused(text.to_owned()).await.contains("expired"));
}

#[tokio::test]
async fn roles_and_expiry_are_checked() {
    let stage = Stage::new().await;
    for (body, told) in [
        (json!({}), "roles"),
        (json!({"roles": [{"role": OPERATOR, "organization": "x"}]}), "goes with the root"),
        (json!({"roles": [{"role": OPERATOR}], "expiry": "soon"}), "no time"),
        (json!({"roles": [{"role": OPERATOR}], "expiry": "2001-01-01T00:00:00Z"}), "over"),
    ] {
        let message = stage.owner.put("/apiTokens/t", &body).await.refused(422, "InvalidBody");
        assert!(message.contains(told), "{message}");
    }
    let operator = stage.member(json!([{"role": OPERATOR}])).await;
    let body = json!({"roles": [{"role": OPERATOR}]});
    operator.put("/apiTokens/t", &body).await.refused(403, "Forbidden");
    operator.get("/apiTokens").await.refused(403, "Forbidden");
}
