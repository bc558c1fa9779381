//! Groups of users, and invitations to them.

use serde_json::json;
use twinkit_auth::ims_service_email;
use twinkit_emulator::ims::{SERVICE_CLIENT_ID, USER_EMAIL};

use super::{Play, with_body};
use crate::served::itwin::{MISSING, one, text};

/// Gives the id of a group.
pub(super) async fn play(play: &mut Play, id: &str) -> String {
    let new = json!({"name": "Engineers", "description": "They build."});
    let made = play.succeeds("create_group", with_body(id, new.clone())).await;
    play.refused("create_group", with_body(id, new)).await;
    let group_id = text(made.as_ref(), "/group/id");
    let group = |group_id: &str| one("id", id).with("groupId", group_id);
    let service = ims_service_email(SERVICE_CLIENT_ID);
    let change = json!({"description": "They build well.", "members": [USER_EMAIL, service]});
    play.succeeds("update_group", group(&group_id).with("body", change.clone())).await;
    play.refused("update_group", group(MISSING).with("body", change)).await;
    let unknown = json!({"imsGroups": ["Nobody"]});
    play.refused("update_group", group(&group_id).with("body", unknown)).await;
    play.succeeds("get_group", group(&group_id)).await;
    play.refused("get_group", group(MISSING)).await;
    play.succeeds("list_groups", one("id", id)).await;
    play.succeeds("list_groups", one("id", id).with("$top", 1)).await;
    play.refused("list_groups", one("id", MISSING)).await;
    group_id
}

/// Those to a group of an iTwin that Ada owns and that is of another organization.
pub(super) async fn invitations(play: &mut Play, elsewhere: &str) {
    let group = |group_id: &str| one("id", elsewhere).with("groupId", group_id);
    let new = json!({"name": "Guests", "description": ""});
    let made = play.succeeds("create_group", with_body(elsewhere, new)).await;
    let group_id = text(made.as_ref(), "/group/id");
    let members = group(&group_id).with("body", json!({"members": [USER_EMAIL]}));
    play.succeeds("update_group", members).await;
    let listed = play.succeeds("list_group_invitations", group(&group_id)).await;
    play.refused("list_group_invitations", group(MISSING)).await;
    let invitation = |id: &str| group(&group_id).with("invitationId", id);
    let id = text(listed.as_ref(), "/invitations/0/id");
    play.succeeds("delete_group_invitation", invitation(&id)).await;
    play.refused("delete_group_invitation", invitation(&id)).await;
}
