//! Planning the properties of devices and of their modules: one patch each, of
//! what the application lacks or has otherwise.

use std::collections::HashMap;

use super::devices::Known;
use super::planner::{Planner, There};
use super::properties::{self, Property, Standing};
use super::{Action, Existing, PlannedItem};
use crate::archive::document::Members;
use crate::archive::requests::{Write, path};
use crate::archive::{ArchiveError, Collection};
use crate::{Error, Method};

impl Planner<'_> {
    /// Properties of devices and of their modules.
    pub(super) async fn properties(
        &mut self,
        known: &Known<'_>,
        there: &There,
    ) -> Result<(), ArchiveError> {
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
    ) -> Result<Option<PlannedItem>, Error> {
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
