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
//! - [`stdout`]: what programs print, to whoever reads on;
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
pub mod stdout;
pub mod support;
#[cfg(feature = "emulator")]
pub mod transfer;

/// The READMEs, so that their programs are compiled, and run unless they need a real
/// platform. Those of crates that do without the emulator are tested there.
#[cfg(all(doctest, feature = "emulator"))]
pub mod readme {
    /// Of the workspace.
    #[doc = include_str!("../../README.md")]
    pub mod workspace {}
    /// Of the crate `twinkit-auth`.
    #[doc = include_str!("../../crates/auth/README.md")]
    pub mod auth {}
    /// Of the crate `twinkit-digital-twins`.
    #[doc = include_str!("../../crates/digital-twins/README.md")]
    pub mod digital_twins {}
    /// Of the crate `twinkit-emulator`.
    #[doc = include_str!("../../crates/emulator/README.md")]
    pub mod emulator {}
    /// Of the crate `twinkit-iot-central`.
    #[doc = include_str!("../../crates/iot-central/README.md")]
    pub mod iot_central {}
    /// Of the crate `twinkit-itwin`.
    #[doc = include_str!("../../crates/itwin/README.md")]
    pub mod itwin {}
    /// Of the crate `twinkit`.
    #[doc = include_str!("../../crates/twinkit/README.md")]
    pub mod twinkit {}
}
