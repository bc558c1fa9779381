//! The emulator's shell over TCP: sign-in, gate, TLS, faults, storage, control.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets the unexpected is to fail"
)]

mod control;
mod faults;
mod gate;
mod identity;
mod lifecycle;
mod plane;
mod storage;
mod support;
mod tls;
