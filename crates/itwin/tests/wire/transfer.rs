//! Contents by signed addresses: what the storage service is sent, that it never
//! gets the token, and how transfers go on after breaks and ended addresses.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use twinkit_itwin::{CallOptions, Contents, Error, ErrorKind, ITwin, Secret, UploadPoint};

use crate::support::{Answer, ITWIN, Seen, Server, refusal};

const API: &str = "application/vnd.bentley.itwin-platform.v1+json";

/// A platform that answers the steps of Storage with addresses of `storage`, each
/// with a number in its query, at one place or at a new one each time.
async fn platform(storage: &Server, one_place: bool) -> Server {
    let storage = storage.url.clone();
    let count = AtomicUsize::new(0);
    Server::start(move |seen| {
        assert_eq!(seen.header("authorization"), "Bearer administrator");
        assert_eq!(seen.header("accept"), API);
        let file = json!({"file": {"id": "f-1", "displayName": "a.bin", "size": 5}});
        match seen.line.as_str() {
            "POST /storage/folders/d-1/files" | "POST /storage/files/f-1/updateContent" => {
                let number = count.fetch_add(1, Ordering::SeqCst);
                let place = if one_place { 0 } else { number };
                let address = format!("{storage}/c/blob-{place}?sv=1&sig=canary{number}%3D");
                Answer::json(
                    202,
                    json!({"_links": {
                        "uploadUrl": {"href": address},
                        "completeUrl": {"href":
                            format!("https://api.bentley.com/storage/files/f-{number}/complete")},
                    }}),
                )
            }
            "GET /storage/files/f-1/download" => {
                let number = count.fetch_add(1, Ordering::SeqCst);
                Answer::new(302).header("location", format!("{storage}/c/b?sig=canary{number}"))
            }
            line if line.ends_with("/complete") => Answer::json(200, file),
            _ => refusal(404, "ResourceNotFound"),
        }
    })
    .await
}

fn no_token(server: &Server) {
    for seen in server.seen() {
        assert_eq!(seen.header("authorization"), "", "{}", seen.line);
    }
}

fn azure_refusal(status: u16, code: &str) -> Answer {
    let body = format!("<?xml version=\"1.0\"?><Error><Code>{code}</Code><M>canary</M></Error>");
    Answer::new(status).header("content-type", "application/xml").bytes(body)
}

#[tokio::test]
async fn a_small_file_is_created_put_and_completed() {
    let storage = Server::start(|_| Answer::new(201)).await;
    let server = platform(&storage, true).await;
    let platform = server.platform();
    let told = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&told);
    let upload = platform.storage().upload_file("d-1", "a.bin", &b"hello"[..]);
    let upload = upload.on_progress(move |at| notes.lock().unwrap().push((at.done, at.total)));
    let file = upload.run().await.unwrap();
    assert_eq!(file.id, "f-1");
    assert_eq!(
        server.lines(),
        ["POST /storage/folders/d-1/files", "POST /storage/files/f-0/complete"]
    );
    assert_eq!(server.seen()[0].json(), json!({"displayName": "a.bin"}));
    let put = &storage.seen()[0];
    assert_eq!(put.line, "PUT /c/blob-0?sv=1&sig=canary0%3D");
    assert_eq!((put.header("x-ms-blob-type"), put.header("content-length")), ("BlockBlob", "5"));
    assert_eq!(put.body, b"hello");
    no_token(&storage);
    assert_eq!(*told.lock().unwrap(), [(5, Some(5))]);

    platform.storage().replace_file("f-1", Vec::new()).run().await.unwrap();
    let put = &storage.seen()[1];
    assert_eq!((put.header("content-length"), put.body.len()), ("0", 0));
}

