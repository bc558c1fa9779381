//! What the fuzz targets assert of the parsers that read foreign data.
//!
//! Each function here is the body of one target of `tests/fuzz`, and takes any
//! bytes. It asserts more than that nothing panics: what is read agrees with a
//! second, simple reader, goes back as it came, stays within bounds, shows no
//! secret, fits a terminal. The same functions run over the seeds and the corpus
//! in `cargo test`, without a fuzzer, so that no target rots.
//!
//! How private parsers are reached: the crates open them behind the feature
//! `_fuzzing`, which is no part of their interface.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a promise that does not hold must end the run"
)]

mod arc;
mod auth;
mod documents;
mod dtdl;
mod headers;
mod identity;
mod import;
mod iot_central;
mod itwin;
mod links;
mod query;
mod service_errors;
mod sign_in;
mod specs;
mod storage;
mod support;
mod times;

pub use arc::arc_challenge;
pub use auth::{error_answer, expiry, stored_sign_in, token_answer, www_authenticate};
pub use documents::document;
pub use dtdl::models;
pub use headers::{content_range, retry_after};
pub use identity::signed_token;
pub use import::import_file;
pub use iot_central::{archive, iot_central_filter, iot_central_text};
pub use itwin::{itwin_filter, webhook_delivery};
pub use links::{endpoint, ids, next_link, signed_address};
pub use query::{query_bind, query_literal, query_text, route_filter};
pub use service_errors::{decode, error_envelope};
pub use sign_in::{sign_in_answer, sign_in_redirect};
pub use specs::{spec, vendor_spec};
pub use storage::{block_list, shared_access};
pub use times::timestamp;

/// A target by its name.
pub type Target = (&'static str, fn(&[u8]));

/// All targets, as `tests/fuzz/Cargo.toml` names them.
pub const TARGETS: &[Target] = &[
    ("arc_challenge", arc_challenge),
    ("archive", archive),
    ("block_list", block_list),
    ("content_range", content_range),
    ("decode", decode),
    ("document", document),
    ("endpoint", endpoint),
    ("error_answer", error_answer),
    ("error_envelope", error_envelope),
    ("expiry", expiry),
    ("ids", ids),
    ("import_file", import_file),
    ("iot_central_filter", iot_central_filter),
    ("iot_central_text", iot_central_text),
    ("itwin_filter", itwin_filter),
    ("models", models),
    ("next_link", next_link),
    ("query_bind", query_bind),
    ("query_literal", query_literal),
    ("query_text", query_text),
    ("retry_after", retry_after),
    ("route_filter", route_filter),
    ("shared_access", shared_access),
    ("sign_in_answer", sign_in_answer),
    ("sign_in_redirect", sign_in_redirect),
    ("signed_address", signed_address),
    ("signed_token", signed_token),
    ("spec", spec),
    ("stored_sign_in", stored_sign_in),
    ("timestamp", timestamp),
    ("token_answer", token_answer),
    ("vendor_spec", vendor_spec),
    ("webhook_delivery", webhook_delivery),
    ("www_authenticate", www_authenticate),
];
