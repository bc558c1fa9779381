//! Filters: conditions as the lists of previews take them, and as device groups
//! keep them. Both are read into the same [`Condition`].
//!
//! It knows no state: what a name stands for is asked from whoever has the
//! device or document.
//!
//! | language | form |
//! |---|---|
//! | list | `displayName eq 'it''s' and (enabled ne false or contains(id,'x'))` |
//! | group | `SELECT * FROM devices WHERE $template = "dtmi:a;1" AND CONTAINS($displayName, "x")` |
//!
//! # Our choices, where the service's behaviour is not known
//!
//! - Keywords are read in any case, names and texts compare by case.
//! - What a document lacks is null: `ne` and `!=` hold, every other comparison
//!   with a value does not. Values of different types are never equal and have no
//!   order.
//! - A member that is a list equals what one of its entries does.
//! - `indexof` gives -1 where nothing is found; without a comparison behind it, it
//!   asks whether something is.

mod condition;
mod group;
mod list;
#[cfg(test)]
mod tests;

pub(super) use condition::{Comparison, Condition, order};
pub(super) use group::{comparison, parse as parse_group};
pub(super) use list::parse as parse_list;