#[tokio::test]
async fn a_large_file_goes_in_blocks_from_the_disk() {
    let storage = Server::start(|_| Answer::new(201)).await;
    let server = platform(&storage, true).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    let contents: Vec<u8> = (0..700_000_u32).map(|number| number as u8).collect();
    std::fs::write(&path, &contents).unwrap();
    let platform = server.platform();
    let upload = platform.storage().upload_file("d-1", "a.bin", Contents::file(&path));
    let points = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&points);
    let upload = upload.on_point(move |point| notes.lock().unwrap().push(point.done()));
    upload.in_blocks(300_000).parallel(1).run().await.unwrap();
    assert_eq!(*points.lock().unwrap(), [0, 300_000, 600_000, 700_000]);
    let seen = storage.seen();
    let lines: Vec<_> = seen.iter().map(|seen| seen.line.as_str()).collect();
    let base = "PUT /c/blob-0?sv=1&sig=canary0%3D";
    assert_eq!(
        lines,
        [
            format!("{base}&comp=block&blockid=00000000"),
            format!("{base}&comp=block&blockid=00000001"),
            format!("{base}&comp=block&blockid=00000002"),
            format!("{base}&comp=blocklist"),
        ]
    );
    let sent: Vec<u8> = seen[..3].iter().flat_map(|seen| seen.body.clone()).collect();
    assert!(sent == contents && seen[2].body.len() == 100_000);
    let list = String::from_utf8(seen[3].body.clone()).unwrap();
    assert!(list.ends_with("<Latest>00000001</Latest><Latest>00000002</Latest></BlockList>"));
    no_token(&storage);
}

/// Ten bytes in blocks of four, whose second block is refused once with a status.
async fn interrupted(status: u16, code: &'static str) -> Server {
    let refused = AtomicUsize::new(0);
    Server::start(move |seen| {
        let is_second = seen.line.contains("blockid=00000001");
        if is_second && refused.fetch_add(1, Ordering::SeqCst) == 0 {
            return azure_refusal(status, code);
        }
        Answer::new(201)
    })
    .await
}

fn blocks(storage: &Server) -> Vec<String> {
    let short = |line: String| {
        let (place, rest) = line.split_once('?').unwrap();
        let signature = rest.split('&').nth(1).unwrap().replace("sig=canary", "");
        let last = rest.rsplit(['&', '=']).next().unwrap();
        format!("{} {} {last}", place.replace("PUT /c/", ""), signature.replace("%3D", ""))
    };
    storage.lines().into_iter().map(short).collect()
}

#[tokio::test]
async fn an_ended_address_is_replaced_and_blocks_stay_with_their_place() {
    let storage = interrupted(403, "AuthenticationFailed").await;
    let server = platform(&storage, true).await;
    let upload = server.platform().storage().replace_file("f-1", &b"0123456789"[..]);
    upload.in_blocks(4).parallel(1).run().await.unwrap();
    assert_eq!(
        blocks(&storage),
        [
            "blob-0 0 00000000",
            "blob-0 0 00000001",
            "blob-0 1 00000001",
            "blob-0 1 00000002",
            "blob-0 1 blocklist"
        ]
    );
    assert_eq!(server.lines().last().unwrap(), "POST /storage/files/f-1/complete");

    let storage = interrupted(403, "AuthenticationFailed").await;
    let server = platform(&storage, false).await;
    let upload = server.platform().storage().upload_file("d-1", "a", &b"0123456789"[..]);
    upload.in_blocks(4).parallel(1).run().await.unwrap();
    let blocks = blocks(&storage);
    assert_eq!(
        blocks[2..],
        ["blob-1 1 00000000", "blob-1 1 00000001", "blob-1 1 00000002", "blob-1 1 blocklist"]
    );
}

