//! Invitations.

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_emulator::ims::ImsUser;

use crate::support::{MISSING, Stage, each};

const OUTSIDER: &str = "joe@other.example";

#[tokio::test]
async fn an_outsider_is_invited_and_joins() {
    let stage = Stage::new().await;
    // Its iTwin is in the account of its own, so people are outsiders there.
    let (service, bob) = (&stage.service, stage.person("Bob").await);
    let id = service.new_itwin("A").await;
    let role = service.new_role(&id, "Readers", &["imodels_read"]).await;
    let base = format!("/accesscontrol/itwins/{id}/members");
    let body = json!({
        "members": [{"email": bob.email, "roleIds": [role]}], "customMessage": "Come in.",
    });
    let added = service.post(&format!("{base}/users"), &body).await.expect(201).json();
    assert_eq!(added["members"], Value::Null);
    let invitation = &added["invitations"][0];
    assert_eq!(invitation["invitedByEmail"], service.email);
    assert_eq!(invitation["status"], "Pending");
    assert_eq!(each(&invitation["roles"], "displayName"), ["Readers"]);
    let path = format!("{base}/invitations/{}", invitation["id"].as_str().unwrap());

    bob.get(&format!("/itwins/{id}")).await.refused(404, "iTwinNotFound");
    assert_eq!(bob.get(&path).await.expect(200).json()["invitation"], *invitation);
    let made_up = format!("{base}/invitations/{MISSING}/accept");
    bob.mark(&made_up).await.refused(404, "ItwinNotFound");
    stage.ada.mark(&format!("{path}/accept")).await.refused(404, "ItwinNotFound");
    bob.mark(&format!("{path}/accept")).await.expect(204);
    bob.mark(&format!("{path}/accept")).await.expect(204);
    bob.mark(&made_up).await.expect(204);
    bob.get(&format!("/itwins/{id}")).await.expect(200);
    let list = service.get(&format!("{base}/invitations")).await.expect(200).json();
    assert_eq!(each(&list["invitations"], "status"), ["Accepted"]);
    // Who has joined is not invited again.
    let more = service.new_role(&id, "Writers", &[]).await;
    service.add_member(&id, &bob.email, &more).await;
    let member = service.get(&format!("{base}/users/{}", bob.id)).await.expect(200).json();
    assert_eq!(each(&member["member"]["roles"], "id"), [role.as_str(), more.as_str()]);
}

#[tokio::test]
async fn a_member_sees_own_invitations_an_owner_all_until_they_expire() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let bob = stage.member(&id, "Bob", &["administration_invite_member"]).await;
    let role = stage.ada.new_role(&id, "Readers", &[]).await;
    let base = format!("/accesscontrol/itwins/{id}/members");
    let invite = async |email: &str| {
        let body = json!({"members": [{"email": email, "roleIds": [role]}]});
        let answer = bob.post(&format!("{base}/users"), &body).await.expect(201).json();
        answer["invitations"][0]["id"].as_str().unwrap().to_owned()
    };
    let (first, other) = (invite(OUTSIDER).await, invite("eva@other.example").await);
    let again = invite(OUTSIDER).await;
    assert_ne!(first, again, "a new invitation takes the place of an open one");
    let list = format!("{base}/invitations");
    let all = stage.ada.get(&list).await.expect(200).json();
    assert_eq!(each(&all["invitations"], "id"), [other.as_str(), again.as_str()]);
    assert!(all["_links"]["next"]["href"].is_string());
    let own = bob.get(&list).await.expect(200).json();
    assert_eq!(own["invitations"], json!([]));
    bob.get(&format!("{list}/{again}")).await.refused(404, "InvitationNotFound");
    stage.ada.get(&format!("{list}/{first}")).await.refused(404, "InvitationNotFound");
    bob.delete(&format!("{list}/{other}")).await.expect(204);
    bob.delete(&format!("{list}/{other}")).await.refused(404, "InvitationNotFound");
    stage.emulator.ims().set_token_lifetime(Duration::from_secs(30 * 24 * 3600));
    let late = stage.service_named("late").await;
    stage.ada.add_member(&id, &late.email, &role).await;
    let body = json!({"email": late.email});
    stage.ada.post(&format!("{base}/owners"), &body).await.expect(201);
    stage.emulator.clock().advance(Duration::from_secs(7 * 24 * 3600 - 60));
    assert_eq!(
        late.get(&list).await.expect(200).json()["invitations"].as_array().unwrap().len(),
        1
    );
    stage.emulator.clock().advance(Duration::from_secs(61));
    assert_eq!(late.get(&list).await.expect(200).json()["invitations"], json!([]));
}

#[tokio::test]
async fn invitations_to_groups_are_listed_with_the_group() {
    let stage = Stage::new().await;
    let (service, bob) = (&stage.service, stage.person("Bob").await);
    let id = service.new_itwin("A").await;
    let groups = format!("/accesscontrol/itwins/{id}/groups");
    let body = json!({"name": "G", "description": ""});
    let made = service.post(&groups, &body).await.expect(201).json();
    let path = format!("{groups}/{}", made["group"]["id"].as_str().unwrap());
    let changed = service.patch(&path, &json!({"members": [bob.email]})).await.expect(200).json();
    assert_eq!(changed["group"]["members"], json!([]));
    let list = format!("{path}/invitations");
    let invited = service.get(&list).await.expect(200).json();
    assert_eq!(each(&invited["invitations"], "email"), [bob.email.as_str()]);
    assert!(invited["invitations"][0].get("roles").is_none());
    let members = format!("/accesscontrol/itwins/{id}/members/invitations");
    assert_eq!(service.get(&members).await.expect(200).json()["invitations"], json!([]));
    assert_eq!(stage.emulator.itwin().accept_invitations(&bob.email), 1);
    let group = service.get(&path).await.expect(200).json();
    assert_eq!(each(&group["group"]["members"], "email"), [bob.email.as_str()]);
    let changed = service.patch(&path, &json!({"members": [bob.email]})).await.expect(200).json();
    assert_eq!(each(&changed["group"]["members"], "userId"), [bob.id.as_str()]);
    let invitation = format!("{list}/{}", invited["invitations"][0]["id"].as_str().unwrap());
    service.delete(&invitation).await.expect(204);
    service.delete(&invitation).await.refused(404, "InvitationNotFound");
    service.get(&format!("{groups}/{MISSING}/invitations")).await.refused(404, "GroupNotFound");
}

#[tokio::test]
async fn invitations_can_be_accepted_for_somebody() {
    let stage = Stage::new().await;
    let id = stage.service.new_itwin("A").await;
    let path = format!("/accesscontrol/itwins/{id}/members/owners");
    stage.service.post(&path, &json!({"email": OUTSIDER})).await.expect(201);
    let platform = stage.emulator.itwin();
    assert_eq!(platform.accept_invitations(OUTSIDER), 0, "nobody has the address yet");
    let user = ImsUser {
        id: "66666666-6666-4666-8666-666666666601".to_owned(),
        email: OUTSIDER.to_owned(),
        name: "Joe Other".to_owned(),
    };
    stage.emulator.ims().add_user(user).unwrap();
    assert_eq!(platform.accept_invitations(OUTSIDER), 1);
    assert_eq!(platform.accept_invitations(OUTSIDER), 0);
    let owners = stage.service.get(&path).await.expect(200).json();
    assert_eq!(each(&owners["members"], "surname"), ["Service application", "Other"]);
}
