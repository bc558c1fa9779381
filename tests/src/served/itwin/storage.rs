//! Folders and files, their locks, and the recycle bin.

use serde_json::{Value, json};
use twinkit_itwin::storage::Client;

use super::{MISSING, Stand, one, put, text};
use crate::coverage::itwin::Storage;
use crate::generated::Values;
use crate::served;

type Play = served::Play<Client, Storage>;

pub(super) async fn play(play: &mut Play, stand: &Stand) -> anyhow::Result<()> {
    let itwin_id = stand.itwin("North Bridge").await?;
    let listed = play.succeeds("list_top_level", one("iTwinId", &itwin_id)).await;
    play.refused("list_top_level", one("iTwinId", "no GUID")).await;
    let root = text(listed.as_ref(), "/_links/folder/href");
    let root = root.rsplit('/').next().unwrap_or_default().to_owned();
    let (outer, inner) = folders(play, &root).await;
    let id = files(play, &outer).await?;
    lists(play, &outer).await;
    locks(play, &outer, &id).await;
    play.succeeds("move_folder", folder(&inner).with("body", parent(&root))).await;
    play.refused("move_folder", folder(&inner).with("body", parent(MISSING))).await;
    play.succeeds("move_file", file(&id).with("body", parent(&inner))).await;
    play.refused("move_file", file(&id).with("body", parent(MISSING))).await;
    bin(play, &itwin_id, &outer, &id).await;
    Ok(())
}

fn folder(id: &str) -> Values {
    one("folderId", id)
}

fn file(id: &str) -> Values {
    one("fileId", id)
}

fn parent(id: &str) -> Value {
    json!({"parentFolderId": id})
}

/// Gives the ids of a folder and of one in it.
async fn folders(play: &mut Play, root: &str) -> (String, String) {
    let named = |id: &str, name: &str| folder(id).with("body", json!({"displayName": name}));
    let outer = json!({"displayName": "Drawings", "description": "All of them."});
    let outer = play.succeeds("create_folder", folder(root).with("body", outer)).await;
    play.refused("create_folder", named(root, "Drawings")).await;
    play.refused("create_folder", named(MISSING, "Drawings")).await;
    let outer = text(outer.as_ref(), "/folder/id");
    let inner = play.succeeds("create_folder", named(&outer, "Old")).await;
    let inner = text(inner.as_ref(), "/folder/id");
    play.succeeds("get_folder", folder(root)).await;
    play.succeeds("get_folder", folder(&outer)).await;
    play.refused("get_folder", folder(MISSING)).await;
    play.succeeds("update_folder", named(&inner, "Older")).await;
    play.refused("update_folder", named(&inner, "a/b")).await;
    play.refused("update_folder", named(MISSING, "x")).await;
    (outer, inner)
}

/// Gives the id of a file in the folder.
async fn files(play: &mut Play, folder_id: &str) -> anyhow::Result<String> {
    let named = |id: &str, name: &str| folder(id).with("body", json!({"displayName": name}));
    let uploading = play.succeeds("create_file", named(folder_id, "plan.txt")).await;
    play.refused("create_file", named(folder_id, "a/b")).await;
    play.refused("create_file", named(MISSING, "plan.txt")).await;
    put(&text(uploading.as_ref(), "/_links/uploadUrl/href"), "a plan").await?;
    let complete = text(uploading.as_ref(), "/_links/completeUrl/href");
    let id = complete.rsplit('/').nth(1).unwrap_or_default().to_owned();
    play.succeeds("complete_file", file(&id)).await;
    play.refused("complete_file", file(MISSING)).await;
    let again = play.succeeds("update_file_content", file(&id)).await;
    play.refused("update_file_content", file(MISSING)).await;
    put(&text(again.as_ref(), "/_links/uploadUrl/href"), "a better plan").await?;
    play.succeeds("complete_file", file(&id)).await;
    play.succeeds("get_file", file(&id)).await;
    play.refused("get_file", file(MISSING)).await;
    let change = json!({"description": "How it is done."});
    play.succeeds("update_file", file(&id).with("body", change.clone())).await;
    play.refused("update_file", file(MISSING).with("body", change)).await;
    play.succeeds("download_file", file(&id)).await;
    play.refused("download_file", file(MISSING)).await;
    Ok(id)
}

async fn lists(play: &mut Play, folder_id: &str) {
    for operation in ["list_folder_items", "list_folder_folders", "list_folder_files"] {
        play.succeeds(operation, folder(folder_id)).await;
        play.refused(operation, folder(MISSING)).await;
    }
    play.succeeds("search_folder", folder(folder_id).with("name", "*plan*")).await;
    play.refused("search_folder", folder(MISSING).with("name", "*plan*")).await;
}

async fn locks(play: &mut Play, folder_id: &str, id: &str) {
    let ids = |id: &str| folder(folder_id).with("body", json!({"fileIds": [id]}));
    for operation in ["lock_files", "unlock_files"] {
        play.succeeds(operation, ids(id)).await;
        play.refused(operation, ids(MISSING)).await;
    }
}

async fn bin(play: &mut Play, itwin_id: &str, folder_id: &str, id: &str) {
    play.succeeds("delete_file", file(id)).await;
    play.refused("delete_file", file(id)).await;
    play.succeeds("delete_folder", folder(folder_id)).await;
    play.refused("delete_folder", folder(folder_id)).await;
    play.succeeds("list_recycle_bin", one("iTwinId", itwin_id)).await;
    play.refused("list_recycle_bin", one("iTwinId", "no GUID")).await;
    play.succeeds("restore_file", file(id)).await;
    play.refused("restore_file", file(id)).await;
    play.succeeds("restore_folder", folder(folder_id)).await;
    play.refused("restore_folder", folder(folder_id)).await;
    play.succeeds("delete_file", file(id)).await;
    play.succeeds("purge_file", file(id)).await;
    play.refused("purge_file", file(id)).await;
    play.succeeds("delete_folder", folder(folder_id)).await;
    play.succeeds("purge_folder", folder(folder_id)).await;
    play.refused("purge_folder", folder(folder_id)).await;
}
