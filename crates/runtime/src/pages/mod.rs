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
/// holds the way to the page that failed.
pub struct Pages<P> {
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
            before: 0,
            ceiling: None,
            end: None,
        }
    }

    /// The same list from a link or token on, where an earlier run stopped.
    pub fn resume(
        continuation: impl Into<String>,
        next: impl Fn(String) -> BoxFuture<'static, Result<Response<P>, Error>> + Send + 'static,
    ) -> Self {
        let continuation = continuation.into();
        Self {
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

        fn len(&self) -> usize {
            self.0.len()
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

    /// A page of a service that gives a link on every page, and names a ceiling.
    struct Linked(Vec<u32>, Option<&'static str>);

    impl Paged for Linked {
        type Item = u32;
        const END: PageEnd = PageEnd::ShortPage;

        fn next(&self) -> Option<&str> {
            self.1
        }

        fn into_items(self) -> Vec<u32> {
            self.0
        }

        fn len(&self) -> usize {
            self.0.len()
        }
    }

    fn linked(items: &[u32], next: Option<&'static str>) -> Result<Response<Linked>, Error> {
        let mut headers = HeaderMap::new();
        headers.insert("x-max-return", reqwest::header::HeaderValue::from_static("4"));
        Ok(Response::new(Linked(items.to_vec(), next), StatusCode::OK, headers))
    }

    async fn ended(pages: Pages<Linked>) -> (usize, Option<ListEnd>) {
        let mut pages = pages.ceiling("x-max-return", 2);
        let mut read = 0;
        while let Some(page) = pages.next_page().await {
            read += page.unwrap().len();
        }
        (read, pages.end())
    }

    #[tokio::test]
    async fn a_link_on_every_page_ends_with_a_short_or_an_empty_page() {
        const NEXT: Option<&str> = Some("/l?$top=2&$skip=2");
        const LAST: Option<&str> = Some("/l?$top=2&$skip=4");
        let list = |second: &'static [u32]| {
            Pages::new(std::future::ready(linked(&[1, 2], NEXT)), move |link| {
                let page =
                    if Some(&*link) == NEXT { linked(second, LAST) } else { linked(&[9], None) };
                Box::pin(std::future::ready(page))
            })
        };
        assert_eq!(ended(list(&[3])).await, (3, Some(ListEnd::Complete)));
        assert_eq!(ended(list(&[])).await, (2, Some(ListEnd::Complete)));
        // A full page is not the last one, and nor is one without a size.
        assert_eq!(ended(list(&[3, 4])).await, (5, Some(ListEnd::Ceiling(4))));
        let sizeless = Pages::new(std::future::ready(linked(&[1], Some("/l?page=2"))), |_| {
            Box::pin(std::future::ready(linked(&[2], Some("/l?$top=2&$skip=2"))))
        });
        assert_eq!(ended(sizeless).await, (2, Some(ListEnd::Complete)));
    }

    #[tokio::test]
    async fn a_silent_stop_at_the_ceiling_is_told() {
        let none = |_: String| -> BoxFuture<'static, _> {
            Box::pin(std::future::ready(linked(&[], None)))
        };
        let pages = Pages::new(std::future::ready(linked(&[1, 2, 3], None)), none);
        assert_eq!(ended(pages).await, (3, Some(ListEnd::Complete)));
        let pages = Pages::new(std::future::ready(linked(&[1, 2, 3, 4], None)), none);
        assert_eq!(ended(pages).await, (4, Some(ListEnd::Ceiling(4))));
        // A list that goes on where another stopped counts what lies before it.
        let last = |_: String| -> BoxFuture<'static, _> {
            Box::pin(std::future::ready(linked(&[3, 4], None)))
        };
        let pages = Pages::resume("/l?$top=2&$skip=2", last).ceiling("x-max-return", 9);
        let mut items = pages.items();
        assert_eq!(items.next_item().await.unwrap().unwrap(), 3);
        assert_eq!(items.end(), None);
        assert_eq!(items.next_item().await.unwrap().unwrap(), 4);
        assert!(items.next_item().await.is_none());
        assert_eq!(items.end(), Some(ListEnd::Ceiling(4)));
    }

    #[tokio::test]
    async fn a_silent_stop_that_no_header_tells_is_known_by_what_was_asked() {
        let list = |known: Option<u64>| async move {
            let pages = pages(page(&[1, 2], Some("2")), three);
            let mut pages = known.into_iter().fold(pages, |it, most| it.ceiling("x-max", most));
            while let Some(page) = pages.next_page().await {
                page.unwrap();
            }
            pages.end()
        };
        assert_eq!(list(Some(3)).await, Some(ListEnd::Ceiling(3)));
        assert_eq!(list(Some(4)).await, Some(ListEnd::Complete));
        assert_eq!(list(None).await, Some(ListEnd::Complete));
    }

    #[test]
    fn lists_can_travel() {
        fn travels<T: Send + Unpin + 'static>() {}
        travels::<Pages<Page>>();
        travels::<Items<Page>>();
    }
}
