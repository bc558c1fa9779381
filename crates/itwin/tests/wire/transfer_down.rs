//! Downloads of which a service tells too little or something that is not so, and
//! files that somebody else wants too.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::json;
use twinkit_itwin::{Bytes, CallOptions, Download, DownloadPoint, ErrorKind, Secret};

use crate::support::{Answer, Seen, Server};

const WHOLE: &[u8] = b"hello-world-and-more";

fn download(storage: &Server) -> Download {
    let client = storage.builder().options(CallOptions::new().max_retries(3)).build().unwrap();
    let address = Secret::from(format!("{}/c/b?sig=canary", storage.url));
    client.transfers().download_from(&address)
}

fn tagged(status: u16) -> Answer {
    Answer::new(status).header("etag", "\"a\"")
}

/// A part of contents whose length the service does not tell: six bytes at most.
fn part(seen: &Seen, past_the_end: &Answer) -> Answer {
    let from = seen.header("range").strip_prefix("bytes=").and_then(|r| r.strip_suffix('-'));
    let from: usize = from.unwrap().parse().unwrap();
    if from == WHOLE.len() {
        return past_the_end.clone();
    }
    let end = (from + 6).min(WHOLE.len());
    tagged(206)
        .header("content-range", format!("bytes {from}-{}/*", end - 1))
        .bytes(&WHOLE[from..end])
}

async fn of_unknown_length(past_the_end: Answer) -> Server {
    let answered = AtomicUsize::new(0);
    Server::start(move |seen| match answered.fetch_add(1, Ordering::SeqCst) {
        0 => tagged(200).bytes(WHOLE).chunked().cut(5),
        _ => part(seen, &past_the_end),
    })
    .await
}

