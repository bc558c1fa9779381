//! One set of reality data: making it, reading it, changing it, deleting it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    INVALID, draft,
    rights::{invalid, look, look_anywhere, named_itwin},
    show,
    store::RealityData,
};
use crate::itwin::{
    ApiError,
    access::Permission,
    routes::{Answer, Call},
    state::Document,
};

fn shown(call: &Call, data: &RealityData) -> Value {
    json!({"realityData": show::full(&call.platform, data)})
}

pub(super) fn create(call: &Call) -> Result<Answer, ApiError> {
    let document = call.object(INVALID)?;
    let now = call.platform.now();
    let mut data = RealityData {
        id: Uuid::new_v4().to_string(),
        members: Document::new(),
        owner_id: call.caller.user.id.clone(),
        authoring: false,
        data_center: call.platform.config.data_center.clone(),
        itwins: Vec::new(),
        created: now,
        modified: now,
        accessed: now,
    };
    draft::apply(&call.platform, &document, &mut data, true)?;
    let mut state = call.platform.write();
    if let Some(itwin_id) = draft::named_itwin(&document).and_then(Value::as_str) {
        let (itwin, standing) = named_itwin(call, &state, itwin_id)?;
        standing.require(Permission::REALITYDATA_MANAGE)?;
        data.itwins.push(itwin.id.clone());
        data.data_center.clone_from(&itwin.data_center);
    }
    let answer = shown(call, &data);
    state.reality.data.insert(data.id.clone(), data);
    Ok(Answer::created(answer))
}

pub(super) fn get(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let state = call.platform.read();
    let itwin_id = call.parameter("iTwinId");
    let data = look(call, &state, id, itwin_id.as_deref(), Permission::REALITYDATA_USE)?;
    Ok(Answer::ok(shown(call, data)))
}

pub(super) fn update(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let document = call.object(INVALID)?;
    let mut state = call.platform.write();
    let itwin_id = draft::named_itwin(&document).and_then(Value::as_str);
    let mut data = look(call, &state, id, itwin_id, Permission::REALITYDATA_MANAGE)?.clone();
    draft::apply(&call.platform, &document, &mut data, false)?;
    data.modified = call.platform.now();
    let answer = shown(call, &data);
    state.reality.data.insert(data.id.clone(), data);
    Ok(Answer::ok(answer))
}

pub(super) fn delete(call: &Call, id: &str) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let data = look_anywhere(call, &state, id, Permission::REALITYDATA_MANAGE)?;
    if data.itwins.len() > 1 {
        return Err(invalid("id", "The reality data belong to more than one iTwin."));
    }
    let id = data.id.clone();
    state.reality.data.remove(&id);
    call.platform.storage.remove_container(&id);
    Ok(Answer::no_content())
}
