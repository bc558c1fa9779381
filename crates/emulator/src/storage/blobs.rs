//! The blobs themselves: names, contents, versions. Nothing of HTTP.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{ACCOUNT, blocks::Among, content::Content};
use crate::data::{DataError, Piece, Pieces, Table, Whole};

/// Container and path of a blob.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(super) struct BlobName {
    pub(super) container: String,
    pub(super) path: String,
}

impl BlobName {
    pub(super) fn new(container: &str, path: &str) -> Self {
        Self { container: container.to_owned(), path: path.to_owned() }
    }

    /// From a decoded URL path, `/{account}/{container}/{blob}`.
    pub(super) fn from_path(path: &str) -> Option<Self> {
        let (account, rest) = path.strip_prefix('/')?.split_once('/')?;
        let (container, path) = rest.split_once('/')?;
        let complete = account == ACCOUNT && !container.is_empty() && !path.is_empty();
        complete.then(|| Self::new(container, path))
    }
}

/// The two kinds of blob that are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Block,
    Append,
}

impl Kind {
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Block => "BlockBlob",
            Self::Append => "AppendBlob",
        }
    }
}

/// A blob without its content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Blob {
    pub(super) kind: Kind,
    /// Numbers of the parts that make its content.
    parts: Vec<u64>,
    length: u64,
    /// The blocks that it was put together of: the numbers of their parts by block id.
    blocks: BTreeMap<String, u64>,
    pub(super) content_type: String,
    /// `x-ms-meta-*` headers, names in lower case.
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) etag: String,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    /// Blocks appended so far.
    pub(super) appends: u64,
}

impl Blob {
    pub(super) fn length(&self) -> u64 {
        self.length
    }
}

/// The blob is of another kind than the request needs, or is not there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AppendRefusal {
    NotThere,
    WrongKind,
}

#[derive(Debug, Default)]
pub(super) struct Blobs {
    blobs: Table<BTreeMap<BlobName, Blob>>,
    /// Blocks sent and not yet committed: the numbers of their parts by block id.
    staged: Table<BTreeMap<BlobName, BTreeMap<String, u64>>>,
    /// What both are made of, by number. A part is written down once: only the last one
    /// of an append blob grows, as long as it is small.
    parts: Table<BTreeMap<u64, Content>>,
    counts: Whole<Counts>,
}

/// The numbers given out last.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Counts {
    versions: u64,
    parts: u64,
}

impl Pieces for Blobs {
    fn pieces(&mut self) -> Vec<(&'static str, &mut dyn Piece)> {
        vec![
            ("blobs", &mut self.blobs),
            ("staged", &mut self.staged),
            ("parts", &mut self.parts),
            ("counts", &mut self.counts),
        ]
    }
}

impl Blobs {
    pub(super) fn get(&self, name: &BlobName) -> Option<&Blob> {
        self.blobs.get(name)
    }

    pub(super) fn get_mut(&mut self, name: &BlobName) -> Option<&mut Blob> {
        self.blobs.get_mut(name)
    }

    /// What a blob holds.
    pub(super) fn content(&self, blob: &Blob) -> Content {
        blob.parts.iter().filter_map(|number| self.parts.get(number)).cloned().collect()
    }

    pub(super) fn put_block(&mut self, name: BlobName, content: Content, now: Timestamp) {
        let parts = vec![self.store(content)];
        self.replace(name, Kind::Block, parts, now);
    }

    pub(super) fn create_append(&mut self, name: BlobName, now: Timestamp) {
        self.replace(name, Kind::Append, Vec::new(), now);
    }

    pub(super) fn append(
        &mut self,
        name: &BlobName,
        more: Content,
        now: Timestamp,
    ) -> Result<(), AppendRefusal> {
        let blob = self.blobs.get(name).ok_or(AppendRefusal::NotThere)?;
        if blob.kind != Kind::Append {
            return Err(AppendRefusal::WrongKind);
        }
        let last = blob.parts.last().copied();
        let (etag, length) = (self.next_etag(), more.length());
        let grows = |content: &&Content| content.takes(&more);
        let new = match last.filter(|last| self.parts.get(last).as_ref().is_some_and(grows)) {
            Some(last) => {
                self.parts.get_or_default(last).extend(more);
                None
            }
            None => Some(self.store(more)),
        };
        let blob = self.blobs.get_mut(name).ok_or(AppendRefusal::NotThere)?;
        blob.parts.extend(new);
        blob.length = blob.length.saturating_add(length);
        blob.appends += 1;
        blob.etag = etag;
        blob.modified = now;
        Ok(())
    }

