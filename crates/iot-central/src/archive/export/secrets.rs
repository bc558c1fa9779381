//! What is taken out of documents before they are written. It must not know
//! where they are written to.

use crate::archive::Collection;
use crate::archive::document::{change, text};
use crate::{Error, Json};

/// Members of a device's or a group's attestation that are keys.
const KEYS: [[&str; 3]; 2] = [
    ["attestation", "symmetricKey", "primaryKey"],
    ["attestation", "symmetricKey", "secondaryKey"],
];

/// Parts of a connection string that open the storage.
const SECRET_PARTS: [&str; 2] = ["accountkey", "sharedaccesssignature"];

const MASK: &str = "*****";

/// The document as it may be written. `with_secrets` keeps symmetric keys, and
/// nothing else: no other secret could be carried anywhere.
pub(super) fn take_out(
    collection: Collection,
    document: &Json,
    with_secrets: bool,
) -> Result<Json, Error> {
    match collection {
        Collection::ApiTokens => change(document, &["token"], &|_| None),
        Collection::FileUploads => change(document, &["connectionString"], &|value| {
            Some(text(&masked(&value.parse::<String>().unwrap_or_default())))
        }),
        Collection::EnrollmentGroups | Collection::DeviceAttestations if !with_secrets => KEYS
            .iter()
            .try_fold(document.clone(), |document, path| change(&document, path, &|_| None)),
        _ => Ok(document.clone()),
    }
}

/// A connection string without its key, which the service masks already.
fn masked(connection: &str) -> String {
    let part = |part: &str| match part.split_once('=') {
        Some((name, _)) if SECRET_PARTS.contains(&name.trim().to_ascii_lowercase().as_str()) => {
            format!("{name}={MASK}")
        }
        _ => part.to_owned(),
    };
    connection.split(';').map(part).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_are_taken_out_unless_wanted_and_tokens_always() {
        let group = Json::from(json!({"id": "g", "attestation": {
            "type": "symmetricKey",
            "symmetricKey": {"primaryKey": "canary", "secondaryKey": "canary"}
        }}));
        let written = take_out(Collection::EnrollmentGroups, &group, false).unwrap();
        assert!(!written.get().contains("canary") && written.get().contains("symmetricKey"));
        assert_eq!(take_out(Collection::EnrollmentGroups, &group, true).unwrap(), group);
        let token = Json::from(json!({"id": "t", "token": "canary", "roles": []}));
        let written = take_out(Collection::ApiTokens, &token, true).unwrap();
        assert_eq!(written, Json::from(json!({"id": "t", "roles": []})));
    }

    #[test]
    fn a_connection_string_is_masked_even_if_the_service_did_not() {
        let text =
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=can+ary==;EndpointSuffix=x";
        assert_eq!(
            masked(text),
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=*****;EndpointSuffix=x"
        );
        assert_eq!(masked("sharedAccessSignature=sv=1&sig=canary"), "sharedAccessSignature=*****");
        assert_eq!(masked("odd"), "odd");
    }
}