#[tokio::test]
async fn addresses_that_are_always_refused_end_it_without_being_shown() {
    let storage = Server::start(|_| azure_refusal(403, "AuthenticationFailed")).await;
    let server = platform(&storage, true).await;
    let upload = server.platform().storage().upload_file("d-1", "a", &b"0123"[..]);
    let failed = upload.run().await.unwrap_err();
    assert_eq!(storage.lines().len(), 3, "the same address is not tried again");
    assert_eq!(failed.error.code(), Some("AuthenticationFailed"));
    assert!(failed.error.hint().unwrap().contains("clock"));
    let shown = format!("{failed} {failed:?} {:?} {:?}", failed.error, failed.point);
    assert!(!shown.contains("canary"), "{shown}");
    let address = Secret::from(format!("{}/c/b?sig=canary", storage.url));
    let failed =
        server.platform().transfers().upload_to(&address, &b"x"[..]).run().await.unwrap_err();
    assert!(failed.error.hint().unwrap().contains("get a new one"), "{failed}");
    assert_eq!(storage.lines().len(), 4);
}

#[tokio::test]
async fn an_upload_that_broke_off_is_gone_on_with_in_another_process() {
    let storage = interrupted(400, "InvalidBlockId").await;
    let server = platform(&storage, false).await;
    let platform = server.platform();
    let upload =
        || platform.storage().upload_file("d-1", "a", &b"0123456789"[..]).in_blocks(4).parallel(1);
    let failed = upload().run().await.unwrap_err();
    assert_eq!(failed.error.operation(), Some("create_file"));
    let point = failed.point.unwrap();
    assert_eq!(point.done(), 4);
    let kept = point.to_secret();
    assert!(!format!("{kept:?} {point:?}").contains("canary"));
    let point = UploadPoint::from_secret(&kept).unwrap();
    upload().resume(point).run().await.unwrap();
    assert_eq!(
        blocks(&storage)[2..],
        ["blob-0 0 00000001", "blob-0 0 00000002", "blob-0 0 blocklist"]
    );
    assert_eq!(server.lines()[1], "POST /storage/files/f-0/complete");
    assert!(UploadPoint::from_secret(&Secret::from("{}")).is_err());
}

#[tokio::test(start_paused = true)]
async fn passing_trouble_of_the_storage_is_repeated_and_google_gets_no_azure_header() {
    let tries = AtomicUsize::new(0);
    let storage = Server::start(move |_| match tries.fetch_add(1, Ordering::SeqCst) {
        0 => azure_refusal(503, "ServerBusy"),
        1 => azure_refusal(500, "InternalError"),
        _ => Answer::new(200),
    })
    .await;
    let server = platform(&storage, true).await;
    let platform = server.builder().build().unwrap();
    let address = Secret::from(format!("{}/c/b?X-Goog-Signature=a", storage.url));
    platform.transfers().upload_to(&address, &b"abc"[..]).in_blocks(1).run().await.unwrap();
    let seen = storage.seen();
    assert_eq!(seen.len(), 3);
    assert!(
        seen.iter().all(|seen| seen.body == b"abc" && seen.header("x-ms-blob-type").is_empty())
    );
}

/// Serves `contents` by ranges under an entity tag; the first `cuts` answers break
/// off after five bytes.
async fn ranges(contents: &'static [u8], cuts: usize) -> Server {
    let answered = AtomicUsize::new(0);
    Server::start(move |seen| {
        serve_range(contents, seen, answered.fetch_add(1, Ordering::SeqCst) < cuts)
    })
    .await
}

fn serve_range(contents: &[u8], seen: &Seen, cuts: bool) -> Answer {
    let condition = seen.header("if-match");
    if !condition.is_empty() && condition != "\"v1\"" {
        return azure_refusal(412, "ConditionNotMet");
    }
    let range = seen.header("range").strip_prefix("bytes=").and_then(|r| r.strip_suffix('-'));
    let answer = match range {
        None => Answer::new(200).bytes(contents),
        Some(from) => {
            let from: usize = from.parse().unwrap();
            let last = contents.len() - 1;
            Answer::new(206)
                .header("content-range", format!("bytes {from}-{last}/{}", contents.len()))
                .bytes(&contents[from..])
        }
    };
    let answer = answer.header("etag", "\"v1\"");
    if cuts { answer.cut(5) } else { answer }
}

