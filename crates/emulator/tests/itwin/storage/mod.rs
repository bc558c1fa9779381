//! Storage: folders, files, their content, locks, the recycle bin.

mod bin;
mod content;
mod folders;
mod items;
mod lists;
mod locks;

use serde_json::{Value, json};

use crate::support::{Answer, Caller, Stage, client};

const INVALID: &str = "InvalidStorageRequest";

/// An iTwin of Ada's and the id of its root folder.
struct Place {
    stage: Stage,
    itwin: String,
    root: String,
}

impl Place {
    async fn new() -> Self {
        let stage = Stage::new().await;
        let itwin = stage.ada.new_itwin("Bridge").await;
        let root = root(&stage.ada, &itwin).await;
        Self { stage, itwin, root }
    }
}

/// The id of the root folder, out of the link to it.
async fn root(caller: &Caller, itwin: &str) -> String {
    let top = caller.get(&format!("/storage?iTwinId={itwin}")).await.expect(200).json();
    let link = top["_links"]["folder"]["href"].as_str().unwrap();
    link.rsplit_once("/storage/folders/").unwrap().1.to_owned()
}

async fn new_folder(caller: &Caller, parent: &str, name: &str) -> String {
    let path = format!("/storage/folders/{parent}/folders");
    let made = caller.post(&path, &json!({"displayName": name})).await.expect(201).json();
    made["folder"]["id"].as_str().unwrap().to_owned()
}

/// Begins a file; answers its id and where the content goes.
async fn begin(caller: &Caller, folder: &str, name: &str) -> (String, String) {
    let path = format!("/storage/folders/{folder}/files");
    let begun = caller.post(&path, &json!({"displayName": name})).await.expect(202).json();
    addresses(&begun)
}

/// The file's id and where its content goes, as an answer tells them.
fn addresses(begun: &Value) -> (String, String) {
    let href = |name: &str| begun["_links"][name]["href"].as_str().unwrap().to_owned();
    let complete = href("completeUrl");
    let id = complete.strip_suffix("/complete").unwrap().rsplit_once("/files/").unwrap().1;
    (id.to_owned(), href("uploadUrl"))
}

/// Puts content to a signed address.
async fn put(url: &str, content: &str) {
    let request = client().put(url).header("x-ms-blob-type", "BlockBlob");
    assert_eq!(request.body(content.to_owned()).send().await.unwrap().status(), 201);
}

async fn complete(caller: &Caller, file: &str) -> Answer {
    caller.mark(&format!("/storage/files/{file}/complete")).await
}

/// Makes a file with content; answers its id.
async fn new_file(caller: &Caller, folder: &str, name: &str, content: &str) -> String {
    let (id, url) = begin(caller, folder, name).await;
    put(&url, content).await;
    complete(caller, &id).await.expect(200);
    id
}

/// What a download gives.
async fn downloaded(caller: &Caller, file: &str) -> String {
    let answer = caller.get(&format!("/storage/files/{file}/download")).await.expect(302);
    let location = answer.headers["location"].to_str().unwrap();
    let response = client().get(location).send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.text().await.unwrap()
}
