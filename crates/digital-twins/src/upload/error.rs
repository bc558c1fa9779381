//! What can go wrong with an upload, with the exact account of what was done.

use std::fmt;

use progenitor_client::Error;

use crate::ModelId;

/// Why a model set cannot be uploaded. Found before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelSetError {
    /// A member of the set is not a DTDL interface.
    #[error("model number {} of the set is not a DTDL interface: {reason}", index + 1)]
    NotAnInterface {
        /// Position in the set, from 0.
        index: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// Two members have the same id.
    #[error("the set holds two models with the id {id}")]
    Duplicate {
        /// The id that occurs twice.
        id: ModelId,
    },
    /// Models that need each other, so that none can come first.
    #[error("these models extend or contain each other in a circle: {}", list(ids))]
    Cycle {
        /// The models that wait for each other.
        ids: Vec<ModelId>,
    },
    /// A model over the service's limit of 1 MB.
    #[error("the model {id} has {bytes} bytes; the service takes at most 1,048,576")]
    TooLarge {
        /// The model.
        id: ModelId,
        /// Its size as JSON text.
        bytes: usize,
    },
}

/// An upload that stopped: why, and what became of each model of the set.
#[derive(Debug)]
#[non_exhaustive]
pub struct UploadError {
    /// What stopped it.
    pub failure: UploadFailure,
    /// Models that this upload stored before it stopped, in order.
    pub stored: Vec<ModelId>,
    /// Models that were there already.
    pub skipped: Vec<ModelId>,
    /// Models of the one batch whose answer was lost, if the service could not
    /// be asked afterwards or may still be storing them (a time limit passed):
    /// either all of them are stored or none is.
    pub in_doubt: Vec<ModelId>,
    /// Models that are certainly not stored by this upload.
    pub not_stored: Vec<ModelId>,
}

/// What stopped an upload.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadFailure {
    /// The set itself; nothing was sent.
    #[error(transparent)]
    Models(ModelSetError),
    /// A call to the service.
    #[error(transparent)]
    Service(Error),
}

impl UploadError {
    pub(super) fn before_sending(failure: UploadFailure) -> Self {
        let (stored, skipped, in_doubt, not_stored) = Default::default();
        Self { failure, stored, skipped, in_doubt, not_stored }
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (stored, not_stored) = (self.stored.len(), self.not_stored.len());
        match &self.failure {
            UploadFailure::Models(error) => write!(f, "{error}; nothing was sent"),
            UploadFailure::Service(error) => {
                write!(f, "{error}; {stored} models were stored before, {not_stored} were not")?;
                if !self.in_doubt.is_empty() {
                    write!(f, ", {} are in doubt (all of them or none)", self.in_doubt.len())?;
                }
                f.write_str("; repeat the upload with skip_existing() to complete it")
            }
        }
    }
}

impl std::error::Error for UploadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.failure {
            UploadFailure::Models(error) => Some(error),
            UploadFailure::Service(error) => Some(error),
        }
    }
}

fn list(ids: &[ModelId]) -> String {
    const SHOWN: usize = 5;
    let mut text = ids.iter().take(SHOWN).map(ModelId::as_str).collect::<Vec<_>>().join(", ");
    if let Some(more @ 1..) = ids.len().checked_sub(SHOWN) {
        text.push_str(&format!(" and {more} more"));
    }
    text
}
