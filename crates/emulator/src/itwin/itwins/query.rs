//! The parameters by which lists of iTwins are narrowed down.

use super::{INVALID, STATUSES, sub_classes};
use crate::itwin::{
    ApiError,
    errors::Detail,
    routes::{Call, Page},
    state::ITwin,
};

/// What a list is to hold.
#[derive(Debug)]
pub(super) struct Query {
    pub(super) page: Page,
    sub_classes: Option<Vec<String>>,
    status: Option<String>,
    kind: Option<String>,
    number: Option<String>,
    display_name: Option<String>,
    search: Option<String>,
    includes_inactive: bool,
    parent_id: Option<String>,
    account_id: Option<String>,
    /// Faults so far; those of the list's own parameters are added.
    pub(super) details: Vec<Detail>,
}

impl Query {
    /// Reads what all lists of iTwins take.
    pub(super) fn read(call: &Call) -> Self {
        let mut details = Vec::new();
        let page = call.page_noting(&mut details);
        let mut query = Self {
            page,
            sub_classes: None,
            status: call.parameter("status"),
            kind: call.parameter("type"),
            number: call.parameter("number"),
            display_name: call.parameter("displayName"),
            search: call.parameter("$search"),
            includes_inactive: false,
            parent_id: call.parameter("parentId"),
            account_id: call.parameter("iTwinAccountId"),
            details,
        };
        query.read_sub_classes(call.parameter("subClass"));
        if let Some(status) = &query.status
            && !STATUSES.iter().any(|known| known.eq_ignore_ascii_case(status))
        {
            let message = format!("It must be one of {}.", STATUSES.join(", "));
            query.details.push(Detail::invalid_value("status", message));
        }
        query.read_inactive(call.parameter("includeInactive"));
        if query.display_name.is_some() && query.search.is_some() {
            query.details.push(Detail::exclusive_parameters("displayName", "$search"));
        }
        query
    }

    fn read_sub_classes(&mut self, given: Option<String>) {
        self.sub_classes = given.map(|list| read_sub_classes(&list, &mut self.details));
    }

    fn read_inactive(&mut self, given: Option<String>) {
        match given.as_deref().map(str::to_ascii_lowercase).as_deref() {
            None | Some("false") => {}
            Some("true") => self.includes_inactive = true,
            Some(_) => {
                let message = "It must be true or false.";
                self.details.push(Detail::invalid_value("includeInactive", message));
            }
        }
        if given.is_some() && self.status.is_some() {
            self.details.push(Detail::exclusive_parameters("includeInactive", "status"));
        }
    }

    /// The name of a simple filter that is there, `subClass` aside.
    pub(super) fn simple_filter(&self) -> Option<&'static str> {
        let filters = [
            ("status", &self.status),
            ("type", &self.kind),
            ("number", &self.number),
            ("displayName", &self.display_name),
            ("$search", &self.search),
            ("parentId", &self.parent_id),
            ("iTwinAccountId", &self.account_id),
        ];
        filters.into_iter().find(|(_, value)| value.is_some()).map(|(name, _)| name)
    }

    /// 422 if anything was wrong.
    pub(super) fn verdict(&mut self) -> Result<(), ApiError> {
        let details = std::mem::take(&mut self.details);
        if details.is_empty() { Ok(()) } else { Err(ApiError::invalid(INVALID, details)) }
    }

    /// Whether an iTwin is wanted.
    pub(super) fn wants(&self, itwin: &ITwin) -> bool {
        let is = |wanted: &Option<String>, value: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == value)
        };
        let is_id = |wanted: &Option<String>, value: Option<&str>| {
            wanted
                .as_deref()
                .is_none_or(|wanted| value.is_some_and(|value| value.eq_ignore_ascii_case(wanted)))
        };
        let fits_status = match &self.status {
            Some(status) => status.eq_ignore_ascii_case(&itwin.status),
            None => self.includes_inactive || itwin.status != "Inactive",
        };
        fits_status
            && self.sub_classes.as_ref().is_none_or(|list| list.contains(&itwin.sub_class))
            && is(&self.kind, itwin.kind.as_deref())
            && is(&self.number, itwin.number.as_deref())
            && is(&self.display_name, Some(&itwin.display_name))
            && is_id(&self.parent_id, itwin.parent_id.as_deref())
            && is_id(&self.account_id, Some(&itwin.account_id))
            && self.search.as_ref().is_none_or(|text| is_found(itwin, text))
    }
}

/// Sub-classes of a list with commas; one that is none is noted.
pub(super) fn read_sub_classes(list: &str, details: &mut Vec<Detail>) -> Vec<String> {
    let mut found = Vec::new();
    for name in list.split(',').map(str::trim) {
        match sub_classes().find(|known| known.eq_ignore_ascii_case(name)) {
            Some(known) => found.push(known.to_owned()),
            None => {
                let known: Vec<&str> = sub_classes().collect();
                let message = format!("It must be made of {}.", known.join(", "));
                details.push(Detail::invalid_value("subClass", message));
                break;
            }
        }
    }
    found
}

/// Whether the number or the name has the text in it, in any case.
fn is_found(itwin: &ITwin, text: &str) -> bool {
    let text = text.to_lowercase();
    let has = |value: &str| value.to_lowercase().contains(&text);
    has(&itwin.display_name) || itwin.number.as_deref().is_some_and(has)
}
