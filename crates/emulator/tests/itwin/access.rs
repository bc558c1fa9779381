//! Who sees what, and who may do what.

use serde_json::{Value, json};
use twinkit_emulator::ims::ORGANIZATION_ID;

use crate::support::{Stage, each};

#[tokio::test]
async fn what_one_may_not_see_is_not_there() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("Ada's").await;
    let bob = stage.person("Bob").await;
    for caller in [&bob, &stage.service] {
        caller.get(&format!("/itwins/{id}")).await.refused(404, "iTwinNotFound");
        let path = format!("/accesscontrol/itwins/{id}/permissions");
        caller.get(&path).await.refused(404, "ItwinNotFound");
        let change = json!({"displayName": "B"});
        caller.patch(&format!("/itwins/{id}"), &change).await.refused(404, "iTwinNotFound");
    }
    // Of the account one knows that it is there, and no more.
    bob.get(&format!("/itwins/{ORGANIZATION_ID}")).await.expect(200);
    let path = format!("/accesscontrol/itwins/{ORGANIZATION_ID}/members/users");
    bob.get(&path).await.refused(403, "InsufficientPermissions");
    stage.service.get(&format!("/itwins/{ORGANIZATION_ID}")).await.refused(404, "iTwinNotFound");
}

#[tokio::test]
async fn roles_permit_owners_may_all_and_administrators_too() {
    let stage = Stage::new().await;
    let bob = stage.person("Bob").await;
    let id = bob.new_itwin("Bob's").await;
    let permissions = format!("/accesscontrol/itwins/{id}/permissions");
    let count = |answer: Value| answer["permissions"].as_array().unwrap().len();
    assert_eq!(count(bob.get(&permissions).await.expect(200).json()), 19);
    // Ada is no member; she administrates the organization.
    assert_eq!(count(stage.ada.get(&permissions).await.expect(200).json()), 19);

    let eve = stage.person("Eve").await;
    let role = bob.new_role(&id, "Readers", &["imodels_read", "itwins_modify"]).await;
    bob.add_member(&id, &eve.email, &role).await;
    let own = eve.get(&permissions).await.expect(200).json();
    assert_eq!(own["permissions"], json!(["itwins_modify", "imodels_read"]));
    let path = format!("/itwins/{id}");
    eve.patch(&path, &json!({"number": "1"})).await.expect(200);
    let change = json!({"permissions": []});
    bob.patch(&format!("/accesscontrol/itwins/{id}/roles/{role}"), &change).await.expect(200);
    eve.patch(&path, &json!({"number": "2"})).await.refused(403, "InsufficientPermissions");
    eve.get(&path).await.expect(200);

    assert!(stage.emulator.itwin().set_administrator(&stage.ada.email, false));
    stage.ada.get(&permissions).await.refused(404, "ItwinNotFound");
    assert!(!stage.emulator.itwin().set_administrator("nobody@twinkit.example", true));
}

#[tokio::test]
async fn a_service_application_sees_what_it_was_added_to() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("Ada's").await;
    let list = async || {
        let page = stage.service.get("/itwins").await.expect(200).json();
        each(&page["iTwins"], "displayName")
    };
    assert!(list().await.is_empty());
    let role = stage.ada.new_role(&id, "Readers", &["imodels_read"]).await;
    stage.ada.add_member(&id, &stage.service.email, &role).await;
    assert_eq!(list().await, ["Ada's"]);
    let path = format!("/itwins/{id}");
    stage.service.get(&path).await.expect(200);
    stage.service.delete(&path).await.refused(403, "InsufficientPermissions");
    // In the account of its own it may make and delete.
    let own = stage.service.new_itwin("Own").await;
    stage.ada.get(&format!("/itwins/{own}")).await.refused(404, "iTwinNotFound");
    stage.service.delete(&format!("/itwins/{own}")).await.expect(204);
}

#[tokio::test]
async fn members_of_a_member_group_have_its_roles() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let (bob, eve) = (stage.person("Bob").await, stage.person("Eve").await);
    stage.emulator.itwin().set_ims_group("Engineers", std::slice::from_ref(&eve.email));
    let groups = format!("/accesscontrol/itwins/{id}/groups");
    let body = json!({"name": "Builders", "description": ""});
    let made = stage.ada.post(&groups, &body).await.expect(201).json();
    let group = made["group"]["id"].as_str().unwrap();
    let change = json!({"members": [bob.email], "imsGroups": ["Engineers"]});
    stage.ada.patch(&format!("{groups}/{group}"), &change).await.expect(200);
    let permissions = format!("/accesscontrol/itwins/{id}/permissions");
    bob.get(&permissions).await.refused(404, "ItwinNotFound");
    let role = stage.ada.new_role(&id, "Writers", &["storage_write"]).await;
    let members = format!("/accesscontrol/itwins/{id}/members/groups");
    let body = json!({"members": [{"groupId": group, "roleIds": [role]}]});
    stage.ada.post(&members, &body).await.expect(201);
    for caller in [&bob, &eve] {
        let own = caller.get(&permissions).await.expect(200).json();
        assert_eq!(own["permissions"], json!(["storage_write"]));
        let page = caller.get("/itwins").await.expect(200).json();
        assert_eq!(each(&page["iTwins"], "id"), [id.as_str()]);
    }
    stage.ada.delete(&format!("{members}/{group}")).await.expect(204);
    bob.get(&permissions).await.refused(404, "ItwinNotFound");
}
