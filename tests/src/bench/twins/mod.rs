//! Twins of Azure Digital Twins: one by one, and by the rows of a query.

mod ours;
mod plain;

pub(super) use ours::Ours;
pub(super) use plain::Plain;
