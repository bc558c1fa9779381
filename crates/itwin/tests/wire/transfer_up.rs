//! Uploads whose address, file or blocks are not what they were when they began.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use serde_json::json;
use twinkit_itwin::{CallOptions, Contents, ErrorKind, Secret, Upload, UploadPoint};

use crate::support::{Answer, Server, refusal};

const CONTENTS: &[u8] = b"0123456789";

fn refused(status: u16, code: &str) -> Answer {
    Answer::new(status).bytes(format!("<Error><Code>{code}</Code></Error>"))
}

/// Contents in blocks of four bytes, one after the other, to a place of `storage`.
fn put(storage: &Server, place: &str, contents: impl Into<Contents>) -> Upload<()> {
    let client = storage.builder().options(CallOptions::new().max_retries(3)).build().unwrap();
    let address = Secret::from(format!("{}/c/{place}", storage.url));
    client.transfers().upload_to(&address, contents).in_blocks(4).parallel(1)
}

/// The places of the requests, with the block of each.
fn blocks(storage: &Server) -> Vec<String> {
    let short =
        |line: String| line.replace("PUT /c/", "").replace("comp=block&blockid=0000000", "");
    storage.lines().into_iter().map(short).collect()
}

#[tokio::test]
async fn a_point_goes_on_at_the_address_that_is_given_with_it() {
    let count = AtomicUsize::new(0);
    let storage = Server::start(move |seen| {
        let is_ended = seen.line.contains("sig=old") && count.fetch_add(1, Ordering::SeqCst) > 0;
        if is_ended { refused(403, "AuthenticationFailed") } else { Answer::new(201) }
    })
    .await;
    let failed = put(&storage, "b?sig=old", CONTENTS).run().await.unwrap_err();
    assert!(failed.error.hint().unwrap().contains("get a new one"), "{failed}");
    let point = *failed.point.unwrap();
    assert_eq!(point.done(), 4);
    put(&storage, "b?sig=new", CONTENTS).resume(point.clone()).run().await.unwrap();
    put(&storage, "d?sig=else", CONTENTS).resume(point).run().await.unwrap();
    assert_eq!(
        blocks(&storage),
        [
            "b?sig=old&0",
            "b?sig=old&1",
            "b?sig=new&1",
            "b?sig=new&2",
            "b?sig=new&comp=blocklist",
            "d?sig=else&0",
            "d?sig=else&1",
            "d?sig=else&2",
            "d?sig=else&comp=blocklist",
        ]
    );
}

