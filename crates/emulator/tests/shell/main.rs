//! The emulator's shell over TCP: sign-in, managed identities, gate, TLS,
//! faults, storage, control, control plane, what is kept.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected is to fail"
)]

mod control;
mod data;
mod faults;
mod gate;
mod identity;
mod lifecycle;
mod managed_identity;
mod plane;
mod resource_manager;
mod storage;
mod support;
mod tls;
