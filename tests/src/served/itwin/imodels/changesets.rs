//! Changesets, their groups, and their extended data.

use serde_json::{Value, json};

use super::{Play, with_body};
use crate::generated::Values;
use crate::served::itwin::{MISSING, one, put, text, whole};

const CHANGESET: &str = "0123456789abcdef0123456789abcdef01234567";
const NOTHING: &str = "ffffffffffffffffffffffffffffffffffffffff";
/// What changes. Nobody looks into it.
const CHANGES: &str = "some changes";
/// `{"a":1}` in base64.
const DATA: &str = "eyJhIjoxfQ==";

/// Gives the id of a changeset.
pub(super) async fn play(play: &mut Play, id: &str, number: i64) -> anyhow::Result<String> {
    let group_id = group(play, id).await;
    let changeset = |changeset: &str| one("id", id).with("changeset", changeset);
    let new = json!({"id": CHANGESET, "description": "More steel.", "briefcaseId": number,
        "containingChanges": 5, "fileSize": CHANGES.len(), "groupId": group_id,
        "synchronizationInfo": {"taskId": "nightly", "changedFiles": ["steel.dgn"]}});
    let begun = play.succeeds("create_changeset", with_body(id, new.clone())).await;
    let complete = |id: &str| {
        changeset(id).with("body", json!({"state": "fileUploaded", "briefcaseId": number}))
    };
    play.refused("update_changeset", complete(CHANGESET)).await;
    put(&text(begun.as_ref(), "/changeset/_links/upload/href"), CHANGES).await?;
    play.succeeds("update_changeset", complete(CHANGESET)).await;
    play.refused("update_changeset", complete(NOTHING)).await;
    play.refused("create_changeset", with_body(id, new)).await;
    let strange = json!({"id": NOTHING, "briefcaseId": 9999, "fileSize": 1});
    play.refused("create_changeset", with_body(id, strange)).await;
    play.succeeds("list_changesets", one("id", id)).await;
    play.succeeds("list_changesets", whole(one("id", id))).await;
    play.refused("list_changesets", one("id", MISSING)).await;
    play.succeeds("get_changeset", changeset(CHANGESET)).await;
    play.succeeds("get_changeset", changeset("1")).await;
    play.refused("get_changeset", changeset(NOTHING)).await;
    extended_data(play, id, changeset).await;
    complete_group(play, id, &group_id).await;
    Ok(CHANGESET.to_owned())
}

async fn group(play: &mut Play, id: &str) -> String {
    let new = json!({"description": "Tonight's."});
    let made = play.succeeds("create_changeset_group", with_body(id, new.clone())).await;
    play.refused("create_changeset_group", with_body(MISSING, new)).await;
    let group_id = text(made.as_ref(), "/changesetGroup/id");
    let group = |group_id: &str| one("id", id).with("changesetGroupId", group_id);
    play.succeeds("list_changeset_groups", one("id", id)).await;
    play.refused("list_changeset_groups", one("id", MISSING)).await;
    play.succeeds("get_changeset_group", group(&group_id)).await;
    play.refused("get_changeset_group", group(MISSING)).await;
    group_id
}

async fn complete_group(play: &mut Play, id: &str, group_id: &str) {
    let change = |group_id: &str, state: &str| {
        let body: Value = json!({"state": state});
        one("id", id).with("changesetGroupId", group_id).with("body", body)
    };
    play.refused("update_changeset_group", change(group_id, "inProgress")).await;
    play.succeeds("update_changeset_group", change(group_id, "completed")).await;
    play.refused("update_changeset_group", change(MISSING, "completed")).await;
}

async fn extended_data(play: &mut Play, id: &str, changeset: impl Fn(&str) -> Values) {
    play.refused("get_extended_data", changeset(CHANGESET)).await;
    let data = |id: &str, data: &str| changeset(id).with("body", json!({"data": data}));
    play.refused("create_extended_data", data(CHANGESET, "no base64")).await;
    play.succeeds("create_extended_data", data(CHANGESET, DATA)).await;
    play.refused("create_extended_data", data(NOTHING, DATA)).await;
    play.refused("create_extended_data", data(CHANGESET, DATA)).await;
    play.succeeds("get_extended_data", changeset(CHANGESET)).await;
    play.succeeds("list_extended_data", one("id", id)).await;
    play.refused("list_extended_data", one("id", MISSING)).await;
}
