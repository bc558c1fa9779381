//! Groups that an iTwin keeps.

use serde_json::json;
use twinkit_emulator::ims::{ORGANIZATION_ID, USER_EMAIL, USER_ID};

use crate::support::{MISSING, Stage, each};

const INVALID: &str = "InvalidiTwinsGroupRequest";

#[tokio::test]
async fn a_group_is_made_changed_and_deleted() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let list = format!("/accesscontrol/itwins/{id}/groups");
    let body = json!({"name": "Builders", "description": ""});
    let made = stage.ada.post(&list, &body).await.expect(201).json();
    assert_eq!((&made["group"]["members"], &made["group"]["imsGroups"]), (&json!([]), &json!([])));
    stage.ada.post(&list, &body).await.refused_for(INVALID, "InvalidValue", "name");
    let empty = stage.ada.post(&list, &json!({"name": "", "description": ""})).await;
    empty.refused_for(INVALID, "InvalidValue", "name");

    stage.emulator.itwin().set_ims_group("Engineers", &[]);
    let path = format!("{list}/{}", made["group"]["id"].as_str().unwrap());
    let change = json!({"members": [USER_EMAIL, USER_EMAIL], "imsGroups": ["Engineers"]});
    let changed = stage.ada.patch(&path, &change).await.expect(200).json();
    assert_eq!(each(&changed["group"]["members"], "userId"), [USER_ID]);
    assert_eq!(changed["group"]["imsGroups"], json!(["Engineers"]));
    assert_eq!(changed["group"]["name"], "Builders");
    assert_eq!(stage.ada.get(&path).await.expect(200).json(), changed);
    for email in ["not an address", "nobody@twinkit.example"] {
        let answer = stage.ada.patch(&path, &json!({"members": [USER_EMAIL, email]})).await;
        assert_eq!(answer.json()["error"]["target"], "members[1]");
        answer.refused(404, "TeamMemberNotFound");
    }
    let answer = stage.ada.patch(&path, &json!({"imsGroups": ["Others"]})).await;
    assert_eq!(answer.json()["error"]["target"], "imsGroups[0]");
    answer.refused(404, "ImsGroupNotFound");
    let many: Vec<&str> = (0..51).map(|_| USER_EMAIL).collect();
    let answer = stage.ada.patch(&path, &json!({"members": many})).await;
    answer.refused_for(INVALID, "InvalidValue", "members");

    stage.ada.delete(&path).await.expect(204);
    for answer in [
        stage.ada.get(&path).await,
        stage.ada.delete(&path).await,
        stage.ada.patch(&path, &change).await,
        stage.ada.get(&format!("{list}/{MISSING}")).await,
    ] {
        answer.refused(404, "GroupNotFound");
    }
}

#[tokio::test]
async fn links_of_groups_come_with_a_page_only() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let list = format!("/accesscontrol/itwins/{id}/groups");
    for name in ["One", "Two"] {
        let body = json!({"name": name, "description": name});
        stage.ada.post(&list, &body).await.expect(201);
    }
    let all = stage.ada.get(&list).await.expect(200).json();
    assert!(all.get("_links").is_none());
    assert_eq!(each(&all["groups"], "name"), ["One", "Two"]);
    let page = stage.ada.get(&format!("{list}?$top=1")).await.expect(200).json();
    assert_eq!(each(&page["groups"], "name"), ["One"]);
    assert!(page["_links"]["next"]["href"].is_string());
}

#[tokio::test]
async fn who_may_change_a_group_needs_more_to_change_its_members() {
    let stage = Stage::new().await;
    let id = stage.ada.new_itwin("A").await;
    let bob = stage.member(&id, "Bob", &["administration_manage_groups"]).await;
    let list = format!("/accesscontrol/itwins/{id}/groups");
    let made = bob.post(&list, &json!({"name": "A", "description": ""})).await.expect(201).json();
    let path = format!("{list}/{}", made["group"]["id"].as_str().unwrap());
    let members = json!({"members": [USER_EMAIL]});
    bob.patch(&path, &members).await.refused(403, "InsufficientPermissions");
    stage.ada.patch(&path, &members).await.expect(200);
    bob.patch(&path, &json!({"members": []})).await.refused(403, "InsufficientPermissions");
    bob.patch(&path, &json!({"name": "B", "members": [USER_EMAIL]})).await.expect(200);
    let eve = stage.member(&id, "Eve", &[]).await;
    eve.get(&list).await.refused(403, "InsufficientPermissions");
    // Groups of an account are for administrators.
    let list = format!("/accesscontrol/itwins/{ORGANIZATION_ID}/groups");
    bob.get(&list).await.refused(403, "InsufficientPermissions");
    stage.ada.post(&list, &json!({"name": "All", "description": ""})).await.expect(201);
}
