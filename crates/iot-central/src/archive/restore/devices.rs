//! Planning device templates, devices and what belongs to each device.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;

use super::planner::{Planner, There, Wish, body};
use super::properties::Interface;
use crate::archive::document::{Members, text};
use crate::archive::requests::{self, Write, path};
use crate::archive::{ArchiveError, Collection};
use crate::{Json, Method};

const TEMPLATE: &[&str] = &["@type", "displayName", "description", "capabilityModel"];
const DEVICE: &[&str] = &["displayName", "template", "enabled", "simulated", "organizations"];
const ATTESTATION: &[&str] = &["type", "symmetricKey", "tpm"];
const RELATIONSHIP: &[&str] = &["source", "target"];

/// Devices and their templates, as far as their details need them.
pub(super) struct Known<'a> {
    /// Devices that the application has already.
    pub(super) there: HashSet<&'a str>,
    /// The template of each device of the archive.
    pub(super) templates: HashMap<String, String>,
    pub(super) interfaces: &'a HashMap<String, Interface>,
}

impl Planner<'_> {
    /// Device templates; what they say of properties is handed back.
    pub(super) async fn templates(&mut self) -> Result<HashMap<String, Interface>, ArchiveError> {
        let collection = Collection::DeviceTemplates;
        let mut interfaces = HashMap::new();
        let (documents, there) = self.both(collection).await?;
        for (id, document) in documents {
            interfaces.insert(id.clone(), Interface::of_template(&document));
            let here = there.as_ref().ok().and_then(|there| counterpart(&id, &document, there));
            let mut body = document;
            body.remove("etag");
            let mut notes = Vec::new();
            if let Some(here) = &here {
                self.ids.template_is(&id, Some(here.clone()));
                if *here != id {
                    notes.push(format!("the application has it as {here}"));
                    body.set("@id", text(here));
                }
            }
            let path = path(&["deviceTemplates", here.as_deref().unwrap_or(&id)]);
            let operation = "create_device_template";
            let write = Write { operation, method: Method::PUT, path, body };
            let wish = Wish { collection, id, device: None, write, members: TEMPLATE, notes };
            match &there {
                Ok(there) => self.decide(wish, here.and_then(|here| there.get(&here))),
                Err(reason) => self.skip(collection, &wish.id, reason.clone()),
            }
        }
        Ok(interfaces)
    }

    /// Devices, and what belongs to each of them.
    pub(super) async fn devices(
        &mut self,
        interfaces: &HashMap<String, Interface>,
    ) -> Result<(), ArchiveError> {
        let collection = Collection::Devices;
        let (documents, there) = self.both(collection).await?;
        let mut templates = HashMap::new();
        for (id, document) in documents {
            if let Some(template) = document.text("template") {
                templates.insert(id.clone(), template);
            }
            let (body, notes) = body(document, DEVICE, &["id", "etag", "provisioned"]);
            let path = path(&["devices", &id]);
            let write = Write { operation: "create_device", method: Method::PUT, path, body };
            let device = Some(id.clone());
            self.plan(Wish { collection, id, device, write, members: DEVICE, notes }, &there);
        }
        let known = match &there {
            Ok(there) => there.keys().map(String::as_str).collect(),
            Err(_) => HashSet::new(),
        };
        let known = Known { there: known, templates, interfaces };
        self.attestations(&known, &there).await?;
        self.properties(&known, &there).await?;
        self.relationships(&known, &there).await
    }

    async fn attestations(&mut self, known: &Known<'_>, there: &There) -> Result<(), ArchiveError> {
        let collection = Collection::DeviceAttestations;
        let documents = self.documents(collection)?;
        let of = |device: &str| path(&["devices", device, "attestation"]);
        let asked = documents.iter().filter(|(device, _)| known.there.contains(device.as_str()));
        let asked = asked.map(|(device, _)| (device.clone(), of(device))).collect();
        let found = self.found(collection, "get_device_attestation", asked).await?;
        for (device, document) in documents {
            let body: Members = document.read("attestation").unwrap_or_default();
            let reason = match (there, body.text("type").as_deref()) {
                (Err(reason), _) => Some(reason.as_str()),
                (_, Some("x509")) => {
                    Some("the service gives thumbprints only: upload the certificates again")
                }
                (_, Some("symmetricKey")) if !self.archive.has_secrets() => {
                    Some("the archive has no keys")
                }
                _ => None,
            };
            if let Some(reason) = reason {
                self.skip(collection, &device, reason);
                continue;
            }
            let (path, operation) = (of(&device), "create_device_attestation");
            let write = Write { operation, method: Method::PUT, path, body };
            let (id, members, notes) = (device.clone(), ATTESTATION, Vec::new());
            let there = found.get(&device);
            self.decide(
                Wish { collection, id, device: Some(device), write, members, notes },
                there,
            );
        }
        Ok(())
    }

    async fn relationships(
        &mut self,
        known: &Known<'_>,
        there: &There,
    ) -> Result<(), ArchiveError> {
        let collection = Collection::DeviceRelationships;
        let documents = self.documents(collection)?;
        let mut found = HashMap::new();
        let sources = documents.iter().filter_map(|(_, document)| document.text("source"));
        let sources: HashSet<String> =
            sources.filter(|source| known.there.contains(source.as_str())).collect();
        let client = self.client;
        let mut lists = stream::iter(sources)
            .map(async |source| {
                let path = path(&["devices", &source, "relationships"]);
                requests::all(client, "list_device_relationships", &path).await
            })
            .buffered(self.concurrency);
        while let Some(list) = lists.next().await {
            for relationship in list.map_err(ArchiveError::service(collection))? {
                let relationship: Members =
                    relationship.parse().map_err(ArchiveError::service(collection))?;
                let ids = (relationship.text("source"), relationship.text("id"));
                if let (Some(source), Some(id)) = ids {
                    found.insert((source, id), relationship);
                }
            }
        }
        drop(lists);
        for (relationship, document) in documents {
            let Some(source) = document.text("source") else {
                self.skip(collection, &relationship, "it has no source");
                continue;
            };
            let id = format!("{relationship} of {source}");
            if let Err(reason) = there {
                self.skip(collection, &id, reason.clone());
                continue;
            }
            let (body, notes) = body(document, RELATIONSHIP, &["id"]);
            let path = path(&["devices", &source, "relationships", &relationship]);
            let operation = "create_device_relationship";
            let write = Write { operation, method: Method::PUT, path, body };
            let there = found.get(&(source.clone(), relationship));
            let (device, members) = (Some(source), RELATIONSHIP);
            self.decide(Wish { collection, id, device, write, members, notes }, there);
        }
        Ok(())
    }

    /// Asks the application for documents, by key and path.
    pub(super) async fn found(
        &self,
        collection: Collection,
        operation: &'static str,
        asked: Vec<(String, String)>,
    ) -> Result<HashMap<String, Members>, ArchiveError> {
        let client = self.client;
        let found: Vec<(String, Option<Json>)> = stream::iter(asked)
            .map(async |(key, path)| Ok((key, requests::get(client, operation, &path).await?)))
            .buffered(self.concurrency)
            .try_collect()
            .await
            .map_err(ArchiveError::service(collection))?;
        let read = found.into_iter().filter_map(|(key, document)| Some((key, document?)));
        let read = read.map(|(key, document)| Ok((key, document.parse()?)));
        read.collect::<Result<_, _>>().map_err(ArchiveError::service(collection))
    }
}

/// The application's id of a template: the same, or that of the template with
/// the same capability model, if the service chose another id when an earlier
/// run made it.
fn counterpart(id: &str, document: &Members, there: &HashMap<String, Members>) -> Option<String> {
    #[derive(Deserialize)]
    struct Model {
        #[serde(rename = "@id")]
        id: Option<String>,
    }
    let model = |template: &Members| template.read::<Model>("capabilityModel")?.id;
    if there.contains_key(id) {
        return Some(id.to_owned());
    }
    let wanted = model(document)?;
    let found = there.iter().find(|(_, there)| model(there).as_ref() == Some(&wanted));
    found.map(|(here, _)| here.clone())
}
