//! Users, groups and owners as members.

use serde_json::{Value, json};
use twinkit_emulator::ims::USER_ID;

use crate::support::{MISSING, Stage, client, each};

const INVALID: &str = "InvalidAccessControlRequest";

#[tokio::test]
async fn a_user_becomes_a_member_and_gets_other_roles() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let bob = stage.person("Bob Builder").await;
    let one = stage.ada.new_role(&id, "One", &[]).await;
    let two = stage.ada.new_role(&id, "Two", &[]).await;
    let list = format!("/accesscontrol/itwins/{id}/members/users");
    let body = json!({"members": [{"email": bob.email.to_uppercase(), "roleIds": [one]}]});
    let added = stage.ada.post(&list, &body).await.expect(201).json();
    assert_eq!(added["invitations"], Value::Null);
    let member = &added["members"][0];
    assert_eq!((&member["id"], &member["givenName"]), (&json!(bob.id), &json!("Bob")));
    assert_eq!(member["roles"], json!([{"id": one, "displayName": "One", "description": ""}]));

    let path = format!("{list}/{}", bob.id);
    let changed = stage.ada.patch(&path, &json!({"roleIds": [two]})).await.expect(200).json();
    let names: Vec<&String> = changed["member"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "roles"]);
    assert_eq!(each(&changed["member"]["roles"], "id"), [two.as_str()]);
    let shown = bob.get(&path).await.expect(200).json();
    assert_eq!(shown["member"]["email"], bob.email);

    let unknown = stage.ada.patch(&path, &json!({"roleIds": [two, MISSING]})).await;
    assert_eq!(unknown.json()["error"]["target"], "roleIds[1]");
    unknown.refused(404, "RoleNotFound");
    let body = json!({"members": [{"email": bob.email, "roleIds": [MISSING]}]});
    let unknown = stage.ada.post(&list, &body).await;
    assert_eq!(unknown.json()["error"]["target"], "members[0].roleIds[0]");
    unknown.refused(404, "RoleNotFound");

    bob.delete(&path).await.refused(403, "InsufficientPermissions");
    stage.ada.delete(&path).await.expect(204);
    let body = json!({"roleIds": [one]});
    for answer in [
        stage.ada.get(&path).await,
        stage.ada.delete(&path).await,
        stage.ada.patch(&path, &body).await,
    ] {
        answer.refused(404, "TeamMemberNotFound");
    }
}

#[tokio::test]
async fn what_is_wrong_with_new_members_is_told() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let list = format!("/accesscontrol/itwins/{id}/members/users");
    let member = |email: &str| json!({"email": email, "roleIds": [MISSING]});
    let many: Vec<Value> = (0..51).map(|index| member(&format!("a{index}@b.example"))).collect();
    for (body, detail, target) in [
        (json!({}), "MissingRequiredProperty", "members"),
        (json!({"members": []}), "InvalidValue", "members"),
        (json!({"members": [member("nobody")]}), "InvalidValue", "members[0].email"),
        (json!({"members": [{"email": "a@b"}]}), "MissingRequiredProperty", "members[0].roleIds"),
        (json!({"members": many}), "InvalidValue", "members"),
    ] {
        stage.ada.post(&list, &body).await.refused_for(INVALID, detail, target);
    }
}

#[tokio::test]
async fn pages_of_members_have_a_next_link_to_the_end_and_beyond() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    for name in ["Bob", "Eve", "Joe"] {
        stage.member(&id, name, &[]).await;
    }
    let list = format!("/accesscontrol/itwins/{id}/members/users");
    let first = stage.ada.get(&format!("{list}?$top=2")).await.expect(200).json();
    assert_eq!(each(&first["members"], "givenName"), ["Bob", "Eve"]);
    assert_eq!(first["_links"]["prev"], first["_links"]["self"]);
    let href = |page: &Value| page["_links"]["next"]["href"].as_str().unwrap().to_owned();
    let last = stage.ada.get(&href(&first)).await.expect(200).json();
    assert_eq!(each(&last["members"], "givenName"), ["Joe"]);
    let beyond = stage.ada.get(&href(&last)).await.expect(200).json();
    assert_eq!(beyond["members"], json!([]));
    assert!(href(&beyond).contains("$skip=6"));
    stage.ada.get(&format!("{list}?$top=x")).await.refused_for(INVALID, "InvalidValue", "$top");
}

