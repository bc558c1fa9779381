//! What lies at a signed address, read as it comes and gone on with where it
//! broke off (RFC 9110, sections 14.2 and 13.1.1). It must not know where the
//! bytes go.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Buf as _, Bytes};
use futures_core::Stream as _;
use reqwest::StatusCode;
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName, HeaderValue, IF_MATCH, RANGE,
};
use serde::{Deserialize, Serialize};
use tokio::time::{sleep, timeout};

use super::range::{content_range, whole_length};
use super::{SignedAddress, SignedClient};
use crate::error::seconds;
use crate::{ByteStream, Error, ErrorKind, Method};

/// So many breaks in a row without a single byte are not a passing trouble.
const MAX_BREAKS: u32 = 5;

/// Where a download stands: what has come, of which state of the contents.
/// Holds no address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DownloadPoint {
    /// How many bytes have come.
    pub offset: u64,
    /// How many there are, if the service said.
    pub total: Option<u64>,
    /// The entity tag of the contents.
    pub etag: Option<String>,
}

/// Contents under way, read by [`next`](Self::next). They take as long as they take:
/// the time limit of an attempt is how long no byte may come.
pub struct SignedDownload {
    client: SignedClient,
    operation: &'static str,
    address: SignedAddress,
    point: DownloadPoint,
    /// How many bytes there are, as who gave the address says.
    size: Option<u64>,
    stream: Option<ByteStream>,
    /// Bytes that have come before, of a service that knows no ranges.
    skip: u64,
    /// Where in the contents the answer at hand ends, if it says so.
    end: Option<u64>,
    breaks: u32,
    ended: bool,
    /// Whether something came that cannot be of the contents that were told of.
    spoiled: bool,
}

impl SignedDownload {
    pub(super) fn new(
        client: SignedClient,
        operation: &'static str,
        address: SignedAddress,
    ) -> Self {
        Self {
            client,
            operation,
            address,
            point: DownloadPoint::default(),
            size: None,
            stream: None,
            skip: 0,
            end: None,
            breaks: 0,
            ended: false,
            spoiled: false,
        }
    }

    /// Goes on where an earlier download of the same contents stopped. Without an
    /// entity tag nobody can say that they are the same: it then begins anew.
    #[must_use]
    pub fn resume(mut self, point: DownloadPoint) -> Self {
        if point.etag.is_some() {
            self.point = point;
        }
        self
    }

    /// Takes no contents of another size.
    #[must_use]
    pub fn of_size(mut self, size: Option<u64>) -> Self {
        self.size = size;
        self
    }

    /// Goes on from another address of the same contents.
    pub fn readdress(&mut self, address: SignedAddress) {
        self.address = address;
        self.stream = None;
    }

    /// Where it stands.
    #[must_use]
    pub fn point(&self) -> &DownloadPoint {
        &self.point
    }

