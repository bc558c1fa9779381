//! Enrollment groups: how devices that share a key or a signing certificate
//! prove who they are.
//!
//! An x509 group keeps its certificates in its document, with the text that was
//! sent and the open verification code; neither is shown. See
//! [`super::signing_certificates`] for the operations on them.
//!
//! Our choices: keys and certificates that a `PUT` leaves out stay, as they
//! cannot be echoed; the group that every application begins with cannot be
//! deleted.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::{
    collection::{self, Collection, Context, table},
    signing_certificates,
};
use crate::iot_central::{
    ApiError, Application,
    access::Area,
    routes::{Answer, ApiVersion, Call},
    rules::{Body, ids},
    seed::DEFAULT_ENROLLMENT_GROUP,
    state::{Document, Record, State},
    twin::new_key,
};

pub(super) struct EnrollmentGroups;

pub(super) fn answer(call: &Call, path: &[&str]) -> Result<Answer, ApiError> {
    match path {
        [group, "certificates", entry, rest @ ..] => {
            signing_certificates::answer(call, group, entry, rest)
        }
        _ => EnrollmentGroups::answer(call, path),
    }
}

impl Collection for EnrollmentGroups {
    const KIND: &'static str = "enrollment group";
    const AREA: Area = Area::Connections;
    const HAS_ETAG: bool = true;
    const READ_ONLY: &'static [&'static str] = &["idScope"];

    table!(enrollment_groups);

    fn check_id(id: &str) -> Result<(), ApiError> {
        ids::name(Self::KIND, id, 255)
    }

    fn organizations<'r>(_id: &'r str, _record: &'r Record) -> Vec<&'r str> {
        Vec::new()
    }

    fn check(
        _context: &Context<'_>,
        _id: &str,
        document: &Document,
        old: Option<&Record>,
    ) -> Result<(), ApiError> {
        let mut body = Body::new(document);
        body.text("displayName");
        body.optional_bool("enabled");
        body.one_of("type", &["iot", "iotEdge"]);
        if let Some(attestation) = body.object("attestation") {
            body.part("attestation", attestation, |body| {
                match body.one_of("type", &["symmetricKey", "x509"]) {
                    Some("symmetricKey") => check_keys(body),
                    Some(_) => signing_certificates::check_all(body, old),
                    None => {}
                }
            });
        }
        body.verdict()
    }

    fn settle(_: &Context<'_>, _: &str, document: &mut Document, old: Option<&Record>) {
        document.entry("enabled").or_insert(true.into());
        let Some(attestation) = document.get_mut("attestation").and_then(Value::as_object_mut)
        else {
            return;
        };
        if attestation.get("type").and_then(Value::as_str) == Some("x509") {
            attestation.shift_remove("symmetricKey");
            signing_certificates::settle_all(attestation, old);
            return;
        }
        attestation.shift_remove("x509");
        let has_keys = attestation.get("symmetricKey").is_some_and(Value::is_object);
        if !has_keys {
            let kept = old.and_then(|old| old.document.get("attestation")?.get("symmetricKey"));
            let keys = kept.cloned().unwrap_or_else(new_keys);
            attestation.insert("symmetricKey".to_owned(), keys);
        }
    }

    /// Devices without an attestation of their own go by the keys of the default
    /// group.
    fn stored(state: &mut State, _: &Application, id: &str) {
        let Some(record) = state.enrollment_groups.get(id) else { return };
        let keys = record.document.get("attestation").and_then(|found| found.get("symmetricKey"));
        let key = |member| Some(keys?.get(member)?.as_str()?.to_owned());
        if let (DEFAULT_ENROLLMENT_GROUP, Some(primary), Some(secondary)) =
            (id, key("primaryKey"), key("secondaryKey"))
        {
            state.connection_keys.primary_key = primary;
            state.connection_keys.secondary_key = secondary;
        }
    }

    fn show(context: &Context<'_>, id: &str, record: &Record) -> Value {
        let mut members = collection::shown(id, record, true);
        if let Some(attestation) = members.get_mut("attestation").and_then(Value::as_object_mut) {
            signing_certificates::show_all(attestation);
        }
        if context.call.version == ApiVersion::Preview {
            members.insert(
                "idScope".to_owned(),
                context.state.connection_keys.id_scope.clone().into(),
            );
        }
        members.into()
    }

    fn check_delete(_context: &Context<'_>, id: &str) -> Result<(), ApiError> {
        if id == DEFAULT_ENROLLMENT_GROUP {
            return Err(ApiError::conflict("The default enrollment group cannot be deleted."));
        }
        Ok(())
    }
}

fn check_keys(body: &mut Body<'_>) {
    let Some(keys) = body.optional_object("symmetricKey") else { return };
    body.part("symmetricKey", keys, |body| {
        for member in ["primaryKey", "secondaryKey"] {
            let key = body.text(member);
            if key.is_some_and(|key| STANDARD.decode(key).is_err()) {
                body.fault(format!("{member} is not base64"));
            }
        }
    });
}

/// Two new keys.
fn new_keys() -> Value {
    json!({"primaryKey": new_key(), "secondaryKey": new_key()})
}
