//! How one device proves who it is, in place of the keys of the default group:
//! by keys, certificates or a TPM of its own.
//!
//! A certificate goes in and only its thumbprint comes out. Whether its subject
//! is the device is not checked, as nothing connects by it here.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use super::device;
use crate::iot_central::{
    ApiError,
    access::Access,
    routes::{Answer, Call, nothing_here},
    rules::{Body, Certificate, merge},
    state::{Document, State},
    twin::Attestation,
};

const TYPES: [&str; 3] = ["symmetricKey", "x509", "tpm"];

pub(super) fn answer(call: &Call, id: &str) -> Result<Answer, ApiError> {
    match call.method() {
        "GET" => {
            let state = call.application.read();
            Ok(Answer::ok(shown(current(call, &state, id)?).into()))
        }
        "PUT" => {
            let body = call.object()?;
            let mut state = call.application.write();
            device(call, &state, id, Access::Write)?;
            store(&mut state, id, body)
        }
        "PATCH" => {
            let patch = call.merge_patch()?;
            let mut state = call.application.write();
            let mut body = current(call, &state, id)?.clone();
            merge(&mut body, patch);
            store(&mut state, id, body)
        }
        "DELETE" => {
            let mut state = call.application.write();
            current(call, &state, id)?;
            if let Some(twin) = state.twins.get_mut(id) {
                twin.attestation = None;
            }
            Ok(Answer::no_content())
        }
        _ => Err(nothing_here()),
    }
}

fn current<'s>(call: &Call, state: &'s State, id: &str) -> Result<&'s Document, ApiError> {
    device(call, state, id, Access::Write)?;
    let own = state.twins.get(id).and_then(|twin| twin.attestation.as_ref());
    own.map(|own| &own.0).ok_or_else(|| {
        ApiError::not_found(format!("The device {id:?} has no attestation of its own."))
    })
}

fn store(state: &mut State, id: &str, body: Document) -> Result<Answer, ApiError> {
    let kind = check(&body)?;
    // Members of other kinds are of no use.
    let attestation: Document =
        body.into_iter().filter(|(member, _)| member == "type" || *member == kind).collect();
    let answer = shown(&attestation);
    state.twins.get_or_default(id.to_owned()).attestation = Some(Attestation(attestation));
    Ok(Answer::ok(answer.into()))
}

/// The kind of an attestation without faults.
fn check(document: &Document) -> Result<String, ApiError> {
    let mut body = Body::new(document);
    let kind = body.one_of("type", &TYPES);
    let part = kind.and_then(|kind| body.object(kind));
    if let (Some(kind), Some(part)) = (kind, part) {
        body.part(kind, part, |body| match kind {
            "symmetricKey" => {
                for member in ["primaryKey", "secondaryKey"] {
                    if body.text(member).is_some_and(|key| STANDARD.decode(key).is_err()) {
                        body.fault(format!("{kind}.{member} is not base64"));
                    }
                }
            }
            "tpm" => {
                body.text("endorsementKey");
            }
            _ => {
                if let Some(certificates) = body.object("clientCertificates") {
                    body.part("clientCertificates", certificates, check_certificates);
                }
            }
        });
    }
    body.verdict()?;
    Ok(kind.unwrap_or_default().to_owned())
}

fn check_certificates(body: &mut Body<'_>) {
    let (primary, secondary) = (body.object("primary"), body.optional_object("secondary"));
    for (place, certificate) in [("primary", primary), ("secondary", secondary)] {
        let Some(certificate) = certificate else { continue };
        body.part(place, certificate, |body| {
            let text = body.text("certificate");
            if let Some(Err(what)) = text.map(Certificate::read) {
                body.fault(format!("the certificate of {place} {what}"));
            }
        });
    }
}

/// An attestation as answers show it.
pub(super) fn shown(attestation: &Document) -> Document {
    let mut shown = attestation.clone();
    let certificates = shown.get_mut("x509").and_then(|x509| x509.get_mut("clientCertificates"));
    let Some(certificates) = certificates.and_then(Value::as_object_mut) else { return shown };
    certificates.retain(|_, certificate| !certificate.is_null());
    for certificate in certificates.values_mut() {
        let text = certificate.get("certificate").and_then(Value::as_str).unwrap_or_default();
        let thumbprint = Certificate::read(text).map(|read| read.sha1_thumbprint());
        let info = json!({"sha1Thumbprint": thumbprint.unwrap_or_default()});
        *certificate = json!({ "info": info });
    }
    shown
}
