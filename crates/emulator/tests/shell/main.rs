//! The emulator's shell over TCP: sign-in, gate, TLS, faults, storage, control.

mod control;
mod faults;
mod gate;
mod identity;
mod lifecycle;
mod storage;
mod support;
mod tls;
