//! The newest preview of the API, 2022-10-31-preview, whole: what the stable
//! version has, and queries, data export, dashboards and deployment manifests.
//!
//! ```no_run
//! # async fn f(client: twinkit_iot_central::Client) -> Result<(), twinkit_iot_central::Error> {
//! use twinkit_iot_central::preview::types::QueryRequest;
//!
//! let query = "SELECT TOP 10 $id, temperature FROM dtmi:example:pump;1 WHERE WITHIN_WINDOW(P1D)";
//! let query = QueryRequest::builder().query(query.to_owned());
//! for row in &client.preview().run_query().body(query).send().await?.results {
//!     println!("{}", row.get());
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A preview may change or end without notice, and so may this module. Its types
//! are its own: those of the stable version are others, also where they look the
//! same.

mod client;
mod filter;
#[rustfmt::skip]
mod generated;

pub use client::API_VERSION;
pub use filter::{Filter, FilterValue};
pub use generated::{Client, OPERATIONS, builder, enums, kinds, patches, types};
