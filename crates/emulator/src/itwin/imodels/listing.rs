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

/// By what a list is sorted.
pub(super) struct Order {
    pub(super) member: &'static str,
    descends: bool,
}

impl<'c> Listing<'c> {
    pub(super) fn new(call: &'c Call) -> Self {
        Self { call, details: Vec::new() }
    }

    /// `$orderBy`: one of these members with `asc` or `desc`.
    pub(super) fn order(&mut self, members: &[&'static str]) -> Option<Order> {
        let text = self.call.parameter(ORDER)?;
        let mut words = text.split_whitespace();
        let named = words.next().unwrap_or_default();
        let member = members.iter().find(|member| member.eq_ignore_ascii_case(named));
        let direction = words.next().unwrap_or("asc").to_ascii_lowercase();
        match (member, direction.as_str(), words.next()) {
            (Some(member), "asc", None) => Some(Order { member, descends: false }),
            (Some(member), "desc", None) => Some(Order { member, descends: true }),
            _ => {
                let message = format!("It must be {}, with asc or desc.", members.join(" or "));
                self.details.push(Detail::invalid_value(ORDER, message));
                None
            }
        }
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

impl Order {
    /// Sorts by a key that the member has.
    pub(super) fn sort<T, K: Ord>(&self, found: &mut [T], key: impl Fn(&T) -> K) {
        found.sort_by(|one, other| {
            let ordering: Ordering = key(one).cmp(&key(other));
            if self.descends { ordering.reverse() } else { ordering }
        });
    }
}

/// Whether a name is the one asked for and has the text in it that is searched for.
pub(super) fn is_wanted(call: &Call, name: &str) -> bool {
    let is_named = call.parameter("name").is_none_or(|wanted| wanted == name);
    let has = |text: String| name.to_lowercase().contains(&text.to_lowercase());
    is_named && call.parameter("$search").is_none_or(has)
}
