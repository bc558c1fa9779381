//! What the platform accepts: ids, conditions, values, twin and relationship
//! documents, patches.
//!
//! The rules look at documents and models only. They know neither HTTP nor the
//! store, and change nothing.

pub(crate) mod conditions;
pub(crate) mod draft;
pub(crate) mod formats;
pub(crate) mod ids;
pub(crate) mod patch;
pub(crate) mod relationship;
pub(crate) mod twin;
pub(crate) mod twin_patch;
pub(crate) mod values;

use std::sync::Arc;

use super::dtdl::Model;

/// Finds a stored model by id.
pub(crate) type Models<'a> = dyn Fn(&str) -> Option<Arc<Model>> + 'a;
