//! What the instance tells the world: CloudEvents, matched against the event
//! routes and kept for inspection.
//!
//! Nothing is sent anywhere. Each event that a route lets through is kept once
//! for that route, oldest dropped first.

mod cloud_event;
mod outbox;

pub use cloud_event::CloudEvent;
pub(crate) use cloud_event::Happening;
pub use outbox::DeliveredEvent;
pub(crate) use outbox::Outbox;
