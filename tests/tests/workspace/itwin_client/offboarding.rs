//! Taking access back: planned, applied, done twice.

use serde_json::json;
use twinkit_emulator::ims::{SERVICE_CLIENT_ID, USER_EMAIL};
use twinkit_itwin::access_control::types::{GroupCreate, GroupUpdate};
use twinkit_itwin::{ITwin, ITwinErrorExt as _, RoleGrant};

use super::support::{body, new_itwin, new_role, stage};

fn reader() -> RoleGrant {
    RoleGrant::made("Reader", "May read iModels", ["imodels_read"])
}

#[tokio::test]
async fn an_application_that_was_let_in_is_let_out() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let program = &stage.service_credential;
    stage.ada.onboard_credential(&itwin, program).role(reader()).apply().await.unwrap();
    stage.service.itwins().get_itwin().id(&itwin).send().await.unwrap();

    stage.emulator.requests().clear();
    let plan = stage.ada.offboard_credential(&itwin, program).plan().await.unwrap();
    assert!(plan.member().is_some() && plan.owner().is_none() && !plan.is_done());
    assert!(plan.to_string().contains("end the membership with \"Reader\""), "{plan}");
    assert!(stage.calls().iter().all(|call| call.starts_with("GET ")));
    let report = plan.apply().await.unwrap();
    assert!(report.was_member && !report.was_owner, "{report}");
    let error = stage.service.itwins().get_itwin().id(&itwin).send().await.unwrap_err();
    assert!(error.is_itwin_not_found(), "{error}");

    stage.emulator.requests().clear();
    let again = stage.ada.offboard_service_application(&itwin, SERVICE_CLIENT_ID);
    let plan = again.plan().await.unwrap();
    assert!(plan.is_done() && plan.to_string().ends_with("nothing to do"), "{plan}");
    let report = plan.apply().await.unwrap();
    assert!(report.to_string().contains("had no access"), "{report}");
    assert!(stage.calls().iter().all(|call| call.starts_with("GET ")));
}

#[tokio::test]
async fn ownership_invitations_and_membership_go_and_groups_are_named() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let access = stage.ada.access_control();
    let bob = stage.person("bob").unwrap();
    access.add_owners(&itwin).owner(&bob).send().await.unwrap();
    stage.ada.onboard_email(&itwin, &bob).role(reader()).apply().await.unwrap();
    let new: GroupCreate = body(json!({"name": "Crew", "description": "d"}));
    let group = access.create_group().id(&itwin).body(new).send().await.unwrap().into_inner().group;
    let change: GroupUpdate = body(json!({"members": [bob]}));
    access.update_group().id(&itwin).group_id(&group.id).body(change).send().await.unwrap();

    let plan = stage.ada.offboard_email(&itwin, &bob).plan().await.unwrap();
    assert!(plan.member().is_some() && plan.owner().is_some() && !plan.takes_last_owner());
    assert_eq!(plan.groups().iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["Crew"]);
    let report = plan.apply().await.unwrap();
    assert!(report.was_member && report.was_owner, "{report}");
    let owners = access.list_owners().id(&itwin).items().into_vec().await.unwrap();
    assert_eq!(owners.len(), 1);

    let eve = "eve@elsewhere.example";
    stage.ada.onboard_email(&itwin, eve).role(reader()).apply().await.unwrap();
    let report = stage.ada.offboard_email(&itwin, eve).apply().await.unwrap();
    assert_eq!(report.withdrawn_invitations, 1, "{report}");
    let open = access.list_member_invitations().id(&itwin).items().into_vec().await.unwrap();
    assert!(open.is_empty());

    let plan = stage.ada.offboard_email(&itwin, USER_EMAIL).plan().await.unwrap();
    assert!(plan.takes_last_owner() && plan.to_string().contains("the last one"), "{plan}");
}

#[tokio::test]
async fn what_somebody_else_took_away_in_the_meantime_is_no_failure() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let bob = stage.person("bob").unwrap();
    stage.ada.onboard_email(&itwin, &bob).role(reader()).apply().await.unwrap();
    let plan = stage.ada.offboard_email(&itwin, &bob).plan().await.unwrap();
    stage.ada.offboard_email(&itwin, &bob).apply().await.unwrap();
    let report = plan.apply().await.unwrap();
    assert!(!report.was_member, "{report}");
}

/// Makes a group with these people in it; gives its id.
async fn new_group(whose: &ITwin, itwin: &str, name: &str, people: &[&str]) -> String {
    let access = whose.access_control();
    let new: GroupCreate = body(json!({"name": name, "description": "d"}));
    let group = access.create_group().id(itwin).body(new).send().await.unwrap().into_inner().group;
    let change: GroupUpdate = body(json!({ "members": people }));
    access.update_group().id(itwin).group_id(&group.id).body(change).send().await.unwrap();
    group.id
}

#[tokio::test]
async fn invitations_to_groups_go_too() {
    let stage = stage().await;
    // Ada is of another account than the iTwin, and so is invited to the group.
    let itwin = new_itwin(&stage.service, "Bridge").await;
    let role = new_role(&stage.service, &itwin, "Reader", &["imodels_read"]).await;
    let group = new_group(&stage.service, &itwin, "Crew", &[USER_EMAIL]).await;
    let access = stage.service.access_control();
    access.add_groups(&itwin).group(&group, [&role]).send().await.unwrap();

    let off = || stage.service.offboard_credential(&itwin, &stage.ada_credential);
    let plan = off().plan().await.unwrap();
    assert!(!plan.is_done() && plan.unseen().is_nothing() && plan.groups().is_empty());
    assert_eq!(plan.group_invitations()[0].group_name, "Crew");
    assert!(plan.to_string().contains("the invitation to group \"Crew\""), "{plan}");
    let report = plan.apply().await.unwrap();
    assert_eq!(report.withdrawn_group_invitations, 1, "{report}");
    assert_eq!(stage.emulator.itwin().accept_invitations(USER_EMAIL), 0);
    assert!(stage.ada.itwins().get_itwin().id(&itwin).send().await.is_err());
    assert!(off().plan().await.unwrap().is_done());
}

#[tokio::test]
async fn what_a_caller_who_is_no_owner_cannot_see_is_told() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.service, "Bridge").await;
    let may = ["administration_invite_member", "administration_remove_member"];
    let role = new_role(&stage.service, &itwin, "Warden", &may).await;
    let warden = stage.service.onboard_credential(&itwin, &stage.ada_credential);
    warden.role(role.as_str()).apply().await.unwrap();
    let group = new_group(&stage.service, &itwin, "Crew", &[]).await;
    let access = stage.service.access_control();
    access.add_groups(&itwin).group(&group, [&role]).send().await.unwrap();
    let eve = "eve@elsewhere.example";
    stage.service.onboard_email(&itwin, eve).role(role.as_str()).apply().await.unwrap();

    let plan = stage.ada.offboard_email(&itwin, eve).plan().await.unwrap();
    assert!(plan.is_idle() && !plan.is_done());
    assert!(plan.unseen().invitations);
    assert_eq!(plan.unseen().groups, ["Crew"]);
    for part in ["invitations that others made", "group \"Crew\""] {
        assert!(plan.to_string().contains(part), "{plan}");
    }
    let report = plan.apply().await.unwrap();
    assert!(!report.unseen.is_nothing() && report.to_string().contains("to be seen"), "{report}");

    // An owner sees it all.
    let report = stage.service.offboard_email(&itwin, eve).apply().await.unwrap();
    assert!(report.withdrawn_invitations == 1 && report.unseen.is_nothing(), "{report}");
}
