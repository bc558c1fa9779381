//! The blobs themselves: names, contents, versions. Nothing of HTTP.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::{ACCOUNT, content::Content};

/// Container and path of a blob.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

#[derive(Clone, Debug)]
pub(super) struct Blob {
    pub(super) kind: Kind,
    content: Content,
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
    pub(super) fn content(&self) -> &Content {
        &self.content
    }

    pub(super) fn length(&self) -> u64 {
        self.content.length()
    }
}

/// The blob is of another kind than the request needs, or is not there.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AppendRefusal {
    NotThere,
    WrongKind,
}

#[derive(Default)]
pub(super) struct Blobs {
    blobs: HashMap<BlobName, Blob>,
    /// Blocks sent and not yet committed, by block id.
    staged: HashMap<BlobName, HashMap<String, Content>>,
    versions: u64,
}

impl Blobs {
    pub(super) fn get(&self, name: &BlobName) -> Option<&Blob> {
        self.blobs.get(name)
    }

    pub(super) fn get_mut(&mut self, name: &BlobName) -> Option<&mut Blob> {
        self.blobs.get_mut(name)
    }

    pub(super) fn put_block(&mut self, name: BlobName, content: Content, now: Timestamp) {
        self.staged.remove(&name);
        self.insert(name, Kind::Block, content, now);
    }

    pub(super) fn create_append(&mut self, name: BlobName, now: Timestamp) {
        self.insert(name, Kind::Append, Content::default(), now);
    }

    pub(super) fn append(
        &mut self,
        name: &BlobName,
        more: Content,
        now: Timestamp,
    ) -> Result<(), AppendRefusal> {
        let etag = self.next_etag();
        let blob = self.blobs.get_mut(name).ok_or(AppendRefusal::NotThere)?;
        if blob.kind != Kind::Append {
            return Err(AppendRefusal::WrongKind);
        }
        blob.content.extend(more);
        blob.appends += 1;
        blob.etag = etag;
        blob.modified = now;
        Ok(())
    }

    pub(super) fn stage(&mut self, name: BlobName, block: String, content: Content) {
        self.staged.entry(name).or_default().insert(block, content);
    }

    /// Puts the staged blocks together in the given order; `false` if one of
    /// them was never sent.
    pub(super) fn commit(&mut self, name: BlobName, blocks: &[String], now: Timestamp) -> bool {
        let staged = self.staged.remove(&name).unwrap_or_default();
        let mut content = Content::default();
        for block in blocks {
            let Some(block) = staged.get(block) else {
                self.staged.insert(name, staged);
                return false;
            };
            content.extend(block.clone());
        }
        self.insert(name, Kind::Block, content, now);
        true
    }

    pub(super) fn remove(&mut self, name: &BlobName) -> bool {
        self.blobs.remove(name).is_some()
    }

    /// Paths and blobs of a container, in no order.
    pub(super) fn within(&self, container: &str) -> impl Iterator<Item = (&str, &Blob)> {
        let blobs = self.blobs.iter().filter(move |(name, _)| name.container == container);
        blobs.map(|(name, blob)| (name.path.as_str(), blob))
    }

    pub(super) fn size_of(&self, container: &str) -> u64 {
        self.within(container).map(|(_, blob)| blob.length()).sum()
    }

    pub(super) fn remove_all(&mut self, container: &str) {
        self.blobs.retain(|name, _| name.container != container);
        self.staged.retain(|name, _| name.container != container);
    }

    fn insert(&mut self, name: BlobName, kind: Kind, content: Content, now: Timestamp) {
        let etag = self.next_etag();
        let created = self.blobs.get(&name).map_or(now, |blob| blob.created);
        let blob = Blob {
            kind,
            content,
            content_type: "application/octet-stream".to_owned(),
            metadata: BTreeMap::new(),
            etag,
            created,
            modified: now,
            appends: 0,
        };
        self.blobs.insert(name, blob);
    }

    fn next_etag(&mut self) -> String {
        self.versions += 1;
        format!("\"0x8DC{:012X}\"", self.versions)
    }
}
