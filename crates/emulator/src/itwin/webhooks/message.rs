//! What a webhook is sent: the body, and the signature over its bytes.

use aws_lc_rs::hmac;
use bytes::Bytes;
use jiff::Timestamp;
use serde_json::json;
use uuid::Uuid;

use super::store::Webhook;
use crate::itwin::events::Event;

/// One event for one webhook; it stays the same however often it is sent.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) id: String,
    pub(super) webhook_id: String,
    pub(super) body: Bytes,
}

impl Message {
    pub(super) fn new(event: &Event, webhook: &Webhook, now: Timestamp) -> Self {
        let id = Uuid::new_v4().to_string();
        let body = json!({
            "content": event.content,
            "eventType": event.kind,
            "enqueuedDateTime": shown(now),
            "messageId": id,
            "iTwinId": event.itwin_id,
            "webhookId": webhook.id,
        });
        Self { id, webhook_id: webhook.id.clone(), body: body.to_string().into() }
    }
}

/// The moment as the platform writes it here and nowhere else: in the style of the
/// USA, in UTC.
fn shown(time: Timestamp) -> String {
    time.strftime("%-m/%-d/%Y %-I:%M:%S %p").to_string()
}

/// What stands in the header `Signature`.
pub(super) fn signature(secret: &str, body: &[u8]) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let digits: String =
        hmac::sign(&key, body).as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_rfc_4231() {
        // Test case 2 of the RFC.
        assert_eq!(
            signature("Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_moment_is_written_as_in_the_usa() {
        let time = "2024-03-05T15:04:09Z".parse().unwrap();
        assert_eq!(shown(time), "3/5/2024 3:04:09 PM");
    }
}
