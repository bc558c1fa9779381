//! Contents that travel by signed addresses, to and from the storage services
//! behind the platform. It must not know which API hands an address out, nor
//! what the contents are.
//!
//! The platform's token never goes along: it would be leaked, and a request with
//! both a signature and a token is refused. An address is good for about an
//! hour. When it is refused (403), a new one is asked for where that can be done;
//! repeating the same one never helps.

mod addresses;
mod contents;
mod download;
mod error;
mod point;
mod putting;
mod target;
mod upload;

pub use contents::Contents;
pub use download::{Download, Downloading};
pub use error::TransferError;
pub use point::UploadPoint;
pub use progenitor_client::DownloadPoint;
pub use target::StorageService;
pub(crate) use target::Target;
pub use upload::Upload;

use progenitor_client::{BoxFuture, Error, SignedAddress, SignedClient};

use crate::{ITwin, Secret};

/// How far a transfer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransferProgress {
    /// Bytes that were handed over. It goes back when a part has to be sent again.
    pub done: u64,
    /// Bytes in all, if known.
    pub total: Option<u64>,
}

/// Gives an address to read from, each time a new one.
pub(crate) type Begin = Box<dyn FnMut() -> BoxFuture<'static, Result<Target, Error>> + Send>;
/// Gives an address for contents of so many bytes, each time a new one.
pub(crate) type BeginUpload =
    Box<dyn FnMut(u64) -> BoxFuture<'static, Result<Target, Error>> + Send>;

/// What to do about an address that was given by hand and has ended.
const GET_ANOTHER: &str =
    "the address has ended or was never good: get a new one; the same one will not do again";

/// Transfers by signed addresses that somebody has already: a client's connections,
/// time limits and retry budget, and no credential. Made by [`ITwin::transfers`];
/// cheap to clone.
#[derive(Clone, Debug)]
pub struct Transfers {
    client: SignedClient,
}

impl ITwin {
    /// Transfers by signed addresses, such as the `Secret`s that answers hold, on the
    /// same connections and retry budget. What is handed out holds no credential, so
    /// that none can go along. Prefer the methods of the APIs (`upload_file`,
    /// `fetch_file` and their like): they get a new address when one ends.
    #[must_use]
    pub fn transfers(&self) -> Transfers {
        Transfers { client: self.context.for_signed_addresses() }
    }
}

impl Transfers {
    /// Puts contents to a signed address.
    ///
    /// ```no_run
    /// # use twinkit_itwin::{ITwin, Secret};
    /// # async fn f(platform: ITwin, address: Secret) -> Result<(), Box<dyn std::error::Error>> {
    /// use twinkit_itwin::Contents;
    ///
    /// platform.transfers().upload_to(&address, Contents::file("scan.las")).run().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_to(&self, address: &Secret, contents: impl Into<Contents>) -> Upload<()> {
        let mut begin = once(address);
        let begin = Box::new(move |_| begin());
        let finish = Box::new(|_| Box::pin(std::future::ready(Ok(()))) as BoxFuture<'static, _>);
        Upload::new(self.client.clone(), "upload", contents.into(), begin, finish).given()
    }

    /// Gets what lies at a signed address: of pictures, exports, whatever an
    /// answer names.
    pub fn download_from(&self, address: &Secret) -> Download {
        let begin = once(address);
        Download::new(self.client.clone(), "download", begin).not_renewed()
    }
}

/// An address that nobody can renew.
fn once(address: &Secret) -> Begin {
    let mut target =
        Some(SignedAddress::try_from(address).map(|address| Target::of(address, None)));
    Box::new(move || {
        let ended = || Err(Error::InvalidRequest("the address was used before".to_owned()));
        Box::pin(std::future::ready(target.take().unwrap_or_else(ended)))
    })
}
