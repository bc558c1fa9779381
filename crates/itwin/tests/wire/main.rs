//! The hand-written part of the client over TCP, against a server that answers
//! by script: what is sent, in which order, and what comes of the answers.

#![cfg(test)]

#[cfg(feature = "imodels")]
mod imodels;
#[cfg(feature = "access-control")]
mod members;
#[cfg(all(feature = "access-control", feature = "users"))]
mod onboarding;
#[cfg(feature = "reality-management")]
mod reality_data;
mod support;
#[cfg(feature = "storage")]
mod transfer;
#[cfg(feature = "storage")]
mod transfer_down;
#[cfg(feature = "storage")]
mod transfer_up;
#[cfg(all(feature = "access-control", feature = "itwins"))]
mod waits;
#[cfg(all(feature = "itwins", feature = "users"))]
mod whoami;
