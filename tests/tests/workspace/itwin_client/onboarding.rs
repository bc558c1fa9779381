//! Letting applications and people in: planned, applied, done twice, proven.

use std::time::Duration;

use twinkit_emulator::ims::{SERVICE_CLIENT_ID, USER_EMAIL};
use twinkit_itwin::{ErrorKind, OnboardingChange, PlannedChange, RoleGrant, Standing};
use twinkit_tests::support::itwin_stage::ITwinStage;

use super::support::{new_itwin, new_role, stage};

fn reader() -> RoleGrant {
    RoleGrant::made("Reader", "May read iModels", ["imodels_webview", "imodels_read"])
}

/// Calls so far that change something.
fn changes(stage: &ITwinStage) -> Vec<String> {
    stage.calls().into_iter().filter(|call| !call.starts_with("GET ")).collect()
}

#[tokio::test]
async fn a_plan_changes_nothing_and_applying_it_lets_the_application_in() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    stage.emulator.requests().clear();
    let program = &stage.service_credential;
    let plan = stage.ada.onboard_credential(&itwin, program).role(reader()).plan().await.unwrap();
    assert!(matches!(plan.change(), PlannedChange::Add) && !plan.is_done());
    assert!(plan.to_string().contains("to be made, with imodels_webview"), "{plan}");
    assert!(changes(&stage).is_empty(), "{:?}", stage.calls());
    let proof = stage.ada.prove_access(program).on(&itwin).within(Duration::ZERO);
    assert!(proof.run().await.unwrap_err().hint().unwrap().contains("member"));

    let report = plan.apply().await.unwrap();
    assert_eq!(
        (report.change, report.changed_roles.as_slice()),
        (OnboardingChange::Added, &["Reader".to_owned()][..])
    );
    assert!(
        report.email.starts_with(&SERVICE_CLIENT_ID.to_lowercase())
            || report.email.starts_with(SERVICE_CLIENT_ID)
    );
    assert_eq!(changes(&stage).len(), 2, "a role and a member: {:?}", changes(&stage));
    let proven = stage.ada.prove_access(program).of(&report).run().await.unwrap();
    assert_eq!(proven.user.email, report.email);
    assert!(proven.permissions.iter().any(|it| it == "imodels_read"), "{proven:?}");
}

#[tokio::test]
async fn doing_it_twice_changes_nothing() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let onboard =
        || stage.ada.onboard_service_application(&itwin, SERVICE_CLIENT_ID).role(reader());
    onboard().apply().await.unwrap();
    stage.emulator.requests().clear();
    let plan = onboard().plan().await.unwrap();
    assert!(plan.is_done() && plan.to_string().ends_with("nothing to do"), "{plan}");
    let report = plan.apply().await.unwrap();
    assert_eq!((report.change, report.changed_roles.len()), (OnboardingChange::Unchanged, 0));
    assert!(report.member().is_some() && changes(&stage).is_empty());
}

#[tokio::test]
async fn a_role_gets_what_it_lacks_and_roles_are_set_or_kept() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    new_role(&stage.ada, &itwin, "reader", &["imodels_webview"]).await;
    let writer = new_role(&stage.ada, &itwin, "Writer", &["imodels_write"]).await;
    let onboard = || stage.ada.onboard_credential(&itwin, &stage.service_credential);
    let names = |report: &twinkit_itwin::OnboardingReport| {
        let roles = &report.member().unwrap().roles;
        let mut names: Vec<_> = roles.iter().filter_map(|role| role.display_name.clone()).collect();
        names.sort();
        names
    };

    let report = onboard().role(reader()).apply().await.unwrap();
    assert_eq!(report.changed_roles, ["reader"]);
    let roles = stage.ada.access_control().list_roles().id(&itwin).send().await.unwrap();
    let role = roles.roles.iter().find(|role| role.display_name == "reader").unwrap();
    assert_eq!(role.permissions.as_deref().unwrap(), ["imodels_webview", "imodels_read"]);

    let kept = onboard().role(writer.as_str()).keep_roles().apply().await.unwrap();
    assert_eq!(
        (kept.change, names(&kept)),
        (OnboardingChange::RolesSet, vec!["Writer".to_owned(), "reader".to_owned()])
    );
    let set = onboard().role("WRITER").apply().await.unwrap();
    assert_eq!((set.change, names(&set)), (OnboardingChange::RolesSet, vec!["Writer".to_owned()]));
}

