//! Locks.

use serde_json::json;

use super::{INVALID, Place, complete, new_file, new_folder};
use crate::support::each;

#[tokio::test]
async fn a_locked_file_is_changed_by_nobody_else() {
    let Place { stage, itwin, root } = Place::new().await;
    let all = ["storage_read", "storage_write", "storage_delete"];
    let bob = stage.member(&itwin, "Bob", &all).await;
    let eve = stage.member(&itwin, "Eve", &all).await;
    let id = new_file(&stage.ada, &root, "plan.pdf", "a").await;
    let files = json!({"fileIds": [id]});
    let folder = format!("/storage/folders/{root}");
    let locked = bob.post(&format!("{folder}/lock"), &files).await.expect(200).json();
    assert_eq!(each(&locked["files"], "id"), [id.as_str()]);
    assert_eq!(locked["files"][0]["isFileLocked"], true);

    let path = format!("/storage/files/{id}");
    let name = json!({"displayName": "other.pdf"});
    for answer in [
        eve.patch(&path, &name).await,
        eve.delete(&path).await,
        eve.mark(&format!("{path}/updateContent")).await,
        eve.post(&format!("{path}/move"), &json!({"parentFolderId": root})).await,
        complete(&eve, &id).await,
    ] {
        answer.refused_for(INVALID, "InvalidValue", "fileId");
    }
    eve.get(&format!("{path}/download")).await.expect(302);
    for way in ["lock", "unlock"] {
        let answer = eve.post(&format!("{folder}/{way}"), &files).await;
        answer.refused_for(INVALID, "InvalidValue", "fileIds[0]");
    }
    bob.patch(&path, &name).await.expect(200);
    bob.post(&format!("{folder}/lock"), &files).await.expect(200);
    // Owners may unlock what others locked.
    let unlocked = stage.ada.post(&format!("{folder}/unlock"), &files).await.expect(200).json();
    assert_eq!(unlocked["files"][0]["isFileLocked"], false);
    eve.delete(&path).await.expect(204);
}

#[tokio::test]
async fn all_files_of_a_request_are_locked_or_none() {
    let Place { stage, root, .. } = Place::new().await;
    let ada = &stage.ada;
    let plans = new_folder(ada, &root, "Plans").await;
    let here = new_file(ada, &root, "a.pdf", "a").await;
    let there = new_file(ada, &plans, "b.pdf", "b").await;
    let path = format!("/storage/folders/{root}/lock");
    ada.post(&path, &json!({"fileIds": [here, there]})).await.refused(404, "FileNotFound");
    let shown = ada.get(&format!("/storage/files/{here}")).await.expect(200).json();
    assert_eq!(shown["file"]["isFileLocked"], false);
    for body in [json!({"fileIds": []}), json!({"fileIds": [1]})] {
        ada.post(&path, &body).await.refused_for(INVALID, "InvalidValue", "fileIds");
    }
    ada.post(&path, &json!({})).await.refused_for(INVALID, "MissingRequiredProperty", "fileIds");
    let path = format!("/storage/folders/{here}/unlock");
    ada.post(&path, &json!({"fileIds": [here]})).await.refused(404, "FolderNotFound");
}
