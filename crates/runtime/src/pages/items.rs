//! The items of a list's pages, one by one. It must not know what they are.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::vec::IntoIter;

use futures_core::Stream;

use super::{ListEnd, Paged, Pages};
use crate::Error;

/// The items of a list as a stream, made by [`Pages::items`]. Pages are
/// fetched as they are needed.
pub struct Items<P: Paged> {
    pages: Pages<P>,
    page: IntoIter<P::Item>,
}

/// Nothing in it is pinned in place.
impl<P: Paged> Unpin for Items<P> {}

impl<P: Paged> Items<P> {
    pub(super) fn new(pages: Pages<P>) -> Self {
        Self { pages, page: Vec::new().into_iter() }
    }

    /// The next item; `None` behind the last one and after a failure.
    pub async fn next_item(&mut self) -> Option<Result<P::Item, Error>> {
        poll_fn(|cx| self.poll_item(cx)).await
    }

    /// Why the list ended; `None` while it goes on, and after a failure.
    #[must_use]
    pub fn end(&self) -> Option<ListEnd> {
        self.pages.end().filter(|_| self.page.as_slice().is_empty())
    }

    /// All items that are left, in memory.
    ///
    /// # Errors
    /// The first failure; what came before it is lost.
    pub async fn into_vec(mut self) -> Result<Vec<P::Item>, Error> {
        let mut items = Vec::new();
        while let Some(item) = self.next_item().await {
            items.push(item?);
        }
        Ok(items)
    }

    fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<P::Item, Error>>> {
        loop {
            if let Some(item) = self.page.next() {
                return Poll::Ready(Some(Ok(item)));
            }
            match ready!(self.pages.poll_page(cx)) {
                Some(Ok(page)) => self.page = page.into_inner().into_items().into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<P: Paged> Stream for Items<P> {
    type Item = Result<P::Item, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_item(cx)
    }
}

impl<P: Paged> fmt::Debug for Items<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Items").field("buffered", &self.page.len()).finish_non_exhaustive()
    }
}
