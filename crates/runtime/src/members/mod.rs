//! Documents, member by member. Generated types say which members they have, and
//! whether they keep those that nobody declared; going through the document is done
//! here, once for all: what serde derives for each type takes longer to compile than
//! the rest of a client. It must not know any of those types.

mod read;
mod write;

use serde::de::MapAccess;
use serde::ser::SerializeMap;
use serde_json::{Map, Value};

pub use self::read::{read_document, read_member, read_optional, required};
pub use self::write::{Writer, write_document};

/// An object. Implemented by generated types.
pub trait Document: Sized {
    /// Whether undeclared members are kept.
    const OPEN: bool;

    /// What has been read of the declared members.
    type Members;

    /// None of them.
    fn unread() -> Self::Members;

    /// Reads the member's value; `None` if the member is not declared.
    fn member<'de, A: MapAccess<'de>>(
        members: &mut Self::Members,
        name: &str,
        map: &mut A,
    ) -> Option<Result<(), A::Error>>;

    /// The document, once all members have been read; `extra` has the undeclared
    /// ones if they are kept.
    ///
    /// # Errors
    /// A member is missing that must be there.
    fn whole<E: serde::de::Error>(
        members: Self::Members,
        extra: Map<String, Value>,
    ) -> Result<Self, E>;

    /// Writes all members, the undeclared ones among them.
    fn write<M: SerializeMap>(&self, to: &mut Writer<M>);
}
