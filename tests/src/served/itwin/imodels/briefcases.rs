//! Briefcases, and the elements that they keep locked.

use serde_json::{Value, json};

use super::{Play, with_body};
use crate::served::itwin::{MISSING, one, whole};

/// Gives the number of a briefcase.
pub(super) async fn play(play: &mut Play, id: &str) -> i64 {
    let device = json!({"deviceName": "laptop"});
    let made = play.succeeds("acquire_briefcase", with_body(id, device.clone())).await;
    play.refused("acquire_briefcase", with_body(MISSING, device)).await;
    let number = made.and_then(|made| made.value.pointer("/briefcase/briefcaseId")?.as_i64());
    let number = number.unwrap_or_default();
    let briefcase = |number: i64| one("id", id).with("briefcaseId", number.to_string());
    play.succeeds("list_briefcases", one("id", id)).await;
    play.succeeds("list_briefcases", whole(one("id", id))).await;
    play.refused("list_briefcases", one("id", MISSING)).await;
    play.succeeds("get_briefcase", briefcase(number)).await;
    play.refused("get_briefcase", briefcase(9999)).await;
    play.succeeds("get_latest_checkpoint", one("id", id)).await;
    play.refused("get_latest_checkpoint", one("id", MISSING)).await;
    number
}

pub(super) async fn locks(play: &mut Play, id: &str, number: i64, changeset_id: &str) {
    let request = |number: i64, levels: &[(&str, &str)]| {
        let objects: Vec<Value> = levels
            .iter()
            .map(|(level, object)| json!({"lockLevel": level, "objectIds": [object]}))
            .collect();
        let body = json!({"briefcaseId": number, "changesetId": changeset_id,
            "lockedObjects": objects});
        with_body(id, body)
    };
    let all = [("exclusive", "0x1"), ("shared", "0x20")];
    play.succeeds("update_locks", request(number, &all)).await;
    play.refused("update_locks", request(9999, &all)).await;
    play.refused("update_locks", request(number, &[("none", "0x999")])).await;
    play.succeeds("list_locks", one("id", id)).await;
    play.succeeds("list_locks", one("id", id).with("lockLevel", "shared")).await;
    play.refused("list_locks", one("id", MISSING)).await;
    play.succeeds("update_locks", request(number, &[("none", "0x1")])).await;
    let chunk =
        |number: i64| with_body(id, json!({"briefcaseId": number, "changesetId": changeset_id}));
    play.succeeds("release_locks_chunk", chunk(number)).await;
    play.refused("release_locks_chunk", chunk(9999)).await;
    play.succeeds("list_released_locks", one("id", id).with("afterChangesetIndex", 0)).await;
    play.refused("list_released_locks", one("id", MISSING).with("afterChangesetIndex", 0)).await;
}
