//! Bentley IMS, the identity service of the iTwin Platform: where it listens,
//! and one file per way in. It must not know any API that tokens are for.

#[cfg(feature = "interactive")]
mod native;

#[cfg(feature = "interactive")]
pub use native::ImsNativeBuilder;