#[tokio::test(start_paused = true)]
async fn contents_of_unknown_length_are_asked_for_until_there_are_no_more() {
    for end in [
        Answer::new(416),
        Answer::new(416).header("content-range", "bytes */20").header("etag", "\"a\""),
    ] {
        let storage = of_unknown_length(end).await;
        assert_eq!(download(&storage).bytes(1000).await.unwrap(), WHOLE);
        let ranges: Vec<_> =
            storage.seen().iter().map(|seen| seen.header("range").to_owned()).collect();
        assert_eq!(ranges, ["", "bytes=5-", "bytes=11-", "bytes=17-", "bytes=20-"]);
    }
    // Without a break the end is told by the answer itself.
    let storage = Server::script(vec![tagged(200).bytes(WHOLE).chunked()]).await;
    assert_eq!(download(&storage).bytes(1000).await.unwrap(), WHOLE);
    assert_eq!(storage.lines().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_is_of_other_contents_is_none() {
    for end in [
        Answer::new(416).header("content-range", "bytes */30"),
        Answer::new(416).header("etag", "\"b\""),
    ] {
        let storage = of_unknown_length(end).await;
        let error = download(&storage).bytes(1000).await.unwrap_err();
        assert_eq!(error.status().map(|status| status.as_u16()), Some(416));
    }
    // The same contents from the start, and fewer of them.
    let (begun, fewer) = (tagged(200).bytes(WHOLE).chunked(), tagged(200).bytes("hel").chunked());
    let storage = Server::script(vec![begun.cut(5), fewer]).await;
    let error = download(&storage).bytes(1000).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
    // Nobody can say of what the rest is.
    let untagged = Answer::new(206).header("content-range", "bytes 0-4/*").bytes("hello");
    let storage = Server::script(vec![untagged]).await;
    let error = download(&storage).bytes(1000).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PreconditionFailed);
}

#[tokio::test(start_paused = true)]
async fn a_download_that_can_never_go_on_leaves_nothing_to_go_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let first = || tagged(200).bytes(WHOLE).cut(5);
    for answer in [
        Answer::new(416).header("content-range", "bytes */3"),
        tagged(206).header("content-range", "bytes 6-9/10").bytes("ORLD"),
    ] {
        let storage = Server::script(vec![first(), answer]).await;
        let failed = download(&storage).to_file(&path).await.unwrap_err();
        assert!(failed.point.is_none(), "{failed}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "{failed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_weak_tag_is_sent_in_no_condition() {
    let weak = Answer::new(200).header("etag", "W/\"a\"").bytes(WHOLE).cut(5);
    let storage = Server::script(vec![weak]).await;
    let error = download(&storage).bytes(1000).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport, "{error}");
    assert_eq!(storage.lines().len(), 1, "the rest may be of other contents");
}

#[tokio::test(start_paused = true)]
async fn ranges_that_cannot_be_are_refused() {
    for range in ["bytes 5-2/20", "bytes 5-9/3", "octets 5-9/20", "bytes 6-9/20", "bytes 5-/20"] {
        let first = tagged(200).bytes(WHOLE).cut(5);
        let storage =
            Server::script(vec![first, tagged(206).header("content-range", range).bytes("WORLD")])
                .await;
        let error = download(&storage).bytes(1000).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{range}");
        assert_eq!(storage.lines().len(), 2, "{range}");
    }
}

#[tokio::test(start_paused = true)]
async fn more_than_was_told_of_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    let first = || tagged(200).bytes(WHOLE).cut(5);
    let part = |range: &str| tagged(206).header("content-range", range);
    let cases = [
        (vec![part("bytes 0-9/10").bytes(vec![b'x'; 1000]).chunked()], "1000 bytes", "not 10 "),
        (vec![first(), part("bytes 5-9/20").bytes("WORLDxyz")], "13 bytes", "not 10 "),
    ];
    for (answers, came, told) in cases {
        let storage = Server::script(answers).await;
        let failed = download(&storage).to_file(&path).await.unwrap_err();
        assert_eq!(failed.error.kind(), ErrorKind::Decode);
        let text = failed.to_string();
        assert!(
            text.contains(came) && text.contains(told) && text.contains(&storage.url),
            "{text}"
        );
        assert!(failed.point.is_none(), "{text}");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is kept");
    }
    // Nor does who reads on get what would not fit behind the rest.
    let storage = Server::script(vec![first(), part("bytes 5-9/20").bytes("WORLDxyz")]).await;
    let mut reading = download(&storage).open().await.unwrap();
    assert_eq!(reading.next().await.unwrap(), Some(Bytes::from_static(b"hello")));
    assert_eq!(reading.next().await.unwrap_err().kind(), ErrorKind::Decode);
    assert_eq!(reading.next().await.unwrap_err().kind(), ErrorKind::PreconditionFailed);
    assert_eq!(reading.point(), &DownloadPoint::default());
}

#[cfg(feature = "imodels")]
#[tokio::test]
async fn a_size_that_the_platform_told_bounds_contents_of_unknown_length() {
    let storage = Server::script(vec![tagged(200).bytes(vec![b'x'; 1000]).chunked()]).await;
    let address = format!("{}/c/b?sig=canary", storage.url);
    let server = Server::start(move |_| {
        Answer::json(
            200,
            json!({"changeset": {
                "id": "c-1", "displayName": "1", "index": 1, "briefcaseId": 2,
                "containingChanges": 0, "creatorId": "u", "fileSize": 3, "parentId": "",
                "pushDateTime": "2026-01-01T00:00:00Z", "state": "fileUploaded",
                "_links": {"download": {"href": address, "storageType": "azure"}},
            }}),
        )
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let fetch = server.platform().imodels().fetch_changeset("i-1", "c-1");
    let failed = fetch.to_file(folder.path().join("a")).await.unwrap_err();
    assert!(failed.to_string().contains("1000 bytes came, and not 3 as was told"), "{failed}");
    assert!(failed.point.is_none());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn two_runs_of_one_download_do_not_write_one_file() {
    const SIZE: usize = 9 * 1024 * 1024;
    let whole: Vec<u8> = (0..SIZE).map(|at| u8::try_from(at / 4096 % 251).unwrap() + 1).collect();
    let storage = Server::script(vec![tagged(200).bytes(whole.clone())]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    // The second one begins when the first tells where it stands, as a process does that
    // finds what is kept.
    let seconds = Arc::new(Mutex::new(Vec::new()));
    let (notes, place, again) = (Arc::clone(&seconds), path.clone(), storage.url.clone());
    let client = storage.platform();
    let first = download(&storage).on_point(move |point| {
        let address = Secret::from(format!("{again}/c/b?sig=canary"));
        let second = client.transfers().download_from(&address).resume(point.clone());
        notes.lock().unwrap().push(tokio::spawn(second.to_file(place.clone())));
    });
    assert_eq!(first.to_file(&path).await.unwrap(), SIZE as u64);
    assert!(std::fs::read(&path).unwrap() == whole);
    let seconds = std::mem::take(&mut *seconds.lock().unwrap());
    assert_eq!(seconds.len(), 2);
    let failed = seconds.into_iter().next().unwrap().await.unwrap().unwrap_err();
    assert!(failed.to_string().contains("another download is at work"), "{failed}");
    assert_eq!(failed.point.as_deref(), Some(&DownloadPoint::default()));
}

#[tokio::test]
async fn a_folder_as_the_place_is_told_before_anything_is_asked_for() {
    let storage = Server::script(vec![tagged(200).bytes(WHOLE)]).await;
    let folder = tempfile::tempdir().unwrap();
    for place in [folder.path().to_owned(), folder.path().join("..")] {
        let failed = download(&storage).to_file(&place).await.unwrap_err();
        assert!(failed.to_string().contains("cannot be written: it is"), "{failed}");
    }
    assert!(storage.lines().is_empty());
}
