//! The Bentley iTwin Platform.
//!
//! | folder | duty |
//! |---|---|
//! | `routes` | HTTP: which API, which version, who calls; pages; rate limits |
//! | `access` | users, what they are to an iTwin, what permissions let them do |
//! | `rules` | checks of ids and bodies |
//! | `state` | what the platform holds |
//! | `users`, `itwins`, `access_control`, `imodels`, `storage`, `reality_management`, `webhooks` | the operations, by API |
//!
//! Callers come with tokens of [`ims`](crate::ims). A person is of the one
//! organization there is, a service application of an account of its own; so
//! neither sees the iTwins of the other before it is made a member.
//!
//! Who administrates an organization, who accepts an invitation and how many
//! requests are taken is said by the methods of [`Platform`], or over the
//! [control endpoint](crate::control).
//!
//! # Our choices, where the platform's behaviour is not known
//!
//! - The seeded person administrates the organization; a service application
//!   administrates the account of its own. Everybody may make iTwins there.
//!   [`Config`] turns both off.
//! - Codes of 422 where no source names one: `InvalidUsersRequest`,
//!   `InvalidAccessControlRequest`. 413 is `RequestTooLarge`, 415
//!   `UnsupportedMediaType`, a body that breaks off 400 `BadRequest`.
//! - A path of an API in another version than its one is 404, also for the first
//!   version of the APIs that have moved on. It is looked at before the token; the
//!   rest of the path after it.
//! - A token without the scope of the platform is 401 like a foreign one.
//! - `Accept` with no version in it is the same as none.
//! - Links carry the host that the client used.
//! - Ids of iTwins are taken in any case.
//!
//! Further ones stand with the operations that they concern.

mod access;
mod access_control;
mod config;
mod errors;
mod events;
#[cfg(feature = "_fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod imodels;
mod itwins;
mod platform;
mod reality_management;
pub mod routes;
mod rules;
mod seed;
mod state;
mod storage;
mod time;
mod users;
mod webhooks;

pub use access::User;
pub use config::{Config, ImodelRates, Rates};
pub use errors::ApiError;
pub use imodels::Outcome as ImodelOutcome;
pub use platform::Platform;

pub(crate) use seed::seeded;
pub(crate) use webhooks::Courier;