fn patient(server: &Server) -> ITwin {
    server.builder().options(CallOptions::new().max_retries(3)).build().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_download_goes_on_where_it_broke_off() {
    let storage = ranges(b"0123456789abcdef", 2).await;
    let server = platform(&storage, true).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    let fetch = patient(&server).storage().fetch_file("f-1");
    assert_eq!(fetch.to_file(&path).await.unwrap(), 16);
    assert_eq!(std::fs::read(&path).unwrap(), b"0123456789abcdef");
    let seen = storage.seen();
    let ranges: Vec<_> = seen.iter().map(|seen| seen.header("range")).collect();
    assert_eq!(ranges, ["", "bytes=5-", "bytes=10-"]);
    assert_eq!(seen[1].header("if-match"), "\"v1\"");
    no_token(&storage);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "no part is left");
}

#[tokio::test]
async fn a_download_is_resumed_by_its_point_and_never_mixes_contents() {
    let storage = ranges(b"0123456789abcdef", 1).await;
    let server = platform(&storage, true).await;
    let platform = server.platform();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    let failed = platform.storage().fetch_file("f-1").to_file(&path).await.unwrap_err();
    let point = *failed.point.unwrap();
    assert_eq!((point.offset, point.total), (5, Some(16)));
    let text = serde_json::to_string(&point).unwrap();
    let mut other: Value = serde_json::from_str(&text).unwrap();
    other["etag"] = json!("\"v0\"");
    let other = serde_json::from_value(other).unwrap();
    let fetch = platform.storage().fetch_file("f-1").resume(other);
    let failed = fetch.to_file(&path).await.unwrap_err();
    assert_eq!(failed.error.kind(), ErrorKind::PreconditionFailed);
    assert!(failed.error.hint().unwrap().contains("anew"));
    let fetch = platform.storage().fetch_file("f-1").resume(serde_json::from_str(&text).unwrap());
    assert_eq!(fetch.to_file(&path).await.unwrap(), 16);
    assert_eq!(std::fs::read(&path).unwrap(), b"0123456789abcdef");
}

