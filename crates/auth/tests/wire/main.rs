//! What goes over the wire, against a scripted server on real TCP.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail like tests"
)]

mod authorizers;
#[cfg(feature = "interactive")]
mod browser;
mod canary;
mod client_secret;
mod defects;
mod device_code;
#[cfg(feature = "interactive")]
mod ims_native;
#[cfg(feature = "interactive")]
mod interactive;
#[cfg(feature = "interactive")]
mod loopback;
mod sessions;
mod support;
mod web_sign_in;
