//! iModels and links as answers show them.

use serde_json::{Value, json};

use super::state::IModel;
use crate::itwin::{routes::Call, time};

/// The address of an iModel.
pub(super) fn address(call: &Call, id: &str) -> String {
    format!("{}/imodels/{id}", call.base)
}

/// A link to something below an iModel.
pub(super) fn link(call: &Call, id: &str, rest: &str) -> Value {
    json!({"href": format!("{}/{rest}", address(call, id))})
}

/// A link to a user of an iModel.
pub(super) fn user(call: &Call, id: &str, user_id: &str) -> Value {
    link(call, id, &format!("users/{user_id}"))
}

/// The essentials.
pub(super) fn minimal(imodel: &IModel) -> Value {
    json!({"id": imodel.id, "displayName": imodel.name})
}

/// Everything.
pub(super) fn full(call: &Call, imodel: &IModel) -> Value {
    let is_initialized = imodel.is_initialized(call.platform.now());
    json!({
        "id": imodel.id,
        "displayName": imodel.name,
        "name": imodel.name,
        "description": imodel.description,
        "state": if is_initialized { "initialized" } else { "notInitialized" },
        "createdDateTime": time::shown(imodel.created),
        "lastChangesetPushDateTime":
            imodel.changesets.last().map(|changeset| time::shown(changeset.pushed)),
        "iTwinId": imodel.itwin_id,
        "isSecured": false,
        "extent": imodel.extent,
        "containersEnabled": imodel.containers_enabled,
        "dataCenterLocation": imodel.data_center,
        "_links": {
            "creator": user(call, &imodel.id, &imodel.creator_id),
            "namedVersions": link(call, &imodel.id, "namedversions"),
            "changesets": link(call, &imodel.id, "changesets"),
        },
    })
}

/// As much as `Prefer` asks for.
pub(super) fn preferred(call: &Call, imodel: &IModel) -> Value {
    if call.wants_representation() { full(call, imodel) } else { minimal(imodel) }
}

/// With further members.
pub(super) fn with(mut shown: Value, more: Value) -> Value {
    if let (Value::Object(shown), Value::Object(more)) = (&mut shown, more) {
        shown.extend(more);
    }
    shown
}

/// With further links.
pub(super) fn with_links(mut shown: Value, more: Value) -> Value {
    if let Some(links) = shown.get_mut("_links") {
        *links = with(links.take(), more);
    }
    shown
}
