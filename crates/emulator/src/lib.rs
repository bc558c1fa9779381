//! Azure Digital Twins, Azure IoT Central, the Bentley iTwin Platform, the identity
//! services of Azure and iTwin, Azure's control plane as far as tools ask it, and
//! storage on localhost, for tests and first steps.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), twinkit_emulator::EmulatorError> {
//! use twinkit_emulator::{Emulator, faults::Fault};
//!
//! let emulator = Emulator::start().await?;
//! println!("{} signs in at {}", emulator.client_id(), emulator.authority_url());
//! // The next query meets a busy service.
//! emulator.faults().next(Fault::status(503).retry_after_secs(1).path_contains("/query"));
//! println!("twins are at {}", emulator.digital_twins_url());
//! emulator.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Services
//!
//! One process, one listener per service, on loopback only: [`identity`],
//! [`digital_twins`], [`storage`], [`control`], [`ims`], [`managed_identity`],
//! [`resource_manager`], [`iot_central`], [`itwin`]. With
//! [`EmulatorBuilder::port`] they take consecutive ports in this order, else free
//! ones; further instances follow behind. Each service listens on 127.0.0.1 and, if there is one, on ::1. With
//! [`EmulatorBuilder::tls`] all of them speak TLS under a local authority made at
//! start, all but [`managed_identity`], which is plain HTTP on real hosts too.
//! HTTP/1.1 with keep-alive.
//!
//! # What is the vendor's behaviour and what is our choice
//!
//! The documentation of each module tells the two apart. For the whole: the
//! vendor's are paths, statuses, bodies, error codes, headers, token shapes and
//! the gateway's answers to missing, foreign and powerless tokens. Ours are the
//! wording of messages, whoever is in the directories from the start, everything
//! under [`control`] and [`faults`], and that a token of another tenant gets the
//! documented 404 with the gateway's shape.
//!
//! # Time
//!
//! All tasks run on the caller's tokio runtime, and all time comes from one
//! [`clock::Clock`] over tokio's, so a test may pause the clock when client and
//! emulator share a runtime. Where they do not, move the emulator's clock
//! ([`Emulator::clock`], `POST /clock`) instead of pausing tokio's. The `Date` of
//! answers tells that time, except on [`control`].
//!
//! # State
//!
//! In memory, and gone at the end; with [`EmulatorBuilder::data`] in a folder as well,
//! where the next emulator takes it up, also after a kill. The folder is for one emulator
//! at a time and, as there are keys in it, for its owner only.
//!
//! # What this crate must not know
//!
//! Any other crate of the workspace: it must not share their mistakes.

mod body;
pub mod clock;
pub mod control;
mod data;
pub mod digital_twins;
pub mod faults;
pub mod identity;
pub mod ims;
pub mod iot_central;
pub mod itwin;
pub mod managed_identity;
mod reading;
pub mod requests;
pub mod resource_manager;
mod sealing;
pub mod seed;
pub mod server;
pub mod storage;

pub use data::DataError;
pub use server::{Emulator, EmulatorBuilder, EmulatorError};
