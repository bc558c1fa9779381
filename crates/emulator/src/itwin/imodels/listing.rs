//! What the lists of this API have in common: parameters that are checked, an order,
//! pages with `$skip` or with tokens.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::INVALID;
use crate::itwin::{
    ApiError,
    errors::Detail,
    routes::{Answer, Call, Ending, Page},
};

const TOKEN: &str = "$continuationToken";
const SKIP: &str = "$skip";
const TOP: &str = "$top";
const ORDER: &str = "$orderBy";

/// The parameters of a list, and the faults in them.
pub(super) struct Listing<'c> {
    call: &'c Call,
    details: Vec<Detail>,
}

/// Which page is asked for.
pub(super) struct Paging<'c> {
    call: &'c Call,
    page: Page,
    by_token: bool,
}

/// By what a list is sorted: the first criterion that tells two apart decides.
pub(super) struct Order(Vec<Criterion>);

struct Criterion {
    member: &'static str,
    descends: bool,
}

impl<'c> Listing<'c> {
    pub(super) fn new(call: &'c Call) -> Self {
        Self { call, details: Vec::new() }
    }

    /// `$orderBy`: some of these members with commas between them, each with `asc` or
    /// `desc`.
    pub(super) fn order(&mut self, members: &[&'static str]) -> Option<Order> {
        let text = self.call.parameter(ORDER)?;
        let criteria: Option<Vec<_>> =
            text.split(',').map(|part| Criterion::read(part, members)).collect();
        if criteria.is_none() {
            let message = format!("It must be {}, each with asc or desc.", members.join(" or "));
            self.details.push(Detail::invalid_value(ORDER, message));
        }
        criteria.map(Order)
    }

    /// A parameter that must be one of these words.
    pub(super) fn one_of(&mut self, name: &str, known: &[&'static str]) -> Option<&'static str> {
        let text = self.call.parameter(name)?;
        let found = known.iter().copied().find(|word| word.eq_ignore_ascii_case(&text));
        if found.is_none() {
            let message = format!("It must be one of {}.", known.join(", "));
            self.details.push(Detail::invalid_value(name, message));
        }
        found
    }

    /// A parameter that must be a whole number.
    pub(super) fn number(&mut self, name: &str) -> Option<usize> {
        let number = self.call.parameter(name)?.parse().ok();
        if number.is_none() {
            self.details.push(Detail::invalid_value(name, "It must be a whole number."));
        }
        number
    }

    /// The same for one that must be there.
    pub(super) fn needed_number(&mut self, name: &str) -> Option<usize> {
        self.needed(name)?;
        self.number(name)
    }

    /// A parameter that must be there.
    pub(super) fn needed(&mut self, name: &str) -> Option<String> {
        let text = self.call.parameter(name).filter(|text| !text.is_empty());
        if text.is_none() {
            self.details.push(Detail::missing_parameter(name));
        }
        text
    }

    /// Notes a fault.
    pub(super) fn fault(&mut self, detail: Detail) {
        self.details.push(detail);
    }

    /// The page, or 422 with all faults.
    pub(super) fn verdict(mut self) -> Result<Paging<'c>, ApiError> {
        let call = self.call;
        let page = call.page_noting(&mut self.details);
        let by_token = call.parameter(TOKEN).is_some();
        if by_token && call.parameter(SKIP).is_some() {
            self.details.push(Detail::exclusive_parameters(TOKEN, SKIP));
        }
        if page.top == 0 {
            self.details.push(Detail::invalid_value(TOP, "It must be at least 1."));
        }
        if !self.details.is_empty() {
            return Err(ApiError::invalid(INVALID, self.details));
        }
        let page = if by_token { call.token_page(TOKEN, INVALID)? } else { page };
        Ok(Paging { call, page, by_token })
    }
}

impl Paging<'_> {
    /// The page out of all that was found, under this name.
    pub(super) fn answer<T>(&self, name: &str, found: Vec<T>, show: impl Fn(T) -> Value) -> Answer {
        let total = found.len();
        let shown: Vec<Value> = self.page.of(found.into_iter()).into_iter().map(show).collect();
        let links = if self.by_token {
            self.call.token_links(TOKEN, self.page, total, Ending::Null)
        } else {
            self.call.links(self.page, total, Ending::Null)
        };
        let mut body = Map::new();
        body.insert(name.to_owned(), shown.into());
        body.insert("_links".to_owned(), links);
        Answer::ok(body.into())
    }
}

impl Criterion {
    fn read(text: &str, members: &[&'static str]) -> Option<Self> {
        let mut words = text.split_whitespace();
        let named = words.next()?;
        let member = members.iter().find(|member| member.eq_ignore_ascii_case(named))?;
        let direction = words.next().unwrap_or("asc").to_ascii_lowercase();
        match (direction.as_str(), words.next()) {
            ("asc", None) => Some(Self { member, descends: false }),
            ("desc", None) => Some(Self { member, descends: true }),
            _ => None,
        }
    }
}

impl Order {
    /// Sorts by how two compare in a member.
    pub(super) fn sort<T>(
        &self,
        found: &mut [T],
        compare: impl Fn(&'static str, &T, &T) -> Ordering,
    ) {
        found.sort_by(|one, other| {
            let compared = self.0.iter().map(|Criterion { member, descends }| {
                let ordering = compare(member, one, other);
                if *descends { ordering.reverse() } else { ordering }
            });
            compared.fold(Ordering::Equal, Ordering::then)
        });
    }
}

/// Whether a name is the one asked for and has the text in it that is searched for.
pub(super) fn is_wanted(call: &Call, name: &str) -> bool {
    let is_named = call.parameter("name").is_none_or(|wanted| wanted == name);
    let has = |text: String| name.to_lowercase().contains(&text.to_lowercase());
    is_named && call.parameter("$search").is_none_or(has)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_criterion_that_tells_two_apart_decides() {
        let members = ["length", "text"];
        let sorted = |criteria: &[&str]| {
            let criteria = criteria.iter().map(|text| Criterion::read(text, &members).unwrap());
            let mut found = ["bb", "a", "aa", "b"];
            Order(criteria.collect()).sort(&mut found, |member, one, other| match member {
                "length" => one.len().cmp(&other.len()),
                _ => one.cmp(other),
            });
            found
        };
        assert_eq!(sorted(&["length"]), ["a", "b", "bb", "aa"]);
        assert_eq!(sorted(&["length DESC", " Text"]), ["aa", "bb", "a", "b"]);
        assert_eq!(sorted(&["length", "text desc"]), ["b", "a", "bb", "aa"]);
        assert_eq!(sorted(&["text desc", "length"]), ["bb", "b", "aa", "a"]);
        for odd in ["", "width", "length up", "length asc text"] {
            assert!(Criterion::read(odd, &members).is_none(), "{odd}");
        }
    }
}
