//! Webhooks v2: which events the platform tells to which address.
//!
//! Beside the operations, by hand: what is delivered is
//! [checked](EventVerifier), and [typed](Event), in any web framework.

mod delivery;
#[rustfmt::skip]
mod generated;

pub use delivery::{
    DeliveryError, Event, EventContent, EventVerifier, ITwinCreated, MemberAdded,
    NamedVersionCreated, SIGNATURE_HEADER, SeenMessages,
};
pub use generated::{Client, OPERATIONS, builder, enums, types};
