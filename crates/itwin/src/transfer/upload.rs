//! Putting contents of any size to a signed address. It must not know what the
//! contents are, nor which API completes the upload.

use std::fmt;
use std::sync::Arc;

use progenitor_client::{
    BoxFuture, ByteSource, Context, Error, HeaderName, HeaderValue, Method, Secret, SignedAddress,
    SignedRequest,
};
use serde::{Deserialize, Serialize};

use super::target::{StorageService, Target, is_refused_address};
use super::{BeginUpload, Contents, TransferError, TransferProgress};

/// The most that goes in one request, as the platform documents it.
const MAX_SINGLE: u64 = 256 * 1024 * 1024;
/// Size of a block; a larger one costs more when a line breaks. Ours.
const BLOCK: u64 = 16 * 1024 * 1024;
/// The most blocks that a blob has (Azure: Put Block List).
const MAX_BLOCKS: u64 = 50_000;
/// So many new addresses in a row without any progress are in vain.
const MAX_RENEWALS: u32 = 2;

type Finish<T> = Box<dyn FnOnce(Target) -> BoxFuture<'static, Result<T, Error>> + Send>;
type Observer = Arc<dyn Fn(TransferProgress) + Send + Sync>;
type Keeper = Box<dyn Fn(&UploadPoint) + Send + Sync>;

/// Contents to be put somewhere, by [`run`](Self::run).
///
/// Up to 256 MiB go in one request, or up to what [`in_blocks`](Self::in_blocks)
/// says; more goes in blocks, and then an upload that breaks off is gone on
/// with. Google Cloud Storage takes contents of any size in one request, which
/// cannot be gone on with.
#[must_use = "nothing is sent until `run` is awaited"]
pub struct Upload<T> {
    context: Context,
    operation: &'static str,
    contents: Contents,
    begin: BeginUpload,
    finish: Finish<T>,
    /// What to do about an address that ended, where no other can be had.
    not_renewed: Option<&'static str>,
    blocks: Option<u64>,
    observer: Option<Observer>,
    keeper: Option<Keeper>,
    point: Option<UploadPoint>,
}

/// Where an upload stands. It holds the signed address and is a secret:
/// [`to_secret`](Self::to_secret) keeps it for another process.
#[derive(Clone)]
pub struct UploadPoint {
    target: Target,
    size: u64,
    block: u64,
    blocks: u64,
    committed: bool,
}

impl<T> Upload<T> {
    pub(crate) fn new(
        context: Context,
        operation: &'static str,
        contents: Contents,
        begin: BeginUpload,
        finish: Finish<T>,
    ) -> Self {
        Self {
            context,
            operation,
            contents,
            begin,
            finish,
            not_renewed: None,
            blocks: None,
            observer: None,
            keeper: None,
            point: None,
        }
    }

    /// There is one address; `advice` says what to do when it has ended.
    pub(crate) fn not_renewed(mut self, advice: &'static str) -> Self {
        self.not_renewed = Some(advice);
        self
    }

    /// Sends contents larger than this in blocks of this size, for lines that
    /// break. By default what is larger than 256 MiB goes in blocks of 16 MiB.
    pub fn in_blocks(mut self, bytes: u64) -> Self {
        self.blocks = Some(bytes.clamp(1, MAX_SINGLE));
        self
    }

    /// Tells of each piece that was handed to the connection.
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
    /// another size are another upload, and begin anew.
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
        let early = TransferError::before_it_began;
        let source = self.contents.open().await.map_err(early)?;
        let size = source.length();
        let fits = |point: &UploadPoint| point.size == size;
        let mut point = match self.point.take().filter(fits) {
            Some(point) => point,
            None => {
                let target = (self.begin)(size).await.map_err(early)?;
                let block = self.blocks.unwrap_or(BLOCK).max(size.div_ceil(MAX_BLOCKS)).max(1);
                UploadPoint { target, size, block, blocks: 0, committed: false }
            }
        };
        let limit = self.blocks.unwrap_or(MAX_SINGLE);
        let putting = Putting {
            context: &self.context,
            operation: self.operation,
            source,
            limit,
            observer: self.observer,
            keeper: self.keeper,
        };
        let mut renewals = 0;
        while !point.committed {
            let before = point.blocks;
            putting.keep(&point);
            let Err(error) = putting.put(&mut point).await else { break };
            if point.blocks > before {
                renewals = 0;
            }
            let is_final = self.not_renewed.is_some() || renewals == MAX_RENEWALS;
            if !is_refused_address(&error) || is_final {
                let point = Some(Box::new(point));
                return Err(TransferError { error: advised(error, self.not_renewed), point });
            }
            renewals += 1;
            match (self.begin)(size).await {
                Ok(target) => point.move_to(target),
                Err(error) => return Err(TransferError { error, point: Some(Box::new(point)) }),
            }
        }
        let target = point.target.clone();
        (self.finish)(target)
            .await
            .map_err(|error| TransferError { error, point: Some(Box::new(point)) })
    }
}

