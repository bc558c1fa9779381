//! What several tests need: an application in memory, a recording server, a
//! server in another process, an emulator with clients of its platforms or as a
//! process of its own, a person who signs in, a fixed token, the memory of this
//! process.

pub mod application;
pub mod child;
#[cfg(feature = "emulator")]
pub mod itwin_stage;
pub mod memory;
#[cfg(feature = "emulator")]
pub mod person;
#[cfg(feature = "emulator")]
pub mod process;
pub mod recorder;
#[cfg(feature = "emulator")]
pub mod stage;
pub mod token;