    /// The next bytes; `None` at the end. After an error, the next call tries
    /// again from where it stands.
    ///
    /// # Errors
    /// What the service says; [`ErrorKind::PreconditionFailed`] if the contents are
    /// others than those that came before, and [`ErrorKind::Decode`] if more came than was
    /// told of, neither of which can be gone on with: the [point](Self::point) is of
    /// nothing then; a transport kind if no repeat helps.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        let (client, operation) = (self.client.clone(), self.operation);
        client.in_time(operation, self.advance()).await
    }

    async fn advance(&mut self) -> Result<Option<Bytes>, Error> {
        loop {
            if self.spoiled {
                return Err(self.unlike("other contents came than were told of"));
            }
            if self.ended {
                return Ok(None);
            }
            if self.stream.is_none() {
                self.open().await?;
                continue;
            }
            match self.piece().await {
                Ok(Some(mut bytes)) => {
                    let skipped = self.skip.min(bytes.len() as u64);
                    self.skip -= skipped;
                    bytes.advance(usize::try_from(skipped).unwrap_or(usize::MAX));
                    if bytes.is_empty() {
                        continue;
                    }
                    let offset = self.point.offset.saturating_add(bytes.len() as u64);
                    // The total bounds an answer that tells no length of its own.
                    if let Some(end) = self.end.or(self.point.total)
                        && offset > end
                    {
                        let message = format!("{offset} bytes came, and not {end} as was told");
                        return Err(self.not_as_told(message));
                    }
                    self.breaks = 0;
                    self.point.offset = offset;
                    return Ok(Some(bytes));
                }
                Ok(None) => self.answer_ended().await?,
                Err(error) => self.broke(error).await?,
            }
        }
    }

    /// Ends the download, asks for what the answer was not to hold, or takes its end
    /// for a break.
    async fn answer_ended(&mut self) -> Result<(), Error> {
        let DownloadPoint { offset, total, .. } = self.point;
        let is_whole = self.skip == 0 && self.end.is_none_or(|end| end == offset);
        let is_bounded = self.end.is_some() || total.is_some();
        if is_whole && (total == Some(offset) || !is_bounded) {
            self.ended = true;
        } else if is_whole && self.end.is_some() {
            // A part of contents whose length may be unknown: the end is where the
            // service has no more.
            self.stream = None;
        } else {
            let message = "the contents ended before all of them had come";
            self.broke(Error::new(ErrorKind::Transport, message)).await?;
        }
        Ok(())
    }

    async fn piece(&mut self) -> Result<Option<Bytes>, Error> {
        let Some(stream) = &mut self.stream else { return Ok(None) };
        let limit = self.client.policy.attempt_timeout;
        let next = poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx));
        match timeout(limit, next).await {
            Ok(piece) => piece.transpose(),
            Err(_) => {
                let message = format!("no byte came for {} s", seconds(limit));
                Err(Error::new(ErrorKind::Timeout, message))
            }
        }
    }

    async fn open(&mut self) -> Result<(), Error> {
        let mut get = self.client.request(self.operation, Method::GET, &self.address);
        if self.point.offset > 0 {
            if self.point.total == Some(self.point.offset) {
                self.ended = true;
                return Ok(());
            }
            let Some(etag) = &self.point.etag else {
                return Err(self.unlike("nothing says that the rest is of the same contents"));
            };
            let range = HeaderValue::from_str(&format!("bytes={}-", self.point.offset))?;
            get = get.header(RANGE, range).header(IF_MATCH, HeaderValue::from_str(etag)?);
        }
        let answer = match get.stream().await {
            Ok(answer) => answer,
            Err(error) if self.is_end(&error) => {
                self.ended = true;
                return Ok(());
            }
            // The second: they are shorter now than what has come.
            Err(error)
                if error.kind() == ErrorKind::PreconditionFailed
                    || (self.point.offset > 0
                        && error.status() == Some(StatusCode::RANGE_NOT_SATISFIABLE)) =>
            {
                return Err(self.spoil(error.with_hint(
                    "the contents were changed since the first part of them came: begin anew",
                )));
            }
            Err(error) => return Err(error),
        };
        // A weak tag is of contents that mean the same, and serves no `If-Match`
        // (RFC 9110 section 13.1.1).
        let etag = answer.header(ETAG.as_str()).filter(|tag| !tag.starts_with("W/"));
        let etag = etag.map(str::to_owned);
        let (from, end, total) = if answer.status() == StatusCode::PARTIAL_CONTENT {
            let part = answer.header(CONTENT_RANGE.as_str()).and_then(content_range);
            let Some(part) = part.filter(|part| part.from == self.point.offset) else {
                let message = "the answer holds another part than was asked for";
                return Err(self.not_as_told(message.to_owned()));
            };
            (part.from, Some(part.end), part.total)
        } else {
            let length = answer.header(CONTENT_LENGTH.as_str()).and_then(|text| text.parse().ok());
            (0, length, length)
        };
        // Not every service heeds `If-Match`; without a tag nobody can say that the
        // rest is of the same contents.
        let is_other_length =
            matches!((self.point.total, total), (Some(old), Some(new)) if old != new);
        if self.point.offset > 0 && (etag != self.point.etag || is_other_length) {
            return Err(self.unlike("the contents were changed since the first part of them came"));
        }
        if self.point.offset == 0 {
            (self.point.etag, self.point.total) = (etag, None);
        }
        (self.skip, self.end) = (self.point.offset - from, end);
        self.point.total = total.or(self.point.total).or(self.size);
        if let (Some(size), Some(total)) = (self.size, self.point.total)
            && size != total
        {
            let message = format!("the contents have {total} bytes, and not {size} as was told");
            return Err(self.not_as_told(message));
        }
        if let (Some(end), Some(total)) = (self.end, self.point.total)
            && end > total
        {
            let message = format!("{end} bytes are to come, and not {total} as was told");
            return Err(self.not_as_told(message));
        }
        self.stream = Some(answer.into_inner());
        Ok(())
    }

    /// Whether a refusal says that there is nothing behind what has come, of contents
    /// whose length was not known.
    fn is_end(&self, error: &Error) -> bool {
        let header = |name: HeaderName| error.headers().get(name).and_then(|v| v.to_str().ok());
        let is_same = header(ETAG).is_none_or(|etag| Some(etag) == self.point.etag.as_deref());
        let total = header(CONTENT_RANGE).and_then(whole_length);
        self.point.offset > 0
            && self.point.total.is_none()
            && error.status() == Some(StatusCode::RANGE_NOT_SATISFIABLE)
            && is_same
            && total.is_none_or(|total| total == self.point.offset)
    }

    /// Takes back what was said of where it stands: what came is of no use.
    fn spoil(&mut self, error: Error) -> Error {
        (self.spoiled, self.stream, self.point) = (true, None, DownloadPoint::default());
        error.in_operation(self.operation)
    }

    fn not_as_told(&mut self, message: String) -> Error {
        let mut error = Error::new(ErrorKind::Decode, message);
        self.address.name_in(&mut error);
        self.spoil(error)
    }

    fn unlike(&mut self, message: &str) -> Error {
        self.spoil(Error::new(ErrorKind::PreconditionFailed, message).or_hint("begin anew"))
    }

    /// Notes a break and waits before the next try.
    async fn broke(&mut self, mut error: Error) -> Result<(), Error> {
        self.stream = None;
        self.breaks += 1;
        // Without a tag the rest may be of other contents.
        let is_same = self.point.etag.is_some() || self.point.offset == 0;
        let policy = &self.client.policy;
        let fraction = twinkit_http::random::fraction();
        let wait = policy.wait(self.breaks - 1, None, fraction).unwrap_or(Duration::ZERO);
        let is_over = self.breaks > policy.max_retries.min(MAX_BREAKS);
        if !is_same || is_over || !self.client.is_in_time(wait) {
            self.address.name_in(&mut error);
            return Err(error.in_operation(self.operation));
        }
        sleep(wait).await;
        Ok(())
    }
}

impl fmt::Debug for SignedDownload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedDownload")
            .field("address", &self.address)
            .field("point", &self.point)
            .finish_non_exhaustive()
    }
}
