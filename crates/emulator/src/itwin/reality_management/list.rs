//! The list of reality data.

use serde_json::{Value, json};

use super::{INVALID, query::Query, rights::invalid, show, store::RealityData};
use crate::itwin::{
    ApiError,
    access::Permission,
    errors::Detail,
    routes::{Answer, Call, Ending, Page},
    rules::is_guid,
    state::State,
};

const TOKEN: &str = "continuationToken";
/// Items of a page at the most.
const MOST: usize = 1000;

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let page = page(call)?;
    let query = Query::read(call)?;
    let state = call.platform.read();
    let mut found: Vec<&RealityData> =
        reachable(call, &state)?.into_iter().filter(|data| query.wants(data)).collect();
    query.sort(&mut found);
    let shown: Vec<Value> = page
        .of(found.iter())
        .into_iter()
        .map(|data| {
            if call.wants_representation() {
                show::full(&call.platform, data).into()
            } else {
                show::minimal(data)
            }
        })
        .collect();
    let mut body = json!({"realityData": shown});
    // There is a link to the next page and no other; without it there are none.
    let links = call.token_links(TOKEN, page, found.len(), Ending::Missing);
    if let (Some(next), Some(members)) = (links.get("next"), body.as_object_mut()) {
        members.insert("_links".to_owned(), json!({"next": next}));
    }
    Ok(Answer::ok(body))
}

/// What the caller may list: of an iTwin, or their own.
fn reachable<'s>(call: &Call, state: &'s State) -> Result<Vec<&'s RealityData>, ApiError> {
    let all = state.reality.data.values();
    let given = call.parameter("iTwinId").or_else(|| call.caller.shared_itwin.clone());
    let Some(itwin_id) = given else {
        return Ok(all.filter(|data| data.owner_id == call.caller.user.id).collect());
    };
    if !is_guid(&itwin_id) {
        return Err(invalid("iTwinId", "It must be a GUID."));
    }
    let found = state.visible(&call.caller, &itwin_id, "");
    let (itwin, standing) = found.map_err(|_| {
        ApiError::forbidden("There is no such iTwin, or the caller may not see it.")
    })?;
    standing.require(Permission::REALITYDATA_USE)?;
    Ok(all.filter(|data| data.itwins.contains(&itwin.id)).collect())
}

/// The page that a token asks for, or the first one: there is no `$skip` here. The
/// detail of a `$top` that does not fit is one of this API's own.
fn page(call: &Call) -> Result<Page, ApiError> {
    let fits = |top: String| top.parse().is_ok_and(|top: usize| (1..=MOST).contains(&top));
    if !call.parameter("$top").is_none_or(fits) {
        let message = format!("It must be a whole number from 1 to {MOST}.");
        let detail = Detail::new("InvalidParameter", message).at("$Top");
        return Err(ApiError::invalid(INVALID, vec![detail]));
    }
    let page = call.token_page(TOKEN, INVALID)?;
    let is_first = call.parameter(TOKEN).is_none_or(|token| token.is_empty());
    Ok(if is_first { Page { skip: 0, ..page } } else { page })
}
