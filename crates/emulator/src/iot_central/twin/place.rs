//! Where in a device something is.

use std::fmt;

/// The root of a device, one of its modules, or a component of either.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The module; none: the device itself.
    pub module: Option<String>,
    /// The component there; none: the root or the module itself.
    pub component: Option<String>,
}

impl Place {
    /// The device itself.
    #[must_use]
    pub fn root() -> Self {
        Self::default()
    }

    /// A component of the device.
    #[must_use]
    pub fn component(name: &str) -> Self {
        Self { module: None, component: Some(name.to_owned()) }
    }

    /// A module.
    #[must_use]
    pub fn module(name: &str) -> Self {
        Self { module: Some(name.to_owned()), component: None }
    }

    /// A component of a module.
    #[must_use]
    pub fn module_component(module: &str, name: &str) -> Self {
        Self { module: Some(module.to_owned()), component: Some(name.to_owned()) }
    }

    /// The root or the module that this is part of.
    pub(in crate::iot_central) fn whole(&self) -> Self {
        Self { module: self.module.clone(), component: None }
    }
}

impl fmt::Display for Place {
    /// `the device`, or what of it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.module, &self.component) {
            (None, None) => f.write_str("the device"),
            (None, Some(component)) => write!(f, "the component {component:?}"),
            (Some(module), None) => write!(f, "the module {module:?}"),
            (Some(module), Some(component)) => {
                write!(f, "the component {component:?} of the module {module:?}")
            }
        }
    }
}
