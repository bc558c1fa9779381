//! Folders one by one.

use serde_json::{Value, json};

use super::{INVALID, Place, new_file, new_folder, root};
use crate::support::MISSING;

#[tokio::test]
async fn a_folder_is_made_read_changed_and_deleted() {
    let Place { stage, itwin, root, .. } = Place::new().await;
    let list = format!("/storage/folders/{root}/folders");
    let body = json!({"displayName": "Plans", "description": "Of floors"});
    let made = stage.ada.post(&list, &body).await.expect(201).json()["folder"].clone();
    let id = made["id"].as_str().unwrap();
    assert!(id.len() == 43 && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b)));
    let user = format!(
        "{}/accesscontrol/itwins/{itwin}/members/{}",
        stage.emulator.itwin_url(),
        stage.ada.id
    );
    assert_eq!(made["type"], "folder");
    assert_eq!(
        (&made["displayName"], &made["description"]),
        (&json!("Plans"), &json!("Of floors"))
    );
    assert_eq!((&made["path"], &made["parentFolderId"]), (&json!("Plans"), &json!(root)));
    assert_eq!(made["lastModifiedByDisplayName"], "Ada Owner");
    assert_eq!(made["_links"]["createdBy"]["href"], *user);
    let parent = format!("{}/storage/folders/{root}", stage.emulator.itwin_url());
    assert_eq!(made["_links"]["parentFolder"]["href"], *parent);
    assert!(made["createdDateTime"].as_str().unwrap().ends_with('Z'));

    let path = format!("/storage/folders/{id}");
    assert_eq!(stage.ada.get(&path).await.expect(200).json()["folder"], made);
    let inner = new_folder(&stage.ada, id, "First").await;
    let changed = stage.ada.patch(&path, &json!({"displayName": "Drawings"})).await;
    let changed = changed.expect(200).json()["folder"].clone();
    assert_eq!(
        (&changed["displayName"], &changed["description"]),
        (&json!("Drawings"), &json!("Of floors"))
    );
    let changed = stage.ada.patch(&path, &json!({"description": null})).await.expect(200).json();
    assert_eq!(changed["folder"]["description"], Value::Null);
    let inner = format!("/storage/folders/{inner}");
    let shown = stage.ada.get(&inner).await.expect(200).json();
    assert_eq!(shown["folder"]["path"], "Drawings/First");

    stage.ada.delete(&path).await.expect(204);
    stage.ada.get(&path).await.refused(404, "FolderNotFound");
    stage.ada.get(&inner).await.refused(404, "FolderNotFound");
    stage.ada.delete(&path).await.refused(404, "FolderNotFound");
}

#[tokio::test]
async fn the_root_folder_is_there_and_stays() {
    let Place { stage, root, .. } = Place::new().await;
    let path = format!("/storage/folders/{root}");
    let shown = stage.ada.get(&path).await.expect(200).json()["folder"].clone();
    assert_eq!((&shown["id"], &shown["parentFolderId"]), (&json!(root), &Value::Null));
    assert_eq!((&shown["displayName"], &shown["path"]), (&json!("Bridge"), &json!("")));
    let inner = new_folder(&stage.ada, &root, "Plans").await;
    let refused = [
        stage.ada.patch(&path, &json!({"displayName": "A"})).await,
        stage.ada.post(&format!("{path}/move"), &json!({"parentFolderId": inner})).await,
        stage.ada.delete(&path).await,
    ];
    for answer in refused {
        answer.refused_for(INVALID, "InvalidValue", "folderId");
    }
}

