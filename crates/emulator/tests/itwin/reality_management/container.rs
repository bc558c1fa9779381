//! Files, by the address of the whole container.

use std::time::Duration;

use reqwest::header::AUTHORIZATION;
use serde_json::{Value, json};

use super::{INVALID, made, new_data};
use crate::support::{Caller, Stage, client};

/// The address of a file, its path put in front of the query string.
async fn address(caller: &Caller, path: &str, access: &str, file: &str) -> String {
    let answer: Value = caller.get(&format!("{path}/{access}")).await.expect(200).json();
    assert_eq!(answer["type"], "AzureBlobSasUrl");
    let container = answer["_links"]["containerUrl"]["href"].as_str().unwrap();
    let (container, signature) = container.split_once('?').unwrap();
    format!("{container}/{file}?{signature}")
}

#[tokio::test]
async fn files_are_written_and_read() {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("A").await;
    let path = new_data(&stage.ada, &itwin).await;
    let url = address(&stage.ada, &path, "writeaccess", "tiles/0/a%20b.glb").await;
    let write = || client().put(&url).header("x-ms-blob-type", "BlockBlob").body("x".repeat(1025));
    let both = write().header(AUTHORIZATION, "Bearer x").send().await.unwrap();
    assert!(both.status().is_client_error());
    assert_eq!(write().send().await.unwrap().status(), 201);
    let shown = stage.ada.get(&path).await.expect(200).json();
    assert_eq!(shown["realityData"]["size"], 2);

    let url = address(&stage.ada, &path, "ReadAccess", "tiles/0/a%20b.glb").await;
    let read = client().get(&url).send().await.unwrap();
    assert_eq!((read.status().as_u16(), read.text().await.unwrap().len()), (200, 1025));
    let write = client().put(&url).header("x-ms-blob-type", "BlockBlob").body("x");
    assert_eq!(write.send().await.unwrap().status(), 403);
    let other = new_data(&stage.ada, &itwin).await;
    let (own, other) = (path.rsplit_once('/').unwrap().1, other.rsplit_once('/').unwrap().1);
    let foreign = client().get(url.replace(own, other)).send().await.unwrap();
    assert_eq!(foreign.status(), 403);
    stage.ada.delete(&path).await.expect(204);
    assert_eq!(client().get(&url).send().await.unwrap().status(), 404);
    stage.emulator.clock().advance(Duration::from_secs(3601));
    assert_eq!(client().get(&url).send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn access_is_by_permissions_and_noted() {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("A").await;
    let path = new_data(&stage.ada, &itwin).await;
    let by = |access: &str| format!("{path}/{access}?iTwinId={itwin}");
    let user = stage.member(&itwin, "Use", &["realitydata_use"]).await;
    let read: Value = user.get(&by("readaccess")).await.expect(200).json();
    assert_eq!(read["access"], "Read");
    user.get(&by("writeaccess")).await.refused(403, "InsufficientPermissions");
    user.get(&format!("{path}/readaccess")).await.refused(403, "InsufficientPermissions");
    stage.ada.get(&format!("{path}/readaccess?iTwinId=x")).await.refused_for(
        INVALID,
        "InvalidValue",
        "iTwinId",
    );
    let before = stage.ada.get(&path).await.expect(200).json();
    stage.emulator.clock().advance(Duration::from_secs(60));
    let write: Value = stage.ada.get(&by("writeaccess")).await.expect(200).json();
    assert_eq!(write["access"], "Write");
    let after = stage.ada.get(&path).await.expect(200).json();
    let accessed = |shown: &Value| shown["realityData"]["lastAccessedDateTime"].clone();
    assert_ne!(accessed(&before), accessed(&after));
    let stranger = stage.person("Eve").await;
    stranger.get(&by("readaccess")).await.refused(404, "RealityDataNotFound");
}

#[tokio::test]
async fn the_key_of_a_share_opens_reads() {
    let stage = Stage::new().await;
    let itwin = stage.ada.new_itwin("A").await;
    let path = new_data(&stage.ada, &itwin).await;
    let other = made(&stage.ada, &json!({})).await;
    let shares = format!("/accesscontrol/itwins/{itwin}/shares");
    let share = stage.ada.post(&shares, &json!({})).await.expect(201).json();
    let key = format!("Basic {}", share["share"]["shareKey"].as_str().unwrap());
    let guest = stage.ada.as_whom(&key);
    guest.get(&path).await.expect(200);
    guest.get(&format!("{path}/readaccess")).await.expect(200);
    guest.get(&format!("{path}/writeaccess")).await.refused(401, "InvalidAuthorizationScheme");
    let listed = guest.get(super::LIST).await.expect(200).json();
    assert_eq!(listed["realityData"].as_array().unwrap().len(), 1);
    let other = format!("{}/{}", super::LIST, other["id"].as_str().unwrap());
    guest.get(&other).await.refused(404, "RealityDataNotFound");
}
