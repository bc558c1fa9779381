//! Named versions, and checkpoints.

use serde_json::json;

use super::{Play, settle, with_body};
use crate::served::itwin::{MISSING, Stand, one, text, whole};

pub(super) async fn play(play: &mut Play, stand: &Stand, id: &str, changeset_id: &str) {
    let new = json!({"name": "Tender", "description": "As sent.", "changesetId": changeset_id});
    let made = play.succeeds("create_named_version", with_body(id, new.clone())).await;
    play.refused("create_named_version", with_body(id, new)).await;
    play.refused("create_named_version", with_body(id, json!({"name": ""}))).await;
    let version_id = text(made.as_ref(), "/namedVersion/id");
    let version = |version_id: &str| one("id", id).with("namedVersionId", version_id);
    play.succeeds("list_named_versions", one("id", id)).await;
    play.succeeds("list_named_versions", whole(one("id", id))).await;
    play.refused("list_named_versions", one("id", MISSING)).await;
    play.succeeds("get_named_version", version(&version_id)).await;
    play.refused("get_named_version", version(MISSING)).await;
    let change = json!({"description": "As it was sent.", "state": "hidden"});
    play.succeeds("update_named_version", version(&version_id).with("body", change.clone())).await;
    play.refused("update_named_version", version(MISSING).with("body", change)).await;

    play.succeeds("get_named_version_checkpoint", version(&version_id)).await;
    settle(stand);
    play.succeeds("get_named_version_checkpoint", version(&version_id)).await;
    play.refused("get_named_version_checkpoint", version(MISSING)).await;
    let changeset = |changeset: &str| one("id", id).with("changeset", changeset);
    play.succeeds("get_changeset_checkpoint", changeset(changeset_id)).await;
    play.refused("get_changeset_checkpoint", changeset("99")).await;
    play.succeeds("update_named_version_checkpoint", version(&version_id)).await;
    play.refused("update_named_version_checkpoint", version(MISSING)).await;
    settle(stand);
}
