//! What is asked for item by item: everything of a device, a group or a job
//! that no list holds. It must not know in which order the answers are written.

use serde::Deserialize;

use crate::archive::document::Members;
use crate::archive::requests::{all, get, path};
use crate::archive::{Collection, document};
use crate::{Client, Error, Json};

/// An item of a list, as far as its details need it.
#[derive(Debug)]
pub(super) struct Subject {
    id: String,
    /// Whether a device has a template; without one it has no modules.
    has_template: bool,
    /// The kind of a group's attestation.
    attestation: Option<String>,
}

/// The lines for one item.
#[derive(Debug, Default)]
pub(super) struct Details {
    pub(super) documents: Vec<Json>,
    /// The item's id, if it was deleted since it was listed.
    pub(super) gone: Option<String>,
}

impl Subject {
    /// Reads a line of `collection`.
    pub(super) fn read(collection: Collection, line: &str) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Kind {
            r#type: Option<String>,
        }
        let members: Members =
            serde_json::from_str(line).map_err(|error| format!("it is no document: {error}"))?;
        let member = collection.id_member();
        Ok(Self {
            id: members.text(member).ok_or_else(|| format!("it has no {member}"))?,
            has_template: members.text("template").is_some(),
            attestation: members.read::<Kind>("attestation").and_then(|kind| kind.r#type),
        })
    }
}

/// Asks for the lines of `collection` that belong to one item.
pub(super) async fn fetch(
    client: &Client,
    collection: Collection,
    subject: Subject,
) -> Result<Details, Error> {
    let id = subject.id.as_str();
    match collection {
        Collection::DeviceProperties => properties(client, &subject).await,
        Collection::DeviceAttestations => {
            let path = path(&["devices", id, "attestation"]);
            // That there is none is the rule, and no sign that the device is.
            let found = get(client, "get_device_attestation", &path).await?;
            let framed = found.map(|found| frame(("device", id), [("attestation", found)]));
            Ok(Details { documents: framed.transpose()?.into_iter().collect(), gone: None })
        }
        Collection::DeviceRelationships => {
            let path = path(&["devices", id, "relationships"]);
            let mut found = listed(client, "list_device_relationships", &path, &subject).await?;
            // Each is listed at both of its ends.
            found.documents.retain(|found| {
                let source = found.parse::<Members>().ok().and_then(|found| found.text("source"));
                source.is_none_or(|source| source == id)
            });
            Ok(found)
        }
        Collection::EnrollmentGroupCertificates => certificates(client, &subject).await,
        Collection::JobDevices => {
            let path = path(&["jobs", id, "devices"]);
            let found = listed(client, "list_job_devices", &path, &subject).await?;
            framed(found, ("job", id), "device")
        }
        Collection::ScheduledJobRuns => {
            let path = path(&["scheduledJobs", id, "jobs"]);
            let found = listed(client, "list_scheduled_job_jobs", &path, &subject).await?;
            framed(found, ("scheduledJob", id), "run")
        }
        _ => Ok(Details::default()),
    }
}

/// Properties of a device with its components, and of its modules.
async fn properties(client: &Client, subject: &Subject) -> Result<Details, Error> {
    let id = subject.id.as_str();
    let found = get(client, "get_device_properties", &path(&["devices", id, "properties"])).await?;
    let Some(found) = found else { return Ok(Details::gone(subject)) };
    let mut members = vec![("properties", found)];
    let modules = modules(client, subject).await?;
    if !modules.is_empty() {
        members.push(("modules", modules.to_json()?));
    }
    Ok(Details { documents: vec![frame(("device", id), members)?], gone: None })
}

async fn modules(client: &Client, subject: &Subject) -> Result<Members, Error> {
    let (id, mut modules) = (subject.id.as_str(), Members::default());
    if !subject.has_template {
        return Ok(modules);
    }
    let list = path(&["devices", id, "modules"]);
    let listed = listed(client, "list_device_modules", &list, subject).await?;
    for module in listed.documents {
        let Some(name) = module.parse::<Members>()?.text("name") else { continue };
        let path = path(&["devices", id, "modules", &name, "properties"]);
        if let Some(found) = get(client, "get_module_properties", &path).await? {
            modules.set(&name, found);
        }
    }
    Ok(modules)
}

/// Both certificates of a group that has any.
async fn certificates(client: &Client, subject: &Subject) -> Result<Details, Error> {
    let mut members = Vec::new();
    if subject.attestation.as_deref() == Some("x509") {
        for entry in ["primary", "secondary"] {
            let path = path(&["enrollmentGroups", &subject.id, "certificates", entry]);
            let found = get(client, "get_enrollment_group_certificate", &path).await?;
            members.extend(found.map(|found| (entry, found)));
        }
    }
    if members.is_empty() {
        return Ok(Details::default());
    }
    Ok(Details { documents: vec![frame(("group", &subject.id), members)?], gone: None })
}

impl Details {
    fn gone(subject: &Subject) -> Self {
        Self { documents: Vec::new(), gone: Some(subject.id.clone()) }
    }
}

/// A list that belongs to an item.
async fn listed(
    client: &Client,
    operation: &'static str,
    path: &str,
    subject: &Subject,
) -> Result<Details, Error> {
    match all(client, operation, path).await {
        Ok(documents) => Ok(Details { documents, gone: None }),
        Err(error) if error.is_not_found() => Ok(Details::gone(subject)),
        Err(error) => Err(error),
    }
}

/// A document with the id of what it belongs to before it.
fn frame<'a>(
    (name, id): (&str, &str),
    members: impl IntoIterator<Item = (&'a str, Json)>,
) -> Result<Json, Error> {
    let mut framed = Members::default();
    framed.set(name, document::text(id));
    for (name, value) in members {
        framed.set(name, value);
    }
    framed.to_json()
}

fn framed(found: Details, of: (&str, &str), name: &str) -> Result<Details, Error> {
    let frames = found.documents.into_iter().map(|found| frame(of, [(name, found)]));
    Ok(Details { documents: frames.collect::<Result<_, _>>()?, gone: found.gone })
}
