//! Device groups.

use serde_json::json;

use super::{scene::GROUP, with_body};
use crate::contract::Subject;
use crate::generated::Values;
use crate::served::{Callable, Play};

pub(super) async fn play<C: Callable, S: Subject>(play: &mut Play<C, S>) {
    let id = |id: &str| Values::new().with("deviceGroupId", id);
    let named = |id: &str, body| with_body("deviceGroupId", id, body);
    let all = json!({"displayName": "All", "filter": "SELECT * FROM devices"});
    play.succeeds("create_device_group", named("all", all)).await;
    let broken = json!({"displayName": "x", "filter": "SELECT"});
    play.refused("create_device_group", named("x", broken.clone())).await;
    play.succeeds("get_device_group", id(GROUP)).await;
    play.refused("get_device_group", id("nobody")).await;
    let renamed = json!({"displayName": "Everything", "description": "all of them"});
    play.succeeds("update_device_group", named("all", renamed.clone())).await;
    play.refused("update_device_group", named("nobody", renamed)).await;
    play.refused("update_device_group", named("all", broken)).await;
    play.succeeds("list_device_groups", Values::new()).await;
    play.denied("list_device_groups", Values::new()).await;
    play.succeeds("list_device_group_devices", id(GROUP)).await;
    play.refused("list_device_group_devices", id("nobody")).await;
    play.succeeds("delete_device_group", id("all")).await;
    play.refused("delete_device_group", id("all")).await;
}
