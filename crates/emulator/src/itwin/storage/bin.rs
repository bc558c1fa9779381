//! The recycle bin, where deleted folders and files lie for 30 days.

use super::{
    CONTENTS,
    drives::{Item, Nature},
    ids, lists, names, place,
    show::Shower,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    state::State,
};

pub(super) fn list(call: &Call) -> Result<Answer, ApiError> {
    let shower = Shower::of(call);
    let state = call.platform.read();
    let itwin = lists::asked_itwin(call, &state)?;
    let found = state.drives.bin(&itwin.id, call.platform.now());
    lists::page(call, &shower, &state, "items", &found).map(Answer::ok)
}

fn binned<'s>(
    call: &Call,
    state: &'s State,
    id: &str,
    nature: Nature,
) -> Result<&'s Item, ApiError> {
    place(call, state, id, nature, Permission::STORAGE_DELETE)?;
    state.drives.binned(id, nature, call.platform.now()).ok_or_else(|| nature.missing())
}

pub(super) fn restore(call: &Call, id: &str, nature: Nature) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let mut item = binned(call, &state, id, nature)?.clone();
    let root = ids::root(&item.itwin_id);
    if item.parent_id != root && state.drives.shown(&item.parent_id, Nature::Folder).is_none() {
        item.parent_id = root;
    }
    names::check_free(&state.drives, &item.parent_id, &item.name, None, nature)?;
    item.deleted = None;
    state.drives.insert(item);
    Ok(Answer::no_content())
}

pub(super) fn purge(call: &Call, id: &str, nature: Nature) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    binned(call, &state, id, nature)?;
    for blob in state.drives.purge(id) {
        call.platform.storage.remove(CONTENTS, &blob);
    }
    Ok(Answer::no_content())
}
