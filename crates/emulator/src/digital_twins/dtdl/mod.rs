//! DTDL v2 and v3: reading interface documents and checking them as a set.
//!
//! [`check`] takes the documents of one upload and the models stored already,
//! and gives back one [`Model`] per document with the tables that twins,
//! relationships and patches are checked against, or every fault found.
//! Commands, `writable` and multiplicities are read and have no effect, as on
//! the platform.
//!
//! It knows nothing of HTTP, of storage, and of twins.

mod content;
mod dtmi;
mod interface;
mod members;
mod model;
mod resolve;
mod schema;

pub(crate) use content::Content;
pub(crate) use dtmi::is_dtmi;
pub use model::Model;
pub(crate) use resolve::{Refusal, check};
pub(crate) use schema::{Enumeration, Primitive, Schema};

/// The major version of the language that an interface is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// `dtmi:dtdl:context;2`
    V2,
    /// `dtmi:dtdl:context;3`
    V3,
}

/// One thing wrong with a model document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Id of the model, or its place in the call if it has none.
    pub(crate) model: String,
    /// Where in the document, as `contents/temperature/schema`; empty for the whole.
    pub(crate) member: String,
    /// What is wrong.
    pub(crate) text: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.member.is_empty() {
            write!(f, "{}: {}", self.model, self.text)
        } else {
            write!(f, "{} at {}: {}", self.model, self.member, self.text)
        }
    }
}
