//! What the platform posts to a webhook's address: whether it is genuine, and
//! what it says. It must not know any web framework, nor what is done about an
//! event.

mod event;
mod seen;
mod verify;

pub use event::{Event, EventContent, ITwinCreated, MemberAdded, NamedVersionCreated};
pub use seen::SeenMessages;
pub use verify::{DeliveryError, EventVerifier, SIGNATURE_HEADER};
