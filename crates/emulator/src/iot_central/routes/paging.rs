//! Pages of lists: how long they are, where the next one begins, what its link
//! looks like.
//!
//! A link is whole: it repeats the parameters of the request and adds
//! `$skiptoken`. The token is sealed and belongs to one list, so that one that is
//! not ours, or is of another list, is refused with 400. It outlives neither the
//! process nor a day (our choice).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{Answer, ApiVersion, Call};
use crate::iot_central::ApiError;

/// How long a token is taken, in seconds.
const LIFETIME: i64 = 24 * 3600;
const TOKEN: &str = "$skiptoken";

/// Which of the options of a list there are in previews; the stable version has
/// none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::iot_central) enum ListOptions {
    None,
    /// `maxpagesize`, older: `$top`.
    Size,
    /// Also `filter`, older: `$filter`.
    SizeAndFilter,
    /// Also `orderby`, older: `$orderby`.
    All,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Place {
    list: String,
    after: String,
}

/// One page to be filled.
#[derive(Debug)]
pub(in crate::iot_central) struct Page {
    /// Items at the most.
    pub(in crate::iot_central) size: usize,
    /// The key of the last item of the page before.
    pub(in crate::iot_central) after: Option<String>,
}

impl Call {
    /// The page that is asked for.
    pub(in crate::iot_central) fn page(&self, options: ListOptions) -> Result<Page, ApiError> {
        let config = &self.application.config;
        let size = match self.option(options, ListOptions::Size, "maxpagesize", "$top") {
            None => config.page_size,
            Some(text) => match text.parse::<usize>() {
                Ok(size) if (1..=config.most_page_size).contains(&size) => size,
                _ => {
                    let most = config.most_page_size;
                    return Err(ApiError::bad_request(format!(
                        "The size of a page must be from 1 to {most}."
                    )));
                }
            },
        };
        let after = match self.parameter(TOKEN) {
            None => None,
            Some(token) => {
                let now = self.application.clock.unix_seconds();
                let place: Option<Place> = self.application.sealer.open(&token, now, LIFETIME);
                let place = place.filter(|place| place.list == self.path).ok_or_else(|| {
                    ApiError::bad_request(format!("The {TOKEN} is not valid for this list."))
                })?;
                Some(place.after)
            }
        };
        Ok(Page { size, after })
    }

    /// The filter, where the list takes one.
    pub(in crate::iot_central) fn filter(&self, options: ListOptions) -> Option<String> {
        self.option(options, ListOptions::SizeAndFilter, "filter", "$filter")
    }

    /// The order, where the list takes one.
    pub(in crate::iot_central) fn order(&self, options: ListOptions) -> Option<String> {
        self.option(options, ListOptions::All, "orderby", "$orderby")
    }

    /// A parameter under the version's name for it. Where there is none it is
    /// passed over, as unknown parameters are.
    fn option(
        &self,
        has: ListOptions,
        needed: ListOptions,
        name: &str,
        older: &str,
    ) -> Option<String> {
        if (has as u8) < (needed as u8) {
            return None;
        }
        match self.version {
            ApiVersion::Stable => None,
            ApiVersion::Preview => self.parameter(name),
            ApiVersion::OlderPreview => self.parameter(older),
        }
    }

    /// Answers with a page out of items by key, which come in the order of the
    /// list and may be more than one page.
    pub(in crate::iot_central) fn answer_page(
        &self,
        page: &Page,
        items: impl Iterator<Item = (String, Value)>,
    ) -> Answer {
        let mut items = items.peekable();
        let mut value = Vec::new();
        let mut last = String::new();
        while value.len() < page.size
            && let Some((key, item)) = items.next()
        {
            last = key;
            value.push(item);
        }
        let mut body = json!({"value": value});
        if items.peek().is_some()
            && let Some(members) = body.as_object_mut()
        {
            members.insert("nextLink".to_owned(), self.next_link(last).into());
        }
        Answer::ok(body)
    }

    fn next_link(&self, after: String) -> String {
        let place = Place { list: self.path.clone(), after };
        let token = self.application.sealer.seal(place, self.application.clock.unix_seconds());
        let mut query = form_urlencoded::Serializer::new(String::new());
        let given = form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes());
        let mut has_version = false;
        for (name, value) in given {
            // Some clients add the version to links that carry it already.
            let repeated = name == "api-version" && std::mem::replace(&mut has_version, true);
            if name != TOKEN && !repeated {
                query.append_pair(&name, &value);
            }
        }
        query.append_pair(TOKEN, &token);
        format!("{}{}?{}", self.base, self.path, query.finish())
    }
}
