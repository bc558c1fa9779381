//! Who may do what in an iTwin.

mod groups;
mod members;

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_emulator::ims::USER_EMAIL;
use twinkit_itwin::access_control::Client;

use super::{MISSING, Stand, made_itwin, one, text, whole};
use crate::coverage::itwin::AccessControl;
use crate::generated::Values;
use crate::served;

type Play = served::Play<Client, AccessControl>;

pub(super) async fn play(play: &mut Play, stand: &Stand) -> anyhow::Result<()> {
    let id = stand.itwin("North Bridge").await?;
    permissions(play, &id).await;
    let role_id = roles(play, &id).await;
    let group_id = groups::play(play, &id).await;
    members::users(play, &id, &role_id).await;
    members::groups(play, &id, &group_id, &role_id).await;
    members::owners(play, &id).await;
    let elsewhere = made_itwin(&stand.service, "South Bridge").await?;
    members::invitations(play, stand, &id, &elsewhere).await?;
    groups::invitations(play, &elsewhere).await;
    jobs(play, stand, &id, &role_id).await;
    shares(play, &id).await;
    let group = one("id", &id).with("groupId", group_id);
    play.succeeds("delete_group", group.clone()).await;
    play.refused("delete_group", group).await;
    let role = one("id", &id).with("roleId", role_id);
    play.succeeds("delete_role", role.clone()).await;
    play.refused("delete_role", role).await;
    Ok(())
}

/// Values for an iTwin and a body.
fn with_body(id: &str, body: Value) -> Values {
    one("id", id).with("body", body)
}

async fn permissions(play: &mut Play, id: &str) {
    play.succeeds("list_all_permissions", Values::new()).await;
    play.denied("list_all_permissions", Values::new()).await;
    play.succeeds("get_my_permissions", one("id", id)).await;
    play.refused("get_my_permissions", one("id", MISSING)).await;
}

/// Gives the id of a role.
async fn roles(play: &mut Play, id: &str) -> String {
    let role = json!({"displayName": "Readers", "description": "They look.",
        "permissions": ["imodels_read"]});
    let made = play.succeeds("create_role", with_body(id, role)).await;
    let nameless = json!({"displayName": "", "description": ""});
    play.refused("create_role", with_body(id, nameless)).await;
    let role_id = text(made.as_ref(), "/role/id");
    let named = |role_id: &str| one("id", id).with("roleId", role_id);
    play.succeeds("list_roles", one("id", id)).await;
    play.refused("list_roles", one("id", MISSING)).await;
    play.succeeds("get_role", named(&role_id)).await;
    play.refused("get_role", named(MISSING)).await;
    let more = json!({"permissions": ["imodels_read", "storage_read"]});
    play.succeeds("update_role", named(&role_id).with("body", more.clone())).await;
    play.refused("update_role", named(MISSING).with("body", more)).await;
    let unknown = json!({"permissions": ["fly"]});
    play.refused("update_role", named(&role_id).with("body", unknown)).await;
    role_id
}

async fn jobs(play: &mut Play, stand: &Stand, id: &str, role_id: &str) {
    let actions = json!({"actions": {
        "assignRoles": [{"email": USER_EMAIL, "roleIds": [role_id]}],
        "removeMembers": [{"email": "nobody@twinkit.example"}],
    }});
    let made = play.succeeds("create_job", with_body(id, actions)).await;
    play.refused("create_job", with_body(id, json!({"actions": {}}))).await;
    stand.emulator.clock().advance(Duration::from_secs(60));
    let job_id = text(made.as_ref(), "/id");
    let job = |job_id: &str| one("id", id).with("jobId", job_id);
    play.succeeds("get_job", job(&job_id)).await;
    play.succeeds("get_job", whole(job(&job_id))).await;
    play.refused("get_job", job(MISSING)).await;
    play.succeeds("get_job_actions", job(&job_id)).await;
    play.refused("get_job_actions", job(MISSING)).await;
}

async fn shares(play: &mut Play, id: &str) {
    let new = json!({"shareContract": "Default", "expiration": null});
    let made = play.succeeds("create_share", with_body(id, new)).await;
    let past = json!({"expiration": "2020-01-01T00:00:00Z"});
    play.refused("create_share", with_body(id, past)).await;
    let share = |share_id: &str| one("id", id).with("shareId", share_id);
    let share_id = text(made.as_ref(), "/share/id");
    play.succeeds("list_shares", one("id", id)).await;
    play.refused("list_shares", one("id", MISSING)).await;
    play.succeeds("get_share", share(&share_id)).await;
    play.refused("get_share", share(MISSING)).await;
    play.succeeds("revoke_share", share(&share_id)).await;
    play.refused("revoke_share", share(&share_id)).await;
}
