//! Who calls, and why they see nothing.

use twinkit_auth::ims_service_email;
use twinkit_emulator::ims::{SERVICE_CLIENT_ID, USER_EMAIL};
use twinkit_itwin::RoleGrant;
use twinkit_itwin::itwins::enums::ITwinStatus;
use twinkit_itwin::itwins::patches::ITwinPatch;
use twinkit_tests::support::person;

use super::support::{new_itwin, stage};

#[tokio::test]
async fn a_service_application_that_sees_nothing_is_told_whom_to_add() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let list = stage.service.itwins().list_itwins().items().into_vec().await.unwrap();
    assert!(list.is_empty(), "an empty list, and nothing that says why");

    let me = stage.service.whoami().await.unwrap();
    let email = ims_service_email(SERVICE_CLIENT_ID);
    assert_eq!((me.user.email.as_str(), me.is_service_application()), (email.as_str(), true));
    assert!(!me.sees_itwins);
    assert!(me.advice().unwrap().contains(&email), "{me}");

    // What it says helps.
    let onboarding = stage.ada.onboard_email(&itwin, &me.user.email);
    onboarding.role(RoleGrant::made("Reader", "d", ["imodels_read"])).apply().await.unwrap();
    let me = stage.service.whoami().await.unwrap();
    assert!(me.sees_itwins && me.advice().is_none(), "{me}");
    assert!(me.to_string().ends_with("sees iTwins"), "{me}");
}

#[tokio::test]
async fn people_are_told_something_else() {
    let stage = stage().await;
    let bob = stage.person("bob").unwrap();
    let bob = stage.client(person::credential(&stage.emulator, &bob).unwrap()).unwrap();
    let me = bob.whoami().await.unwrap();
    assert!(!me.is_service_application() && !me.sees_itwins);
    assert!(me.advice().unwrap().contains("x_itwin_query_scope"), "{me}");

    // An inactive iTwin is in no list, and seen all the same.
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let change = ITwinPatch::new().status(ITwinStatus::Inactive);
    stage.ada.itwins().update_itwin().id(&itwin).body(change).send().await.unwrap();
    let me = stage.ada.whoami().await.unwrap();
    assert_eq!((me.user.email.as_str(), me.sees_itwins), (USER_EMAIL, true));
}
