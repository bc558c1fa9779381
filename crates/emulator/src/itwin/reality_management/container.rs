//! Access to the files of reality data: an address of the whole container, in no
//! frame. The path of a file goes in front of the query string.

use serde_json::json;

use super::rights::look;
use crate::{
    itwin::{
        ApiError,
        access::Permission,
        routes::{Answer, Call},
    },
    storage::Permissions,
};

pub(super) fn read_access(call: &Call, id: &str) -> Result<Answer, ApiError> {
    access(call, id, Permission::REALITYDATA_USE, "Read", Permissions::read().and_list())
}

pub(super) fn write_access(call: &Call, id: &str) -> Result<Answer, ApiError> {
    access(call, id, Permission::REALITYDATA_MANAGE, "Write", Permissions::all().and_list())
}

fn access(
    call: &Call,
    id: &str,
    permission: &str,
    access: &str,
    opens: Permissions,
) -> Result<Answer, ApiError> {
    let mut state = call.platform.write();
    let itwin_id = call.parameter("iTwinId");
    let id = look(call, &state, id, itwin_id.as_deref(), permission)?.id.clone();
    if let Some(data) = state.reality.data.get_mut(&id) {
        data.accessed = call.platform.now();
    }
    let lifetime = call.platform.config.signed_url;
    let url = call.platform.storage.signed_container_url(&id, opens, lifetime);
    Ok(Answer::ok(json!({
        "type": "AzureBlobSasUrl",
        "access": access,
        "_links": {"containerUrl": {"href": url}},
    })))
}
