//! The names that generated code calls besides errors and responses. Written
//! against what progenitor 0.15.1 emits; a change there shows as a compile
//! error in the client crates. Nothing here sends anything.

mod conversions;
mod headers;
mod query_param;
mod stream;

pub use conversions::{Refused, built, given};
pub use headers::{set_header, with_headers};
pub use query_param::QueryParam;
pub use stream::ByteStream;
