//! Signed-URL blob storage, as far as uploads, downloads and job logs need it.
//!
//! Addresses are `{service}/{account}/{container}/{blob}?sv=..&sig=..`. The
//! signature is the vendor's account-key signature of one service (versions from
//! 2020-12-06 on), so its own libraries can sign with
//! [`Storage::account_key`]. Statuses, error codes, XML errors and headers
//! follow the vendor.
//!
//! Our choice: only signed URLs open anything (no account key or bearer token
//! over HTTP); containers come into being with their first blob; what is larger
//! than 64 KiB is in files of a temporary folder
//! ([`blob_folder`](crate::EmulatorBuilder::blob_folder) says where), which goes
//! with the emulator, the rest in memory. An emulator that keeps its state has such
//! files in the folder of that. The platforms' own access to a blob, which on the real platform
//! goes by managed identity, is [`Storage::read`] and [`Storage::append`].
//!
//! This module must not know who stores what.

mod blobs;
mod blocks;
mod content;
mod disk;
mod error;
#[cfg(feature = "_fuzzing")]
#[doc(hidden)]
pub mod fuzzing;
mod incoming;
mod list;
mod operations;
mod routes;
mod signature;

use std::{fmt, io, path::PathBuf, sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
pub(crate) use routes::router;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
pub use signature::Permissions;
use url::Url;

use self::{
    blobs::{BlobName, Blobs},
    content::Content,
    disk::Disk,
};
use crate::{
    clock::Clock,
    data::{Data, DataError, Kept, Reading, Writing},
};

/// Name of the one storage account.
pub const ACCOUNT: &str = "twinkitstore";

const KEY_BYTES: usize = 64;
/// Everything but RFC 3986's unreserved characters.
const SEGMENT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// The blobs of one emulator; clones share them.
#[derive(Clone)]
pub struct Storage {
    inner: Arc<Inner>,
}

struct Inner {
    base_url: String,
    key: SecretSlice<u8>,
    clock: Clock,
    blobs: Kept<Blobs>,
    disk: Arc<Disk>,
}

impl fmt::Debug for Storage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Storage")
            .field("base_url", &self.inner.base_url)
            .finish_non_exhaustive()
    }
}

/// Why the emulator itself could not read or write a blob.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BlobError {
    /// The address is not one of this storage.
    #[error("{0} is not the address of a blob in this storage")]
    Address(String),
    /// There is no such blob.
    #[error("there is no blob at {0}")]
    NotFound(String),
    /// The blob is not an append blob.
    #[error("the blob at {0} is not an append blob")]
    NotAppendable(String),
    /// The blob's file cannot be read.
    #[error("the blob at {0} cannot be read: {1}")]
    Unreadable(String, #[source] io::Error),
}

impl Storage {
    /// With the blobs, and the key, that are kept. Without `data`, files are made in
    /// `folder`, or among the system's temporary files.
    pub(crate) fn open(
        base_url: String,
        clock: Clock,
        folder: Option<PathBuf>,
        data: &Data,
    ) -> Result<Self, DataError> {
        let key = SecretSlice::from(data.random("storage key", KEY_BYTES)?);
        let disk = match data.subfolder("blobs")? {
            Some(lasting) => Disk::lasting(lasting),
            None => Disk::within(folder),
        };
        let blobs: Kept<Blobs> = Kept::default();
        blobs.attach(data, "storage")?;
        blobs.write().find_files(|content| content.find_files(&disk))?;
        disk.remove_strangers()?;
        Ok(Self { inner: Arc::new(Inner { base_url, key, clock, blobs, disk: Arc::new(disk) }) })
    }

    /// A URL that gives `permissions` on one blob for `lifetime`.
    #[must_use]
    pub fn signed_url(
        &self,
        container: &str,
        blob: &str,
        permissions: Permissions,
        lifetime: Duration,
    ) -> String {
        let address = self.blob_url(container, blob);
        let query = self.sign(container, Some(blob), permissions, lifetime);
        format!("{address}?{query}")
    }

    /// A URL that gives `permissions` on a container and every blob of it; the
    /// blob's path goes before the query string.
    #[must_use]
    pub fn signed_container_url(
        &self,
        container: &str,
        permissions: Permissions,
        lifetime: Duration,
    ) -> String {
        let query = self.sign(container, None, permissions, lifetime);
        format!("{}/{ACCOUNT}/{}?{query}", self.inner.base_url, encode(container))
    }

    /// The blob's address without a signature, as the jobs' `inputBlobUri`.
    #[must_use]
    pub fn blob_url(&self, container: &str, blob: &str) -> String {
        format!("{}/{ACCOUNT}/{}/{}", self.inner.base_url, encode(container), encode(blob))
    }

    /// The account's key in base64, for libraries that sign on their own.
    #[must_use]
    pub fn account_key(&self) -> SecretString {
        SecretString::from(STANDARD.encode(self.inner.key.expose_secret()))
    }

    /// Stores a block blob without going over HTTP.
    pub fn put(&self, container: &str, blob: &str, content: impl Into<Bytes>) {
        let name = BlobName::new(container, blob);
        let now = self.inner.clock.now();
        let content = Content::new(&self.inner.disk, content.into());
        self.write().put_block(name, content, now);
    }

    /// How many bytes a blob has; none if there is no such blob.
    pub(crate) fn size(&self, container: &str, blob: &str) -> Option<u64> {
        let blobs = self.blobs();
        let blob = blobs.get(&BlobName::new(container, blob))?;
        Some(blob.length())
    }

