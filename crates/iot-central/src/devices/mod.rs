//! What people do with devices beside the plain calls: register one with a
//! template that fits, wait until it is provisioned, run commands, read and write
//! properties, wherever on the device they are. It must not know how a request
//! travels.

mod command;
mod level;
mod members;
mod properties;
mod register;
mod state;
mod template;

pub use command::{CommandCall, CommandOutcome};
pub use properties::{DeviceProperties, PropertiesOf, Property, PropertyMetadata};
pub use register::Registration;
pub use state::DeviceState;
