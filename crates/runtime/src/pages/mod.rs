//! Lists that come in pages, as streams of pages and of items. Nothing is
//! fetched before it is asked for, and empty pages are not the end.
//!
//! It must not know how a page is fetched, nor what a link or a token looks
//! like inside.

mod items;

use std::collections::HashSet;
use std::fmt;
use std::future::{Future, poll_fn};
use std::hash::{BuildHasher, RandomState};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_core::Stream;
use futures_core::future::BoxFuture;

pub use items::Items;

use crate::{Error, ErrorKind, Response};

/// So many pages without an item, one after another, are an endless list: the
/// largest instance is through its partitions long before.
const MAX_EMPTY_PAGES: u32 = 1000;

/// One page of a list. Generated for each page type.
pub trait Paged {
    /// What the list is of.
    type Item;

    /// The way to the next page: a link or a token. `None` on the last page.
    fn next(&self) -> Option<&str>;

    /// The items of this page.
    fn into_items(self) -> Vec<Self::Item>;

    /// Whether the page holds no item. Needed to notice lists without end.
    fn is_empty(&self) -> bool;
}

type Fetched<P> = BoxFuture<'static, Result<Response<P>, Error>>;

/// The pages of a list, fetched one after another as they are asked for: by
/// [`next_page`](Self::next_page), as a `Stream`, or item by item with
/// [`items`](Self::items).
///
/// A failure ends the stream; [`continuation`](Self::continuation) then still
/// holds the way to the page that failed.
pub struct Pages<P> {
    state: State<P>,
    continuation: Option<String>,
    fetch: Box<dyn Fn(String) -> Fetched<P> + Send>,
    /// Hashes of the links and tokens followed so far.
    followed: HashSet<u64>,
    hasher: RandomState,
    empty: u32,
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
    /// A list whose first page comes from `first`, and the page behind a link
    /// or token from `next`.
    pub fn new<F>(
        first: F,
        next: impl Fn(String) -> BoxFuture<'static, Result<Response<P>, Error>> + Send + 'static,
    ) -> Self
    where
        F: Future<Output = Result<Response<P>, Error>> + Send + 'static,
    {
        Self {
            state: State::Fetching(Box::pin(first)),
            continuation: None,
            fetch: Box::new(next),
            followed: HashSet::new(),
            hasher: RandomState::new(),
            empty: 0,
        }
    }

    /// The same list from a link or token on, where an earlier run stopped.
    pub fn resume(
        continuation: impl Into<String>,
        next: impl Fn(String) -> BoxFuture<'static, Result<Response<P>, Error>> + Send + 'static,
    ) -> Self {
        Self {
            state: State::Waiting,
            continuation: Some(continuation.into()),
            fetch: Box::new(next),
            followed: HashSet::new(),
            hasher: RandomState::new(),
            empty: 0,
        }
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
                            // An empty text is how some services say "none".
                            self.continuation =
                                page.next().filter(|next| !next.is_empty()).map(str::to_owned);
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
        let paging = |message: &str| Error::new(ErrorKind::Paging, message);
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
mod tests {
    use super::*;
    use futures_util::StreamExt;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;

    #[derive(Clone, Debug)]
    struct Page(Vec<u32>, Option<String>);

    impl Paged for Page {
        type Item = u32;

        fn next(&self) -> Option<&str> {
            self.1.as_deref()
        }

        fn into_items(self) -> Vec<u32> {
            self.0
        }

        fn is_empty(&self) -> bool {
            self.0.is_empty()
        }
    }

    fn page(items: &[u32], next: Option<&str>) -> Result<Response<Page>, Error> {
        let page = Page(items.to_vec(), next.map(str::to_owned));
        Ok(Response::new(page, StatusCode::OK, HeaderMap::new()))
    }

    /// Pages 1 and 3 hold items, page 2 none.
    fn three(token: &str) -> Result<Response<Page>, Error> {
        match token {
            "2" => page(&[], Some("3")),
            "3" => page(&[3], None),
            other => Err(Error::InvalidRequest(other.to_owned())),
        }
    }

    fn pages(
        first: Result<Response<Page>, Error>,
        next: impl Fn(&str) -> Result<Response<Page>, Error> + Send + 'static,
    ) -> Pages<Page> {
        Pages::new(std::future::ready(first), move |token| {
            Box::pin(std::future::ready(next(&token)))
        })
    }

    #[tokio::test]
    async fn empty_pages_are_not_the_end() {
        let items = pages(page(&[1, 2], Some("2")), three).items().into_vec().await.unwrap();
        assert_eq!(items, [1, 2, 3]);
        let streamed: Vec<_> = pages(page(&[1], Some("2")), three).collect().await;
        assert_eq!(streamed.len(), 3);
        let single = pages(page(&[1], Some("")), three).items().into_vec().await.unwrap();
        assert_eq!(single, [1]);
    }

    #[tokio::test]
    async fn a_list_is_resumed_where_it_stopped() {
        let mut first = pages(page(&[1], Some("2")), three);
        assert_eq!(first.continuation(), None);
        first.next_page().await.unwrap().unwrap();
        let token = first.continuation().unwrap().to_owned();
        let rest = Pages::resume(token, |token| Box::pin(std::future::ready(three(&token))));
        assert_eq!(rest.items().into_vec().await.unwrap(), [3]);
    }

    #[tokio::test]
    async fn a_failure_comes_after_the_items_before_it_and_ends_the_list() {
        let mut items = pages(page(&[1], Some("bad")), three).items();
        assert_eq!(items.next().await.unwrap().unwrap(), 1);
        assert!(items.next().await.unwrap().is_err());
        assert!(items.next_item().await.is_none());
        let mut failing = pages(page(&[1], Some("bad")), three);
        failing.next_page().await.unwrap().unwrap();
        assert!(failing.next_page().await.unwrap().is_err());
        assert_eq!(failing.continuation(), Some("bad"));
        assert!(failing.next_page().await.is_none());
    }

    #[tokio::test]
    async fn circles_are_noticed() {
        let mut items = pages(page(&[1], Some("a")), |token| match token {
            "a" => page(&[2], Some("b")),
            _ => page(&[3], Some("a")),
        })
        .items();
        let mut seen = Vec::new();
        let error = loop {
            match items.next_item().await.unwrap() {
                Ok(item) => seen.push(item),
                Err(error) => break error,
            }
        };
        assert_eq!(seen, [1, 2, 3]);
        assert_eq!(error.kind(), ErrorKind::Paging);
    }

    #[tokio::test]
    async fn an_endless_row_of_empty_pages_is_noticed() {
        let endless = pages(page(&[], Some("0")), |token| {
            let number: u64 = token.parse().unwrap();
            page(&[], Some(&(number + 1).to_string()))
        });
        let error = endless.items().into_vec().await.unwrap_err();
        assert!(error.to_string().contains("does not end"), "{error}");
    }

    #[test]
    fn lists_can_travel() {
        fn travels<T: Send + Unpin + 'static>() {}
        travels::<Pages<Page>>();
        travels::<Items<Page>>();
    }
}
