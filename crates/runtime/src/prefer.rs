//! How much of a resource an answer should hold (RFC 7240, section 4.2).
//!
//! Generated builders choose it together with the type of the answer; it must
//! not know what any answer looks like.

use std::fmt;

/// The value of a `Prefer` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Prefer {
    /// The few members that tell one resource from another.
    Minimal,
    /// Everything the service has.
    Representation,
}

impl Prefer {
    /// The header's value.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minimal => "return=minimal",
            Self::Representation => "return=representation",
        }
    }
}

impl fmt::Display for Prefer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
