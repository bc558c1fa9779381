//! Putting contents of any size to a signed address. It must not know what the
//! contents are, nor which API completes the upload.

use std::fmt;
use std::sync::Arc;

use progenitor_client::{BoxFuture, Error, SignedClient};

use super::addresses::Addresses;
use super::point::UploadPoint;
use super::putting::{Keeper, Observer, Putting};
use super::target::{Target, is_refused_address};
use super::{BeginUpload, Contents, TransferError, TransferProgress};

/// The most that goes in one request, as the platform documents it.
const MAX_SINGLE: u64 = 256 * 1024 * 1024;
/// Size of a block; a larger one costs more when a line breaks. Ours.
const BLOCK: u64 = 16 * 1024 * 1024;
/// The most blocks that a blob has (Azure: Put Block List).
const MAX_BLOCKS: u64 = 50_000;
/// So many blocks are on their way at a time, as a rule: lines are rarely filled by
/// one request. Ours.
const PARALLEL: usize = 4;
/// The most that may be asked for.
const MAX_PARALLEL: usize = 16;
/// So many new addresses in a row without any progress are in vain.
const MAX_RENEWALS: u32 = 2;

type Finish<T> = Box<dyn FnOnce(Target) -> BoxFuture<'static, Result<T, Error>> + Send>;

/// Contents to be put somewhere, by [`run`](Self::run).
///
/// Up to 256 MiB go in one request, or up to what [`in_blocks`](Self::in_blocks)
/// says; more goes in blocks, and then an upload that breaks off is gone on
/// with. Google Cloud Storage takes contents of any size in one request, which
/// cannot be gone on with.
///
/// Contents take as long as they take: the time limit of an attempt, which reaches to
/// the end of the answer, grows by a second for each 32 KiB that it sends. That of a
/// call is none of a transfer, unless
/// [`CallOptions::timeout`](crate::CallOptions::timeout) says how long all of it may take.
#[must_use = "nothing is sent until `run` is awaited"]
pub struct Upload<T> {
    client: SignedClient,
    operation: &'static str,
    contents: Contents,
    begin: BeginUpload,
    finish: Finish<T>,
    addresses: Addresses,
    blocks: Option<u64>,
    parallel: usize,
    observer: Option<Observer>,
    keeper: Option<Keeper>,
    point: Option<UploadPoint>,
}

impl<T> Upload<T> {
    pub(crate) fn new(
        client: SignedClient,
        operation: &'static str,
        contents: Contents,
        begin: BeginUpload,
        finish: Finish<T>,
    ) -> Self {
        Self {
            client,
            operation,
            contents,
            begin,
            finish,
            addresses: Addresses::Renewed,
            blocks: None,
            parallel: PARALLEL,
            observer: None,
            keeper: None,
            point: None,
        }
    }

    /// There is one address, told once, for what is called `thing`.
    #[cfg_attr(not(feature = "imodels"), expect(dead_code, reason = "of baseline files alone"))]
    pub(crate) fn told_once(mut self, thing: &'static str) -> Self {
        self.addresses = Addresses::Once(thing);
        self
    }

    /// The address is the caller's, of each run another one.
    pub(super) fn given(mut self) -> Self {
        self.addresses = Addresses::Given;
        self
    }

    /// Sends contents larger than this in blocks of this size, for lines that
    /// break. By default what is larger than 256 MiB goes in blocks of 16 MiB.
    pub fn in_blocks(mut self, bytes: u64) -> Self {
        self.blocks = Some(bytes.clamp(1, MAX_SINGLE));
        self
    }

    /// Has so many blocks on their way at a time: one for small memory or few
    /// connections, up to 16. By default it is four; each takes some hundred
    /// kibibytes of memory, whatever its size.
    pub fn parallel(mut self, blocks: usize) -> Self {
        self.parallel = blocks.clamp(1, MAX_PARALLEL);
        self
    }

    /// Tells of each piece that was handed to a connection. It goes back when a part
    /// has to be sent again.
    pub fn on_progress(
        mut self,
        observer: impl Fn(TransferProgress) + Send + Sync + 'static,
    ) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Tells where it stands when there is an address and behind each block, to be kept
    /// for another process should this one end without warning.
    pub fn on_point(mut self, keeper: impl Fn(&UploadPoint) + Send + Sync + 'static) -> Self {
        self.keeper = Some(Box::new(keeper));
        self
    }

    /// Goes on with an upload of the same contents that broke off. Contents of
    /// another size are another upload, and begin anew. So does one of which nothing has
    /// arrived, at another address, where another can be had; an address that was
    /// refused is left as well. One that the caller gives is always the one that is
    /// used: what has arrived need not be sent again if it is of the same place.
    pub fn resume(mut self, point: UploadPoint) -> Self {
        self.point = Some(point);
        self
    }

    /// Sends the contents and completes the upload.
    ///
    /// # Errors
    /// The contents cannot be read; what the API says when it is asked for an
    /// address or told of the end; what the storage service says. The error holds
    /// the point to [resume](Self::resume) from.
    #[inline]
    pub async fn run(self) -> Result<T, TransferError<UploadPoint>> {
        Box::pin(self.put()).await
    }

    #[inline]
    async fn put(mut self) -> Result<T, TransferError<UploadPoint>> {
        let given = self.point.take();
        let source = match self.contents.open().await {
            Ok(source) => source,
            Err(error) => return Err(TransferError::at(given, error)),
        };
        let size = source.length();
        self.client = self.client.begun();
        let block = self.blocks.unwrap_or(BLOCK).max(size.div_ceil(MAX_BLOCKS)).max(1);
        let mut point = match given {
            Some(point) if point.size == size && self.addresses.are_of(&point) => point,
            given => {
                let begun = self.client.in_time(self.operation, (self.begin)(size)).await;
                let target = match begun {
                    Ok(target) => target,
                    Err(error) => return Err(TransferError::at(given, error)),
                };
                match given {
                    Some(mut point)
                        if point.size == size && self.addresses.can_be_changed(&point) =>
                    {
                        point.move_to(target);
                        point
                    }
                    _ => UploadPoint::new(target, size, block),
                }
            }
        };
        let limit = self.blocks.unwrap_or(MAX_SINGLE);
        let putting = Putting {
            client: &self.client,
            operation: self.operation,
            addresses: self.addresses,
            source,
            limit,
            parallel: self.parallel,
            observer: self.observer,
            keeper: self.keeper,
        };
        let mut renewals = 0;
        while !point.committed {
            let before = point.done();
            let put = putting.put(&mut point);
            let Err(error) = self.client.in_time(self.operation, put).await else { break };
            if point.done() > before {
                renewals = 0;
            }
            point.refused = is_refused_address(&error);
            let is_final = self.addresses != Addresses::Renewed || renewals == MAX_RENEWALS;
            if !point.refused || is_final {
                let error = if point.refused {
                    error.with_hint(self.addresses.advice(point.id()))
                } else {
                    error
                };
                return Err(TransferError::at(Some(point), error));
            }
            renewals += 1;
            match self.client.in_time(self.operation, (self.begin)(size)).await {
                Ok(target) => point.move_to(target),
                Err(error) => return Err(TransferError::at(Some(point), error)),
            }
        }
        let target = point.target.clone();
        let finished = self.client.in_time(self.operation, (self.finish)(target)).await;
        finished.map_err(|error| TransferError::at(Some(point), error))
    }
}

impl<T> fmt::Debug for Upload<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Upload")
            .field("operation", &self.operation)
            .field("contents", &self.contents)
            .finish_non_exhaustive()
    }
}
