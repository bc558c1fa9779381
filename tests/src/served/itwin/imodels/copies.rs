//! Clones and forks.

use serde_json::{Value, json};

use super::{Play, settle, with_body};
use crate::served::itwin::{MISSING, Stand, one};

pub(super) async fn play(play: &mut Play, stand: &Stand, itwin_id: &str, id: &str) {
    for (operation, name) in [("clone_imodel", "Clone"), ("fork_imodel", "Fork")] {
        let order: Value = json!({"iTwinId": itwin_id, "name": name, "description": "Again."});
        let made = play.succeeds(operation, with_body(id, order.clone())).await;
        play.refused(operation, with_body(id, order.clone())).await;
        play.refused(operation, with_body(MISSING, order)).await;
        let address = made.and_then(|made| made.header("location").map(str::to_owned));
        let address = address.unwrap_or_default();
        let copy = address.rsplit('/').next().unwrap_or_default();
        play.succeeds("get_create_operation", one("id", copy)).await;
        settle(stand);
        play.succeeds("get_create_operation", one("id", copy)).await;
    }
}
