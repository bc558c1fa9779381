//! Getting what lies at a signed address, into memory, a file or the caller's
//! hands. It must not know what the contents are.

use std::fmt;
use std::path::Path;

use progenitor_client::{Bytes, DownloadPoint, Error, FileSink, SignedClient, SignedDownload};

use super::target::is_refused_address;
use super::{Begin, GET_ANOTHER, TransferError, TransferProgress};

/// So many new addresses in a row without a byte are in vain.
const MAX_RENEWALS: u32 = 2;
/// After so many bytes a file is written out, so that its point can be kept.
const KEPT_EVERY: u64 = 8 * 1024 * 1024;

type Observer = Box<dyn FnMut(TransferProgress) + Send>;
type Keeper = Box<dyn FnMut(&DownloadPoint) + Send>;

/// Contents to be fetched: to a [file](Self::to_file), into
/// [memory](Self::bytes), or [bit by bit](Self::open).
///
/// Contents take as long as they take. The time limit of an attempt is how long no byte
/// may come; that of a call is none of a transfer, unless
/// [`CallOptions::timeout`](crate::CallOptions::timeout) says how long all of it may take.
#[must_use = "nothing is fetched until one of its methods is awaited"]
pub struct Download {
    client: SignedClient,
    operation: &'static str,
    begin: Begin,
    renewed: bool,
    point: Option<DownloadPoint>,
    observer: Option<Observer>,
    keeper: Option<Keeper>,
}

impl Download {
    pub(crate) fn new(client: SignedClient, operation: &'static str, begin: Begin) -> Self {
        let (point, observer, keeper) = (None, None, None);
        Self { client, operation, begin, renewed: true, point, observer, keeper }
    }

    pub(super) fn not_renewed(mut self) -> Self {
        self.renewed = false;
        self
    }

    /// Goes on where an earlier download of the same contents stopped. If they were
    /// changed since, it fails.
    pub fn resume(mut self, point: DownloadPoint) -> Self {
        self.point = Some(point);
        self
    }

