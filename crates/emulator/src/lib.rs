//! Azure Digital Twins, its identity service and storage on localhost, for tests and first steps.

pub mod clock;
pub mod digital_twins;