#[tokio::test]
async fn who_is_gone_from_the_identity_service_stays_a_member_without_a_name() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let bob = stage.member(&id, "Bob", &[]).await;
    let url = format!("{}/ims/users/{}", stage.emulator.control_url(), bob.email);
    assert_eq!(client().delete(&url).send().await.unwrap().status(), 204);
    assert_eq!(client().delete(&url).send().await.unwrap().status(), 404);
    let path = format!("/accesscontrol/itwins/{id}/members/users/{}", bob.id);
    let member = stage.ada.get(&path).await.expect(200).json();
    for name in ["email", "givenName", "surname", "organization"] {
        assert_eq!(member["member"][name], Value::Null, "{name}");
    }
    assert_eq!(each(&member["member"]["roles"], "displayName"), ["Bob"]);
    bob.get("/users/me").await.refused(401, "Unauthorized");
}

#[tokio::test]
async fn a_group_becomes_a_member() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let base = format!("/accesscontrol/itwins/{id}");
    let body = json!({"name": "Builders", "description": "They build."});
    let made = stage.ada.post(&format!("{base}/groups"), &body).await.expect(201).json();
    let group = made["group"]["id"].as_str().unwrap();
    let (one, two) =
        (stage.ada.new_role(&id, "One", &[]).await, stage.ada.new_role(&id, "Two", &[]).await);
    let list = format!("{base}/members/groups");
    let new = |group: &str, role: &str| json!({"members": [{"groupId": group, "roleIds": [role]}]});
    stage.ada.post(&list, &new(MISSING, &one)).await.refused(404, "GroupNotFound");
    stage.ada.post(&list, &new(group, MISSING)).await.refused(404, "RoleNotFound");
    let added = stage.ada.post(&list, &new(group, &one)).await.expect(201).json();
    assert_eq!(added["members"][0]["groupName"], "Builders");
    let path = format!("{list}/{group}");
    let changed = stage.ada.patch(&path, &json!({"roleIds": [two]})).await.expect(200).json();
    assert_eq!(each(&changed["member"]["roles"], "displayName"), ["Two"]);
    assert_eq!(stage.ada.get(&path).await.expect(200).json(), changed);
    let page = stage.ada.get(&list).await.expect(200).json();
    assert_eq!(each(&page["members"], "groupDescription"), ["They build."]);
    stage.ada.delete(&path).await.expect(204);
    for answer in [
        stage.ada.get(&path).await,
        stage.ada.delete(&path).await,
        stage.ada.patch(&path, &json!({"roleIds": [two]})).await,
    ] {
        answer.refused(404, "TeamMemberNotFound");
    }
}

#[tokio::test]
async fn owners_are_added_by_owners() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let bob = stage.member(&id, "Bob", &["administration_invite_member"]).await;
    let list = format!("/accesscontrol/itwins/{id}/members/owners");
    let body = json!({"email": bob.email});
    bob.post(&list, &body).await.refused(403, "InsufficientPermissions");
    let added = stage.ada.post(&list, &body).await.expect(201).json();
    assert_eq!((&added["member"]["id"], &added["invitation"]), (&json!(bob.id), &Value::Null));
    let again = stage.ada.post(&list, &body).await;
    assert_eq!(again.json()["error"]["target"], "email");
    again.refused(409, "OwnerAlreadyExists");
    let owners = bob.get(&list).await.expect(200).json();
    assert_eq!(each(&owners["members"], "id"), [USER_ID, bob.id.as_str()]);
    let bad = stage.ada.post(&list, &json!({"email": "x"})).await;
    bad.refused_for(INVALID, "InvalidValue", "email");

    let invited = stage.ada.post(&list, &json!({"email": "new@other.example"})).await;
    let invited = invited.expect(201).json();
    assert_eq!(invited["member"], Value::Null);
    assert_eq!(invited["invitation"]["status"], "Pending");
    let again = stage.ada.post(&list, &json!({"email": "NEW@other.example"})).await;
    again.refused(409, "OwnerAlreadyExists");

    bob.delete(&format!("{list}/{USER_ID}")).await.expect(204);
    bob.delete(&format!("{list}/{USER_ID}")).await.refused(404, "TeamMemberNotFound");
}
