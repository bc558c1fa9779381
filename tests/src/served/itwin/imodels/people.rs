//! Who works with an iModel, what they may do, and keys for everybody else.

use serde_json::json;
use twinkit_emulator::ims::USER_ID;

use super::{Play, with_body};
use crate::served::Callable;
use crate::served::itwin::{MISSING, Stand, one, text, whole};

pub(super) async fn play(
    play: &mut Play,
    stand: &Stand,
    itwin_id: &str,
    id: &str,
) -> anyhow::Result<()> {
    let user = |user_id: &str| one("id", id).with("userId", user_id);
    play.succeeds("list_users", one("id", id)).await;
    play.succeeds("list_users", whole(one("id", id))).await;
    play.refused("list_users", one("id", MISSING)).await;
    play.succeeds("get_user", user(USER_ID)).await;
    play.refused("get_user", user(MISSING)).await;
    play.succeeds("get_permissions", one("id", id)).await;
    play.refused("get_permissions", one("id", MISSING)).await;
    let role = json!({"displayName": "Readers", "description": ""});
    let role = one("id", itwin_id).with("body", role);
    let role = stand.ada.access_control().call("create_role", &role).await?;
    let role_id = text(Some(&role), "/role/id");
    for (get, update, who, member) in [
        ("get_role_permissions", "update_role_permissions", role_id.as_str(), "roleId"),
        ("get_user_permissions", "update_user_permissions", USER_ID, "userId"),
    ] {
        let change = |id: &str, permissions: &[&str]| {
            with_body(id, json!({member: who, "permissions": permissions}))
        };
        play.succeeds(update, change(id, &["imodels_read"])).await;
        play.refused(update, change(MISSING, &["imodels_read"])).await;
        play.succeeds(get, one("id", id)).await;
        play.refused(get, one("id", MISSING)).await;
        // The other kind needs these to be gone.
        play.succeeds(update, change(id, &[])).await;
    }
    shares(play, id).await;
    Ok(())
}

async fn shares(play: &mut Play, id: &str) {
    let made = play.succeeds("create_share", with_body(id, json!({}))).await;
    play.refused("create_share", with_body(MISSING, json!({}))).await;
    let share_id = text(made.as_ref(), "/share/id");
    let share = |id: &str| one("id", id).with("shareId", share_id.as_str());
    play.succeeds("list_shares", one("id", id)).await;
    play.refused("list_shares", one("id", MISSING)).await;
    play.succeeds("get_share", share(id)).await;
    play.refused("get_share", share(MISSING)).await;
    let expires = text(made.as_ref(), "/share/expirationDateTime");
    let change = |id: &str| share(id).with("body", json!({"expirationDateTime": expires}));
    play.succeeds("update_share", change(id)).await;
    play.refused("update_share", change(MISSING)).await;
    play.succeeds("revoke_share", share(id)).await;
    play.refused("revoke_share", share(id)).await;
}
