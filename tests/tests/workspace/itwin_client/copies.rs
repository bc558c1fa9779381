//! Clones, forks and iModels from a baseline file, followed to their end.

use std::time::Duration;

use serde_json::json;
use twinkit_emulator::itwin::ImodelOutcome;
use twinkit_itwin::imodels::enums::{BaselineFileState, IModelState};
use twinkit_itwin::imodels::types::{IModelClone, IModelCreate, IModelFork};
use twinkit_itwin::{Contents, ErrorKind, Wait};
use twinkit_tests::support::itwin_stage::ITwinStage;

use super::support::{
    bare_transfers, body, bytes, new_briefcase, new_imodel, new_itwin, push, stage, steps,
};

/// A wait that lets the emulator's time go by with each look.
fn hurried<T: Send + Sync + 'static>(stage: &ITwinStage, wait: Wait<T>) -> Wait<T> {
    let clock = stage.emulator.clock().clone();
    let wait = wait.every(Duration::from_millis(1), Duration::from_millis(5));
    wait.on_look(move |_| clock.advance(Duration::from_millis(600)))
}

#[tokio::test]
async fn a_clone_and_a_fork_are_followed_until_they_can_be_used() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let imodel = new_imodel(&stage.ada, &itwin, "M").await;
    let briefcase = new_briefcase(&stage.ada, &imodel).await;
    push(&stage.ada, &imodel, briefcase, 1, bytes(9)).run().await.unwrap();
    let imodels = stage.ada.imodels();

    let wish: IModelClone = body(json!({"iTwinId": itwin, "name": "Clone"}));
    let clone = imodels.start_clone(&imodel, wish).await.unwrap();
    let made = imodels.get_imodel().id(&clone.imodel).send().await.unwrap().into_inner().imodel;
    assert_eq!((made.name.as_str(), made.state), ("Clone", IModelState::NotInitialized));
    let ended = hurried(&stage, clone.ready()).wait().await.unwrap();
    assert_eq!(ended.state.as_str(), "successful");
    assert_eq!(ended.cloned_from.unwrap().imodel_id, imodel);
    let made = imodels.get_imodel().id(&clone.imodel).send().await.unwrap().into_inner().imodel;
    assert_eq!(made.state, IModelState::Initialized);
    assert!(imodels.latest_changeset(&clone.imodel).await.unwrap().is_none());

    let wish: IModelFork = body(json!({"iTwinId": itwin, "name": "Fork", "preserveHistory": true}));
    let fork = imodels.start_fork(&imodel, wish).await.unwrap();
    hurried(&stage, fork.ready()).wait().await.unwrap();
    assert_eq!(imodels.latest_changeset(&fork.imodel).await.unwrap().unwrap().index, 1);
    assert!(imodels.fetch_changeset(&fork.imodel, 1).bytes(9).await.unwrap() == bytes(9));
    assert_eq!(bare_transfers(&stage).len(), 2);
}

#[tokio::test]
async fn a_copy_that_fails_says_why() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let imodel = new_imodel(&stage.ada, &itwin, "M").await;
    stage.emulator.itwin().set_imodel_outcome(ImodelOutcome::Failed);
    let wish: IModelClone = body(json!({"iTwinId": itwin, "name": "Clone"}));
    let clone = stage.ada.imodels().start_clone(&imodel, wish).await.unwrap();
    let error = hurried(&stage, clone.ready()).wait().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationFailed);
    assert!(error.code().is_some() && error.to_string().contains("not made"), "{error}");
}

#[tokio::test]
async fn an_imodel_is_made_from_a_file_in_one_call() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bridge.bim");
    std::fs::write(&path, bytes(250_000)).unwrap();
    stage.emulator.requests().clear();
    let imodels = stage.ada.imodels();
    let wish: IModelCreate = body(json!({"iTwinId": itwin, "name": "M"}));
    let making = imodels.create_from_baseline(wish.clone(), Contents::file(&path));
    let imodel = making.in_blocks(100_000).run().await.unwrap();
    assert_eq!(stage.calls().len(), 2, "made, and completed: {:?}", stage.calls());
    assert!(steps(&bare_transfers(&stage)).last().unwrap().contains("blocklist"));
    let wait = imodels.wait_for_baseline(&imodel);
    let file = hurried(&stage, wait).wait().await.unwrap();
    assert_eq!((file.file_size, file.state), (250_000, BaselineFileState::Initialized));
    hurried(&stage, imodels.wait_for_creation(&imodel)).wait().await.unwrap();
    let checkpoint = imodels.fetch_checkpoint(&imodel, 0).bytes(250_000).await.unwrap();
    assert!(checkpoint == bytes(250_000));

    // The name is taken: nothing is put.
    stage.emulator.requests().clear();
    let failed = imodels.create_from_baseline(wish, bytes(1)).run().await.unwrap_err();
    assert!(failed.point.is_none() && stage.transfers().is_empty(), "{failed}");
}

#[tokio::test]
async fn the_one_address_of_a_baseline_is_not_asked_for_again() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let fault = twinkit_emulator::faults::Fault::empty_forbidden().on("storage").times(1);
    stage.emulator.faults().next(fault);
    let wish: IModelCreate = body(json!({"iTwinId": itwin, "name": "M"}));
    let making = || stage.ada.imodels().create_from_baseline(wish.clone(), bytes(5));
    let failed = making().run().await.unwrap_err();
    assert!(failed.error.hint().unwrap().contains("make it anew"), "{failed}");
    let point = *failed.point.unwrap();
    let id = point.id().to_owned();
    assert!(stage.ada.imodels().get_imodel().id(id.as_str()).send().await.is_ok());
    // The address was good after all: the point goes on with the same iModel.
    assert_eq!(making().resume(point).run().await.unwrap().as_str(), id);
}

#[tokio::test]
async fn a_baseline_that_changes_on_the_way_names_the_imodel_that_stays_behind() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bridge.bim");
    std::fs::write(&path, bytes(5)).unwrap();
    let wish: IModelCreate = body(json!({"iTwinId": itwin, "name": "M"}));
    let making = stage.ada.imodels().create_from_baseline(wish, Contents::file(&path));
    let making = making.on_progress(move |_| std::fs::write(&path, "longer than it was").unwrap());
    let failed = making.run().await.unwrap_err();
    assert!(failed.to_string().contains("the file was changed meanwhile"), "{failed}");
    let left = failed.point.as_ref().unwrap().id();
    let advice = format!("delete iModel {left}, and make it anew");
    assert!(failed.error.hint().unwrap().starts_with(&advice), "{failed}");
    stage.ada.imodels().delete_imodel().id(left).send().await.unwrap();
}
