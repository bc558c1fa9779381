//! What goes over the wire, against a scripted server on real TCP.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail like tests"
)]

mod authorizers;
mod canary;
mod client_secret;
mod defects;
mod managed;
mod managed_arc;
mod support;
#[cfg(all(unix, feature = "developer-tools"))]
mod tools;
