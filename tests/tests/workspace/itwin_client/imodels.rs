//! Histories of iModels: pushed, fetched, named, and the newest of each.

use serde_json::json;
use twinkit_itwin::ITwinErrorExt as _;
use twinkit_itwin::imodels::Conflict;
use twinkit_itwin::imodels::enums::ChangesetState;
use twinkit_itwin::imodels::types::{NamedVersionCreate, NamedVersionUpdate};
use twinkit_tests::support::itwin_stage::ITwinStage;

use super::support::{
    bare_transfers, body, bytes, changeset_id, new_briefcase, new_imodel, new_itwin, push, stage,
    steps,
};

async fn history(length: u32) -> (ITwinStage, String, i64) {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let imodel = new_imodel(&stage.ada, &itwin, "M").await;
    let briefcase = new_briefcase(&stage.ada, &imodel).await;
    for number in 1..=length {
        push(&stage.ada, &imodel, briefcase, number, bytes(number as usize)).run().await.unwrap();
    }
    (stage, imodel, briefcase)
}

async fn name(stage: &ITwinStage, imodel: &str, number: u32, name: &str) -> String {
    let new: NamedVersionCreate = body(json!({"name": name, "changesetId": changeset_id(number)}));
    let made =
        stage.ada.imodels().create_named_version().id(imodel).body(new).send().await.unwrap();
    made.into_inner().named_version.id
}

#[tokio::test]
async fn changesets_are_pushed_in_three_steps_and_the_latest_is_found() {
    let (stage, imodel, briefcase) = history(0).await;
    let imodels = stage.ada.imodels();
    assert!(imodels.latest_changeset(&imodel).await.unwrap().is_none());
    stage.emulator.requests().clear();
    let first = push(&stage.ada, &imodel, briefcase, 1, bytes(5)).run().await.unwrap();
    assert_eq!((first.index, first.state), (1, ChangesetState::FileUploaded));
    assert_eq!((stage.calls().len(), steps(&bare_transfers(&stage)).len()), (2, 1));
    for number in 2..=12 {
        push(&stage.ada, &imodel, briefcase, number, bytes(5)).run().await.unwrap();
    }
    let latest = imodels.latest_changeset(&imodel).await.unwrap().unwrap();
    assert_eq!((latest.index, latest.id), (12, changeset_id(12)), "12 is behind 9, not before 2");
    for key in ["7".to_owned(), changeset_id(7)] {
        let fetched = imodels.fetch_changeset(&imodel, key.as_str()).bytes(5).await.unwrap();
        assert!(fetched == bytes(5));
    }
    assert!(bare_transfers(&stage).len() == 14);
}

#[tokio::test]
async fn a_push_behind_others_is_told_with_what_they_changed() {
    let (stage, imodel, briefcase) = history(2).await;
    let late = push(&stage.ada, &imodel, briefcase, 2, bytes(2)).run().await.unwrap_err();
    assert!(late.error.is_already_there(), "{late}");
    let new = json!({"id": changeset_id(9), "parentId": changeset_id(1), "fileSize": 2,
        "briefcaseId": briefcase});
    let behind = stage.ada.imodels().push_changeset(&imodel, body(new), bytes(2));
    let behind = behind.run().await.unwrap_err();
    assert!(behind.error.is_behind() && behind.point.is_none(), "{behind}");
    assert!(behind.error.hint().unwrap().contains("Conflict"));
    assert!(Conflict::of(&behind.error).locks.is_empty());
    // Another briefcase is in the way while its push is open.
    let other = new_briefcase(&stage.ada, &imodel).await;
    let new = json!({"id": changeset_id(3), "parentId": changeset_id(2), "fileSize": 1,
        "briefcaseId": other});
    let new: twinkit_itwin::imodels::types::ChangesetCreate = body(new);
    stage.ada.imodels().create_changeset().id(&imodel).body(new).send().await.unwrap();
    let held = push(&stage.ada, &imodel, briefcase, 3, bytes(2)).run().await.unwrap_err();
    assert!(held.error.is_held_by_others(), "{held}");
}

#[tokio::test]
async fn named_versions_are_found_by_name_and_the_newest_that_is_visible() {
    let (stage, imodel, _) = history(3).await;
    let imodels = stage.ada.imodels();
    assert!(imodels.latest_named_version(&imodel).await.unwrap().is_none());
    name(&stage, &imodel, 2, "Design").await;
    let newest = name(&stage, &imodel, 3, "As built").await;
    name(&stage, &imodel, 1, "Design 1").await;
    let latest = imodels.latest_named_version(&imodel).await.unwrap().unwrap();
    assert_eq!((latest.name.as_str(), latest.changeset_index), ("As built", 3));
    let change: NamedVersionUpdate = body(json!({"state": "hidden"}));
    let hide = imodels.update_named_version().id(&imodel).named_version_id(&newest).body(change);
    hide.send().await.unwrap();
    let latest = imodels.latest_named_version(&imodel).await.unwrap().unwrap();
    assert_eq!(latest.name, "Design");
    let named = imodels.named_version(&imodel, "Design 1").await.unwrap().unwrap();
    assert_eq!(named.changeset_id.as_deref(), Some(changeset_id(1).as_str()));
    assert!(imodels.named_version(&imodel, "design").await.unwrap().is_none());
}
