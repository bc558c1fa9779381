//! What goes over the wire, against a scripted server on real TCP.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail like tests"
)]

mod authorizers;
#[cfg(feature = "interactive")]
mod browser;
mod canary;
#[cfg(feature = "certificates")]
mod certificate;
mod ci;
mod client_secret;
mod defects;
mod device_code;
mod federated;
#[cfg(feature = "interactive")]
mod ims_native;
mod ims_service;
#[cfg(feature = "interactive")]
mod interactive;
#[cfg(feature = "certificates")]
mod jwt;
#[cfg(feature = "interactive")]
mod loopback;
mod managed;
mod managed_arc;
mod on_behalf_of;
mod sessions;
mod support;
#[cfg(all(unix, feature = "developer-tools"))]
mod tools;
mod web_sign_in;
