//! What goes over the wire, against a scripted server on real TCP.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail like tests"
)]

mod authorizers;
mod canary;
#[cfg(feature = "certificates")]
mod certificate;
mod ci;
mod client_secret;
mod defects;
mod federated;
mod ims_service;
#[cfg(feature = "certificates")]
mod jwt;
mod on_behalf_of;
mod support;
