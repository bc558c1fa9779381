//! The private parsers, for the fuzz targets only (`tests/fuzzed`): behind the
//! feature `_fuzzing`, and no part of the interface.

use crate::upload::in_order;
use crate::{Json, ModelId, ModelSetError};

/// The ids of a set of models in the order in which it is uploaded.
pub fn model_order(models: Vec<Json>) -> Result<Vec<ModelId>, ModelSetError> {
    let ordered = in_order(models)?;
    Ok(ordered.into_iter().map(|model| model.id).collect())
}
