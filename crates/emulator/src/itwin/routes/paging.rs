//! Pages of lists: how long they are, where they begin, and the links to the
//! pages around them, which end differently from API to API.
//!
//! A link is whole and repeats the parameters of the request; the names of the
//! paging parameters are in it with a bare dollar sign, as the platform's own are.

use serde_json::{Map, Value, json};
use url::form_urlencoded;

use super::Call;
use crate::itwin::{ApiError, errors::Detail};

/// Items of a page unless the request says otherwise, in all APIs.
const USUAL: usize = 100;
/// Items of a page at the most, in all APIs.
const MOST: usize = 1000;
/// How long the token of a next page is taken, in seconds.
const LIFETIME: i64 = 24 * 3600;

const TOP: &str = "$top";
const SKIP: &str = "$skip";

/// How an API shows that a page is the last one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::itwin) enum Ending {
    /// `next` is missing, and so is `prev` on the first page: iTwins, Reality
    /// Management.
    Missing,
    /// `next` is there all the same, and `prev` of the first page is that page:
    /// Access Control, Storage.
    Endless,
    /// Both are there always, and null where there is no such page: iModels.
    Null,
}

/// One page to be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::itwin) struct Page {
    /// Items before it.
    pub(in crate::itwin) skip: usize,
    /// Items at the most.
    pub(in crate::itwin) top: usize,
}

impl Page {
    /// The items of this page out of all of them.
    pub(in crate::itwin) fn of<T>(&self, items: impl Iterator<Item = T>) -> Vec<T> {
        items.skip(self.skip).take(self.top).collect()
    }

    fn next(self) -> Self {
        Self { skip: self.skip.saturating_add(self.top), ..self }
    }

    fn previous(self) -> Self {
        Self { skip: self.skip.saturating_sub(self.top), ..self }
    }
}

impl Call {
    /// The page that `$top` and `$skip` ask for; 422 with this code if they do not
    /// fit.
    pub(in crate::itwin) fn page(&self, code: &'static str) -> Result<Page, ApiError> {
        let mut details = Vec::new();
        let page = self.page_noting(&mut details);
        if details.is_empty() { Ok(page) } else { Err(ApiError::invalid(code, details)) }
    }

    /// The same, with faults noted among others.
    pub(in crate::itwin) fn page_noting(&self, details: &mut Vec<Detail>) -> Page {
        let mut number = |name: &str, usual: usize, most: usize| {
            let Some(text) = self.parameter(name) else { return usual };
            text.parse().ok().filter(|number| *number <= most).unwrap_or_else(|| {
                let message = format!("It must be a whole number from 0 to {most}.");
                details.push(Detail::invalid_value(name, message));
                usual
            })
        };
        let top = number(TOP, USUAL, MOST);
        Page { skip: number(SKIP, 0, usize::MAX), top }
    }

    /// Whether `$top` or `$skip` is there.
    pub(in crate::itwin) fn asks_for_a_page(&self) -> bool {
        self.parameter(TOP).is_some() || self.parameter(SKIP).is_some()
    }

    /// `_links` of a page with `$top` and `$skip` out of a list of so many items.
    pub(in crate::itwin) fn links(&self, page: Page, total: usize, ending: Ending) -> Value {
        let at = |page: Page| {
            let (skip, top) = (page.skip.to_string(), page.top.to_string());
            self.link(&[(SKIP, skip.as_str()), (TOP, top.as_str())])
        };
        links(page, total, ending, at)
    }

    /// The page that a token asks for, or `$top` alone; 422 with this code if they
    /// do not fit. Without `$top` a page is as long as the one that gave the token.
    /// `parameter` is the token's.
    pub(in crate::itwin) fn token_page(
        &self,
        parameter: &str,
        code: &'static str,
    ) -> Result<Page, ApiError> {
        let page = self.page(code)?;
        let Some(token) = self.parameter(parameter).filter(|token| !token.is_empty()) else {
            return Ok(page);
        };
        let now = self.platform.clock.unix_seconds();
        let place: Option<(String, usize, usize)> =
            self.platform.sealer.open(&token, now, LIFETIME);
        match place {
            Some((path, skip, top)) if path == self.path => {
                let top = if self.parameter(TOP).is_some() { page.top } else { top };
                Ok(Page { skip, top })
            }
            _ => {
                let detail = Detail::invalid_value(parameter, "It is not a token of this list.");
                Err(ApiError::invalid(code, vec![detail]))
            }
        }
    }

    /// `_links` of a page with a token, out of a list of so many items. `parameter`
    /// is the token's.
    pub(in crate::itwin) fn token_links(
        &self,
        parameter: &str,
        page: Page,
        total: usize,
        ending: Ending,
    ) -> Value {
        let at = |page: Page| {
            let place = (self.path.clone(), page.skip, page.top);
            let token = self.platform.sealer.seal(place, self.platform.clock.unix_seconds());
            self.link(&[(parameter, &token), (TOP, &page.top.to_string())])
        };
        links(page, total, ending, at)
    }

    /// The address of this request with other values of these parameters, and
    /// without `$skip` and `$top` unless they are among them.
    fn link(&self, parameters: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        let given = form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes());
        for (name, value) in given {
            let is = |other: &str| name.eq_ignore_ascii_case(other);
            if !is(TOP) && !is(SKIP) && !parameters.iter().any(|(other, _)| is(other)) {
                query.append_pair(&name, &value);
            }
        }
        let mut query = query.finish().replace("%24", "$");
        for (name, value) in parameters {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str(&format!("{name}={value}"));
        }
        format!("{}{}?{query}", self.base, self.path)
    }
}

fn links(page: Page, total: usize, ending: Ending, at: impl Fn(Page) -> String) -> Value {
    let has_next = page.top > 0 && page.next().skip < total;
    let has_previous = page.skip > 0;
    let mut links = Map::new();
    links.insert("self".to_owned(), json!({"href": at(page)}));
    let around = [("prev", page.previous(), has_previous), ("next", page.next(), has_next)];
    for (name, other, is_there) in around {
        if is_there || ending == Ending::Endless {
            links.insert(name.to_owned(), json!({"href": at(other)}));
        } else if ending == Ending::Null {
            links.insert(name.to_owned(), Value::Null);
        }
    }
    links.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(page: Page, total: usize, ending: Ending) -> Value {
        links(page, total, ending, |page| page.skip.to_string())
    }

    #[test]
    fn every_ending_has_its_links() {
        let first = Page { skip: 0, top: 2 };
        let last = Page { skip: 2, top: 2 };
        let href = |skip: &str| json!({"href": skip});
        assert_eq!(told(first, 3, Ending::Missing), json!({"self": href("0"), "next": href("2")}));
        assert_eq!(told(last, 4, Ending::Missing), json!({"self": href("2"), "prev": href("0")}));
        assert_eq!(
            told(first, 1, Ending::Endless),
            json!({"self": href("0"), "prev": href("0"), "next": href("2")})
        );
        assert_eq!(
            told(first, 2, Ending::Null),
            json!({"self": href("0"), "prev": null, "next": null})
        );
        assert_eq!(told(Page { skip: 0, top: 0 }, 2, Ending::Missing), json!({"self": href("0")}));
        assert_eq!(last.of([1, 2, 3].into_iter()), [3]);
    }
}
