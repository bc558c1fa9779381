//! Bentley IMS, the identity service of the iTwin Platform: where it is, who a
//! service application is to the platform, and one file per way in.
//!
//! Its endpoints are known by their documented paths; nothing is discovered. It
//! must not know any API that tokens are for, nor how forms and answers are
//! read (`oauth/`).

mod builder;
mod env;
mod hints;
mod host;
#[cfg(feature = "interactive")]
mod native;
mod service;

pub use builder::ImsBuilder;
pub use host::ImsHost;
#[cfg(feature = "interactive")]
pub use native::{ImsNative, ImsNativeBuilder};
pub use service::{ImsService, ImsServiceBuilder, ims_service_email};
