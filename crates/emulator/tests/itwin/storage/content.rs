//! The way of content, by signed addresses.

use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use serde_json::json;

use super::{INVALID, Place, addresses, begin, complete, downloaded, new_file, put};
use crate::support::client;

#[tokio::test]
async fn a_file_is_there_once_it_is_complete() {
    let Place { stage, itwin, root } = Place::new().await;
    let ada = &stage.ada;
    let list = format!("/storage/folders/{root}/files");
    let body = json!({"displayName": "plan.pdf", "description": "A plan"});
    let begun = ada.post(&list, &body).await.expect(202);
    assert!(!begun.headers.contains_key("location"));
    let (id, url) = addresses(&begun.json());
    let path = format!("/storage/files/{id}");
    ada.get(&path).await.refused(404, "FileNotFound");
    ada.get(&format!("{path}/download")).await.refused(404, "FileNotFound");
    let top = ada.get(&format!("/storage?iTwinId={itwin}")).await.expect(200).json();
    assert_eq!(top["items"], json!([]));
    complete(ada, &id).await.refused_for(INVALID, "InvalidValue", "fileId");

    // The storage service takes a signature or a token, and not both.
    let request = client().put(&url).header("x-ms-blob-type", "BlockBlob").body("x");
    let both = request.header(AUTHORIZATION, "Bearer x").send().await.unwrap();
    assert!(both.status().is_client_error());
    put(&url, "content").await;
    let completed = ada.mark(begun.json()["_links"]["completeUrl"]["href"].as_str().unwrap()).await;
    let file = completed.expect(200).json()["file"].clone();
    assert_eq!((&file["id"], &file["size"]), (&json!(id), &json!(7)));
    assert_eq!(
        (&file["displayName"], &file["description"]),
        (&json!("plan.pdf"), &json!("A plan"))
    );
    assert_eq!(ada.get(&path).await.expect(200).json()["file"], file);
    assert_eq!(complete(ada, &id).await.expect(200).json()["file"], file);
    assert_eq!(downloaded(ada, &id).await, "content");
}

#[tokio::test]
async fn content_is_replaced_when_the_new_one_is_complete() {
    let Place { stage, root, .. } = Place::new().await;
    let ada = &stage.ada;
    let id = new_file(ada, &root, "plan.pdf", "old").await;
    for (segment, content) in [("updateContent", "newer"), ("updatecontent", "newest")] {
        let path = format!("/storage/files/{id}/{segment}");
        let before = downloaded(ada, &id).await;
        let (same, url) = addresses(&ada.mark(&path).await.expect(202).json());
        assert_eq!(same, id);
        put(&url, content).await;
        assert_eq!(downloaded(ada, &id).await, before);
        let file = complete(ada, &id).await.expect(200).json();
        assert_eq!(file["file"]["size"], content.len());
        assert_eq!(downloaded(ada, &id).await, content);
    }
    let missing = ada.mark(&format!("/storage/files/{root}/updateContent")).await;
    missing.refused(404, "FileNotFound");
}

#[tokio::test]
async fn signed_addresses_hold_for_an_hour_and_one_purpose() {
    let Place { stage, root, .. } = Place::new().await;
    let (id, url) = begin(&stage.ada, &root, "plan.pdf").await;
    put(&url, "a").await;
    assert_eq!(client().get(&url).send().await.unwrap().status(), 403);
    complete(&stage.ada, &id).await.expect(200);
    let answer = stage.ada.get(&format!("/storage/files/{id}/download")).await.expect(302);
    let location = answer.headers["location"].to_str().unwrap().to_owned();
    let write = client().put(&location).header("x-ms-blob-type", "BlockBlob").body("b");
    assert_eq!(write.send().await.unwrap().status(), 403);
    stage.emulator.clock().advance(Duration::from_secs(3601));
    assert_eq!(client().get(&location).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn programs_and_taken_names_are_refused() {
    let Place { stage, root, .. } = Place::new().await;
    let ada = &stage.ada;
    let list = format!("/storage/folders/{root}/files");
    let answer = ada.post(&list, &json!({"displayName": "setup.exe"})).await;
    answer.refused_for("InvalidCreateFileRequest", "InvalidValue", "displayName");
    ada.post(&list, &json!({"displayName": "Plans/a.pdf"})).await.refused_for(
        INVALID,
        "InvalidValue",
        "",
    );
    // Both may begin; who completes first has the name.
    let (first, url) = begin(ada, &root, "a.pdf").await;
    put(&url, "1").await;
    let (second, url) = begin(ada, &root, "a.pdf").await;
    put(&url, "2").await;
    complete(ada, &second).await.expect(200);
    let answer = complete(ada, &first).await;
    answer.refused_for("InvalidCreateFileRequest", "InvalidValue", "displayName");
    let answer = ada.post(&list, &json!({"displayName": "A.PDF"})).await;
    answer.refused_for("InvalidCreateFileRequest", "InvalidValue", "displayName");
    assert_eq!(downloaded(ada, &second).await, "2");
}