#[tokio::test]
async fn who_is_of_another_account_is_invited_and_accepts_by_the_credential() {
    let stage = stage().await;
    // The service application's iTwin is of its own account.
    let itwin = new_itwin(&stage.service, "Bridge").await;
    let onboard = || stage.service.onboard_credential(&itwin, &stage.ada_credential);
    let report = onboard().role(reader()).apply().await.unwrap();
    assert_eq!(report.change, OnboardingChange::Accepted);
    let member = report.member().unwrap();
    assert_eq!(member.email.as_deref(), Some(USER_EMAIL));
    stage.service.prove_access(&stage.ada_credential).of(&report).run().await.unwrap();
    assert!(onboard().role(reader()).plan().await.unwrap().is_done());

    // The credential of somebody else than the one who was let in is told.
    let proof = stage.service.prove_access(&stage.service_credential).of(&report);
    assert_eq!(proof.run().await.unwrap_err().kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn an_invitation_waits_is_made_again_for_other_roles_and_ends_in_membership() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let writer = new_role(&stage.ada, &itwin, "Writer", &["imodels_write"]).await;
    let onboard = || stage.ada.onboard_email(&itwin, "bob@twinkit.example");
    let first = onboard().role(reader()).message("Welcome").apply().await.unwrap();
    assert_eq!(first.change, OnboardingChange::Invited);
    let Standing::Invited(invitation) = &first.standing else { panic!("{first:?}") };
    assert_eq!(invitation.email, "bob@twinkit.example");
    let waiting = onboard().role(reader()).plan().await.unwrap();
    assert!(matches!(waiting.change(), PlannedChange::AwaitAcceptance { .. }) && waiting.is_done());
    assert_eq!(waiting.apply().await.unwrap().change, OnboardingChange::Unchanged);

    let plan = onboard().role(writer.as_str()).plan().await.unwrap();
    assert!(matches!(plan.change(), PlannedChange::InviteAgain { .. }), "{plan}");
    assert_eq!(plan.apply().await.unwrap().change, OnboardingChange::Invited);
    let invitations = stage.ada.access_control().list_member_invitations().id(&itwin).items();
    let open = invitations.into_vec().await.unwrap();
    assert_eq!(open.len(), 1, "the first one was withdrawn: {open:?}");

    stage.person("bob").unwrap();
    assert_eq!(stage.emulator.itwin().accept_invitations("bob@twinkit.example"), 1);
    let plan = onboard().role("Writer").plan().await.unwrap();
    assert!(plan.is_done(), "{plan}");
}

#[tokio::test]
async fn what_cannot_be_done_is_told_before_anything_is() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    stage.emulator.requests().clear();
    let onboard = || stage.ada.onboard_service_application(&itwin, SERVICE_CLIENT_ID);
    let error = onboard().role("Nobody").plan().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(error.hint().unwrap().contains("RoleGrant::made"), "{error}");
    assert!(onboard().plan().await.is_err(), "no role");
    // Who may not see the iTwin cannot let anybody in.
    let error = stage.service.onboard_email(&itwin, "a@b.example").role(reader()).apply().await;
    let error = error.unwrap_err();
    assert!(twinkit_itwin::ITwinErrorExt::is_itwin_not_found(&error), "{error}");
    assert!(changes(&stage).is_empty());
}

#[tokio::test]
async fn a_caller_who_is_no_owner_is_told_of_what_cannot_be_seen() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.service, "Bridge").await;
    let may = ["administration_invite_member", "administration_manage_roles"];
    let role = new_role(&stage.service, &itwin, "Warden", &may).await;
    let warden = stage.service.onboard_credential(&itwin, &stage.ada_credential);
    warden.role(role.as_str()).apply().await.unwrap();
    let onboard = |who: &twinkit_itwin::ITwin| {
        let who = who.clone();
        let (itwin, role) = (itwin.clone(), role.clone());
        async move {
            let onboarding = who.onboard_email(&itwin, "eve@elsewhere.example").role(role.as_str());
            let plan = onboarding.plan().await.unwrap();
            (plan.is_done(), plan.sees_invitations(), plan.to_string())
        }
    };
    let invite = stage.service.onboard_email(&itwin, "eve@elsewhere.example").role(role.as_str());
    invite.apply().await.unwrap();
    let (is_done, sees, told) = onboard(&stage.ada).await;
    assert!(!is_done && !sees && told.contains("seen by owners only"), "{told}");
    let (is_done, sees, told) = onboard(&stage.service).await;
    assert!(is_done && sees, "{told}");
    assert!(!stage.ada.is_owner_of(&itwin).await.unwrap());
    assert!(stage.service.is_owner_of(&itwin).await.unwrap());
}
