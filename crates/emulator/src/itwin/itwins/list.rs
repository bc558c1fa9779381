//! The list of all iTwins that the caller may see, or asks for.

use axum::http::HeaderName;
use serde_json::{Value, json};

use super::{filter::Filter, query::Query, show};
use crate::itwin::{
    ApiError,
    access::{Caller, Standing},
    errors::Detail,
    routes::{Answer, Call, Ending},
    state::{Document, ITwin, State},
};

const SCOPE: &str = "X-iTwin-Query-Scope";
const MAX_RETURN: &str = "X-Max-Return";
/// How many iTwins can be reached by paging unless the request says otherwise.
const USUAL_RETURN: usize = 1000;
const MOST_RETURN: usize = 10_000;

/// Which iTwins a query goes over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Member,
    Administrator,
    All,
}

impl Scope {
    fn read(call: &Call, details: &mut Vec<Detail>) -> Self {
        match call.header(SCOPE).map(str::to_ascii_lowercase).as_deref() {
            None | Some("memberofitwin") => Self::Member,
            Some("organizationadmin") => Self::Administrator,
            Some("all") => Self::All,
            Some(_) => {
                let message = "It must be memberOfItwin, organizationAdmin or all.";
                details.push(Detail::invalid_header(SCOPE, message));
                Self::Member
            }
        }
    }

    /// Whether it goes over an iTwin.
    pub(super) fn holds(self, state: &State, caller: &Caller, itwin: &ITwin) -> bool {
        let administrates = || state.standing(caller, itwin) == Standing::Administrator;
        let is_member = || state.standing_in_team(&caller.user, itwin).is_some();
        match self {
            Self::Member => is_member(),
            Self::Administrator => administrates(),
            Self::All => administrates() || is_member(),
        }
    }
}

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let mut query = Query::read(call);
    let scope = Scope::read(call, &mut query.details);
    let most = max_return(call, &mut query.details);
    let select = call.parameter("$select").map(|text| select(&text, &mut query.details));
    let order = call.parameter("$orderby").map(|text| Order::read(&text, &mut query.details));
    let filter = call.parameter("$filter");
    if let (Some(_), Some(other)) = (&filter, query.simple_filter()) {
        query.details.push(Detail::exclusive_parameters("$filter", other));
    }
    query.verdict()?;
    let filter = filter.map(|text| Filter::read(&text)).transpose()?;

    let state = call.platform.read();
    let mut found: Vec<&ITwin> = state
        .itwins
        .values()
        .filter(|itwin| {
            query.wants(itwin)
                && scope.holds(&state, &call.caller, itwin)
                && filter.as_ref().is_none_or(|filter| filter.lets(&show::unsigned(itwin)))
        })
        .collect();
    if let Some(order) = order {
        order.sort(&mut found);
    }
    found.truncate(most);
    let shown = |itwin: &ITwin| match &select {
        Some(names) => selected(show::full(&call.platform, itwin), names),
        None => show::preferred(call, itwin),
    };
    let page: Vec<Value> =
        query.page.of(found.iter()).into_iter().map(|itwin| shown(itwin).into()).collect();
    let links = call.links(query.page, found.len(), Ending::Missing);
    let answer = Answer::ok(json!({"iTwins": page, "_links": links}));
    Ok(answer.with(HeaderName::from_static("x-max-return"), most.to_string()))
}

fn max_return(call: &Call, details: &mut Vec<Detail>) -> usize {
    let Some(text) = call.header(MAX_RETURN) else { return USUAL_RETURN };
    match text.trim().parse::<usize>() {
        Ok(number) if (1..=MOST_RETURN).contains(&number) => number,
        _ => {
            let message = format!("It must be a whole number from 1 to {MOST_RETURN}.");
            details.push(Detail::invalid_header(MAX_RETURN, message));
            USUAL_RETURN
        }
    }
}

/// The member of an iTwin by its name in any case.
pub(super) fn member(name: &str) -> Option<&'static str> {
    show::MEMBERS.into_iter().find(|known| known.eq_ignore_ascii_case(name.trim()))
}

/// The names of a `$select`; the first one that is none is noted.
pub(super) fn select(text: &str, details: &mut Vec<Detail>) -> Vec<&'static str> {
    let mut names = Vec::new();
    for name in text.split(',') {
        match member(name) {
            Some(known) => names.push(known),
            None => {
                let shown: String = name.trim().chars().take(100).collect();
                let message = format!("An iTwin has no member {shown:?}.");
                details.push(Detail::invalid_value("$select", message));
                break;
            }
        }
    }
    names
}

pub(super) fn selected(mut itwin: Document, names: &[&str]) -> Document {
    itwin.retain(|name, _| names.contains(&name.as_str()));
    itwin
}

/// `$orderby`: members, each with `asc` or `desc`.
struct Order {
    members: Vec<(&'static str, bool)>,
}

impl Order {
    fn read(text: &str, details: &mut Vec<Detail>) -> Self {
        let mut members = Vec::new();
        for part in text.split(',') {
            let mut words = part.split_whitespace();
            let known = words.next().and_then(member);
            let direction = words.next().unwrap_or("asc").to_ascii_lowercase();
            match (known, direction.as_str(), words.next()) {
                (Some(member), "asc", None) => members.push((member, false)),
                (Some(member), "desc", None) => members.push((member, true)),
                _ => {
                    let message = "It must be made of members of an iTwin, each with asc or desc.";
                    details.push(Detail::invalid_value("$orderby", message));
                    break;
                }
            }
        }
        Self { members }
    }

    fn sort(&self, found: &mut Vec<&ITwin>) {
        let mut keyed: Vec<(Document, &ITwin)> =
            found.iter().map(|itwin| (show::unsigned(itwin), *itwin)).collect();
        keyed.sort_by(|(one, _), (other, _)| {
            let compare = |(member, descends): &(&str, bool)| {
                let ordering = super::filter::compare(one.get(*member), other.get(*member));
                if *descends { ordering.reverse() } else { ordering }
            };
            self.members
                .iter()
                .map(compare)
                .find(|it| it.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        });
        *found = keyed.into_iter().map(|(_, itwin)| itwin).collect();
    }
}
