//! Members, owners, and invitations to be one.

use serde_json::{Value, json};
use twinkit_auth::ims_service_email;
use twinkit_emulator::ims::{SERVICE_CLIENT_ID, USER_EMAIL};

use super::{Play, with_body};
use crate::generated::Values;
use crate::served::Callable;
use crate::served::itwin::{MISSING, Stand, one, text};

const OUTSIDER: &str = "joe@other.example";

fn member(id: &str, member_id: &str) -> Values {
    one("id", id).with("memberId", member_id)
}

fn invitation(id: &str, invitation_id: &str) -> Values {
    one("id", id).with("invitationId", invitation_id)
}

fn joining(emails: &[&str], role_id: &str) -> Value {
    let members: Vec<Value> =
        emails.iter().map(|email| json!({"email": email, "roleIds": [role_id]})).collect();
    json!({"members": members, "customMessage": "Come in."})
}

pub(super) async fn users(play: &mut Play, id: &str, role_id: &str) {
    let service = ims_service_email(SERVICE_CLIENT_ID);
    let both = joining(&[&service, OUTSIDER], role_id);
    let added = play.succeeds("add_user_members", with_body(id, both)).await;
    play.refused("add_user_members", with_body(id, joining(&[&service], MISSING))).await;
    play.refused("add_user_members", with_body(id, joining(&["nobody"], role_id))).await;
    let member_id = text(added.as_ref(), "/members/0/id");
    play.succeeds("list_user_members", one("id", id)).await;
    play.refused("list_user_members", one("id", MISSING)).await;
    play.succeeds("get_user_member", member(id, &member_id)).await;
    play.refused("get_user_member", member(id, MISSING)).await;
    let roles = json!({"roleIds": [role_id]});
    play.succeeds("update_user_member", member(id, &member_id).with("body", roles.clone())).await;
    play.refused("update_user_member", member(id, MISSING).with("body", roles)).await;
    play.succeeds("remove_user_member", member(id, &member_id)).await;
    play.refused("remove_user_member", member(id, &member_id)).await;
}

pub(super) async fn groups(play: &mut Play, id: &str, group_id: &str, role_id: &str) {
    let joining = |group_id: &str| {
        with_body(id, json!({"members": [{"groupId": group_id, "roleIds": [role_id]}]}))
    };
    play.succeeds("add_group_members", joining(group_id)).await;
    play.refused("add_group_members", joining(MISSING)).await;
    play.succeeds("list_group_members", one("id", id)).await;
    play.refused("list_group_members", one("id", MISSING)).await;
    play.succeeds("get_group_member", member(id, group_id)).await;
    play.refused("get_group_member", member(id, MISSING)).await;
    let roles = json!({"roleIds": [role_id]});
    play.succeeds("update_group_member", member(id, group_id).with("body", roles.clone())).await;
    play.refused("update_group_member", member(id, MISSING).with("body", roles)).await;
    play.succeeds("remove_group_member", member(id, group_id)).await;
    play.refused("remove_group_member", member(id, group_id)).await;
}

pub(super) async fn owners(play: &mut Play, id: &str) {
    let owner = |email: &str| with_body(id, json!({"email": email}));
    let added = play.succeeds("add_owner", owner(&ims_service_email(SERVICE_CLIENT_ID))).await;
    play.succeeds("add_owner", owner("eva@other.example")).await;
    play.refused("add_owner", owner(USER_EMAIL)).await;
    play.succeeds("list_owners", one("id", id)).await;
    play.refused("list_owners", one("id", MISSING)).await;
    let member_id = text(added.as_ref(), "/member/id");
    play.succeeds("remove_owner", member(id, &member_id)).await;
    play.refused("remove_owner", member(id, &member_id)).await;
}

/// Invitations to the iTwin, and of Ada to another organization's.
pub(super) async fn invitations(
    play: &mut Play,
    stand: &Stand,
    id: &str,
    elsewhere: &str,
) -> anyhow::Result<()> {
    let listed = play.succeeds("list_member_invitations", one("id", id)).await;
    play.refused("list_member_invitations", one("id", MISSING)).await;
    let invitation_id = text(listed.as_ref(), "/invitations/0/id");
    play.succeeds("get_member_invitation", invitation(id, &invitation_id)).await;
    play.refused("get_member_invitation", invitation(id, MISSING)).await;
    play.succeeds("delete_member_invitation", invitation(id, &invitation_id)).await;
    play.refused("delete_member_invitation", invitation(id, &invitation_id)).await;

    let service = stand.service.access_control();
    let owner = with_body(elsewhere, json!({"email": USER_EMAIL}));
    let invited = service.call("add_owner", &owner).await?;
    let invitation_id = text(Some(&invited), "/invitation/id");
    play.refused("accept_member_invitation", invitation(elsewhere, MISSING)).await;
    play.succeeds("accept_member_invitation", invitation(elsewhere, &invitation_id)).await;
    Ok(())
}