    pub(super) fn stage(&mut self, name: BlobName, block: String, content: Content) {
        let part = self.store(content);
        if let Some(old) = self.staged.get_or_default(name).insert(block, part) {
            self.parts.remove(&old);
        }
    }

    /// Puts blocks together in the given order; `false` if one of them is not there.
    pub(super) fn commit(
        &mut self,
        name: BlobName,
        blocks: &[(Among, String)],
        now: Timestamp,
    ) -> bool {
        let staged = self.staged.get(&name);
        let committed = self.blobs.get(&name).map(|blob| &blob.blocks);
        let find = |(among, id): &(Among, String)| {
            let sent = staged.filter(|_| *among != Among::Committed);
            let known = committed.filter(|_| *among != Among::Uncommitted);
            sent.and_then(|sent| sent.get(id)).or_else(|| known?.get(id)).copied()
        };
        let Some(parts) = blocks.iter().map(find).collect::<Option<Vec<u64>>>() else {
            return false;
        };
        let ids = blocks.iter().map(|(_, id)| id.clone());
        let ids: BTreeMap<String, u64> = ids.zip(parts.iter().copied()).collect();
        self.replace(name.clone(), Kind::Block, parts, now);
        if let Some(blob) = self.blobs.get_mut(&name) {
            blob.blocks = ids;
        }
        true
    }

    pub(super) fn remove(&mut self, name: &BlobName) -> bool {
        self.remove_but(name, &[])
    }

    /// Removes a blob, but not these parts of it.
    fn remove_but(&mut self, name: &BlobName, used: &[u64]) -> bool {
        let Some(blob) = self.blobs.remove(name) else { return false };
        for part in blob.parts.iter().filter(|part| !used.contains(part)) {
            self.parts.remove(part);
        }
        true
    }

    /// Paths and blobs of a container, ordered by path.
    pub(super) fn within(&self, container: &str) -> impl Iterator<Item = (&str, &Blob)> {
        let blobs = self.blobs.iter().filter(move |(name, _)| name.container == container);
        blobs.map(|(name, blob)| (name.path.as_str(), blob))
    }

    pub(super) fn size_of(&self, container: &str) -> u64 {
        self.within(container).map(|(_, blob)| blob.length()).sum()
    }

    pub(super) fn remove_all(&mut self, container: &str) {
        let names = self.blobs.keys().chain(self.staged.keys());
        let names: Vec<BlobName> =
            names.filter(|name| name.container == container).cloned().collect();
        for name in names {
            self.remove(&name);
            self.unstage(&name, &[]);
        }
    }

    /// Puts a blob of these parts into the place of what was there, blocks sent for it
    /// among that.
    fn replace(&mut self, name: BlobName, kind: Kind, parts: Vec<u64>, now: Timestamp) {
        let etag = self.next_etag();
        let created = self.blobs.get(&name).map_or(now, |blob| blob.created);
        self.remove_but(&name, &parts);
        self.unstage(&name, &parts);
        let lengths = parts.iter().filter_map(|part| self.parts.get(part));
        let blob = Blob {
            kind,
            length: lengths.map(Content::length).sum(),
            parts,
            blocks: BTreeMap::new(),
            content_type: "application/octet-stream".to_owned(),
            metadata: BTreeMap::new(),
            etag,
            created,
            modified: now,
            appends: 0,
        };
        self.blobs.insert(name, blob);
    }

    /// Forgets the blocks sent for a blob, and their contents but for these parts.
    fn unstage(&mut self, name: &BlobName, used: &[u64]) {
        for part in self.staged.remove(name).unwrap_or_default().into_values() {
            if !used.contains(&part) {
                self.parts.remove(&part);
            }
        }
    }

    /// Finds the files that parts are in, after they were taken up.
    pub(super) fn find_files(
        &mut self,
        find: impl FnMut(&mut Content) -> Result<(), DataError>,
    ) -> Result<(), DataError> {
        self.parts.silently().try_for_each(find)
    }

    fn store(&mut self, content: Content) -> u64 {
        self.counts.parts += 1;
        let number = self.counts.parts;
        self.parts.insert(number, content);
        number
    }

    fn next_etag(&mut self) -> String {
        self.counts.versions += 1;
        format!("\"0x8DC{:012X}\"", self.counts.versions)
    }
}