/// A platform that makes a file of a new number at each call, at `storage`; the first
/// `failures` completions fail.
async fn platform(storage: &Server, failures: usize) -> Server {
    let (made, completed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let storage = storage.url.clone();
    Server::start(move |seen| {
        if seen.line.ends_with("/complete") {
            return match completed.fetch_add(1, Ordering::SeqCst) < failures {
                true => refusal(503, "ServiceUnavailable"),
                false => Answer::json(200, json!({"file": {"id": "f-1", "displayName": "a"}})),
            };
        }
        let number = made.fetch_add(1, Ordering::SeqCst);
        let complete = format!("https://api.bentley.com/storage/files/f-{number}/complete");
        Answer::json(
            202,
            json!({"_links": {
                "uploadUrl": {"href": format!("{storage}/c/b?sig={number}")},
                "completeUrl": {"href": complete},
            }}),
        )
    })
    .await
}

#[tokio::test]
async fn an_empty_file_that_arrived_is_only_completed() {
    let storage = Server::start(|_| Answer::new(201)).await;
    let server = platform(&storage, 1).await;
    let upload = || server.platform().storage().upload_file("d-1", "a", Vec::new());
    let point = upload().run().await.unwrap_err().point.unwrap();
    let point = UploadPoint::from_secret(&point.to_secret()).unwrap();
    upload().resume(point).run().await.unwrap();
    let complete = "POST /storage/files/f-0/complete";
    assert_eq!(server.lines(), ["POST /storage/folders/d-1/files", complete, complete]);
    assert_eq!(storage.lines().len(), 1);
}

#[tokio::test]
async fn an_address_that_was_refused_is_left_by_the_next_run() {
    let storage = Server::start(|seen| match seen.line.contains("sig=3") {
        true => Answer::new(201),
        false if seen.line.contains("blockid=00000000") => Answer::new(201),
        false => refused(403, "AuthenticationFailed"),
    })
    .await;
    let server = platform(&storage, 0).await;
    let upload = || {
        let upload = server.platform().storage().replace_file("f-1", CONTENTS);
        upload.in_blocks(4).parallel(1)
    };
    let failed = upload().run().await.unwrap_err();
    assert!(failed.error.hint().unwrap().contains("clock"), "{failed}");
    let point = UploadPoint::from_secret(&failed.point.unwrap().to_secret()).unwrap();
    upload().resume(point).run().await.unwrap();
    assert_eq!(
        blocks(&storage),
        [
            "b?sig=0&0",
            "b?sig=0&1",
            "b?sig=1&1",
            "b?sig=2&1",
            "b?sig=3&1",
            "b?sig=3&2",
            "b?sig=3&comp=blocklist",
        ]
    );
}

#[tokio::test]
async fn blocks_that_the_storage_forgot_are_sent_again() {
    let lists = AtomicUsize::new(0);
    let storage = Server::start(move |seen| {
        let is_list = seen.line.contains("blocklist");
        match is_list && lists.fetch_add(1, Ordering::SeqCst) == 0 {
            true => refused(400, "InvalidBlockList"),
            false => Answer::new(201),
        }
    })
    .await;
    let failed = put(&storage, "b?sig=a", CONTENTS).run().await.unwrap_err();
    assert_eq!(failed.error.code(), Some("InvalidBlockList"));
    assert!(failed.error.hint().unwrap().contains("sends them again"), "{failed}");
    let point = *failed.point.unwrap();
    assert_eq!(point.done(), 0);
    put(&storage, "b?sig=a", CONTENTS).resume(point).run().await.unwrap();
    assert_eq!(blocks(&storage)[4..], blocks(&storage)[..4]);
}

#[tokio::test]
async fn a_file_that_changes_on_the_way_is_not_put_together() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    for (changed, in_blocks) in
        [("BBBBBBBBBB", true), ("longer than it was", true), ("y", true), ("BBBBBBBBBB", false)]
    {
        std::fs::write(&path, CONTENTS).unwrap();
        let place = path.clone();
        let storage = Server::start(move |seen| {
            if !seen.line.contains("blockid=00000001") {
                std::fs::write(&place, changed).unwrap();
                let file = std::fs::File::options().append(true).open(&place).unwrap();
                file.set_modified(SystemTime::UNIX_EPOCH).unwrap();
            }
            Answer::new(201)
        })
        .await;
        let upload = put(&storage, "b?sig=a", Contents::file(&path));
        let upload = upload.in_blocks(if in_blocks { 4 } else { 1000 });
        let failed = upload.run().await.unwrap_err();
        assert_eq!(failed.error.kind(), ErrorKind::OperationFailed, "{failed}");
        assert!(failed.to_string().ends_with("a: the file was changed meanwhile"), "{failed}");
        assert!(failed.error.hint().unwrap().contains("nothing writes to it"), "{failed}");
        assert_eq!(failed.point.unwrap().done(), 0, "{changed}");
        assert!(!storage.lines().iter().any(|line| line.contains("blocklist")), "{changed}");
    }
}

#[tokio::test]
async fn what_is_no_plain_file_is_refused_before_anything_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let storage = Server::start(|_| Answer::new(201)).await;
    let mut sources = vec![folder.path().to_owned()];
    if cfg!(target_os = "linux") {
        sources.extend(["/dev/null".into(), "/proc/cpuinfo".into()]);
    }
    for source in sources {
        let failed = put(&storage, "b?sig=a", Contents::file(&source)).run().await.unwrap_err();
        let told = format!("{} cannot be read: it ", source.display());
        assert!(failed.to_string().contains(&told), "{failed}");
        assert_eq!(failed.error.kind(), ErrorKind::InvalidRequest);
    }
    assert!(storage.lines().is_empty());
}
