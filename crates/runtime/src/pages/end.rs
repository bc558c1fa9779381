//! By what the last page of a list is known, and what its end means. It must not
//! know which services end their lists how: that comes with the page's type.

use reqwest::Url;

use super::{Ceiling, Paged};
use crate::Response;

/// By what the last page of a list is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PageEnd {
    /// It leads to no other page.
    NoNext,
    /// It leads nowhere, or is empty, or holds fewer items than its own link to
    /// the next page asks for (`$top`): the service gives a link on every page.
    ShortPage,
}

/// Why a list ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListEnd {
    /// Every item came.
    Complete,
    /// As many items came as the service gives of this list at most: there may be
    /// more. How to ask for more stands in the documentation of the operation.
    Ceiling(u64),
}

/// The way to the next page, if another follows.
pub(super) fn next<P: Paged>(page: &P) -> Option<&str> {
    // An empty text is how some services say "none".
    let next = page.next().filter(|next| !next.is_empty())?;
    let last = match P::END {
        PageEnd::NoNext => false,
        PageEnd::ShortPage => {
            page.is_empty() || asked(next).is_some_and(|top| count(page.len()) < top)
        }
    };
    (!last).then_some(next)
}

/// Why the list ended with this page, by which `seen` items had come.
pub(super) fn of<P: Paged>(page: &Response<P>, seen: u64, ceiling: Option<&Ceiling>) -> ListEnd {
    let Some(ceiling) = ceiling else { return ListEnd::Complete };
    let told = page.header(ceiling.header).and_then(|text| text.trim().parse().ok());
    let most = told.unwrap_or(ceiling.most);
    if seen >= most { ListEnd::Ceiling(most) } else { ListEnd::Complete }
}

/// How many items a link leaves behind (`$skip`); 0 if it does not say.
pub(super) fn skipped(link: &str) -> u64 {
    number(link, "$skip").unwrap_or_default()
}

/// How many items a link asks for (`$top`).
fn asked(link: &str) -> Option<u64> {
    number(link, "$top")
}

/// The number of a query parameter; case does not matter.
fn number(link: &str, name: &str) -> Option<u64> {
    // Only the query counts; a link may be relative.
    let base = Url::parse("http://link.invalid/").ok()?;
    let url = base.join(link).ok()?;
    let found = url.query_pairs().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.and_then(|(_, value)| value.parse().ok())
}

pub(super) fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_links_of_any_form() {
        for link in [
            "https://h.example/storage?a=b&$top=100&$skip=200",
            "https://h.example/storage?%24Top=100&%24SKIP=200",
            "/storage?$skip=200&$top=100#x",
            "?$skip=200&$top=100",
        ] {
            assert_eq!((asked(link), skipped(link)), (Some(100), 200), "{link}");
        }
        for link in ["", "token", "https://h.example/?top=1&$top=many", "http://["] {
            assert_eq!((asked(link), skipped(link)), (None, 0), "{link}");
        }
    }
}
