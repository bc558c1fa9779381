//! Lists that come in pages, as streams of pages and of items. Nothing is
//! fetched before it is asked for, and empty pages are not the end.
//!
//! It must not know how a page is fetched, nor what a link or a token looks
//! like inside.

mod end;
mod items;

use std::collections::HashSet;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::future::BoxFuture;

pub use end::{ListEnd, PageEnd};
pub use items::Items;

use crate::{Error, ErrorKind, Response, trace};

/// So many pages without an item, one after another, are an endless list: the
/// largest instance is through its partitions long before.
const MAX_EMPTY_PAGES: u32 = 1000;

/// One page of a list. Generated for each page type.
pub trait Paged {
    /// What the list is of.
    type Item;

    /// By what the last page is known.
    const END: PageEnd = PageEnd::NoNext;

    /// The way to the next page: a link or a token. `None` on the last page.
    fn next(&self) -> Option<&str>;

    /// The items of this page.
    fn into_items(self) -> Vec<Self::Item>;

    /// How many items the page holds.
    fn len(&self) -> usize;

    /// Whether the page holds no item. Needed to notice lists without end.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

type Fetched<P> = BoxFuture<'static, Result<Response<P>, Error>>;

/// The pages of a list, fetched one after another as they are asked for: by
/// [`next_page`](Self::next_page), as a `Stream`, or item by item with
/// [`items`](Self::items).
///
/// A failure ends the stream; [`continuation`](Self::continuation) then still
/// holds the way to the page that failed. That a list turns in a circle is told at the
/// first link that was followed before: by then the first page may have come twice.
pub struct Pages<P> {
    /// The operation that lists, for errors.
    operation: &'static str,
    state: State<P>,
    continuation: Option<String>,
    fetch: Box<dyn Fn(String) -> Fetched<P> + Send>,
    /// Hashes of the links and tokens followed so far.
    followed: HashSet<u64>,
    hasher: RandomState,
    empty: u32,
    /// How many items lie before the next page.
    before: u64,
    ceiling: Option<Ceiling>,
    end: Option<ListEnd>,
}

/// How many items the service gives of a list at most.
struct Ceiling {
    /// The response header that tells, in lower case.
    header: &'static str,
    /// If the header is not there.
    most: u64,
}

enum State<P> {
    /// A page is on its way, or its request has not been made yet.
    Fetching(Fetched<P>),
    /// The next page, if any, is asked for when somebody wants it.
    Waiting,
    Ended,
}

/// Nothing in it is pinned in place: the futures are boxed.
impl<P> Unpin for Pages<P> {}

impl<P: Paged> Pages<P> {
    /// A list of `operation` whose first page comes from `first`, and the page
    /// behind a link or token from `next`.
    pub fn new<F>(
        operation: &'static str,
        first: F,
        next: impl Fn(String) -> BoxFuture<'static, Result<Response<P>, Error>> + Send + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Response<P>, Error>> + Send + 'static,
    {
        Self {
            operation,
            state: State::Fetching(Box::pin(first)),
            continuation: None,
            fetch: Box::new(next),
            followed: HashSet::new(),
            hasher: RandomState::new(),
            empty: 0,
            before: 0,
            ceiling: None,
            end: None,
        }
    }

    /// The same list from a link or token on, where an earlier run stopped.
    pub fn resume(
        operation: &'static str,
        continuation: impl Into<String>,
        next: impl Fn(String) -> BoxFuture<'static, Result<Response<P>, Error>> + Send + 'static,
    ) -> Self {
        let continuation = continuation.into();
        Self {
            operation,
            state: State::Waiting,
            before: end::skipped(&continuation),
            continuation: Some(continuation),
            fetch: Box::new(next),
            followed: HashSet::new(),
            hasher: RandomState::new(),
            empty: 0,
            ceiling: None,
            end: None,
        }
    }

    /// The service stops silently at `most` items, or at as many as this response
    /// header, in lower case, says: [`end`](Self::end) then tells.
    #[must_use]
    pub fn ceiling(mut self, header: &'static str, most: u64) -> Self {
        self.ceiling = Some(Ceiling { header, most });
        self
    }

    /// The next page; `None` behind the last one and after a failure.
    pub async fn next_page(&mut self) -> Option<Result<Response<P>, Error>> {
        poll_fn(|cx| self.poll_page(cx)).await
    }

    /// The link or token of the page that comes next; `None` before the first
    /// page and behind the last.
    #[must_use]
    pub fn continuation(&self) -> Option<&str> {
        self.continuation.as_deref()
    }

    /// Why the list ended; `None` while it goes on, and after a failure.
    #[must_use]
    pub fn end(&self) -> Option<ListEnd> {
        self.end
    }

    /// The items of all pages, one by one.
    #[must_use]
    pub fn items(self) -> Items<P> {
        Items::new(self)
    }

    fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Response<P>, Error>>> {
        loop {
            match &mut self.state {
                State::Ended => return Poll::Ready(None),
                State::Waiting => match self.next_fetch() {
                    Ok(Some(fetch)) => self.state = State::Fetching(fetch),
                    Ok(None) => self.state = State::Ended,
                    Err(error) => {
                        self.state = State::Ended;
                        return Poll::Ready(Some(Err(error)));
                    }
                },
                State::Fetching(fetch) => {
                    let result = ready!(fetch.as_mut().poll(cx));
                    self.state = match &result {
                        Ok(page) => {
                            self.empty = if page.is_empty() { self.empty + 1 } else { 0 };
                            self.before = self.before.saturating_add(end::count(page.len()));
                            self.continuation = end::next(&**page).map(str::to_owned);
                            if self.continuation.is_none() {
                                self.end = Some(end::of(page, self.before, self.ceiling.as_ref()));
                                trace::list_ended(self.end);
                            }
                            State::Waiting
                        }
                        Err(_) => State::Ended,
                    };
                    return Poll::Ready(Some(result));
                }
            }
        }
    }

    /// The request for the next page, unless there is none or the list turns
    /// in circles.
    fn next_fetch(&mut self) -> Result<Option<Fetched<P>>, Error> {
        let Some(next) = &self.continuation else { return Ok(None) };
        let operation = self.operation;
        let paging = |message: &str| Error::new(ErrorKind::Paging, message).in_operation(operation);
        if !self.followed.insert(self.hasher.hash_one(next)) {
            return Err(paging("the list turns in a circle: a page leads back to an earlier one"));
        }
        if self.empty >= MAX_EMPTY_PAGES {
            return Err(paging("the list does not end: 1,000 empty pages came one after another"));
        }
        Ok(Some((self.fetch)(next.clone())))
    }
}

impl<P: Paged> Stream for Pages<P> {
    type Item = Result<Response<P>, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_page(cx)
    }
}

impl<P> fmt::Debug for Pages<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("followed", &self.followed.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
