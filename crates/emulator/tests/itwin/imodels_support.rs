//! An iModel to work with, and what many tests do with it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Caller, Stage, client};

/// An emulator with an iTwin of Ada's and an empty iModel in it.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) itwin: String,
    pub(crate) id: String,
    /// The path of the iModel.
    pub(crate) path: String,
}

impl Scene {
    pub(crate) async fn new() -> Self {
        Self::on(Stage::new().await).await
    }

    /// The same in this emulator.
    pub(crate) async fn on(stage: Stage) -> Self {
        let itwin = stage.ada.new_itwin("Bridge").await;
        let id = stage.ada.new_imodel(&itwin, "Model").await;
        let path = format!("/imodels/{id}");
        Self { stage, itwin, id, path }
    }

    /// The path of a part of the iModel.
    pub(crate) fn at(&self, rest: &str) -> String {
        format!("{}/{rest}", self.path)
    }

    /// Lets time pass.
    pub(crate) fn wait(&self, seconds: u64) {
        self.stage.emulator.clock().advance(Duration::from_secs(seconds));
    }

    /// Who may read and write in the iTwin, and no more.
    pub(crate) async fn writer(&self, name: &str) -> Caller {
        self.stage.member(&self.itwin, name, &["imodels_write"]).await
    }

    /// Who may look at iModels of the iTwin, and no more.
    pub(crate) async fn viewer(&self, name: &str) -> Caller {
        self.stage.member(&self.itwin, name, &["imodels_webview"]).await
    }
}

/// The id of a changeset made of a number.
pub(crate) fn changeset_id(number: usize) -> String {
    format!("{number:040x}")
}

/// Puts bytes to a signed address, without a token; answers the status.
pub(crate) async fn put(link: &Value, bytes: &[u8]) -> u16 {
    let request = client().put(link["href"].as_str().unwrap());
    let request = request.header("x-ms-blob-type", "BlockBlob").body(bytes.to_vec());
    request.send().await.unwrap().status().as_u16()
}

/// Gets the bytes behind a signed address, without a token.
pub(crate) async fn fetch(link: &Value) -> Vec<u8> {
    let answer = client().get(link["href"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    answer.bytes().await.unwrap().to_vec()
}

impl Caller {
    /// Makes an empty iModel; answers its id.
    pub(crate) async fn new_imodel(&self, itwin: &str, name: &str) -> String {
        let body = json!({"iTwinId": itwin, "name": name, "creationMode": "empty"});
        let made = self.post("/imodels/", &body).await.expect(201).json();
        made["iModel"]["id"].as_str().unwrap().to_owned()
    }

    /// Acquires a briefcase of the iModel at a path; answers its number.
    pub(crate) async fn new_briefcase(&self, path: &str) -> u32 {
        let path = format!("{path}/briefcases");
        let made = self.post(&path, &json!({})).await.expect(201).json();
        made["briefcase"]["briefcaseId"].as_u64().unwrap().try_into().unwrap()
    }

    /// Tells of the changeset of a number, behind the one before it.
    pub(crate) async fn begin_push(&self, path: &str, briefcase: u32, number: usize) -> Value {
        let mut body = json!({
            "id": changeset_id(number), "briefcaseId": briefcase, "fileSize": 4,
            "description": format!("No. {number}"), "containingChanges": 1,
        });
        if number > 1 {
            body["parentId"] = changeset_id(number - 1).into();
        }
        let path = format!("{path}/changesets");
        self.post(&path, &body).await.expect(201).json()["changeset"].clone()
    }

    /// Pushes the changeset of a number, behind the one before it.
    pub(crate) async fn push(&self, path: &str, briefcase: u32, number: usize) -> Value {
        let begun = self.begin_push(path, briefcase, number).await;
        assert_eq!(put(&begun["_links"]["upload"], b"data").await, 201);
        let complete = begun["_links"]["complete"]["href"].as_str().unwrap();
        let body = json!({"state": "fileUploaded", "briefcaseId": briefcase});
        self.patch(complete, &body).await.expect(200).json()["changeset"].clone()
    }
}

impl Answer {
    /// Checks that a name or another value is another's already.
    #[track_caller]
    pub(crate) fn refused_as_taken(self, code: &str, target: &str) {
        let details = self.refused(409, code);
        assert_eq!(details, [("InvalidValue".to_owned(), target.to_owned())]);
    }
}
