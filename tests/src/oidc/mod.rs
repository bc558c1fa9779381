//! Sign-in against a certified OpenID Connect server, on real connections. The
//! server runs in Node and wears the paths of Entra ID and of Bentley IMS; what
//! it refuses, it refuses by the standards.
//!
//! It must not know the emulator: this is the peer that shares none of our
//! mistakes.

mod browser;
mod cases;
mod provider;
mod steps;

pub use browser::Browser;
pub use cases::run;
pub use provider::Provider;
