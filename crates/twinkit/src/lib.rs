//! Typed clients for the platforms where digital twins live, in one crate.
//!
//! ```no_run
//! use twinkit::auth::Credential;
//! use twinkit::digital_twins::Client;
//!
//! # async fn f() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoint = std::env::var("AZURE_DIGITALTWINS_URL")?;
//! let client = Client::builder(&endpoint, Credential::from_env()?).build()?;
//! let twin = client.get_twin().id("room-1").send().await?;
//! println!("{}", twin.get());
//! # Ok(())
//! # }
//! ```
//!
//! This crate re-exports and holds nothing of its own. Each platform is a
//! feature; an application that needs one platform only may as well depend on
//! that platform's crate.

// On docs.rs, each item tells the feature that it is behind.
#![cfg_attr(docsrs, feature(doc_cfg))]

pub use twinkit_auth as auth;
#[cfg(feature = "digital-twins")]
pub use twinkit_digital_twins as digital_twins;
#[cfg(feature = "iot-central")]
pub use twinkit_iot_central as iot_central;
#[cfg(feature = "itwin")]
pub use twinkit_itwin as itwin;
