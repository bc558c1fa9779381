//! Why a transfer ended early, and where it can go on.

use std::fmt;

use progenitor_client::Error;

/// Why a transfer ended early, with the point to go on from: an
/// [`UploadPoint`](super::UploadPoint) or a
/// [`DownloadPoint`](super::DownloadPoint). `?` turns it into a plain
/// [`Error`](crate::Error).
pub struct TransferError<P> {
    /// What happened.
    pub error: Error,
    /// Where it can go on: as far as anything came through, else where it was to go
    /// on from.
    pub point: Option<Box<P>>,
}

impl<P> TransferError<P> {
    pub(super) fn at(point: Option<P>, error: Error) -> Self {
        Self { error, point: point.map(Box::new) }
    }
}

impl<P> From<TransferError<P>> for Error {
    fn from(failed: TransferError<P>) -> Self {
        failed.error
    }
}

impl<P> fmt::Display for TransferError<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl<P> fmt::Debug for TransferError<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferError")
            .field("error", &self.error)
            .field("resumable", &self.point.is_some())
            .finish()
    }
}

impl<P> std::error::Error for TransferError<P> {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&self.error)
    }
}
