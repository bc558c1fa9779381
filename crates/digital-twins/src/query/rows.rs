//! The rows of a query as one stream over all its pages.

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_util::StreamExt;
use progenitor_client::{Error, Pages};
use serde::de::DeserializeOwned;

use super::{QueryCharge, QueryPage};

/// Rows of a query, fetched page by page as they are asked for. Made by
/// [`Query::rows`](super::Query::rows). After an error the stream ends.
pub struct Rows<T: DeserializeOwned + Send + 'static> {
    pages: Pages<QueryPage<T>>,
    page: VecDeque<T>,
    charge: f64,
    continuation: Option<String>,
}

impl<T: DeserializeOwned + Send + 'static> Rows<T> {
    pub(super) fn new(pages: Pages<QueryPage<T>>) -> Self {
        Self { pages, page: VecDeque::new(), charge: 0.0, continuation: None }
    }

    /// The next row; `None` behind the last one and after a failure.
    pub async fn next_row(&mut self) -> Option<Result<T, Error>> {
        self.next().await
    }

    /// All rows that are left, in memory. What they cost is then no longer to
    /// be had; [`next_row`](Self::next_row) keeps it.
    ///
    /// # Errors
    /// The first failure; what came before it is lost.
    pub async fn into_vec(mut self) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        while let Some(row) = self.next_row().await {
            rows.push(row?);
        }
        Ok(rows)
    }

    /// What the pages fetched so far cost, in query units.
    #[must_use]
    pub fn query_charge(&self) -> f64 {
        self.charge
    }

    /// Where the page after the last fetched one starts; give it to
    /// [`Query::resume`](super::Query::resume). Rows of the present page that
    /// were not taken yet are not part of what follows.
    #[must_use]
    pub fn continuation(&self) -> Option<&str> {
        self.continuation.as_deref()
    }
}

/// Nothing in it is pinned in place.
impl<T: DeserializeOwned + Send + 'static> Unpin for Rows<T> {}

impl<T: DeserializeOwned + Send + 'static> Stream for Rows<T> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if let Some(row) = self.page.pop_front() {
                return Poll::Ready(Some(Ok(row)));
            }
            match ready!(Pin::new(&mut self.pages).poll_next(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(answer)) => {
                    self.charge += answer.query_charge().unwrap_or(0.0);
                    let page = answer.into_inner();
                    self.continuation = page.continuation;
                    self.page = page.rows.into();
                }
            }
        }
    }
}

impl<T: DeserializeOwned + Send + 'static> fmt::Debug for Rows<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("rows_at_hand", &self.page.len())
            .field("query_charge", &self.charge)
            .finish_non_exhaustive()
    }
}
