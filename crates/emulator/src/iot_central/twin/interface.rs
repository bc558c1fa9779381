//! What the template of a device says of one of its parts.
//!
//! The modules of a device are those of its template, and those that the
//! `$edgeAgent` of its deployment manifest starts; of the latter nothing is known
//! but the name. `$edgeAgent` and `$edgeHub` are left out.

use serde_json::Value;

use super::Place;
use crate::iot_central::{
    ApiError,
    model::{Content, Interface},
    state::{Document, State},
};

impl State {
    /// What can be done with a part of a device; nothing if the device has no
    /// template. 404 if there is no such device, module or component.
    pub(in crate::iot_central) fn interface(
        &self,
        device: &str,
        place: &Place,
    ) -> Result<Interface<'_>, ApiError> {
        let record = self.devices.get(device).ok_or_else(|| ApiError::no_such("device", device))?;
        let root = self.root_interface(device);
        let whole = match &place.module {
            None => root,
            Some(module) => match root.find("EdgeModule", module) {
                Some(found) => found.interface(),
                None if modules_of_manifest(&record.document).contains(&module.as_str()) => {
                    Interface::default()
                }
                None => return Err(ApiError::no_such("module", module)),
            },
        };
        let Some(component) = &place.component else { return Ok(whole) };
        whole.component(component).ok_or_else(|| ApiError::no_such("component", component))
    }

    /// Modules that the template knows, and names of further ones.
    pub(in crate::iot_central) fn modules(&self, device: &str) -> (Vec<Content<'_>>, Vec<&str>) {
        let modelled: Vec<_> = self.root_interface(device).of_type("EdgeModule").collect();
        let manifest = self.devices.get(device).map(|record| modules_of_manifest(&record.document));
        let mut others = manifest.unwrap_or_default();
        others.retain(|name| !modelled.iter().any(|module| module.name() == *name));
        (modelled, others)
    }

    fn root_interface(&self, device: &str) -> Interface<'_> {
        let template = self.devices.get(device).and_then(|record| record.text("template"));
        let template = template.and_then(|id| self.device_templates.get(id));
        template.map_or_else(Interface::default, |record| Interface::of_template(&record.document))
    }
}

fn modules_of_manifest(device: &Document) -> Vec<&str> {
    let agent = device.get("deploymentManifest").and_then(|manifest| {
        manifest.get("data")?.get("modulesContent")?.get("$edgeAgent")?.get("properties.desired")
    });
    let modules = agent.and_then(|agent| agent.get("modules")).and_then(Value::as_object);
    let names = modules.into_iter().flat_map(|modules| modules.keys().map(String::as_str));
    names.filter(|name| !matches!(*name, "$edgeAgent" | "$edgeHub")).collect()
}
