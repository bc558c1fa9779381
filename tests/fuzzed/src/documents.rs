//! Documents of the platforms, as generated types read and write them.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use twinkit_digital_twins::types as twins;
use twinkit_iot_central::types as central;
use twinkit_itwin::{itwins, webhooks};

/// A document, as several types. What a type reads it writes so that it reads the same
/// again, with no member that was not there; a type that keeps undeclared members keeps
/// all.
pub fn document(data: &[u8]) {
    let Ok(read) = serde_json::from_slice::<Value>(data) else { return };
    written::<webhooks::types::WebhookCreate>(&read, data);
    written::<itwins::types::ITwin>(&read, data);
    written::<twins::QuerySpecification>(&read, data);
    if let Some(again) = written::<central::Device>(&read, data) {
        let members = read.as_object().into_iter().flatten();
        for (name, _) in members.filter(|(_, value)| !value.is_null()) {
            assert!(again.get(name).is_some(), "{name} is lost: {again}");
        }
    }
}

fn written<T: DeserializeOwned + Serialize>(read: &Value, data: &[u8]) -> Option<Value> {
    let value: T = serde_json::from_slice(data).ok()?;
    let again = serde_json::to_value(&value).unwrap();
    for (name, _) in again.as_object().into_iter().flatten() {
        assert!(read.get(name).is_some(), "{name} was not there: {read}");
    }
    let reread: T = serde_json::from_value(again.clone())
        .unwrap_or_else(|error| panic!("{again} is not read again: {error}"));
    assert_eq!(serde_json::to_value(&reread).unwrap(), again);
    Some(again)
}
