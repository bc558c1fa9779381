//! Azure Digital Twins, its identity service and storage on localhost, for tests and first steps.

pub mod clock;
pub mod control;
pub mod digital_twins;
pub mod faults;
pub mod identity;
pub mod requests;
pub mod seed;
pub mod server;
pub mod storage;

pub use server::{Emulator, EmulatorBuilder, EmulatorError};
