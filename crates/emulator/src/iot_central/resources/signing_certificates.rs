//! The signing certificates of an x509 enrollment group, one called `primary` and
//! one `secondary`.
//!
//! Whoever sends `verified: true` vouches for a certificate. Else its owner proves
//! to have its key: by a certificate that it signed and whose common name is the
//! code that was generated. Both are really checked.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    collection::{self, Collection},
    enrollment_groups::EnrollmentGroups,
};
use crate::iot_central::{
    ApiError,
    access::Access,
    routes::{Answer, Call, nothing_here},
    rules::{Body, Certificate},
    state::{Document, Record, State, new_etag},
};

const ENTRIES: [&str; 2] = ["primary", "secondary"];
const KIND: &str = "signing certificate";
/// Members that are kept and not shown.
const HIDDEN: [&str; 2] = ["certificate", "verificationCode"];

pub(super) fn answer(
    call: &Call,
    group: &str,
    entry: &str,
    rest: &[&str],
) -> Result<Answer, ApiError> {
    if !ENTRIES.contains(&entry) {
        return Err(nothing_here());
    }
    match (call.method(), rest) {
        ("GET", []) => get(call, group, entry),
        ("PUT", []) => put(call, group, entry),
        ("DELETE", []) => delete(call, group, entry),
        ("POST", ["generateVerificationCode"]) => generate_code(call, group, entry),
        ("POST", ["verify"]) => verify(call, group, entry),
        _ => Err(nothing_here()),
    }
}

fn get(call: &Call, group: &str, entry: &str) -> Result<Answer, ApiError> {
    call.caller.require(EnrollmentGroups::AREA, Access::Read)?;
    let state = call.application.read();
    let record = collection::visible::<EnrollmentGroups>(call, &state, group)?;
    let found = of_record(record, entry).ok_or_else(|| ApiError::no_such(KIND, entry))?;
    Ok(Answer::ok(shown(found).into()))
}

fn put(call: &Call, group: &str, entry: &str) -> Result<Answer, ApiError> {
    call.caller.require(EnrollmentGroups::AREA, Access::Write)?;
    let document = call.object()?;
    let mut state = call.application.write();
    let certificates = certificates_mut(call, &mut state, group)?;
    let old = certificates.get(entry).and_then(Value::as_object);
    let mut body = Body::new(&document);
    check(&mut body, false);
    let etag = body.optional_text("etag");
    body.verdict()?;
    let current = old.and_then(|old| old.get("etag")).and_then(Value::as_str);
    if etag.is_some_and(|etag| etag != "*" && Some(etag) != current) {
        return Err(ApiError::precondition(KIND, entry));
    }
    let settled = settled(&document, None);
    let answer = shown(&settled);
    certificates.insert(entry.to_owned(), settled.into());
    touch(&mut state, group);
    Ok(Answer::ok(answer.into()))
}

fn delete(call: &Call, group: &str, entry: &str) -> Result<Answer, ApiError> {
    call.caller.require(EnrollmentGroups::AREA, Access::Write)?;
    let mut state = call.application.write();
    let certificates = certificates_mut(call, &mut state, group)?;
    certificates.shift_remove(entry).ok_or_else(|| ApiError::no_such(KIND, entry))?;
    touch(&mut state, group);
    Ok(Answer::no_content())
}

fn generate_code(call: &Call, group: &str, entry: &str) -> Result<Answer, ApiError> {
    call.caller.require(EnrollmentGroups::AREA, Access::Write)?;
    let mut state = call.application.write();
    let certificate = certificate_mut(call, &mut state, group, entry)?;
    let code = [Uuid::new_v4(), Uuid::new_v4()].map(|id| id.simple().to_string()).concat();
    certificate.insert("verificationCode".to_owned(), code.to_ascii_uppercase().into());
    Ok(Answer::ok(json!({"verificationCode": certificate.get("verificationCode")})))
}

fn verify(call: &Call, group: &str, entry: &str) -> Result<Answer, ApiError> {
    call.caller.require(EnrollmentGroups::AREA, Access::Write)?;
    let document = call.object()?;
    let mut body = Body::new(&document);
    let text = body.text("certificate");
    let proof = text.map(Certificate::read);
    if let Some(Err(what)) = &proof {
        body.fault(format!("certificate {what}"));
    }
    body.verdict()?;
    let Some(Ok(proof)) = proof else { return Err(ApiError::invalid("certificate is missing")) };
    let mut state = call.application.write();
    let certificate = certificate_mut(call, &mut state, group, entry)?;
    let text = |member: &str| certificate.get(member).and_then(Value::as_str);
    let code = text("verificationCode")
        .ok_or_else(|| ApiError::invalid("no verification code was generated before"))?;
    let issuer = text("certificate").and_then(|text| Certificate::read(text).ok());
    let mut faults = Vec::new();
    if !proof.is_named(code) {
        faults.push("the certificate's common name is not the verification code".to_owned());
    }
    if !issuer.is_some_and(|issuer| proof.is_signed_by(&issuer)) {
        faults.push(format!("the {entry} certificate of the group did not sign it"));
    }
    if !faults.is_empty() {
        return Err(ApiError::invalid_body(&faults));
    }
    certificate.shift_remove("verificationCode");
    certificate.insert("verified".to_owned(), true.into());
    certificate.insert("etag".to_owned(), new_etag().into());
    touch(&mut state, group);
    Ok(Answer::no_content())
}