    /// Gives another place the content of a blob; both are container and blob.
    /// Answers whether there is one.
    pub(crate) fn copy(&self, from: (&str, &str), to: (&str, &str)) -> bool {
        let now = self.inner.clock.now();
        let mut blobs = self.write();
        let source = blobs.get(&BlobName::new(from.0, from.1));
        let Some(content) = source.map(|blob| blobs.content(blob)) else { return false };
        blobs.put_block(BlobName::new(to.0, to.1), content, now);
        true
    }

    /// How many bytes the blobs of a container have together.
    pub(crate) fn container_size(&self, container: &str) -> u64 {
        self.blobs().size_of(container)
    }

    /// Takes all blobs of a container out.
    pub(crate) fn remove_container(&self, container: &str) {
        self.write().remove_all(container);
    }

    /// Takes a blob out; one that is not there is passed over.
    pub(crate) fn remove(&self, container: &str, blob: &str) {
        self.write().remove(&BlobName::new(container, blob));
    }

    /// Reads the blob at an address, by the platform's own right: a signature
    /// in the address is not looked at.
    ///
    /// # Errors
    /// The address is not in this storage, there is no such blob, or its file cannot
    /// be read.
    pub fn read(&self, address: &str) -> Result<Bytes, BlobError> {
        let name = self.name_of(address)?;
        let blobs = self.blobs();
        let content = blobs.get(&name).map(|blob| blobs.content(blob));
        drop(blobs);
        let content = content.ok_or_else(|| BlobError::NotFound(unsigned(address)))?;
        content.bytes().map_err(|error| BlobError::Unreadable(unsigned(address), error))
    }

    /// Appends to the append blob at an address, by the platform's own right;
    /// makes the blob if there is none.
    ///
    /// # Errors
    /// The address is not in this storage, or the blob is of another kind.
    pub fn append(&self, address: &str, bytes: &[u8]) -> Result<(), BlobError> {
        let name = self.name_of(address)?;
        let now = self.inner.clock.now();
        let mut blobs = self.write();
        if blobs.get(&name).is_none() {
            blobs.create_append(name.clone(), now);
        }
        let more = Content::new(&self.inner.disk, Bytes::copy_from_slice(bytes));
        blobs.append(&name, more, now).map_err(|_| BlobError::NotAppendable(unsigned(address)))
    }

    fn name_of(&self, address: &str) -> Result<BlobName, BlobError> {
        let refused = || BlobError::Address(unsigned(address));
        let url = Url::parse(address).map_err(|_| refused())?;
        let own = Url::parse(&self.inner.base_url).map_err(|_| refused())?;
        if url.port_or_known_default() != own.port_or_known_default()
            || url.scheme() != own.scheme()
            || !is_loopback(&url)
        {
            return Err(refused());
        }
        let path = percent_decode_str(url.path()).decode_utf8().map_err(|_| refused())?;
        BlobName::from_path(&path).ok_or_else(refused)
    }

    fn blobs(&self) -> Reading<'_, Blobs> {
        self.inner.blobs.read()
    }

    fn write(&self) -> Writing<'_, Blobs> {
        let blobs = self.inner.blobs.write();
        // What became of no use before is written down by now.
        self.inner.disk.remove_doomed();
        blobs
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.disk.end();
    }
}

/// Whether the host is one of the names the listeners answer to.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The address without its query string, which may hold a signature.
fn unsigned(address: &str) -> String {
    address.split(['?', '#']).next().unwrap_or_default().to_owned()
}

fn encode(path: &str) -> String {
    utf8_percent_encode(path, SEGMENT).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn storage() -> Storage {
        let data = Data::default();
        Storage::open("http://127.0.0.1:1234".to_owned(), Clock::new(), None, &data).unwrap()
    }

    #[test]
    fn the_platform_reads_and_appends_by_address() {
        let storage = storage();
        storage.put("in", "a b/c.ndjson", "text");
        let address = storage.blob_url("in", "a b/c.ndjson");
        assert_eq!(address, "http://127.0.0.1:1234/twinkitstore/in/a%20b/c.ndjson");
        assert_eq!(storage.read(&address).unwrap(), "text");
        assert_eq!(storage.read(&format!("{address}?sig=x")).unwrap(), "text");
        assert!(matches!(storage.append(&address, b"x"), Err(BlobError::NotAppendable(_))));

        let log = "http://localhost:1234/twinkitstore/out/log";
        assert!(matches!(storage.read(log), Err(BlobError::NotFound(_))));
        storage.append(log, b"one\n").unwrap();
        storage.append(log, b"two\n").unwrap();
        assert_eq!(storage.read(log).unwrap(), "one\ntwo\n");
    }

    #[test]
    fn foreign_addresses_are_refused_without_their_signature() {
        let storage = storage();
        for address in [
            "",
            "not a url",
            "https://127.0.0.1:1234/twinkitstore/in/a?sig=canary",
            "http://127.0.0.1:1/twinkitstore/in/a",
            "http://example.com:1234/twinkitstore/in/a",
            "http://127.0.0.1:1234/other/in/a",
            "http://127.0.0.1:1234/twinkitstore/in",
            "http://127.0.0.1:1234/twinkitstore/in/",
        ] {
            let error = storage.read(address).unwrap_err();
            assert!(matches!(error, BlobError::Address(_)), "{address}");
            assert!(!error.to_string().contains("canary"));
        }
    }
}
