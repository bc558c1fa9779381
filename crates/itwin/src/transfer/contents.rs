//! What is sent: bytes or a file. It must not know where to.

use std::path::PathBuf;
use std::sync::Arc;

use progenitor_client::{ByteSource, Bytes, Error, FileSource};

/// Contents to be sent. A file is read while it is sent and is never in memory
/// as a whole.
#[derive(Clone, Debug)]
pub struct Contents(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Bytes(Bytes),
    File(PathBuf),
}

impl Contents {
    /// These bytes.
    #[must_use]
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self(Kind::Bytes(bytes.into()))
    }

    /// A plain file, opened when the transfer begins. An upload of one that changes
    /// before the end fails, and is not completed where the platform is told of the end or
    /// blocks are put together; what goes in one request may then have got there.
    #[must_use]
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Kind::File(path.into()))
    }

    pub(super) async fn open(self) -> Result<Arc<dyn ByteSource>, Error> {
        match self.0 {
            Kind::Bytes(bytes) => Ok(Arc::new(bytes)),
            Kind::File(path) => match FileSource::open(&path).await {
                Ok(file) => Ok(Arc::new(file)),
                Err(error) => {
                    let path = path.display();
                    Err(Error::InvalidRequest(format!("{path} cannot be read: {error}")))
                }
            },
        }
    }
}

impl From<Vec<u8>> for Contents {
    fn from(bytes: Vec<u8>) -> Self {
        Self::bytes(bytes)
    }
}

impl From<Bytes> for Contents {
    fn from(bytes: Bytes) -> Self {
        Self::bytes(bytes)
    }
}

impl From<&'static [u8]> for Contents {
    fn from(bytes: &'static [u8]) -> Self {
        Self::bytes(bytes)
    }
}
