//! Files of Storage: put, replaced and fetched in one call each, of any size.

use std::sync::{Arc, Mutex};

use serde_json::json;
use twinkit_itwin::storage::types::ItemCreate;
use twinkit_itwin::{Contents, ErrorKind, FolderId};
use twinkit_tests::support::itwin_stage::ITwinStage;

use super::support::{bare_transfers, body, bytes, new_itwin, stage, steps};

async fn root() -> (ITwinStage, FolderId) {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let root = stage.ada.storage().root_folder(&itwin).await.unwrap();
    stage.emulator.requests().clear();
    (stage, root)
}

#[tokio::test]
async fn a_file_is_created_put_and_completed_in_one_call() {
    let (stage, root) = root().await;
    let storage = stage.ada.storage();
    let file = storage.upload_file(&root, "plan.pdf", &b"a plan"[..]).run().await.unwrap();
    assert_eq!((file.display_name.as_str(), file.size), ("plan.pdf", Some(6)));
    let calls = stage.calls();
    assert!(calls.len() == 2 && calls[1].ends_with("/complete"), "{calls:?}");
    let transfers = bare_transfers(&stage);
    assert_eq!(steps(&transfers), ["PUT 201"]);
    assert_eq!(transfers[0].headers["x-ms-blob-type"], "BlockBlob");
    assert_eq!(transfers[0].headers["content-length"], "6");
    assert_eq!(storage.fetch_file(&file.id).bytes(6).await.unwrap(), "a plan");

    let other = storage.replace_file(&file.id, Vec::new()).run().await.unwrap();
    assert_eq!((&other.id, other.size), (&file.id, Some(0)));
    assert_eq!(storage.fetch_file(&file.id).bytes(0).await.unwrap(), "");
    assert_eq!(steps(&bare_transfers(&stage)), ["PUT 201", "GET 200", "PUT 201", "GET 200"]);
}

#[tokio::test]
async fn what_is_above_the_limit_goes_in_blocks_and_comes_back_the_same() {
    let (stage, root) = root().await;
    let folder = tempfile::tempdir().unwrap();
    let (from, to) = (folder.path().join("from.bin"), folder.path().join("to.bin"));
    let contents = bytes(1_000_000);
    std::fs::write(&from, &contents).unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&told);
    let storage = stage.ada.storage();
    let upload = storage.upload_file(&root, "scan.las", Contents::file(&from)).in_blocks(300_000);
    let upload = upload.on_progress(move |at| notes.lock().unwrap().push((at.done, at.total)));
    let file = upload.run().await.unwrap();
    assert_eq!(file.size, Some(1_000_000));
    let mut done = steps(&bare_transfers(&stage));
    assert_eq!(done.pop().as_deref(), Some("PUT blocklist 201"), "the list comes last");
    done.sort();
    assert_eq!(done, ["PUT block  201", "PUT block 1 201", "PUT block 2 201", "PUT block 3 201"]);
    let told = told.lock().unwrap().clone();
    assert_eq!(told.last(), Some(&(1_000_000, Some(1_000_000))));
    assert!(told.len() > 3 && told.is_sorted(), "{told:?}");

    assert_eq!(storage.fetch_file(&file.id).to_file(&to).await.unwrap(), 1_000_000);
    assert!(std::fs::read(&to).unwrap() == contents);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no part is left");

    // Just the limit goes in one request.
    stage.emulator.requests().clear();
    let upload = storage.replace_file(&file.id, Contents::file(&from)).in_blocks(1_000_000);
    upload.run().await.unwrap();
    assert_eq!(steps(&bare_transfers(&stage)), ["PUT 201"]);
}

#[tokio::test]
async fn a_name_that_is_taken_is_told_before_anything_is_put() {
    let (stage, root) = root().await;
    let storage = stage.ada.storage();
    storage.upload_file(&root, "plan.pdf", &b"a"[..]).run().await.unwrap();
    stage.emulator.requests().clear();
    let failed = storage.upload_file(&root, "PLAN.pdf", &b"b"[..]).run().await.unwrap_err();
    assert!(failed.point.is_none() && stage.transfers().is_empty());
    assert_eq!(failed.error.kind(), ErrorKind::Rejected);
    assert_eq!(failed.error.operation(), Some("create_file"));
    let missing = storage.upload_file(&root, "x", Contents::file("/no/such/file")).run().await;
    assert!(missing.unwrap_err().to_string().contains("/no/such/file"));
    let error = storage.fetch_file("bm8tc3VjaC1maWxl").bytes(1).await.unwrap_err();
    assert!(error.is_not_found(), "{error}");
}

#[tokio::test]
async fn files_lie_in_folders_and_large_answers_are_bounded() {
    let (stage, root) = root().await;
    let storage = stage.ada.storage();
    let new: ItemCreate = body(json!({"displayName": "Drawings"}));
    let folder = storage.create_folder().folder_id(&root).body(new).send().await.unwrap();
    let file = storage.upload_file(&folder.folder.id, "a.bin", bytes(1000)).run().await.unwrap();
    let within = storage.list_folder_files().folder_id(&folder.folder.id).items();
    assert_eq!(within.into_vec().await.unwrap()[0].id, file.id);
    let error = storage.fetch_file(&file.id).bytes(999).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let mut reading = storage.fetch_file(&file.id).open().await.unwrap();
    let mut read = Vec::new();
    while let Some(piece) = reading.next().await.unwrap() {
        read.extend_from_slice(&piece);
    }
    assert!(read == bytes(1000) && reading.point().offset == 1000);
    bare_transfers(&stage);
}
