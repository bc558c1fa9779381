//! Blobs, in the journal and in files.

use std::fs;

use twinkit_emulator::storage::Permissions;

use super::{HOUR, Place};
use crate::support::client;

#[tokio::test]
async fn blobs_of_any_size_and_blocks_that_were_sent_are_there_after_a_restart() {
    let place = Place::new();
    let emulator = place.start().await;
    let url = |name| emulator.storage().signed_url("box", name, Permissions::all(), HOUR);
    let (large, small, log, blocks) = (url("large"), url("small"), url("log"), url("blocks"));
    let put = async |url: &str, headers: &[(&str, &str)], body: String| {
        let headers = headers.iter().map(|(name, value)| {
            (name.parse().unwrap(), reqwest::header::HeaderValue::from_str(value).unwrap())
        });
        let request = client().put(url).headers(headers.collect()).body(body);
        assert_eq!(request.send().await.unwrap().status(), 201, "{url}");
    };
    let block_blob = [("x-ms-blob-type", "BlockBlob"), ("x-ms-meta-a", "1")];
    let long = "0123456789".repeat(30_000);
    put(&large, &block_blob, "gone".repeat(50_000)).await;
    put(&large, &block_blob, long.clone()).await;
    put(&small, &block_blob, "small".to_owned()).await;
    put(&log, &[("x-ms-blob-type", "AppendBlob")], String::new()).await;
    for number in 0..30 {
        put(&format!("{log}&comp=appendblock"), &[], format!("{number}\n").repeat(2000)).await;
    }
    for (id, body) in [("QQ", long.clone()), ("Qg", "b".to_owned())] {
        put(&format!("{blocks}&comp=block&blockid={id}"), &[], body).await;
    }
    let read = async |url: &str| client().get(url).send().await.unwrap().text().await.unwrap();
    let told = read(&log).await;
    emulator.shutdown().await;
    let files = || fs::read_dir(place.file("blobs")).unwrap().count();
    assert_eq!(files(), 2, "the folder keeps what is large, and not what was replaced");

    // What came in for an emulator that was killed before it could say so.
    fs::write(place.file("blobs").join("stranger"), "half of a bl").unwrap();
    let emulator = place.start().await;
    assert_eq!(files(), 2, "nothing refers to it");
    assert!(read(&large).await == long && read(&log).await == told);
    assert_eq!(read(&small).await, "small");
    assert_eq!(client().head(&small).send().await.unwrap().headers()["x-ms-meta-a"], "1");
    let list = "<BlockList><Latest>Qg</Latest><Latest>QQ</Latest></BlockList>".to_owned();
    put(&format!("{blocks}&comp=blocklist"), &[], list).await;
    assert!(read(&blocks).await == format!("b{long}"));
    emulator.shutdown().await;

    let emulator = place.start().await;
    assert!(read(&blocks).await == format!("b{long}"));
    emulator.shutdown().await;
    let lost = fs::read_dir(place.file("blobs")).unwrap().next().unwrap().unwrap().path();
    fs::remove_file(&lost).unwrap();
    let refused = place.builder().start().await.unwrap_err();
    assert!(refused.to_string().contains(&*lost.to_string_lossy()), "{refused}");
}

#[tokio::test]
async fn a_long_history_is_written_anew() {
    let place = Place::new();
    let emulator = place.start().await;
    let url = emulator.storage().signed_url("box", "log", Permissions::all(), HOUR);
    let block = "x".repeat(60_000);
    for _ in 0..120 {
        let put = client().put(&url).header("x-ms-blob-type", "BlockBlob").body(block.clone());
        assert_eq!(put.send().await.unwrap().status(), 201);
    }
    let size = fs::metadata(place.file("storage.journal")).unwrap().len();
    assert!(size < 6 * 1024 * 1024, "{size}");
    emulator.shutdown().await;
    let _emulator = place.start().await;
    assert_eq!(client().get(&url).send().await.unwrap().text().await.unwrap(), block);
}
