//! A whole application in a folder: [`Export`] writes it, [`Restore`] carries
//! it into another application as far as the API allows.
//!
//! ```no_run
//! use twinkit_iot_central::Client;
//! use twinkit_iot_central::archive::{Existing, Export, Restore};
//!
//! # async fn f(from: Client, to: Client) -> Result<(), Box<dyn std::error::Error>> {
//! let report = Export::new(&from, "backup").on_progress(|at| eprintln!("{at}")).run().await?;
//! println!("{report}");
//!
//! let plan = Restore::new(&to, "backup").existing(Existing::Skip).plan().await?;
//! println!("{plan}");
//! let report = plan.apply().await?;
//! println!("{report}");
//! # Ok(())
//! # }
//! ```
//!
//! # The folder
//!
//! One file of lines for each [`Collection`], a JSON document on each line, and
//! `manifest.json`, which says of which application it is, when it was made,
//! and how far each file is. A document is the one that the service sent, with
//! all its members in their order and its numbers digit by digit; only the white
//! space between them is gone. Taken out are the values of secrets: keys of
//! attestations (unless [`Export::with_secrets`]), the key in the connection
//! string of the file upload, and the values of API tokens, which the service
//! does not show anyway. `.lock` keeps a second export out; it stays behind.
//!
//! The documents of a list stand as they are. What is asked for item by item
//! comes in a frame:
//!
//! | file | a line |
//! |---|---|
//! | `device-properties` | `{"device": id, "properties": {..}, "modules": {name: {..}}}`, without `modules` where there are none |
//! | `device-attestations` | `{"device": id, "attestation": {..}}`, for devices that have one of their own |
//! | `device-relationships` | the relationship, once, with its source |
//! | `enrollment-group-certificates` | `{"group": id, "primary": {..}, "secondary": {..}}`, of X.509 groups |
//! | `job-devices` | `{"job": id, "device": {..}}` |
//! | `scheduled-job-runs` | `{"scheduledJob": id, "run": {..}}` |
//!
//! # Being stopped
//!
//! After each page the lines are on the disk before the manifest says so, and
//! the manifest is replaced as a whole. Whatever ends an export (a failure, a
//! dropped future, a lost machine), the next run in the same folder goes on
//! behind the last page, and the files become byte for byte those of a run that
//! was never stopped, provided the application did not change. Only `started`
//! and `ended` in the manifest differ. The service has no snapshots: what
//! changes during an export is seen before or after the change, page by page.
//!
//! # Waiting for the disk
//!
//! Files are read and written on the calling task, a page at a time, and
//! flushed to the disk after each. That is a few milliseconds beside a page's
//! journey over the network.
//!
//! This module must not know how requests travel or how fast they may be: the
//! client it is given sees to that.

mod collection;
mod document;
mod error;
mod export;
mod folder;
#[cfg(feature = "_fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod manifest;
mod requests;
mod restore;

pub use collection::Collection;
pub use error::ArchiveError;
pub use export::{Export, ExportProgress, ExportReport, Exported};
pub use restore::{
    Action, Existing, NOT_IN_THE_API, Outcome, Plan, PlannedItem, Restore, RestoreProgress,
    RestoreReport, RestoredItem, RestoredToken,
};

/// Form of the folder. A change that older code would misread counts it up.
const FORMAT: u32 = 1;