    /// Tells of each piece that came.
    pub fn on_progress(mut self, observer: impl FnMut(TransferProgress) + Send + 'static) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Tells at the beginning and now and then where a download [to a
    /// file](Self::to_file) stands, when what came before is written: to be kept for
    /// another process should this one end without warning.
    pub fn on_point(mut self, keeper: impl FnMut(&DownloadPoint) + Send + 'static) -> Self {
        self.keeper = Some(Box::new(keeper));
        self
    }

    /// Begins, and hands the contents out as they come.
    ///
    /// # Errors
    /// What the API says when it is asked for an address.
    #[inline]
    pub async fn open(mut self) -> Result<Downloading, Error> {
        let client = self.client.begun();
        let target = client.in_time(self.operation, (self.begin)()).await?;
        let reading = client.download(self.operation, target.address).of_size(target.size);
        let reading = reading.resume(self.point.unwrap_or_default());
        let Self { operation, begin, renewed, observer, .. } = self;
        Ok(Downloading { client, operation, reading, begin, renewed, renewals: 0, observer })
    }

    /// Fetches the contents into memory, at most `limit` bytes of them.
    ///
    /// # Errors
    /// What the services say; kind `TooLarge` beyond the limit. Nothing of a
    /// download into memory is kept, so that it has no point to go on from.
    #[inline]
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, Error> {
        self.point = None;
        Box::pin(async {
            let mut contents = Vec::new();
            let mut reading = self.open().await?;
            while let Some(bytes) = reading.next().await? {
                if contents.len() + bytes.len() > limit {
                    return Err(Error::too_large(limit));
                }
                contents.extend_from_slice(&bytes);
            }
            Ok(contents.into())
        })
        .await
    }

    /// Fetches the contents into a file and gives their length. Until they are
    /// whole they are beside it, with `.part` behind the name; there a download
    /// that is [resumed](Self::resume) goes on. What has no point to go on from is
    /// thrown away again when the download ends early.
    ///
    /// # Errors
    /// The file cannot be written, another download is at work on it, or another one
    /// with `.part` behind the name is there and nothing is resumed; what the services
    /// say. The error holds the point to go on from; none if the contents were changed:
    /// what had come of them is thrown away then.
    #[inline]
    pub async fn to_file(
        self,
        path: impl AsRef<Path>,
    ) -> Result<u64, TransferError<DownloadPoint>> {
        let path = path.as_ref().to_owned();
        Box::pin(self.write(&path)).await
    }

    #[inline]
    async fn write(mut self, path: &Path) -> Result<u64, TransferError<DownloadPoint>> {
        let unwritten = |error: std::io::Error| {
            let path = path.display();
            Error::operation_failed(None, format!("{path} cannot be written: {error}"))
        };
        let given = self.point.take();
        // Contents without a tag cannot be known again.
        let kept = |point: &DownloadPoint| if point.etag.is_some() { point.offset } else { 0 };
        let (mut sink, there) = match FileSink::begin(path, given.as_ref().map(kept)).await {
            Ok(begun) => begun,
            Err(error) => return Err(TransferError::at(given, unwritten(error))),
        };
        // Up to here everything is in the file, and can be gone on with.
        let mut safe = given.filter(|_| there > 0);
        let mut keeper = self.keeper.take();
        if let Some(keeper) = &mut keeper {
            keeper(safe.as_ref().unwrap_or(&DownloadPoint::default()));
        }
        self.point.clone_from(&safe);
        let mut reading = match self.open().await {
            Ok(reading) => reading,
            Err(error) => return Err(TransferError::at(safe, error)),
        };
        let mut written = there;
        loop {
            match reading.next().await {
                Ok(Some(bytes)) => {
                    let is_due = reading.point().offset.saturating_sub(written) >= KEPT_EVERY;
                    if let Err(error) = put(&mut sink, bytes, is_due).await {
                        return Err(stopped(sink, safe, unwritten(error)));
                    }
                    if is_due {
                        written = reading.point().offset;
                        safe = resumable(reading.point());
                    }
                    if let (Some(keeper), Some(safe), true) = (&mut keeper, &safe, is_due) {
                        sink.keep();
                        keeper(safe);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    // What came before is of no use either if there is no point any more.
                    let now = resumable(reading.point());
                    if now.is_none() || sink.flush().await.is_ok() {
                        safe = now;
                    }
                    return Err(stopped(sink, safe, error));
                }
            }
        }
        if safe.is_some() {
            sink.keep();
        }
        match sink.finish().await {
            Ok(()) => Ok(reading.point().offset),
            Err(error) => {
                let is_changed = error.kind() == std::io::ErrorKind::InvalidData;
                Err(TransferError::at(safe.filter(|_| !is_changed), unwritten(error)))
            }
        }
    }
}

async fn put(sink: &mut FileSink, bytes: Bytes, is_due: bool) -> std::io::Result<()> {
    sink.write(bytes).await?;
    if is_due { sink.flush().await } else { Ok(()) }
}

/// The point, if it can be gone on from.
fn resumable(point: &DownloadPoint) -> Option<DownloadPoint> {
    (point.etag.is_some() && point.offset > 0).then(|| point.clone())
}

/// The failure of a download, whose file stays if it can be gone on with.
fn stopped(
    mut sink: FileSink,
    safe: Option<DownloadPoint>,
    error: Error,
) -> TransferError<DownloadPoint> {
    if safe.is_some() {
        sink.keep();
    } else {
        sink.discard();
    }
    TransferError::at(safe, error)
}

/// Contents under way.
pub struct Downloading {
    client: SignedClient,
    operation: &'static str,
    reading: SignedDownload,
    begin: Begin,
    renewed: bool,
    renewals: u32,
    observer: Option<Observer>,
}

impl Downloading {
    /// The next bytes; `None` at the end. A break is gone on with, and an address
    /// that ended is replaced, without the caller's doing.
    ///
    /// # Errors
    /// What the services say. The next call tries again from where it stands, unless
    /// the contents were changed: then what has come is of no use.
    #[inline]
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            match self.reading.next().await {
                Ok(bytes) => {
                    self.renewals = 0;
                    if let (Some(observer), Some(_)) = (&mut self.observer, &bytes) {
                        let point = self.reading.point();
                        observer(TransferProgress { done: point.offset, total: point.total });
                    }
                    return Ok(bytes);
                }
                Err(error) if is_refused_address(&error) => {
                    if !self.renewed || self.renewals == MAX_RENEWALS {
                        return Err(error.with_hint(GET_ANOTHER));
                    }
                    self.renewals += 1;
                    let target = self.client.in_time(self.operation, (self.begin)()).await?;
                    self.reading.readdress(target.address);
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn point(&self) -> &DownloadPoint {
        self.reading.point()
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("operation", &self.operation).finish_non_exhaustive()
    }
}

impl fmt::Debug for Downloading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Downloading").field("reading", &self.reading).finish_non_exhaustive()
    }
}
