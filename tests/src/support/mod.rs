//! What several tests need: a recording server, an emulator with a client of
//! it, a fixed token.

pub mod recorder;
#[cfg(feature = "emulator")]
pub mod stage;
pub mod token;
