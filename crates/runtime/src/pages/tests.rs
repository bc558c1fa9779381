//! How lists go on and end, over pages that are made up.

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
    Pages::new("list", std::future::ready(first), move |token| {
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
    let rest = Pages::resume("list", token, |token| Box::pin(std::future::ready(three(&token))));
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
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Paging, Some("list")));
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
        Pages::new("list", std::future::ready(linked(&[1, 2], NEXT)), move |link| {
            let page = if Some(&*link) == NEXT { linked(second, LAST) } else { linked(&[9], None) };
            Box::pin(std::future::ready(page))
        })
    };
    assert_eq!(ended(list(&[3])).await, (3, Some(ListEnd::Complete)));
    assert_eq!(ended(list(&[])).await, (2, Some(ListEnd::Complete)));
    // A full page is not the last one, and nor is one without a size.
    assert_eq!(ended(list(&[3, 4])).await, (5, Some(ListEnd::Ceiling(4))));
    let sizeless = Pages::new("list", std::future::ready(linked(&[1], Some("/l?page=2"))), |_| {
        Box::pin(std::future::ready(linked(&[2], Some("/l?$top=2&$skip=2"))))
    });
    assert_eq!(ended(sizeless).await, (2, Some(ListEnd::Complete)));
}

#[tokio::test]
async fn a_silent_stop_at_the_ceiling_is_told() {
    let none =
        |_: String| -> BoxFuture<'static, _> { Box::pin(std::future::ready(linked(&[], None))) };
    let pages = Pages::new("list", std::future::ready(linked(&[1, 2, 3], None)), none);
    assert_eq!(ended(pages).await, (3, Some(ListEnd::Complete)));
    let pages = Pages::new("list", std::future::ready(linked(&[1, 2, 3, 4], None)), none);
    assert_eq!(ended(pages).await, (4, Some(ListEnd::Ceiling(4))));
    // A list that goes on where another stopped counts what lies before it.
    let last = |_: String| -> BoxFuture<'static, _> {
        Box::pin(std::future::ready(linked(&[3, 4], None)))
    };
    let pages = Pages::resume("list", "/l?$top=2&$skip=2", last).ceiling("x-max-return", 9);
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