#[tokio::test]
async fn a_folder_is_moved_with_all_that_lies_in_it() {
    let Place { stage, root: top, .. } = Place::new().await;
    let ada = &stage.ada;
    let plans = new_folder(ada, &top, "Plans").await;
    let old = new_folder(ada, &top, "Old").await;
    let file = new_file(ada, &plans, "a.pdf", "a").await;
    let path = format!("/storage/folders/{plans}/move");
    let moved = ada.post(&path, &json!({"parentFolderId": old})).await.expect(200).json();
    assert_eq!(
        (&moved["folder"]["id"], &moved["folder"]["path"]),
        (&json!(plans), &json!("Old/Plans"))
    );
    let shown = ada.get(&format!("/storage/files/{file}")).await.expect(200).json();
    assert_eq!(shown["file"]["path"], "Old/Plans/a.pdf");

    ada.post(&path, &json!({})).await.refused_for(
        INVALID,
        "MissingRequiredProperty",
        "parentFolderId",
    );
    ada.post(&path, &json!({"parentFolderId": "x"})).await.refused(404, "FolderNotFound");
    let other = ada.new_itwin("Tunnel").await;
    let inner = new_folder(ada, &plans, "Inner").await;
    for target in [plans.clone(), inner, root(ada, &other).await] {
        let answer = ada.post(&path, &json!({"parentFolderId": target})).await;
        answer.refused_for(INVALID, "InvalidValue", "parentFolderId");
    }
    let path = format!("/storage/folders/{old}/move");
    let answer = ada.post(&path, &json!({"parentFolderId": plans})).await;
    answer.refused_for(INVALID, "InvalidValue", "parentFolderId");
}

#[tokio::test]
async fn names_have_rules() {
    let Place { stage, root, .. } = Place::new().await;
    let list = format!("/storage/folders/{root}/folders");
    new_folder(&stage.ada, &root, "Plans").await;
    stage.ada.post(&list, &json!({})).await.refused_for(
        INVALID,
        "MissingRequiredProperty",
        "displayName",
    );
    for name in [json!(""), json!(" "), json!("n".repeat(256)), json!(1)] {
        let answer = stage.ada.post(&list, &json!({"displayName": name})).await;
        answer.refused_for(INVALID, "InvalidValue", "displayName");
    }
    for name in ["a/b", "a\\b", "a:b", "a\nb", "what?"] {
        // The platform names no target here.
        let answer = stage.ada.post(&list, &json!({"displayName": name})).await;
        answer.refused_for(INVALID, "InvalidValue", "");
    }
    let answer = stage.ada.post(&list, &json!({"displayName": "PLANS"})).await;
    answer.refused_for("InvalidCreateFolderRequest", "InvalidValue", "displayName");
    let other = new_folder(&stage.ada, &root, &"n".repeat(255)).await;
    let path = format!("/storage/folders/{other}");
    let answer = stage.ada.patch(&path, &json!({"displayName": "plans"})).await;
    answer.refused_for("InvalidCreateFolderRequest", "InvalidValue", "displayName");
    stage.ada.patch(&path, &json!({"displayName": null})).await.refused(422, INVALID);
    stage.ada.patch(&path, &json!({"displayName": "setup.exe"})).await.expect(200);
}

#[tokio::test]
async fn who_may_do_what_is_said_by_permissions() {
    let Place { stage, itwin, root } = Place::new().await;
    let plans = new_folder(&stage.ada, &root, "Plans").await;
    let path = format!("/storage/folders/{plans}");
    let stranger = stage.person("Eve").await;
    stranger.get(&path).await.refused(404, "FolderNotFound");
    stranger.get(&format!("/storage?iTwinId={itwin}")).await.refused_for(
        INVALID,
        "InvalidValue",
        "iTwinId",
    );
    for odd in [MISSING, "x", "%2F", "..%2f", "UQBsw5AFgkK-L-0-hSCtAVEAbMOQBYJCvi_tPoUgrQE"] {
        let path = format!("/storage/folders/{odd}");
        stage.ada.get(&path).await.refused(404, "FolderNotFound");
        let path = format!("/storage/files/{odd}");
        stage.ada.get(&path).await.refused(404, "FileNotFound");
    }

    let reader = stage.member(&itwin, "Rea", &["storage_read"]).await;
    reader.get(&path).await.expect(200);
    let name = json!({"displayName": "A"});
    reader.patch(&path, &name).await.refused(403, "InsufficientPermissions");
    reader.post(&format!("{path}/files"), &name).await.refused(403, "InsufficientPermissions");
    let writer = stage.member(&itwin, "Wri", &["storage_write"]).await;
    writer.patch(&path, &name).await.expect(200);
    writer.get(&path).await.refused(403, "InsufficientPermissions");
    writer.delete(&path).await.refused(403, "InsufficientPermissions");
    let cleaner = stage.member(&itwin, "Cle", &["storage_delete"]).await;
    cleaner.delete(&path).await.expect(204);
}