fn advised(error: Error, not_renewed: Option<&'static str>) -> Error {
    if !is_refused_address(&error) {
        return error;
    }
    error.with_hint(not_renewed.unwrap_or(
        "new addresses were refused too: check this machine's clock, and whether the network lets \
         it reach the storage service",
    ))
}

/// One run over the contents.
struct Putting<'a> {
    context: &'a Context,
    operation: &'static str,
    source: Arc<dyn ByteSource>,
    limit: u64,
    observer: Option<Observer>,
    keeper: Option<Keeper>,
}

impl Putting<'_> {
    #[inline]
    async fn put(&self, point: &mut UploadPoint) -> Result<(), Error> {
        let size = point.size;
        if point.target.service == StorageService::Google {
            self.part(Method::PUT, &point.target.address, 0, size).send().await?;
        } else if size <= self.limit && point.blocks == 0 {
            let put = self.part(Method::PUT, &point.target.address, 0, size);
            put.header(
                HeaderName::from_static("x-ms-blob-type"),
                HeaderValue::from_static("BlockBlob"),
            )
            .send()
            .await?;
        } else {
            let count = size.div_ceil(point.block);
            while point.blocks < count {
                let offset = point.blocks.saturating_mul(point.block);
                let length = point.block.min(size.saturating_sub(offset));
                let id = block_id(point.blocks);
                let address = point.target.address.with_parameter("comp", "block");
                let address = address.with_parameter("blockid", &id);
                self.part(Method::PUT, &address, offset, length).send().await?;
                point.blocks += 1;
                self.keep(point);
            }
            let address = point.target.address.with_parameter("comp", "blocklist");
            let put = self.context.signed(self.operation, Method::PUT, &address);
            put.bytes(block_list(count)).send().await?;
        }
        point.committed = true;
        Ok(())
    }

    fn keep(&self, point: &UploadPoint) {
        if let Some(keeper) = &self.keeper {
            keeper(point);
        }
    }

    fn part(
        &self,
        method: Method,
        address: &SignedAddress,
        offset: u64,
        length: u64,
    ) -> SignedRequest {
        let put = self.context.signed(self.operation, method, address);
        let observer = self.observer.clone();
        let total = Some(self.source.length());
        let sent = observer.map(|observer| {
            Arc::new(move |sent: u64| observer(TransferProgress { done: offset + sent, total }))
                as Arc<dyn Fn(u64) + Send + Sync>
        });
        put.part(Arc::clone(&self.source), offset, length, sent)
    }
}

/// Names of blocks are base64 and all of one length; eight digits are both.
fn block_id(index: u64) -> String {
    format!("{index:08}")
}

fn block_list(count: u64) -> String {
    let mut list = "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>".to_owned();
    for index in 0..count {
        list.push_str("<Latest>");
        list.push_str(&block_id(index));
        list.push_str("</Latest>");
    }
    list.push_str("</BlockList>");
    list
}

impl UploadPoint {
    /// How many bytes need not be sent again.
    #[must_use]
    pub fn done(&self) -> u64 {
        if self.committed {
            self.size
        } else {
            self.blocks.saturating_mul(self.block).min(self.size)
        }
    }

    /// What the API calls the thing that is put: a file, a changeset, an iModel. Empty
    /// where it has no name.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.target.id
    }

    /// The point as a text, to be kept like a password.
    #[must_use]
    pub fn to_secret(&self) -> Secret {
        let kept = Kept {
            address: self.target.address.to_secret(),
            is_google: self.target.service == StorageService::Google,
            id: self.target.id.clone(),
            size: self.size,
            block: self.block,
            blocks: self.blocks,
            committed: self.committed,
        };
        Secret::from(serde_json::to_string(&kept).unwrap_or_default())
    }

    /// Reads what [`to_secret`](Self::to_secret) gave.
    ///
    /// # Errors
    /// It is no such text.
    pub fn from_secret(text: &Secret) -> Result<Self, Error> {
        let refused = || Error::InvalidRequest("the text is no point of an upload".to_owned());
        let kept: Kept = serde_json::from_str(text.expose()).map_err(|_| refused())?;
        if kept.block == 0 || kept.blocks > kept.size.div_ceil(kept.block) {
            return Err(refused());
        }
        let service = if kept.is_google { StorageService::Google } else { StorageService::Azure };
        let address = SignedAddress::try_from(&kept.address)?;
        Ok(Self {
            target: Target { address, service, id: kept.id },
            size: kept.size,
            block: kept.block,
            blocks: kept.blocks,
            committed: kept.committed,
        })
    }

    /// Goes on at another address. Blocks stay with their place.
    fn move_to(&mut self, target: Target) {
        if target.address.place() != self.target.address.place() {
            self.blocks = 0;
        }
        self.target = target;
    }
}

#[derive(Serialize, Deserialize)]
struct Kept {
    address: Secret,
    is_google: bool,
    id: String,
    size: u64,
    block: u64,
    blocks: u64,
    committed: bool,
}

impl fmt::Debug for UploadPoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadPoint")
            .field("address", &self.target.address)
            .field("done", &self.done())
            .field("size", &self.size)
            .finish()
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
