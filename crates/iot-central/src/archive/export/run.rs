//! The way through the collections, page by page. It must not know how a
//! folder is begun.

use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::details::{self, Subject};
use super::{ExportProgress, ExportReport, Observer, secrets};
use crate::archive::collection::Way;
use crate::archive::document::push_line;
use crate::archive::folder::{Folder, Lines};
use crate::archive::manifest::{Entry, Manifest, State};
use crate::archive::{ArchiveError, Collection, requests};
use crate::{Client, Error, Json, Timestamp};

/// So many items that are asked for one by one count as a page: as many as a
/// page of the service's lists has.
const ITEMS_PER_PAGE: usize = 25;

/// An export under way.
pub(super) struct Run<'a> {
    pub(super) client: &'a Client,
    pub(super) folder: Folder,
    pub(super) manifest: Manifest,
    pub(super) concurrency: usize,
    pub(super) observer: Option<Observer<'a>>,
    pub(super) restarted: Vec<Collection>,
}

/// Why a collection was left.
enum Stop {
    Archive(ArchiveError),
    Call(Error),
}

impl From<ArchiveError> for Stop {
    fn from(error: ArchiveError) -> Self {
        Self::Archive(error)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Call(error)
    }
}

impl Run<'_> {
    pub(super) async fn finish(mut self, resumed: bool) -> Result<ExportReport, ArchiveError> {
        for collection in Collection::ALL.iter().copied() {
            if self.manifest.entry(collection).is_done() {
                continue;
            }
            match self.export(collection).await {
                Ok(()) => {}
                Err(Stop::Archive(error)) => return Err(error),
                Err(Stop::Call(error)) if is_forbidden(&error) => {
                    // Without the request's id: the manifest of a run that was
                    // stopped is to be the same.
                    let code = error.code().unwrap_or("no code");
                    self.miss(collection, format!("the caller may not read it (403, {code})"))?;
                }
                Err(Stop::Call(error)) => return Err(ArchiveError::service(collection)(error)),
            }
        }
        self.manifest.ended = Some(Timestamp::now());
        self.folder.write_manifest(&self.manifest)?;
        Ok(ExportReport::new(self.manifest, resumed, self.restarted))
    }

    async fn export(&mut self, collection: Collection) -> Result<(), Stop> {
        match collection.way() {
            Way::List(operation, path) => self.list(collection, operation, path).await,
            Way::Single(operation, path) => self.single(collection, operation, path).await,
            Way::Each(of) if self.manifest.entry(of).state == State::Missing => {
                Ok(self.miss(collection, format!("it goes by {of}, which are missing"))?)
            }
            Way::Each(of) => self.each(collection, of).await,
        }
    }

    async fn list(
        &mut self,
        collection: Collection,
        operation: &'static str,
        path: &str,
    ) -> Result<(), Stop> {
        let mut entry = self.manifest.entry(collection);
        let mut file = self.folder.append(collection, entry.bytes)?;
        let mut pages = requests::pages(self.client, operation, path, entry.next.clone());
        while let Some(page) = pages.next_page().await {
            match page {
                Ok(page) => {
                    let lines = self.lines(collection, page.into_inner())?;
                    entry.next = pages.continuation().map(str::to_owned);
                    let last = entry.next.is_none();
                    self.store(&mut file, &mut entry, &lines, last)?;
                }
                Err(error) if is_stale(&error) && entry.next.is_some() && !entry.restarted => {
                    entry = Entry { restarted: true, ..Entry::new(collection) };
                    // First the manifest, so that it never counts on bytes
                    // that are cut off.
                    self.manifest.set(entry.clone());
                    self.folder.write_manifest(&self.manifest)?;
                    self.restarted.push(collection);
                    file = self.folder.append(collection, 0)?;
                    pages = requests::pages(self.client, operation, path, None);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    async fn single(
        &mut self,
        collection: Collection,
        operation: &'static str,
        path: &str,
    ) -> Result<(), Stop> {
        let mut entry = self.manifest.entry(collection);
        let mut file = self.folder.append(collection, entry.bytes)?;
        let mut lines = String::new();
        if let Some(document) = requests::get(self.client, operation, path).await? {
            push_line(&mut lines, &self.written(collection, &document)?);
        }
        Ok(self.store(&mut file, &mut entry, &lines, true)?)
    }

    async fn each(&mut self, collection: Collection, of: Collection) -> Result<(), Stop> {
        let whole = self.manifest.entry(of).bytes;
        let mut entry = self.manifest.entry(collection);
        let mut file = self.folder.append(collection, entry.bytes)?;
        let mut source = self.folder.read(of, entry.position.unwrap_or(0), whole)?;
        loop {
            let mut subjects = Vec::new();
            while subjects.len() < ITEMS_PER_PAGE
                && let Some(line) = source.next()?
            {
                subjects.push(Subject::read(of, &line).map_err(|reason| source.damaged(reason))?);
            }
            let client = self.client;
            let found: Vec<_> = stream::iter(subjects)
                .map(|subject| details::fetch(client, collection, subject))
                .buffered(self.concurrency)
                .try_collect()
                .await?;
            let mut lines = String::new();
            for details in found {
                for document in details.documents {
                    push_line(&mut lines, &self.written(collection, &document)?);
                }
                entry.gone.extend(details.gone);
            }
            entry.position = Some(source.position);
            let last = source.position >= whole;
            self.store(&mut file, &mut entry, &lines, last)?;
            if last {
                return Ok(());
            }
        }
    }

    /// Writes a page: first its lines, then that they are there.
    fn store(
        &mut self,
        file: &mut Lines,
        entry: &mut Entry,
        lines: &str,
        last: bool,
    ) -> Result<(), ArchiveError> {
        file.write(lines)?;
        entry.state = State::Running;
        entry.bytes += lines.len() as u64;
        entry.items += lines.matches('\n').count() as u64;
        entry.pages += 1;
        if last {
            entry.complete();
        }
        self.manifest.set(entry.clone());
        self.folder.write_manifest(&self.manifest)?;
        self.tell(entry);
        Ok(())
    }

    /// Notes a collection as missing.
    fn miss(&mut self, collection: Collection, reason: String) -> Result<(), ArchiveError> {
        let entry = Entry::missing(collection, reason);
        self.manifest.set(entry.clone());
        self.folder.write_manifest(&self.manifest)?;
        self.folder.remove(collection)?;
        self.tell(&entry);
        Ok(())
    }

    fn lines(&self, collection: Collection, page: requests::Page) -> Result<String, Error> {
        let mut lines = String::new();
        for document in progenitor_client::Paged::into_items(page) {
            push_line(&mut lines, &self.written(collection, &document)?);
        }
        Ok(lines)
    }

    fn written(&self, collection: Collection, document: &Json) -> Result<Json, Error> {
        secrets::take_out(collection, document, self.manifest.secrets)
    }

    fn tell(&mut self, entry: &Entry) {
        if let Some(observer) = &mut self.observer {
            let Entry { collection, items, pages, .. } = *entry;
            observer(&ExportProgress { collection, items, pages, done: entry.is_done() });
        }
    }
}

fn is_forbidden(error: &Error) -> bool {
    error.status().is_some_and(|status| status.as_u16() == 403)
}

/// Whether the service no longer takes a link that it gave.
fn is_stale(error: &Error) -> bool {
    error.status().is_some_and(|status| matches!(status.as_u16(), 400 | 404 | 410))
}
