//! What several tests need: an application in memory, a recording server, an
//! emulator with a client of it, a fixed token.

pub mod application;
pub mod recorder;
#[cfg(feature = "emulator")]
pub mod stage;
pub mod token;
