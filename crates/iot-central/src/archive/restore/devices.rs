//! Planning device templates, devices and what belongs to each device.

use std::collections::{HashMap, HashSet};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Deserialize;

use super::properties::{self, Interface, Property, Standing};
use super::{Action, Existing, PlannedItem, Planner, There, Wish, body};
use crate::archive::document::{Members, text};
use crate::archive::requests::{self, Write, path};
use crate::archive::{ArchiveError, Collection};
use crate::{Json, Method};

const TEMPLATE: &[&str] = &["@type", "displayName", "description", "capabilityModel"];
const DEVICE: &[&str] = &["displayName", "template", "enabled", "simulated", "organizations"];
const ATTESTATION: &[&str] = &["type", "symmetricKey", "tpm"];
const RELATIONSHIP: &[&str] = &["source", "target"];

/// A device and its template, as far as its details need them.
pub(super) struct Known<'a> {
    /// Devices that the application has already.
    there: HashSet<&'a str>,
    /// The template of each device of the archive.
    templates: HashMap<String, String>,
    interfaces: &'a HashMap<String, Interface>,
}

impl Planner<'_> {
    /// Device templates; what they say of properties is handed back.
    pub(super) async fn templates(&mut self) -> Result<HashMap<String, Interface>, ArchiveError> {
        let collection = Collection::DeviceTemplates;
        let mut interfaces = HashMap::new();
        let documents = self.documents(collection)?;
        if documents.is_empty() {
            return Ok(interfaces);
        }
        let there = self.there(collection).await?;
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
        let documents = self.documents(collection)?;
        let there =
            if documents.is_empty() { Ok(HashMap::new()) } else { self.there(collection).await? };
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

    /// Properties of devices and of their modules.
    async fn properties(&mut self, known: &Known<'_>, there: &There) -> Result<(), ArchiveError> {
        let collection = Collection::DeviceProperties;
        let mut levels = Vec::new();
        for (device, document) in self.documents(collection)? {
            let modules: Members = document.read("modules").unwrap_or_default();
            levels.push((device.clone(), None, document.read("properties").unwrap_or_default()));
            for (module, document) in modules.iter() {
                let document = document.parse().unwrap_or_default();
                levels.push((device.clone(), Some(module.to_owned()), document));
            }
        }
        let mut found = HashMap::new();
        for (operation, of_modules) in
            [("get_device_properties", false), ("get_module_properties", true)]
        {
            let asked = levels.iter().filter(|(device, module, _)| {
                known.there.contains(device.as_str()) && module.is_some() == of_modules
            });
            let asked = asked.map(|(device, module, _)| {
                (name(device, module.as_deref()), properties_path(device, module.as_deref()))
            });
            found.extend(self.found(collection, operation, asked.collect()).await?);
        }
        for (device, module, document) in levels {
            let id = name(&device, module.as_deref());
            if let Err(reason) = there {
                self.skip(collection, &id, reason.clone());
                continue;
            }
            let template = known.templates.get(&device).and_then(|id| known.interfaces.get(id));
            let interface = match &module {
                None => template,
                Some(module) => template.and_then(|template| template.module(module)),
            };
            let sorted = properties::sort(interface, &document);
            let item = self.settle(id.clone(), &device, module.as_deref(), sorted, found.get(&id));
            self.items.extend(item.map_err(ArchiveError::service(collection))?);
        }
        Ok(())
    }

    /// Plans the properties of one device or module; nothing for one that has
    /// none.
    fn settle(
        &self,
        id: String,
        device: &str,
        module: Option<&str>,
        sorted: properties::Sorted,
        there: Option<&Members>,
    ) -> Result<Option<PlannedItem>, crate::Error> {
        let properties::Sorted { carried, reported } = sorted;
        let standing = |wanted: Standing| -> Vec<&Property> {
            carried.iter().filter(|property| property.standing(there) == wanted).collect()
        };
        let (lacking, different) = (standing(Standing::Lacking), standing(Standing::Different));
        let names = |of: &[&Property]| of.iter().map(|of| of.path()).collect::<Vec<_>>().join(", ");
        let mut notes = Vec::new();
        if !reported.is_empty() {
            notes.push(format!("only the device sets {}", reported.join(", ")));
        }
        let replaces = self.existing == Existing::Replace;
        if !different.is_empty() && !replaces {
            notes.push(format!("there already, and different: {}", names(&different)));
        }
        let action = match (carried.is_empty(), lacking.is_empty(), different.is_empty()) {
            (true, ..) if reported.is_empty() => return Ok(None),
            (true, ..) => Action::Skip { reason: notes.join("; ") },
            (_, true, true) => Action::Leave,
            (.., false) if replaces => Action::Replace,
            (_, true, false) => Action::Skip { reason: notes.join("; ") },
            (_, false, _) => Action::Create,
        };
        let sent = lacking.iter().chain(different.iter().filter(|_| replaces));
        let body = properties::patch(sent.copied())?;
        let operation = match module {
            None => "update_device_properties",
            Some(_) => "update_module_properties",
        };
        let path = properties_path(device, module);
        let write = Write { operation, method: Method::PATCH, path, body };
        let write = (!write.body.is_empty()).then_some(write);
        let conflict = !different.is_empty();
        let (collection, device) = (Collection::DeviceProperties, Some(device.to_owned()));
        Ok(Some(PlannedItem { collection, id, action, notes, device, conflict, write }))
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
    async fn found(
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

fn name(device: &str, module: Option<&str>) -> String {
    match module {
        None => device.to_owned(),
        Some(module) => format!("{device}, module {module}"),
    }
}

fn properties_path(device: &str, module: Option<&str>) -> String {
    match module {
        None => path(&["devices", device, "properties"]),
        Some(module) => path(&["devices", device, "modules", module, "properties"]),
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
