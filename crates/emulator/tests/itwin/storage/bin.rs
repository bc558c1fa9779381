//! The recycle bin.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Place, downloaded, new_file, new_folder};
use crate::support::{Caller, each};

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn names(caller: &Caller, list: &str) -> Vec<String> {
    let listed: Value = caller.get(list).await.expect(200).json();
    assert!(listed["_links"]["next"]["href"].is_string());
    each(&listed["items"], "displayName")
}

#[tokio::test]
async fn what_is_deleted_comes_back() {
    let Place { stage, itwin, root } = Place::new().await;
    let ada = &stage.ada;
    let bin = format!("/storage/recycleBin?iTwinId={itwin}");
    let top = format!("/storage?iTwinId={itwin}");
    let plans = new_folder(ada, &root, "Plans").await;
    let inner = new_file(ada, &plans, "a.pdf", "inner").await;
    let file = new_file(ada, &root, "b.pdf", "file").await;
    ada.delete(&format!("/storage/files/{file}")).await.expect(204);
    ada.delete(&format!("/storage/folders/{plans}")).await.expect(204);
    assert_eq!(names(ada, &bin).await, ["Plans", "b.pdf"]);
    assert!(names(ada, &top).await.is_empty());
    ada.get(&format!("/storage/files/{inner}")).await.refused(404, "FileNotFound");

    let restore = format!("/storage/recycleBin/folders/{plans}/restore");
    ada.mark(&restore).await.expect(204);
    ada.mark(&restore).await.refused(404, "FolderNotFound");
    assert_eq!(downloaded(ada, &inner).await, "inner");
    ada.mark(&format!("/storage/recyclebin/files/{file}/restore")).await.expect(204);
    assert_eq!(names(ada, &top).await, ["Plans", "b.pdf"]);
    assert!(names(ada, &bin).await.is_empty());
}

#[tokio::test]
async fn what_has_no_folder_any_more_goes_to_the_root() {
    let Place { stage, itwin, root } = Place::new().await;
    let ada = &stage.ada;
    let plans = new_folder(ada, &root, "Plans").await;
    let file = new_file(ada, &plans, "a.pdf", "a").await;
    ada.delete(&format!("/storage/files/{file}")).await.expect(204);
    ada.delete(&format!("/storage/folders/{plans}")).await.expect(204);
    let restore = format!("/storage/recyclebin/files/{file}/restore");
    let taken = new_file(ada, &root, "A.pdf", "other").await;
    let answer = ada.mark(&restore).await;
    answer.refused_for("InvalidCreateFileRequest", "InvalidValue", "displayName");
    ada.delete(&format!("/storage/files/{taken}")).await.expect(204);
    ada.mark(&restore).await.expect(204);
    let shown = ada.get(&format!("/storage/files/{file}")).await.expect(200).json();
    assert_eq!(
        (&shown["file"]["path"], &shown["file"]["parentFolderId"]),
        (&json!("a.pdf"), &json!(root))
    );
    assert_eq!(
        names(ada, &format!("/storage/recyclebin?iTwinId={itwin}")).await,
        ["Plans", "A.pdf"]
    );
}

#[tokio::test]
async fn what_is_purged_is_gone() {
    let Place { stage, itwin, root } = Place::new().await;
    let ada = &stage.ada;
    let plans = new_folder(ada, &root, "Plans").await;
    let inner = new_file(ada, &plans, "a.pdf", "a").await;
    let answer = ada.get(&format!("/storage/files/{inner}/download")).await.expect(302);
    let content = answer.headers["location"].to_str().unwrap().to_owned();
    let purge = format!("/storage/recyclebin/folders/{plans}");
    ada.delete(&purge).await.refused(404, "FolderNotFound");
    ada.delete(&format!("/storage/files/{inner}")).await.expect(204);
    ada.delete(&format!("/storage/folders/{plans}")).await.expect(204);
    let keeper = stage.member(&itwin, "Kee", &["storage_read", "storage_write"]).await;
    keeper.delete(&purge).await.refused(403, "InsufficientPermissions");
    ada.delete(&purge).await.expect(204);
    ada.delete(&purge).await.refused(404, "FolderNotFound");
    ada.mark(&format!("/storage/recyclebin/files/{inner}/restore"))
        .await
        .refused(404, "FileNotFound");
    assert!(names(ada, &format!("/storage/recyclebin?iTwinId={itwin}")).await.is_empty());
    assert_eq!(crate::support::client().get(&content).send().await.unwrap().status(), 404);
    let file = new_file(ada, &root, "b.pdf", "b").await;
    ada.delete(&format!("/storage/files/{file}")).await.expect(204);
    ada.delete(&format!("/storage/recycleBin/files/{file}")).await.expect(204);
    ada.delete(&format!("/storage/recycleBin/files/{file}")).await.refused(404, "FileNotFound");
}

#[tokio::test]
async fn the_bin_is_emptied_after_thirty_days() {
    let Place { stage, itwin, root } = Place::new().await;
    let bin = format!("/storage/recyclebin?iTwinId={itwin}");
    let old = new_file(&stage.ada, &root, "old.pdf", "a").await;
    let new = new_file(&stage.ada, &root, "new.pdf", "a").await;
    stage.ada.delete(&format!("/storage/files/{old}")).await.expect(204);
    stage.emulator.clock().advance(29 * DAY);
    // Tokens do not live as long.
    let ada = stage.again().await;
    ada.delete(&format!("/storage/files/{new}")).await.expect(204);
    assert_eq!(names(&ada, &bin).await, ["old.pdf", "new.pdf"]);
    stage.emulator.clock().advance(DAY);
    let ada = stage.again().await;
    assert_eq!(names(&ada, &bin).await, ["new.pdf"]);
    let gone = ada.mark(&format!("/storage/recyclebin/files/{old}/restore")).await;
    gone.refused(404, "FileNotFound");
    ada.delete(&format!("/storage/recyclebin/files/{old}")).await.refused(404, "FileNotFound");
}
