//! What refusals say: by which question, about what, and what helps.

use serde_json::json;
use twinkit_emulator::ims::SERVICE_CLIENT_ID;
use twinkit_emulator::itwin::{ImodelRates, Rates};
use twinkit_itwin::imodels::types::IModelCreate;
use twinkit_itwin::itwins::types::ITwinCreate;
use twinkit_itwin::{CallOptions, ErrorKind, ITwinErrorExt as _, Method};

use super::support::{MISSING, body, new_imodel, new_itwin, new_role, stage};

#[tokio::test]
async fn an_itwin_that_is_not_there_is_one_question_in_all_spellings() {
    let stage = stage().await;
    let ada = &stage.ada;
    let itwins = ada.itwins().get_itwin().id(MISSING).send().await.unwrap_err();
    let access = ada.access_control().list_roles().id(MISSING).send().await.unwrap_err();
    let imodels = ada.imodels().list_imodels().itwin_id(MISSING).send().await.unwrap_err();
    let codes = [&itwins, &access, &imodels].map(|error| error.code().unwrap());
    assert_eq!(codes, ["iTwinNotFound", "ItwinNotFound", "iTwinNotFound"]);
    // Lists of Storage have no 404, and the hint says what it may mean.
    let storage = ada.storage().root_folder(MISSING).await.unwrap_err();
    assert_eq!((storage.kind(), storage.is_itwin_not_found()), (ErrorKind::Rejected, false));
    assert!(storage.hint().unwrap().contains("whoami"), "{storage}");
    for error in [itwins, access, imodels] {
        assert!(error.is_itwin_not_found() && error.is_not_found(), "{error}");
        assert!(!error.is_imodel_not_found() && !error.is_unknown_route());
        assert!(error.hint().unwrap().contains("whoami"), "{error}");
        assert!(error.request_id().is_some(), "support asks for it: {error:?}");
    }
}

#[tokio::test]
async fn each_question_has_its_refusal() {
    let stage = stage().await;
    let (ada, access) = (&stage.ada, stage.ada.access_control());
    let itwin = new_itwin(ada, "Bridge").await;
    let imodel = ada.imodels().get_imodel().id(MISSING).send().await.unwrap_err();
    assert!(imodel.is_imodel_not_found(), "{imodel}");
    let role = access.get_role().id(&itwin).role_id(MISSING).send().await.unwrap_err();
    assert!(role.is_role_not_found(), "{role}");
    let member = access.get_user_member().id(&itwin).member_id(MISSING).send().await.unwrap_err();
    assert!(member.is_member_not_found(), "{member}");
    let route = ada.request(Method::GET, "/itwins/a/b/c/d", 1).send().await.unwrap_err();
    assert!(route.is_unknown_route() && !route.is_itwin_not_found(), "{route}");
    new_imodel(ada, &itwin, "M").await;
    let again: IModelCreate = body(json!({"iTwinId": itwin, "name": "M", "creationMode": "empty"}));
    let again = ada.imodels().create_imodel().body(again).send().await.unwrap_err();
    assert!(again.is_already_there(), "{again}");
    // A member without the right is refused, and not told that there is nothing.
    let reader = new_role(ada, &itwin, "Reader", &["imodels_webview"]).await;
    ada.onboard_credential(&itwin, &stage.service_credential)
        .role(reader.as_str())
        .apply()
        .await
        .unwrap();
    let denied = stage.service.itwins().delete_itwin().id(&itwin).send().await.unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::Denied);
    assert!(denied.hint().unwrap().contains("permission"), "{denied}");
}

#[tokio::test]
async fn details_name_what_is_wrong() {
    let stage = stage().await;
    new_itwin(&stage.ada, "Bridge").await;
    let wrong: ITwinCreate =
        body(json!({"class": "Thing", "subClass": "Program", "displayName": ""}));
    let error = stage.ada.itwins().create_itwin().body(wrong).send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, Some("InvalidiTwinsRequest")));
    let targets: Vec<_> = error.details().iter().filter_map(|it| it.target.as_deref()).collect();
    assert!(
        targets.contains(&"displayName") && targets.len() == error.details().len(),
        "{error:?}"
    );
    let twice: ITwinCreate = body(json!({"class": "Thing", "subClass": "Asset",
        "displayName": "Other", "number": "B-1"}));
    let create = || stage.ada.itwins().create_itwin().body(twice.clone()).send();
    create().await.unwrap();
    let error = create().await.unwrap_err();
    assert!(error.is_already_there() && error.hint().unwrap().contains("unique"), "{error}");
}

#[tokio::test]
async fn an_unknown_application_and_a_limit_are_told_as_what_they_are() {
    let stage = stage().await;
    stage.emulator.itwin().set_client_known(SERVICE_CLIENT_ID, false);
    let error = stage.service.users().get_me().send().await.unwrap_err();
    assert!(error.is_unknown_client(), "{error:?}");
    assert!(error.hint().unwrap().contains("developer portal"), "{error}");
    stage.emulator.itwin().set_client_known(SERVICE_CLIENT_ID, true);

    stage.emulator.itwin().set_rates(Some(Rates { per_minute: 1, ..Rates::default() }));
    let hasty = stage.service.with_options(CallOptions::new().no_retry());
    hasty.users().get_me().send().await.unwrap();
    let error = hasty.users().get_me().send().await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Throttled, Some("TooManyRequests")));
    assert!(error.retry_after().is_some_and(|wait| wait.as_secs() <= 60), "{error:?}");
    assert!(error.hint().unwrap().contains("per registered application"), "{error}");
}

#[tokio::test]
async fn what_imodels_count_apart_is_told_by_the_header() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let imodels = Some(ImodelRates { creations: 0, ..ImodelRates::default() });
    stage.emulator.itwin().set_rates(Some(Rates { imodels, ..Rates::default() }));
    let hasty = stage.ada.with_options(CallOptions::new().no_retry());
    let new: IModelCreate = body(json!({"iTwinId": itwin, "name": "M", "creationMode": "empty"}));
    let error = hasty.imodels().create_imodel().body(new).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
    let header = |name: &str| {
        let headers = error.headers();
        headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!(header("itwinplatform-ratelimited-operation"), "POST /imodels");
    // The others go on.
    hasty.imodels().list_imodels().itwin_id(&itwin).send().await.unwrap();
}
