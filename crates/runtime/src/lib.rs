//! What generated twinkit clients run on.
//!
//! Generated code knows this crate as `progenitor_client`. It builds a request
//! for each operation and hands it to [`Context::call`], together with the
//! operation table that it brings along.
//!
//! The rooms:
//! - `operation`: the rows of the operation table;
//! - `context`, `builder`, `options`: what a client and a call are set up with;
//! - `pipeline/`: the one way out, for generated operations, `raw` requests and
//!   followed links;
//! - [`retry`]: when a failed attempt is followed by another, as one table;
//! - `pacing`: how fast attempts may follow one another;
//! - `error/`, `response`, `decode`: what came of it;
//! - `json`, `kind`, `members`, `number`, `finite`, `etag`, `patch`, `change`, `secret`, `timestamp`, `image`,
//!   `message_id`, `prefer`, `ids`, `id_type`, `path`: values that travel;
//! - `pages/`, `waits`, [`following`]: what takes more than one call;
//! - `signed/`: places at storage services that take no credential;
//! - `support/`: further names that generated code calls;
//! - `trace`: spans and their field names.
//!
//! This crate must not know any platform: no paths, no roles, no error codes of
//! one. Users meet its types through the client crates' re-exports.

mod builder;
mod change;
mod context;
mod decode;
mod error;
mod etag;
mod finite;
pub mod following;
#[cfg(feature = "_fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod id_type;
mod ids;
mod image;
mod json;
mod kind;
mod members;
mod message_id;
mod number;
mod operation;
mod options;
mod pacing;
mod pages;
mod patch;
mod path;
mod pipeline;
mod prefer;
mod raw;
mod response;
pub mod retry;
mod secret;
mod signed;
mod support;
mod timestamp;
mod trace;
mod waits;

pub use builder::ClientBuilder;
pub use change::Change;
pub use context::Context;
pub use error::{Error, ErrorDetail, ErrorFacts, ErrorKind, HintFn};
pub use etag::{ETag, IfMatch, IfNoneMatch, IfNoneMatchError, InvalidHeaderText};
pub use ids::{IdError, not_reserved, validate_id};
pub use image::{Image, ImageError};
pub use json::Json;
pub use kind::UnknownKind;
pub use members::{
    Document, Writer, read_document, read_member, read_optional, required, write_document,
};
pub use message_id::MessageId;
pub use number::Number;
pub use operation::{Operation, Paging, PagingKind, Served, Wait};
pub use options::CallOptions;
pub use pacing::Pacing;
pub use pages::{Items, ListEnd, PageEnd, Paged, Pages};
pub use patch::JsonPatch;
pub use path::PathSegment;
pub use prefer::Prefer;
pub use raw::RawRequest;
pub use response::{Answer, MAX_ANSWER_BYTES, Response, ResponseValue};
pub use retry::RetryPolicy;
pub use secret::Secret;
pub use signed::{
    ByteSource, DownloadPoint, FileSink, FileSource, SignedAddress, SignedClient, SignedDownload,
    SignedRequest,
};
pub use support::{ByteStream, QueryParam, Refused, built, given, set_header, with_headers};
pub use timestamp::{Timestamp, TimestampError};
pub use waits::{Progress, Waiter};

pub use bytes::Bytes;
pub use futures_core::future::BoxFuture;
pub use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
pub use reqwest::{Method, StatusCode};
pub use twinkit_http::{Clock, HttpClientConfig, Origin, OriginSet, SystemClock};

/// The README, so that its program is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
pub mod readme {}
