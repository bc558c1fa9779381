//! Why a folder with an emulator's state cannot be used.

use std::{io, path::PathBuf};

/// Why a folder with an emulator's state cannot be used. No file in it was changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// Another emulator uses the folder.
    #[error("another emulator is using {}", .0.display())]
    InUse(PathBuf),
    /// Something that is no folder has this name.
    #[error("{} is no folder; name one for the state", .0.display())]
    NoFolder(PathBuf),
    /// The folder holds other things.
    #[error("{} holds files and is no folder of an emulator; name a new or empty one", .0.display())]
    Foreign(PathBuf),
    /// A file is not as it was written, or not of this version.
    #[error("{} cannot be taken up, for line {line}: {what}", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be used", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// There were no random numbers to make a key of.
    #[error("no random numbers")]
    Random,
}
