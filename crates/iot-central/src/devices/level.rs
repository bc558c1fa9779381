//! Where on a device something is: on the device itself, a component, a module,
//! or a component of a module. It must not know what is there.

use std::fmt;

use progenitor_client::{Error, PathSegment, Refused};

use crate::{ComponentName, DeviceId, ModuleName};

/// A device and a place on it. A name that was refused is told when it is used.
#[derive(Clone, Debug)]
pub(super) struct Level {
    device: DeviceId,
    module: Option<ModuleName>,
    component: Option<ComponentName>,
    fault: Option<String>,
}

/// What the operations of the four places are called.
pub(super) struct Names {
    pub(super) device: &'static str,
    pub(super) component: &'static str,
    pub(super) module: &'static str,
    pub(super) module_component: &'static str,
}

impl Level {
    pub(super) fn of<I>(device: I) -> Result<Self, Refused>
    where
        I: TryInto<DeviceId>,
        I::Error: fmt::Display,
    {
        let device = device.try_into().map_err(Refused::because)?;
        Ok(Self { device, module: None, component: None, fault: None })
    }

    pub(super) fn set_module(&mut self, name: &str) {
        match ModuleName::new(name) {
            Ok(name) => self.module = Some(name),
            Err(error) => self.fault = Some(error.to_string()),
        }
    }

    pub(super) fn set_component(&mut self, name: &str) {
        match ComponentName::new(name) {
            Ok(name) => self.component = Some(name),
            Err(error) => self.fault = Some(error.to_string()),
        }
    }

    pub(super) fn device(&self) -> &DeviceId {
        &self.device
    }

    /// The path of `resource` there, such as `/commands/restart`.
    pub(super) fn path(&self, resource: &str) -> Result<String, Error> {
        if let Some(fault) = &self.fault {
            return Err(Error::InvalidRequest(fault.clone()));
        }
        let mut path = format!("/api/devices/{}", PathSegment(self.device.as_str()));
        if let Some(module) = &self.module {
            path = format!("{path}/modules/{}", PathSegment(module.as_str()));
        }
        if let Some(component) = &self.component {
            path = format!("{path}/components/{}", PathSegment(component.as_str()));
        }
        Ok(path + resource)
    }

    pub(super) fn operation(&self, names: &Names) -> &'static str {
        match (&self.module, &self.component) {
            (None, None) => names.device,
            (None, Some(_)) => names.component,
            (Some(_), None) => names.module,
            (Some(_), Some(_)) => names.module_component,
        }
    }
}
