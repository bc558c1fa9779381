//! What several tests need: an application in memory, a recording server, a server
//! in another process, an emulator with a client of it, a fixed token.

pub mod application;
pub mod child;
pub mod recorder;
#[cfg(feature = "emulator")]
pub mod stage;
pub mod token;
