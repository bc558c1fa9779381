//! One iTwin: making it, reading it, changing it, deleting it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{INVALID, NOT_FOUND, draft, show};
use crate::itwin::{
    ApiError,
    access::{Permission, Standing},
    errors::Detail,
    routes::{Answer, Call},
    state::{ITwin, State},
};

pub(super) fn create(call: &Call) -> Result<Answer, ApiError> {
    let document = call.object(INVALID)?;
    let mut itwin = blank(call);
    draft::apply(&document, &mut itwin, true)?;
    if itwin.is_account() {
        let detail = Detail::invalid_value("class", "Accounts cannot be made.");
        return Err(ApiError::invalid(INVALID, vec![detail]));
    }
    let mut state = call.platform.write();
    itwin.account_id = account_for(call, &state, itwin.parent_id.as_deref())?;
    check_unique(&state, &itwin)?;
    let answer = json!({"iTwin": show::full(&call.platform, &itwin)});
    let content = json!({"eventCreatedBy": call.caller.user.id, "parentId": itwin.parent_id});
    call.platform.tell("iTwins.iTwinCreated.v1", &itwin, content);
    state.itwins.insert(itwin.id.clone(), itwin);
    Ok(Answer::created(answer))
}

fn blank(call: &Call) -> ITwin {
    let (platform, user) = (&call.platform, &call.caller.user);
    let id = Uuid::new_v4().to_string();
    let account_id = user.account_id.clone();
    let data_center = &platform.config.data_center;
    let mut itwin = ITwin::new(id, account_id, data_center, platform.now(), &user.id);
    itwin.team.owners.push(user.id.clone());
    itwin
}

/// The account that a new iTwin belongs to, if the caller may make one there.
fn account_for(call: &Call, state: &State, parent_id: Option<&str>) -> Result<String, ApiError> {
    let own = &call.caller.user.account_id;
    let (account_id, of_parent) = match parent_id {
        None => (own.clone(), None),
        Some(id) => {
            let (parent, standing) = parent(call, state, id)?;
            (parent.account_id.clone(), Some(standing))
        }
    };
    let of_account =
        state.itwins.get(&account_id).map(|account| state.standing(&call.caller, account));
    let creates = |standing: &Standing<'_>| standing.may(Permission::ITWINS_CREATE);
    let may = [of_parent, of_account].iter().flatten().any(creates);
    if may || (call.platform.config.everybody_creates && account_id == *own) {
        return Ok(account_id);
    }
    Err(ApiError::forbidden("The caller may not make iTwins there."))
}

fn parent<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
) -> Result<(&'s ITwin, Standing<'s>), ApiError> {
    state.visible(&call.caller, id, NOT_FOUND).map_err(|_| {
        let detail = Detail::invalid_value("parentId", "There is no such iTwin.");
        ApiError::invalid(INVALID, vec![detail])
    })
}

fn check_unique(state: &State, itwin: &ITwin) -> Result<(), ApiError> {
    let others = || {
        state.itwins.values().filter(|other| {
            other.id != itwin.id
                && other.account_id == itwin.account_id
                && other.sub_class == itwin.sub_class
        })
    };
    let target = if itwin.number.is_some() && others().any(|it| it.number == itwin.number) {
        "number"
    } else if others().any(|it| it.display_name == itwin.display_name) {
        "displayName"
    } else {
        return Ok(());
    };
    let detail = Detail::invalid_value(target, "Another iTwin of this sub-class has it.");
    Err(ApiError::conflict("iTwinExists", "There is such an iTwin already.").with_detail(detail))
}

pub(super) fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = state.visible(&call.caller, id, NOT_FOUND)?;
    Ok(shown(show::preferred(call, itwin).into()))
}

fn shown(itwin: Value) -> Answer {
    Answer::ok(json!({"iTwin": itwin}))
}

pub(super) fn update(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = state.visible(&call.caller, id, NOT_FOUND)?;
    if itwin.is_account() {
        standing.require_administrator()?;
    }
    standing.require(Permission::ITWINS_MODIFY)?;
    let document = call.object(INVALID)?;
    let mut changed = itwin.clone();
    draft::apply(&document, &mut changed, false)?;
    if changed.is_account() != itwin.is_account() {
        let detail = Detail::invalid_value("class", "An account stays one, and none becomes one.");
        return Err(ApiError::invalid(INVALID, vec![detail]));
    }
    if let Some(parent_id) = &changed.parent_id
        && changed.parent_id != itwin.parent_id
    {
        parent(call, &state, parent_id)?;
        if is_below(&state, parent_id, &changed.id) {
            let detail = Detail::invalid_value("parentId", "It would make a circle.");
            return Err(ApiError::invalid(INVALID, vec![detail]));
        }
    }
    check_unique(&state, &changed)?;
    changed.modified = Some(call.platform.now());
    changed.modified_by = Some(call.caller.user.id.clone());
    let answer = shown(show::full(&call.platform, &changed).into());
    state.itwins.insert(changed.id.clone(), changed);
    Ok(answer)
}

/// Whether an iTwin is this one or below it.
fn is_below(state: &State, id: &str, top: &str) -> bool {
    let mut at = Some(id);
    // No circle can be stored; the bound is for one that was taken up.
    for _ in 0..=state.itwins.len() {
        match at {
            None => return false,
            Some(id) if id == top => return true,
            Some(id) => at = state.itwins.get(id).and_then(|it| it.parent_id.as_deref()),
        }
    }
    true
}

pub(super) fn delete(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let (itwin, standing) = state.visible(&call.caller, id, NOT_FOUND)?;
    standing.require_administrator()?;
    if itwin.is_account() {
        return Err(ApiError::forbidden("Accounts cannot be deleted."));
    }
    let content = json!({"eventCreatedBy": call.caller.user.id});
    call.platform.tell("iTwins.iTwinDeleted.v1", itwin, content);
    let id = itwin.id.clone();
    state.remove_itwin(&id);
    Ok(Answer::no_content())
}

pub(super) fn account(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let (itwin, _) = state.visible(&call.caller, id, NOT_FOUND)?;
    shown_account(call, &state, &itwin.account_id)
}

pub(super) fn primary_account(call: &Call) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    shown_account(call, &state, &call.caller.user.account_id)
}

/// Whoever may see an iTwin may see whose it is.
fn shown_account(call: &Call, state: &State, id: &str) -> Result<Answer, ApiError> {
    let account = state.itwins.get(id).ok_or_else(|| ApiError::not_found(NOT_FOUND, "account"))?;
    Ok(shown(show::preferred(call, account).into()))
}
