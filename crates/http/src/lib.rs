//! The HTTP ground that `twinkit-auth` and `twinkit-runtime` share.
//!
//! What both need and neither may do differently: which origin a credential
//! belongs to ([`Origin`], [`OriginSet`]), which URLs may be spoken to at all
//! ([`endpoint`]), how much of an answer is read ([`read_bounded`]), how long a
//! server asks to wait ([`retry_after`]), what of a URL or a text may be shown
//! ([`redact`]), what time it is ([`Clock`]), unguessable numbers ([`random`])
//! and how the `reqwest` client is built ([`HttpClientConfig`]).
//!
//! ```
//! use twinkit_http::Origin;
//! let api = Origin::parse("https://example.digitaltwins.azure.net/models?x=1")?;
//! assert_eq!(api, Origin::parse("https://EXAMPLE.digitaltwins.azure.net:443")?);
//! # Ok::<(), twinkit_http::EndpointError>(())
//! ```
//!
//! This crate must not know any platform, any credential or any generated
//! code. Users meet its types through the client crates' re-exports.

mod body;
mod client;
mod clock;
pub mod endpoint;
mod failure;
mod origin;
pub mod random;
pub mod redact;
mod retry_after;

pub use body::{ReadError, drain_bounded, read_bounded};
pub use client::{ClientError, HttpClientConfig};
pub use clock::{Clock, SystemClock};
pub use endpoint::EndpointError;
pub use failure::{has_too_many_files, is_not_taken, is_tls_failure, reason_of_leaving};
pub use origin::{Origin, OriginSet};
pub use retry_after::{retry_after, server_date};

/// The README, so that its program is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub mod readme {}