/// One certificate as it is kept.
fn of_record<'r>(record: &'r Record, entry: &str) -> Option<&'r Document> {
    let attestation = record.document.get("attestation")?;
    attestation.get("x509")?.get("signingCertificates")?.get(entry)?.as_object()
}

fn certificates_mut<'s>(
    call: &Call,
    state: &'s mut State,
    group: &str,
) -> Result<&'s mut Document, ApiError> {
    let record = collection::visible::<EnrollmentGroups>(call, state, group)?;
    collection::writable::<EnrollmentGroups>(call, group, record)?;
    let record = state.enrollment_groups.get_mut(group);
    record
        .and_then(|record| record.document.get_mut("attestation")?.get_mut("x509"))
        .and_then(|x509| x509.get_mut("signingCertificates")?.as_object_mut())
        .ok_or_else(|| ApiError::invalid("the enrollment group is none of certificates"))
}

fn certificate_mut<'s>(
    call: &Call,
    state: &'s mut State,
    group: &str,
    entry: &str,
) -> Result<&'s mut Document, ApiError> {
    let found = certificates_mut(call, state, group)?.get_mut(entry);
    found.and_then(Value::as_object_mut).ok_or_else(|| ApiError::no_such(KIND, entry))
}

/// A change of a certificate is one of its group.
fn touch(state: &mut State, group: &str) {
    if let Some(record) = state.enrollment_groups.get_mut(group) {
        record.etag = new_etag();
    }
}

/// Looks one certificate over. One that is there already need not be sent again.
fn check(body: &mut Body<'_>, is_there: bool) {
    body.optional_bool("verified");
    let text = if is_there { body.optional_text("certificate") } else { body.text("certificate") };
    if let Some(Err(what)) = text.map(Certificate::read) {
        body.fault(format!("certificate {what}"));
    }
}

/// Looks the certificates in the attestation of a group over.
pub(super) fn check_all(body: &mut Body<'_>, old: Option<&Record>) {
    let Some(x509) = body.optional_object("x509") else { return };
    body.part("x509", x509, |body| {
        let Some(certificates) = body.optional_object("signingCertificates") else { return };
        body.part("signingCertificates", certificates, |body| {
            for entry in ENTRIES {
                let Some(certificate) = body.optional_object(entry) else { continue };
                let is_there = old.is_some_and(|old| of_record(old, entry).is_some());
                body.part(entry, certificate, |body| check(body, is_there));
            }
        });
    });
}

/// Brings the certificates in the attestation of a group into the form in which
/// they are kept.
pub(super) fn settle_all(attestation: &mut Document, old: Option<&Record>) {
    let sent = attestation.get("x509").and_then(|x509| x509.get("signingCertificates"));
    let mut kept = Document::new();
    for entry in ENTRIES {
        let old = old.and_then(|old| of_record(old, entry));
        let certificate = match sent.map(|sent| sent.get(entry)) {
            Some(Some(Value::Object(sent))) => Some(settled(sent, old)),
            Some(_) => None,
            None => old.cloned(),
        };
        if let Some(certificate) = certificate {
            kept.insert(entry.to_owned(), certificate.into());
        }
    }
    attestation.insert("x509".to_owned(), json!({"signingCertificates": kept}));
}

/// A certificate as it is kept; the old one where nothing is new.
fn settled(sent: &Document, old: Option<&Document>) -> Document {
    let text = sent.get("certificate").and_then(Value::as_str);
    let old_text = old.and_then(|old| old.get("certificate")).and_then(Value::as_str);
    let verified = sent.get("verified").and_then(Value::as_bool);
    if let Some(old) = old
        && text.is_none_or(|text| Some(text) == old_text)
        && verified.is_none_or(|verified| Some(&Value::Bool(verified)) == old.get("verified"))
    {
        return old.clone();
    }
    let text = text.or(old_text).unwrap_or_default();
    let mut members = Document::new();
    members.insert("certificate".to_owned(), text.into());
    members.insert("verified".to_owned(), verified.unwrap_or(false).into());
    if let Ok(certificate) = Certificate::read(text) {
        let info = json!({"sha1Thumbprint": certificate.sha1_thumbprint()});
        members.insert("info".to_owned(), info);
    }
    members.insert("etag".to_owned(), new_etag().into());
    members
}

fn shown(certificate: &Document) -> Document {
    let mut members = certificate.clone();
    members.retain(|member, _| !HIDDEN.contains(&member.as_str()));
    members
}

/// Takes what is not shown out of the attestation of a group.
pub(super) fn show_all(attestation: &mut Document) {
    let certificates = attestation
        .get_mut("x509")
        .and_then(|x509| x509.get_mut("signingCertificates")?.as_object_mut());
    for certificate in certificates.into_iter().flat_map(|found| found.values_mut()) {
        if let Some(members) = certificate.as_object_mut() {
            *members = shown(members);
        }
    }
}
