//! How the lists of each API end, and whether one that was cut says so.

use serde_json::json;
use twinkit_itwin::access_control::types::GroupCreate;
use twinkit_itwin::reality_management::types::RealityDataCreate;
use twinkit_itwin::storage::types::ItemCreate;
use twinkit_itwin::{ListEnd, RoleGrant};

use super::support::{body, new_imodel, new_itwin, stage};

/// Gets all items of a list and how it ended.
macro_rules! whole {
    ($list:expr) => {{
        let mut items = $list.items();
        let mut count = 0;
        while let Some(item) = items.next_item().await {
            item.unwrap();
            count += 1;
        }
        (count, items.end())
    }};
}

#[tokio::test]
async fn itwins_end_without_a_link_and_silently_at_the_ceiling() {
    let stage = stage().await;
    for at in 0..5 {
        new_itwin(&stage.ada, &format!("Bridge {at}")).await;
    }
    stage.emulator.requests().clear();
    let list = || stage.ada.itwins().list_itwins().sub_class("Asset".to_owned()).top(2);
    assert_eq!(whole!(list()), (5, Some(ListEnd::Complete)));
    assert_eq!(stage.calls().len(), 3);
    assert_eq!(whole!(list().x_max_return(3)), (3, Some(ListEnd::Ceiling(3))));
    assert_eq!(whole!(list().x_max_return(6)), (5, Some(ListEnd::Complete)));
    // One that ends just there may have been cut: nobody can tell.
    assert_eq!(whole!(list().x_max_return(5)), (5, Some(ListEnd::Ceiling(5))));
    assert_eq!(whole!(list().search("no such bridge".to_owned())), (0, Some(ListEnd::Complete)));
    // What lies behind the ceiling is reached by asking for more.
    let next = list().x_max_return(3).representation();
    assert_eq!(whole!(next), (3, Some(ListEnd::Ceiling(3))));
}

#[tokio::test]
async fn members_and_files_name_a_next_page_always_and_end_with_a_short_one() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    for at in 0..4 {
        let person = stage.person(&format!("p{at}")).unwrap();
        let onboarding = stage.ada.onboard_email(&itwin, person);
        onboarding.role(RoleGrant::made("R", "d", ["imodels_read"])).apply().await.unwrap();
    }
    stage.emulator.requests().clear();
    let access = stage.ada.access_control();
    assert_eq!(whole!(access.list_user_members().id(&itwin).top(3)), (4, Some(ListEnd::Complete)));
    assert_eq!(stage.calls().len(), 2, "{:?}", stage.calls());
    // Full pages only: the next one is empty, and the end.
    assert_eq!(whole!(access.list_user_members().id(&itwin).top(2)), (4, Some(ListEnd::Complete)));
    assert_eq!(stage.calls().len(), 5, "{:?}", stage.calls());

    let storage = stage.ada.storage();
    let root = storage.root_folder(&itwin).await.unwrap();
    for at in 0..4 {
        let new: ItemCreate = body(json!({"displayName": format!("F{at}")}));
        storage.create_folder().folder_id(&root).body(new).send().await.unwrap();
    }
    stage.emulator.requests().clear();
    assert_eq!(
        whole!(storage.list_top_level().itwin_id(&itwin).top(2)),
        (4, Some(ListEnd::Complete))
    );
    assert_eq!(stage.calls().len(), 3);
    assert_eq!(
        whole!(storage.list_folder_folders().folder_id(&root).top(3)),
        (4, Some(ListEnd::Complete))
    );
    assert_eq!(stage.calls().len(), 5);
}

#[tokio::test]
async fn groups_come_in_pages_where_a_size_is_asked_for() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let access = stage.ada.access_control();
    for at in 0..3 {
        let new: GroupCreate = body(json!({"name": format!("G{at}"), "description": "d"}));
        access.create_group().id(&itwin).body(new).send().await.unwrap();
    }
    stage.emulator.requests().clear();
    let one = access.list_groups().id(&itwin).send().await.unwrap();
    assert!(one.links.is_none() && one.groups.len() == 3);
    assert_eq!(whole!(access.list_groups().id(&itwin)), (3, Some(ListEnd::Complete)));
    assert_eq!(whole!(access.list_groups().id(&itwin).top(2)), (3, Some(ListEnd::Complete)));
    assert_eq!(stage.calls().len(), 4, "{:?}", stage.calls());
}

#[tokio::test]
async fn imodels_end_with_a_null_by_tokens_as_by_places() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    for at in 0..5 {
        new_imodel(&stage.ada, &itwin, &format!("M{at}")).await;
    }
    stage.emulator.requests().clear();
    let list = || stage.ada.imodels().list_imodels().itwin_id(&itwin).top(2);
    assert_eq!(whole!(list()), (5, Some(ListEnd::Complete)));
    assert!(stage.calls()[1].contains("$skip=2"), "{:?}", stage.calls());
    stage.emulator.requests().clear();
    let by_token = list().continuation_token("").representation();
    assert_eq!(whole!(by_token), (5, Some(ListEnd::Complete)));
    let calls = stage.calls();
    assert!(calls.len() == 3 && calls[1].contains("$continuationToken="), "{calls:?}");
    assert!(!calls.iter().any(|call| call.contains("skip")), "{calls:?}");
}

#[tokio::test]
async fn reality_data_end_without_a_link() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let reality = stage.ada.reality_management();
    for at in 0..3 {
        let new: RealityDataCreate =
            body(json!({"iTwinId": itwin, "displayName": format!("D{at}"), "type": "3MX",
                "classification": "Model"}));
        reality.create_reality_data().body(new).send().await.unwrap();
    }
    stage.emulator.requests().clear();
    let list = || reality.list_reality_data().itwin_id(&itwin).top(2);
    assert_eq!(whole!(list()), (3, Some(ListEnd::Complete)));
    let calls = stage.calls();
    assert!(calls.len() == 2 && calls[1].contains("continuationToken="), "{calls:?}");
}

#[tokio::test]
async fn a_crawl_goes_on_where_it_was_left() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    for at in 0..4 {
        new_imodel(&stage.ada, &itwin, &format!("M{at}")).await;
    }
    let list = || stage.ada.imodels().list_imodels().itwin_id(&itwin).top(2);
    let mut pages = list().pages();
    let first = pages.next_page().await.unwrap().unwrap();
    let kept = pages.continuation().unwrap().to_owned();
    drop(pages);
    let mut rest = list().pages_from(kept);
    let second = rest.next_page().await.unwrap().unwrap();
    let ids = |page: &twinkit_itwin::imodels::types::IModelsMinimalResponse| {
        page.imodels.iter().map(|imodel| imodel.id.clone()).collect::<Vec<_>>()
    };
    assert_eq!((first.imodels.len(), second.imodels.len()), (2, 2));
    assert!(ids(&first).iter().all(|id| !ids(&second).contains(id)));
    assert!(rest.next_page().await.is_none_or(|end| end.is_ok()));
}
