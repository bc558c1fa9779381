//! One run over the contents of an upload: in one request, or in blocks of which
//! some are on their way at a time. It must not know what becomes of an address
//! that is refused.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::Poll;

use progenitor_client::{
    BoxFuture, ByteSource, Error, HeaderName, HeaderValue, Method, SignedAddress, SignedClient,
    SignedRequest,
};

use super::TransferProgress;
use super::addresses::Addresses;
use super::point::UploadPoint;
use super::target::{StorageService, is_refused_address};

pub(super) type Observer = Arc<dyn Fn(TransferProgress) + Send + Sync>;
pub(super) type Keeper = Box<dyn Fn(&UploadPoint) + Send + Sync>;

/// How Azure says that blocks of a list are not there, as those that waited a week.
const FORGOTTEN: &str = "InvalidBlockList";

/// What is put, and how.
pub(super) struct Putting<'a> {
    pub(super) client: &'a SignedClient,
    pub(super) operation: &'static str,
    pub(super) addresses: Addresses,
    pub(super) source: Arc<dyn ByteSource>,
    /// The most that goes in one request.
    pub(super) limit: u64,
    /// So many blocks are on their way at a time.
    pub(super) parallel: usize,
    pub(super) observer: Option<Observer>,
    pub(super) keeper: Option<Keeper>,
}

impl Putting<'_> {
    /// Puts what is missing, and notes what has arrived, whatever comes of the rest.
    #[inline]
    pub(super) async fn put(&self, point: &mut UploadPoint) -> Result<(), Error> {
        self.keep(point);
        let sent = self.send(point).await;
        // Before the blocks are put together: those of two states of a file are none of
        // its contents. Such a change is also why a part of it may have failed.
        if let Err(error) = self.source.unchanged().await {
            self.keep_none(point);
            let error = Error::operation_failed(None, error.to_string());
            let advice = self.addresses.advice_on_change(point.id());
            return Err(error.in_operation(self.operation).with_hint(advice));
        }
        if let Some(list) = sent?
            && let Err(error) = list.send().await
        {
            if error.code() != Some(FORGOTTEN) {
                return Err(error);
            }
            self.keep_none(point);
            let advice = "the storage service has forgotten blocks: the next run sends them again";
            return Err(error.with_hint(advice));
        }
        point.committed = true;
        Ok(())
    }

    /// Sends what is missing, and gives what puts blocks together.
    #[inline]
    async fn send(&self, point: &mut UploadPoint) -> Result<Option<SignedRequest>, Error> {
        let (size, tally) = (point.size, self.tally(point));
        if point.target.service == StorageService::Google {
            self.part(&point.target.address, (0, size), (0, &tally)).send().await?;
        } else if size <= self.limit && !point.is_begun() {
            let put = self.part(&point.target.address, (0, size), (0, &tally));
            let kind = HeaderName::from_static("x-ms-blob-type");
            put.header(kind, HeaderValue::from_static("BlockBlob")).send().await?;
        } else {
            self.blocks(point, &tally).await?;
            let address = point.target.address.with_parameter("comp", "blocklist");
            let put = self.client.request(self.operation, Method::PUT, &address);
            return Ok(Some(put.bytes(block_list(point.count()))));
        }
        Ok(None)
    }

    /// Puts the blocks that are missing. When one fails no other is begun, and those
    /// on their way are awaited: what has arrived need not be sent again.
    #[inline]
    async fn blocks(&self, point: &mut UploadPoint, tally: &Arc<Tally>) -> Result<(), Error> {
        let mut waiting = point.missing().into_iter();
        let mut running: Vec<(u64, BoxFuture<'_, Result<(), Error>>)> = Vec::new();
        let mut failure: Option<Error> = None;
        loop {
            while failure.is_none() && running.len() < self.parallel {
                let Some(index) = waiting.next() else { break };
                let address = point.target.address.with_parameter("comp", "block");
                let address = address.with_parameter("blockid", &block_id(index));
                let put = self.part(&address, point.part(index), (index, tally));
                running.push((index, Box::pin(async { put.send().await.map(|_| ()) })));
            }
            match first(&mut running).await {
                None => return failure.map_or(Ok(()), Err),
                Some((index, Ok(()))) => {
                    point.note(index);
                    self.keep(point);
                }
                // A new address may mend a refusal; what nothing mends is told first.
                Some((_, Err(error))) => match &failure {
                    Some(known) if !is_refused_address(known) || is_refused_address(&error) => {}
                    _ => failure = Some(error),
                },
            }
        }
    }

    /// Tells where the upload stands.
    fn keep(&self, point: &UploadPoint) {
        if let Some(keeper) = &self.keeper {
            keeper(point);
        }
    }

    /// Tells that everything is to be sent again.
    fn keep_none(&self, point: &mut UploadPoint) {
        point.begin_anew();
        self.keep(point);
    }

    fn part(
        &self,
        address: &SignedAddress,
        (offset, length): (u64, u64),
        (index, tally): (u64, &Arc<Tally>),
    ) -> SignedRequest {
        let put = self.client.request(self.operation, Method::PUT, address);
        let sent = self.observer.as_ref().map(|_| {
            let tally = Arc::clone(tally);
            Arc::new(move |sent: u64| tally.tell(index, sent)) as Arc<dyn Fn(u64) + Send + Sync>
        });
        put.part(Arc::clone(&self.source), offset, length, sent)
    }

    fn tally(&self, point: &UploadPoint) -> Arc<Tally> {
        Arc::new(Tally {
            before: point.done(),
            total: self.source.length(),
            sent: Mutex::default(),
            observer: self.observer.clone(),
        })
    }
}

/// Waits for the first that ends, and takes it out; `None` if there is none.
async fn first<T>(running: &mut Vec<(u64, BoxFuture<'_, T>)>) -> Option<(u64, T)> {
    poll_fn(|cx| {
        for (place, (index, future)) in running.iter_mut().enumerate() {
            if let Poll::Ready(outcome) = Pin::new(future).poll(cx) {
                let index = *index;
                drop(running.swap_remove(place));
                return Poll::Ready(Some((index, outcome)));
            }
        }
        if running.is_empty() { Poll::Ready(None) } else { Poll::Pending }
    })
    .await
}

/// Bytes that were handed over, of all parts together.
struct Tally {
    before: u64,
    total: u64,
    /// By part, in this run.
    sent: Mutex<BTreeMap<u64, u64>>,
    observer: Option<Observer>,
}

impl Tally {
    fn tell(&self, index: u64, sent: u64) {
        let mut parts = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        parts.insert(index, sent);
        let done = self.before + parts.values().sum::<u64>();
        // Within the lock, so that nobody is told of more first and of less then.
        if let Some(observer) = &self.observer {
            observer(TransferProgress { done, total: Some(self.total) });
        }
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
