//! Files one by one, apart from their content.

use serde_json::json;

use super::{INVALID, Place, new_file, new_folder};

#[tokio::test]
async fn a_file_is_read_changed_moved_and_deleted() {
    let Place { stage, root, .. } = Place::new().await;
    let ada = &stage.ada;
    let id = new_file(ada, &root, "plan.pdf", "12345").await;
    let path = format!("/storage/files/{id}");
    let shown = ada.get(&path).await.expect(200).json()["file"].clone();
    assert_eq!((&shown["type"], &shown["size"]), (&json!("file"), &json!(5)));
    assert_eq!((&shown["id"], &shown["isFileLocked"]), (&json!(id), &json!(false)));
    assert_eq!((&shown["path"], &shown["parentFolderId"]), (&json!("plan.pdf"), &json!(root)));

    let body = json!({"displayName": "floor.pdf", "description": "The first"});
    let changed = ada.patch(&path, &body).await.expect(200).json()["file"].clone();
    assert_eq!(
        (&changed["displayName"], &changed["description"]),
        (&json!("floor.pdf"), &json!("The first"))
    );
    let answer = ada.patch(&path, &json!({"displayName": "floor.EXE"})).await;
    answer.refused_for("InvalidCreateFileRequest", "InvalidValue", "displayName");
    ada.patch(&path, &json!({"description": 1})).await.refused_for(
        INVALID,
        "InvalidValue",
        "description",
    );

    let plans = new_folder(ada, &root, "Plans").await;
    let target = json!({"parentFolderId": plans});
    let moved = ada.post(&format!("{path}/move"), &target).await.expect(200).json();
    assert_eq!(moved["file"]["path"], "Plans/floor.pdf");
    let other = new_file(ada, &root, "floor.pdf", "").await;
    let answer = ada.post(&format!("/storage/files/{other}/move"), &target).await;
    answer.refused_for("InvalidCreateFileRequest", "InvalidValue", "displayName");

    ada.delete(&path).await.expect(204);
    ada.get(&path).await.refused(404, "FileNotFound");
    ada.get(&format!("{path}/download")).await.refused(404, "FileNotFound");
    ada.delete(&path).await.refused(404, "FileNotFound");
}

#[tokio::test]
async fn folders_are_no_files_and_files_no_folders() {
    let Place { stage, root, .. } = Place::new().await;
    let file = new_file(&stage.ada, &root, "a", "a").await;
    let folder = new_folder(&stage.ada, &root, "b").await;
    stage.ada.get(&format!("/storage/folders/{file}")).await.refused(404, "FolderNotFound");
    stage.ada.get(&format!("/storage/files/{folder}")).await.refused(404, "FileNotFound");
    stage.ada.get(&format!("/storage/files/{root}")).await.refused(404, "FileNotFound");
    stage.ada.get(&format!("/storage/files/{file}/other")).await.refused(404, "ResourceNotFound");
    stage
        .ada
        .version(2)
        .get(&format!("/storage/files/{file}"))
        .await
        .refused(404, "ResourceNotFound");
    stage.ada.version(0).get(&format!("/storage/files/{file}")).await.expect(200);
}