/// Gets what lies at a signed address, in one go.
async fn fetched(storage: &Server) -> Result<String, Error> {
    let address = Secret::from(format!("{}/c/b?sig=canary", storage.url));
    let bytes = patient(storage).transfers().download_from(&address).bytes(1000).await?;
    Ok(String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn parts_of_different_contents_are_not_joined_by_a_service_that_knows_no_condition() {
    let part = |range: &str, rest: &str| {
        Answer::new(206).header("content-range", range).header("etag", "\"a\"").bytes(rest)
    };
    let (whole, rest) = ("a".repeat(100), "a".repeat(60));
    let cases = [
        Answer::new(200).bytes("B".repeat(50)),
        Answer::new(200).bytes("B".repeat(100)),
        Answer::new(200).header("etag", "\"a\"").bytes("B".repeat(50)),
        Answer::new(206).header("content-range", "bytes 40-49/50").bytes("B".repeat(10)),
        Answer::new(206).header("content-range", "bytes 40-99/100").bytes("B".repeat(60)),
        part("bytes 40-49/50", "BBBBBBBBBB"),
    ];
    for second in cases {
        let storage = Server::script(vec![
            Answer::new(200).header("etag", "\"a\"").bytes(whole.as_str()).cut(40),
            second.clone(),
        ]);
        let storage = storage.await;
        let error = fetched(&storage).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PreconditionFailed, "{second:?}");
        assert!(error.to_string().contains("the contents were changed"), "{error}");
        assert_eq!(error.hint(), Some("begin anew"));
        assert_eq!(storage.seen()[1].header("if-match"), "\"a\"");
    }
    for second in [
        part("bytes 40-99/100", &rest),
        part("bytes 40-99/*", &rest),
        Answer::new(200).header("etag", "\"a\"").bytes(whole.as_str()),
    ] {
        let first = Answer::new(200).header("etag", "\"a\"").bytes(whole.as_str()).cut(40);
        let storage = Server::script(vec![first, second]).await;
        assert_eq!(fetched(&storage).await.unwrap(), whole);
    }
}

#[tokio::test]
async fn without_a_tag_nothing_is_gone_on_with() {
    let first = Answer::new(200).bytes("a".repeat(100)).cut(40);
    let storage = Server::script(vec![first, Answer::new(200).bytes("B".repeat(100))]).await;
    let address = Secret::from(format!("{}/c/b?sig=canary", storage.url));
    let mut reading = patient(&storage).transfers().download_from(&address).open().await.unwrap();
    assert_eq!(reading.next().await.unwrap().unwrap().len(), 40);
    assert_eq!(reading.next().await.unwrap_err().kind(), ErrorKind::Transport);
    assert_eq!(reading.next().await.unwrap_err().kind(), ErrorKind::PreconditionFailed);
    assert_eq!(storage.lines().len(), 1);
}

/// Puts five bytes to a signed address.
async fn put(storage: &Server, options: CallOptions) -> Result<(), Error> {
    let platform = storage.builder().options(options).build().unwrap();
    let address = Secret::from(format!("{}/c/b?sig=canary", storage.url));
    Ok(platform.transfers().upload_to(&address, &b"hello"[..]).run().await?)
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_stops_in_the_middle_ends_with_the_attempt() {
    let stalled = Answer::new(201).bytes("0123456789").stall(2);
    let storage = Server::script(vec![stalled.clone(), Answer::new(201)]).await;
    put(&storage, CallOptions::new()).await.unwrap();
    assert_eq!(storage.lines().len(), 2, "the put is sent again");
    let storage = Server::script(vec![stalled]).await;
    let limit = CallOptions::new().no_retry().attempt_timeout(Duration::from_secs(7));
    let error = put(&storage, limit).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(
        error.to_string(),
        format!("upload: timed out: {}: no answer within 7 s", storage.url)
    );
}

#[tokio::test(start_paused = true)]
async fn a_callers_time_limit_is_one_of_the_whole_transfer() {
    let limit = CallOptions::new().max_retries(9).timeout(Duration::from_secs(70));
    let storage = Server::script(vec![Answer::new(201).bytes("0123456789").stall(2)]).await;
    let error = put(&storage, limit.clone()).await.unwrap_err();
    assert_eq!(error.to_string(), "upload: timed out: the transfer did not end within 70 s");
    assert_eq!(storage.lines().len(), 3, "of 30 s each");

    // Each attempt brings a byte, and breaks off.
    let part = |seen: &Seen| {
        let from = seen.header("range").strip_prefix("bytes=").and_then(|r| r.strip_suffix('-'));
        let from: usize = from.map_or(0, |from| from.parse().unwrap());
        Answer::new(206)
            .header("content-range", format!("bytes {from}-99/100"))
            .header("etag", "\"a\"")
            .bytes("a".repeat(100 - from))
            .stall(1)
    };
    let storage = Server::start(part).await;
    let platform = storage.builder().options(limit).build().unwrap();
    let address = Secret::from(format!("{}/c/b?sig=canary", storage.url));
    let error = platform.transfers().download_from(&address).bytes(1000).await.unwrap_err();
    assert_eq!(error.to_string(), "download: timed out: the transfer did not end within 70 s");
    // Without the caller's limit it takes as long as it takes.
    assert_eq!(fetched(&storage).await.unwrap(), "a".repeat(100));
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_longer_than_the_rest_of_the_time_is_not_begun() {
    let busy = azure_refusal(503, "ServerBusy").header("retry-after", "20");
    let storage = Server::script(vec![busy]).await;
    let limit = CallOptions::new().timeout(Duration::from_secs(10));
    let error = put(&storage, limit).await.unwrap_err();
    assert_eq!((error.code(), storage.lines().len()), (Some("ServerBusy"), 1));
}

#[tokio::test(start_paused = true)]
async fn only_what_says_that_contents_were_taken_is_believed() {
    let page = |status| Answer::new(status).header("content-type", "text/html; charset=UTF-8");
    let told = [
        Answer::new(200),
        Answer::new(201),
        Answer::new(204),
        // As Google's answer is.
        page(200),
        Answer::new(201).bytes("<?xml version=\"1.0\"?><PostResponse/>"),
    ];
    for answer in told {
        let storage = Server::script(vec![answer.clone()]).await;
        put(&storage, CallOptions::new()).await.unwrap_or_else(|e| panic!("{answer:?}: {e}"));
        assert_eq!(storage.lines().len(), 1);
    }
    let another = [202, 203, 205, 206, 207, 226].map(Answer::new);
    let pages = [
        page(200).bytes("<html>sign in canary</html>"),
        page(201).bytes("sign in"),
        Answer::new(200).bytes("\n <!DOCTYPE html><p>canary"),
        Answer::new(201).bytes("<HTML>canary"),
    ];
    for answer in another.into_iter().chain(pages) {
        let storage = Server::script(vec![answer.clone()]).await;
        let error = put(&storage, CallOptions::new()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{answer:?}");
        assert!(error.status().is_some() && error.operation() == Some("upload"));
        assert!(error.to_string().contains(&storage.url), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
        assert_eq!(storage.lines().len(), 1, "not repeated");
    }
}

#[tokio::test(start_paused = true)]
async fn a_receipt_that_is_cut_off_is_a_broken_connection() {
    let cut = Answer::new(201).bytes("0123456789").cut(2);
    let storage = Server::script(vec![cut.clone(), Answer::new(201)]).await;
    put(&storage, CallOptions::new()).await.unwrap();
    let lines = storage.seen();
    assert!(lines.len() == 2 && lines.iter().all(|seen| seen.body == b"hello"));
    let storage = Server::script(vec![cut]).await;
    let error = put(&storage, CallOptions::new().no_retry()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Transport);
}

#[tokio::test(start_paused = true)]
async fn only_answers_with_contents_are_downloads() {
    for status in [201, 202, 203, 204, 205, 207] {
        let storage = Server::script(vec![Answer::new(status)]).await;
        let error = fetched(&storage).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{status}");
        assert!(error.to_string().contains(&storage.url), "{error}");
        assert_eq!(storage.lines().len(), 1);
    }
    let storage = Server::script(vec![Answer::new(200)]).await;
    assert_eq!(fetched(&storage).await.unwrap(), "");
}

/// An address at which nobody listens.
async fn nowhere() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[tokio::test]
async fn a_storage_that_cannot_be_reached_is_named_and_left_by_the_next_run() {
    let (storage, nowhere) = (Server::start(|_| Answer::new(201)).await, nowhere().await);
    let places = [nowhere.clone(), storage.url.clone()];
    let count = AtomicUsize::new(0);
    let server = Server::start(move |seen| match seen.line.as_str() {
        "POST /storage/folders/d-1/files" => {
            let place = &places[count.fetch_add(1, Ordering::SeqCst)];
            Answer::json(
                202,
                json!({"_links": {
                    "uploadUrl": {"href": format!("{place}/c/b?sig=canary")},
                    "completeUrl": {"href": "https://api.bentley.com/storage/files/f-1/complete"},
                }}),
            )
        }
        _ => Answer::json(200, json!({"file": {"id": "f-1", "displayName": "a.bin", "size": 5}})),
    })
    .await;
    let platform = server.platform();
    let kept = Arc::new(Mutex::new(None));
    let keeper = Arc::clone(&kept);
    let upload = platform.storage().upload_file("d-1", "a.bin", &b"hello"[..]);
    let upload = upload.on_point(move |point| *keeper.lock().unwrap() = Some(point.to_secret()));
    let error = upload.run().await.unwrap_err().error;
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Connect, Some("create_file")));
    assert!(error.to_string().contains(&format!("{nowhere}: no connection")), "{error}");
    assert!(error.hint().unwrap().contains("storage service"), "{error:?}");
    assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    // As kept on the way, for a process that is killed.
    let kept = kept.lock().unwrap().take().unwrap();
    let point = UploadPoint::from_secret(&kept).unwrap();
    let again = platform.storage().upload_file("d-1", "a.bin", &b"hello"[..]).resume(point);
    again.run().await.unwrap();
    assert_eq!(server.lines().len(), 3);
    assert_eq!(storage.lines(), ["PUT /c/b?sig=canary"]);
}

#[tokio::test]
async fn an_address_that_cannot_be_used_is_a_fault_of_the_answer_that_holds_it() {
    let server = Server::start(|seen| match seen.line.as_str() {
        "GET /storage/files/f-1/download" => {
            Answer::new(302).header("location", "http://storage.example/c/b?sig=canary")
        }
        _ => Answer::json(
            202,
            json!({"_links": {
                "uploadUrl": {"href": "https://canary@storage.example/c/b?sig=canary"},
                "completeUrl": {"href": "https://api.bentley.com/storage/files/f-1/complete"},
            }}),
        ),
    })
    .await;
    let platform = server.platform();
    let storage = platform.storage();
    let errors = [
        (storage.upload_file("d-1", "a", &b"x"[..]).run().await.unwrap_err().error, "create_file"),
        (
            storage.replace_file("f-1", &b"x"[..]).run().await.unwrap_err().error,
            "update_file_content",
        ),
        (storage.fetch_file("f-1").bytes(9).await.unwrap_err(), "download_file"),
    ];
    for (error, operation) in errors {
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some(operation)));
        assert!(error.to_string().contains("signed address cannot be used"), "{error}");
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
    // What the caller gives is a fault of the call.
    let address = Secret::from("http://storage.example/c/b?sig=canary");
    let error = platform.transfers().download_from(&address).bytes(9).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_file_of_somebody_else_beside_the_place_is_left_alone() {
    let storage = ranges(b"0123456789abcdef", 0).await;
    let server = platform(&storage, true).await;
    let platform = server.platform();
    let folder = tempfile::tempdir().unwrap();
    let (path, part) = (folder.path().join("a.bin"), folder.path().join("a.bin.part"));
    std::fs::write(&part, "theirs").unwrap();
    let failed = platform.storage().fetch_file("f-1").to_file(&path).await.unwrap_err();
    assert!(failed.to_string().contains("a.bin.part is there already"), "{failed}");
    assert!(failed.point.is_none() && server.lines().is_empty() && storage.lines().is_empty());
    assert_eq!(std::fs::read(&part).unwrap(), b"theirs");
    // What is begun here and comes to nothing leaves nothing that would be in the way.
    let failed = platform.storage().fetch_file("f-2").to_file(folder.path().join("b")).await;
    assert!(failed.unwrap_err().point.is_none());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_resumed_transfer_that_fails_early_keeps_its_point() {
    let storage = ranges(b"0123456789abcdef", 1).await;
    let server = platform(&storage, true).await;
    let client = server.platform();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    let failed = client.storage().fetch_file("f-1").to_file(&path).await.unwrap_err();
    let point = failed.point.unwrap();
    // No address is to be had.
    let fetch = client.storage().fetch_file("f-2").resume(*point.clone());
    let failed = fetch.to_file(&path).await.unwrap_err();
    assert_eq!(failed.point.as_ref(), Some(&point));
    // The place cannot be written.
    let fetch = client.storage().fetch_file("f-1").resume(*point.clone());
    let failed = fetch.to_file(folder.path().join("no/such/folder")).await.unwrap_err();
    assert_eq!(failed.point.as_ref(), Some(&point));
    let fetch = client.storage().fetch_file("f-1").resume(*point);
    assert_eq!(fetch.to_file(&path).await.unwrap(), 16);

    let storage = interrupted(400, "InvalidBlockId").await;
    let server = platform(&storage, false).await;
    let client = server.platform();
    let upload = |contents: Contents| {
        client.storage().upload_file("d-1", "a", contents).in_blocks(4).parallel(1)
    };
    let contents = || Contents::from(&b"0123456789"[..]);
    let point = *upload(contents()).run().await.unwrap_err().point.unwrap();
    let gone = upload(Contents::file(folder.path().join("gone"))).resume(point);
    let point = *gone.run().await.unwrap_err().point.unwrap();
    assert_eq!(point.done(), 4);
    let wrong = client.storage().upload_file("..", "a", &b"another size"[..]).resume(point);
    let point = *wrong.run().await.unwrap_err().point.unwrap();
    upload(contents()).resume(point).run().await.unwrap();
    assert_eq!(blocks(&storage).len(), 5, "the first block is not sent again");
}

#[tokio::test]
async fn who_refused_is_told_even_without_a_code() {
    let page =
        |status| Answer::new(status).header("content-type", "text/html").bytes("<html>canary");
    let storage = Server::start(move |_| page(403)).await;
    let address = Secret::from(format!("{}/c/b?sig=canary", storage.url));
    let transfers = Server::start(|_| Answer::new(500)).await.platform().transfers();
    let failed = transfers.upload_to(&address, &b"x"[..]).run().await.unwrap_err();
    let told = format!("upload: 403 denied: {} refused it", storage.url);
    assert_eq!(failed.to_string(), told);
    let error = transfers.download_from(&address).bytes(10).await.unwrap_err();
    assert!(error.to_string().contains("refused it"), "{error}");
    assert!(!format!("{failed:?} {error:?} {transfers:?}").contains("canary"));
    assert!(!format!("{transfers:?}").contains("administrator"));
}

#[tokio::test]
async fn ended_addresses_of_downloads_are_replaced_and_limits_kept() {
    let storage = Server::start(|seen| match seen.line.ends_with("canary0") {
        true => azure_refusal(403, "AuthenticationFailed"),
        false => serve_range(b"0123456789", seen, false),
    })
    .await;
    let server = platform(&storage, true).await;
    let platform = server.platform();
    let told = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&told);
    let fetch = platform.storage().fetch_file("f-1");
    let fetch = fetch.on_progress(move |at| notes.lock().unwrap().push((at.done, at.total)));
    assert_eq!(fetch.bytes(10).await.unwrap(), "0123456789");
    assert_eq!(*told.lock().unwrap(), [(10, Some(10))]);
    let error = platform.storage().fetch_file("f-1").bytes(9).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
}

#[tokio::test]
async fn the_root_folder_is_read_out_of_the_lists_links() {
    let server = Server::start(|_| {
        Answer::json(
            200,
            json!({"items": [], "_links": {
                "folder": {"href": "https://api.bentley.com/storage/folders/root-1"},
            }}),
        )
    })
    .await;
    let root = server.platform().storage().root_folder(ITWIN).await.unwrap();
    assert_eq!(root.as_str(), "root-1");
}

#[tokio::test]
async fn what_cannot_be_sent_is_told_before_an_address_is_asked_for() {
    let storage = Server::start(|_| Answer::new(201)).await;
    let server = platform(&storage, true).await;
    let platform = server.platform();
    let upload = platform.storage().upload_file("d-1", "a", Contents::file("/no/such/file"));
    assert!(upload.run().await.unwrap_err().to_string().contains("/no/such/file"));
    let upload = platform.storage().upload_file("..", "a", &b"x"[..]);
    assert_eq!(upload.run().await.unwrap_err().error.kind(), ErrorKind::InvalidRequest);
    assert!(server.lines().is_empty() && storage.lines().is_empty());
}
