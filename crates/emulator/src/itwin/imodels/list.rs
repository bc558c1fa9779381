//! The list of the iModels of an iTwin, in the order in which they were made unless
//! `$orderBy` says otherwise.

use super::{
    NO_ITWIN,
    listing::{Listing, is_wanted},
    look::{self, look},
    show,
    state::IModel,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
};

const INITIALIZED: &str = "initialized";

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let mut listing = Listing::new(call);
    let itwin_id = listing.needed("iTwinId").unwrap_or_default();
    let order = listing.order(&["name", "createdDateTime"]);
    let wanted = listing.one_of("state", &["notInitialized", INITIALIZED]);
    let paging = listing.verdict()?;
    let state = call.platform.read();
    let (itwin, standing) = state.visible(&call.caller, &itwin_id, NO_ITWIN)?;
    let mut found: Vec<&IModel> = state
        .imodels
        .imodels
        .values()
        .filter(|imodel| {
            imodel.itwin_id == itwin.id
                && look(call, &state, &imodel.id, Permission::IMODELS_WEBVIEW).is_ok()
        })
        .collect();
    if found.is_empty() && !look::LADDER.iter().any(|permission| standing.may(permission)) {
        standing.require(Permission::IMODELS_WEBVIEW)?;
    }
    let now = call.platform.now();
    found.retain(|imodel| {
        let has_state =
            wanted.is_none_or(|wanted| (wanted == INITIALIZED) == imodel.is_initialized(now));
        has_state && is_wanted(call, &imodel.name)
    });
    if let Some(order) = order {
        order.sort(&mut found, |member, one, other| match member {
            "name" => one.name.cmp(&other.name),
            _ => one.created.cmp(&other.created),
        });
    }
    Ok(paging.answer("iModels", found, |imodel| show::preferred(call, imodel)))
}
