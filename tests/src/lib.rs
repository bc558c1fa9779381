//! Tests of the workspace as a whole.
//!
//! - [`spec`]: reads the specifications, the only source of what is expected;
//! - [`chaos`]: a mixed workload while everything goes wrong, by a seed;
//! - [`contract`]: calls each operation with awkward values and compares what
//!   was sent with the specification;
//! - `faults`: calls each operation while the network, a gateway or the service
//!   fails, and compares what the client makes of it with what is documented;
//! - [`served`]: has the emulator succeed and refuse in each operation;
//! - [`coverage`]: counts both;
//! - [`bench`](mod@bench): the client against plain reqwest;
//! - [`load`]: many callers at once, for long;
//! - [`oidc`]: our sign-in against a certified OpenID Connect server;
//! - [`generated`]: one caller per operation, written by `cargo xtask generate`;
//! - [`support`]: emulators with clients of them, a recording server;
//! - [`transfer`]: a large file up and down, and the memory it takes.
//!
//! Nothing here may take what it expects from the client's own tables: that
//! would test the client against itself.

pub mod bench;
#[cfg(feature = "emulator")]
pub mod chaos;
pub mod contract;
#[cfg(feature = "emulator")]
pub mod coverage;
#[cfg(feature = "faults")]
pub mod faults;
pub mod generated;
pub mod load;
pub mod oidc;
#[cfg(feature = "emulator")]
pub mod served;
pub mod spec;
pub mod support;
#[cfg(feature = "emulator")]
pub mod transfer;

/// The README, so that its programs are compiled and run.
#[cfg(all(doctest, feature = "emulator"))]
#[doc = include_str!("../../README.md")]
pub mod readme {}
