//! The iTwin Platform: filters of iTwins, and deliveries of webhooks.

use aws_lc_rs::hmac;
use serde_json::{Map, Value, json};
use twinkit_emulator::itwin::fuzzing;
use twinkit_itwin::Secret;
use twinkit_itwin::webhooks::{DeliveryError, EventVerifier};

use crate::support::{assert_line, text};

const SECRET: &str = "the canary that signs what is delivered";

/// Any text as a `$filter` of iTwins. Brackets change nothing, and a negation
/// turns it round.
pub fn itwin_filter(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let Value::Object(itwin) = json!({
        "displayName": "North's Bridge", "number": "B-7", "subClass": "Asset", "type": null,
        "latitude": 54.5, "createdDateTime": "2024-10-17T13:44:55.5370000Z",
        "id": "88888888-8888-8888-8888-888888888801",
    }) else {
        return;
    };
    let lets = |text: String, itwin: &Map<String, Value>| fuzzing::itwin_filter(&text, itwin);
    let Some(holds) = lets(text.to_owned(), &itwin) else { return };
    if let Some(same) = lets(format!("({text})"), &itwin) {
        assert_eq!(same, holds, "{text}");
    }
    if let Some(not) = lets(format!("not ({text})"), &itwin) {
        assert_eq!(not, !holds, "{text}");
    }
}

/// A delivery: the signature, NUL, the body. It is taken if and only if it is
/// signed with the secret, which nothing shows; what is read agrees with the body.
pub fn webhook_delivery(data: &[u8]) {
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (signature, body) = (&data[..at], data.get(at + 1..).unwrap_or_default());
    let Some(signature) = text(signature) else { return };
    let verifier = EventVerifier::new(&Secret::from(SECRET)).unwrap();
    assert!(!format!("{verifier:?}").contains("canary"));
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes()), body);
    let digits: String = tag.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let genuine = format!("sha256={digits}");

    let given = verifier.verify(Some(signature), body);
    let is_genuine = matches!(given, Ok(_) | Err(DeliveryError::Unreadable { .. }));
    assert_eq!(is_genuine, signature.trim().eq_ignore_ascii_case(&genuine), "{signature}");
    if let Err(error) = given {
        assert_line(&error.to_string());
    }
    match verifier.verify(Some(&genuine), body) {
        Ok(event) => {
            // The content stays text, which may hold more than a `Value` can.
            let Ok(sent) = serde_json::from_slice::<Value>(body) else { return };
            assert_eq!(sent["messageId"].as_str(), Some(event.message_id.as_str()));
            assert_eq!(sent["eventType"].as_str(), Some(event.event_type.as_str()));
            assert_eq!(sent["iTwinId"].as_str(), event.itwin_id.as_deref());
        }
        Err(error) => {
            assert_eq!(error.status(), 400, "{error}");
            assert_line(&error.to_string());
        }
    }
}
