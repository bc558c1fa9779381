//! Exporting: what is asked for, what is told of it, and how a folder is begun
//! or gone on with.

mod details;
mod report;
mod run;
mod secrets;

use std::fmt;
use std::path::{Path, PathBuf};

pub use report::{ExportProgress, ExportReport, Exported};

use super::folder::Folder;
use super::manifest::{Manifest, State};
use super::{ArchiveError, Collection};
use crate::Client;
use run::Run;

/// How many items are asked for at a time unless it is said otherwise.
const CONCURRENCY: usize = 4;

type Observer<'a> = Box<dyn FnMut(&ExportProgress) + Send + 'a>;

/// An export to be started. Nothing is read or written before
/// [`run`](Self::run).
#[must_use = "nothing is exported until `run` is awaited"]
pub struct Export<'a> {
    client: &'a Client,
    folder: PathBuf,
    concurrency: usize,
    with_secrets: bool,
    overwrite: bool,
    observer: Option<Observer<'a>>,
}

impl fmt::Debug for Export<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("folder", &self.folder)
            .field("concurrency", &self.concurrency)
            .field("with_secrets", &self.with_secrets)
            .field("overwrite", &self.overwrite)
            .finish_non_exhaustive()
    }
}

impl<'a> Export<'a> {
    /// An export of the client's application into a folder, which is made if
    /// it is not there. An export that was stopped there is gone on with.
    pub fn new(client: &'a Client, folder: impl AsRef<Path>) -> Self {
        Self {
            client,
            folder: folder.as_ref().to_owned(),
            concurrency: CONCURRENCY,
            with_secrets: false,
            overwrite: false,
            observer: None,
        }
    }

    /// Asks for the details of so many items at a time; 4 by default. The
    /// files are the same whatever it is. An application takes 20 requests per
    /// second, whoever sends them: a client with
    /// [`pacing`](crate::ClientBuilder::pacing) keeps to that.
    pub fn concurrency(mut self, items: usize) -> Self {
        self.concurrency = items.max(1);
        self
    }

    /// Keeps the symmetric keys of devices and enrollment groups, which the
    /// service gives in clear. Whoever reads the files can then pose as any of
    /// these devices; on Unix they are made readable by their owner only.
    pub fn with_secrets(mut self) -> Self {
        self.with_secrets = true;
        self
    }

    /// Begins anew where [`run`](Self::run) would refuse: over an export that
    /// is finished or of another application, and over files without a
    /// manifest. An unfinished export of this application is gone on with all
    /// the same. Nothing but an archive's own files is touched.
    pub fn overwrite(mut self) -> Self {
        self.overwrite = true;
        self
    }

    /// Calls `observer` after each page.
    pub fn on_progress(mut self, observer: impl FnMut(&ExportProgress) + Send + 'a) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Exports. Dropping the future stops it; run again, it goes on.
    ///
    /// A collection that the caller may not read (403) is noted as missing, and
    /// the others are exported. What was deleted between being listed and being
    /// asked for is noted, too. A link that the service no longer takes (400,
    /// 404 or 410) has its list begun anew, once.
    ///
    /// # Errors
    /// [`ArchiveError`]. What was written up to then is kept.
    pub async fn run(self) -> Result<ExportReport, ArchiveError> {
        let Self { client, folder, concurrency, with_secrets, overwrite, observer } = self;
        let folder = Folder::lock(&folder, with_secrets)?;
        let (manifest, resumed) = begin(client, &folder, with_secrets, overwrite)?;
        let run = Run { client, folder, manifest, concurrency, observer, restarted: Vec::new() };
        run.finish(resumed).await
    }
}

/// The manifest to go on from, and whether there was one.
fn begin(
    client: &Client,
    folder: &Folder,
    secrets: bool,
    overwrite: bool,
) -> Result<(Manifest, bool), ArchiveError> {
    let refused = match unfinished(client, folder, secrets) {
        Ok(Some(manifest)) => return Ok((manifest, true)),
        Ok(None) => folder.occupied().map(|path| ArchiveError::Occupied { path }),
        Err(error @ ArchiveError::Io { .. }) => return Err(error),
        Err(error) => Some(error),
    };
    if let Some(error) = refused.filter(|_| !overwrite) {
        return Err(error);
    }
    let manifest = Manifest::new(client.inner.base_url(), secrets);
    folder.write_manifest(&manifest)?;
    // Only now: before, these files still belonged to the manifest there was.
    for collection in Collection::ALL {
        folder.remove(*collection)?;
    }
    Ok((manifest, false))
}

/// The manifest of an export that can be gone on with, if there is any.
fn unfinished(
    client: &Client,
    folder: &Folder,
    secrets: bool,
) -> Result<Option<Manifest>, ArchiveError> {
    let Some(manifest) = folder.manifest()? else { return Ok(None) };
    let path = || folder.path().to_owned();
    if manifest.application != client.inner.base_url() {
        let (found, application) = (manifest.application, client.inner.base_url().to_owned());
        return Err(ArchiveError::OtherApplication { folder: path(), found, application });
    }
    if manifest.ended.is_some() {
        return Err(ArchiveError::Finished { folder: path() });
    }
    if manifest.secrets != secrets {
        return Err(ArchiveError::OtherSecrets { folder: path(), found: manifest.secrets });
    }
    for entry in &manifest.files {
        if entry.state == State::Complete {
            folder.check(entry.collection, entry.bytes)?;
        }
    }
    Ok(Some(manifest))
}
