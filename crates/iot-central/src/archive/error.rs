//! What can go wrong with an archive.

use std::path::PathBuf;

use super::{Collection, RestoreReport};
use crate::Error;

/// A text of an archive's in one line is cut after this many characters.
const MOST: usize = 300;

/// Why an export or a restore did not come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// Another process exports into the folder at this moment.
    #[error("another export is at work in {}", folder.display())]
    Busy {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds an export that is finished.
    #[error("{} holds a finished export; overwrite() replaces it", folder.display())]
    Finished {
        /// The folder.
        folder: PathBuf,
    },
    /// The folder holds an export of another application.
    #[error(
        "{} holds an export of {}, not of {application}; overwrite() replaces it",
        folder.display(), shown(found)
    )]
    OtherApplication {
        /// The folder.
        folder: PathBuf,
        /// The application in the folder.
        found: String,
        /// The client's application.
        application: String,
    },
    /// The folder holds an unfinished export that was begun with the other
    /// choice about secrets.
    #[error(
        "{} holds an export begun {} secrets; go on in the same way, or overwrite() it",
        folder.display(), if *found { "with" } else { "without" }
    )]
    OtherSecrets {
        /// The folder.
        folder: PathBuf,
        /// Whether the export in the folder has secrets.
        found: bool,
    },
    /// The folder holds a file with the name of an archive's, but no manifest.
    #[error("{} is there already, without a manifest; overwrite() replaces it", path.display())]
    Occupied {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds no archive.
    #[error("{} holds no manifest.json, so it is no archive", folder.display())]
    NoArchive {
        /// The folder.
        folder: PathBuf,
    },
    /// The archive was written in another form than this version reads.
    #[error("{} has format {found}; this version reads format {}", path.display(), super::FORMAT)]
    Format {
        /// The manifest.
        path: PathBuf,
        /// Its format.
        found: u64,
    },
    /// The export was not run to its end, so that it is not known what is
    /// missing.
    #[error("the export in {} is not finished: run it again to its end", folder.display())]
    Unfinished {
        /// The folder.
        folder: PathBuf,
    },
    /// A file is not what was written.
    #[error(
        "{}{}: {}",
        path.display(), line.map(|line| format!(", line {line}")).unwrap_or_default(), shown(reason)
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: Option<u64>,
        /// What is wrong with it.
        reason: String,
    },
    /// A call to the service. What was exported before is kept: run it again.
    #[error("{collection}: {source}")]
    Service {
        /// What the call was for.
        collection: Collection,
        /// Why it failed.
        source: Error,
    },
    /// Items are in the application already, and
    /// [`Existing::Fail`](super::Existing::Fail) was chosen. Nothing was sent.
    #[error(
        "{} items are there already and differ, the first being {}; nothing was changed",
        items.len(),
        items.first().map(|(collection, id)| format!("{} of {collection}", shown(id))).unwrap_or_default()
    )]
    Conflicts {
        /// The items.
        items: Vec<(Collection, String)>,
    },
    /// A restore that could not go on: the service is out of reach, or does not
    /// know the caller. Make a plan again to carry on.
    #[error("{source}; {report}; make a plan again to carry on")]
    Stopped {
        /// Why.
        source: Error,
        /// What was done before.
        report: Box<RestoreReport>,
    },
}

/// What stands in an archive, fit for a line: whoever made it may have written
/// anything there.
pub(super) fn shown(text: &str) -> String {
    twinkit_auth::redact::text(text, &[], MOST)
}

impl ArchiveError {
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }

    pub(super) fn service(collection: Collection) -> impl Fn(Error) -> Self {
        move |source| Self::Service { collection, source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_archive_holds_cannot_move_the_cursor() {
        let odd = "a\u{1b}[31m\nb\u{202e}c".to_owned();
        let folder = PathBuf::from("backup");
        let application = "https://a.example".to_owned();
        for error in [
            ArchiveError::Damaged { path: folder.clone(), line: Some(2), reason: odd.clone() },
            ArchiveError::OtherApplication { folder, found: odd.clone(), application },
            ArchiveError::Conflicts { items: vec![(Collection::Devices, odd)] },
        ] {
            let line = error.to_string();
            assert!(line.contains("a [31m b c"), "{line:?}");
        }
    }
}
