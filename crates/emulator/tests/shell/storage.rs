//! Signed URLs over HTTP.

use std::time::Duration;

use reqwest::{Method, Response};
use twinkit_emulator::{Emulator, storage::Permissions};

use crate::support::client;

const HOUR: Duration = Duration::from_secs(3600);

async fn send(method: Method, url: &str, headers: &[(&str, &str)], body: &'static str) -> Response {
    let mut request = client().request(method, url).body(body);
    for &(name, value) in headers {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

async fn assert_refused(response: Response, status: u16, code: &str) {
    assert_eq!(response.status(), status, "{code}");
    assert_eq!(response.headers()["x-ms-error-code"], code);
    assert!(response.headers().contains_key("x-ms-request-id"));
    let text = response.text().await.unwrap();
    assert!(text.contains(&format!("<Code>{code}</Code>")), "{text}");
    assert!(!text.contains("sig="), "{text}");
}

#[tokio::test]
async fn a_block_blob_is_put_read_and_deleted() {
    let emulator = Emulator::start().await.unwrap();
    let url = emulator.storage().signed_url("box", "a b/ü.json", Permissions::all(), HOUR);
    let block = [
        ("x-ms-blob-type", "BlockBlob"),
        ("content-type", "application/json"),
        ("x-ms-meta-a", "1"),
    ];
    let put = send(Method::PUT, &url, &block, "0123456789").await;
    assert_eq!(put.status(), 201);
    let etag = put.headers()["etag"].clone();

    let get = send(Method::GET, &url, &[], "").await;
    assert_eq!(get.status(), 200);
    assert_eq!(get.headers()["etag"], etag);
    assert_eq!(get.headers()["content-type"], "application/json");
    assert_eq!(get.headers()["x-ms-blob-type"], "BlockBlob");
    assert_eq!(get.headers()["x-ms-meta-a"], "1");
    assert_eq!(get.text().await.unwrap(), "0123456789");

    let head = send(Method::HEAD, &url, &[], "").await;
    assert_eq!(head.headers()["content-length"], "10");
    let part = send(Method::GET, &url, &[("range", "bytes=2-4")], "").await;
    assert_eq!(
        (part.status().as_u16(), &part.headers()["content-range"]),
        (206, &"bytes 2-4/10".parse().unwrap())
    );
    assert_eq!(part.text().await.unwrap(), "234");
    let behind = send(Method::GET, &url, &[("range", "bytes=10-")], "").await;
    assert_refused(behind, 416, "InvalidRange").await;

    let once = [("x-ms-blob-type", "BlockBlob"), ("if-none-match", "*")];
    assert_refused(send(Method::PUT, &url, &once, "x").await, 409, "BlobAlreadyExists").await;
    let stale = [("x-ms-blob-type", "BlockBlob"), ("if-match", "\"0x0\"")];
    assert_refused(send(Method::PUT, &url, &stale, "x").await, 412, "ConditionNotMet").await;
    assert_refused(send(Method::PUT, &url, &[], "x").await, 400, "MissingRequiredHeader").await;
    assert_eq!(send(Method::DELETE, &url, &[], "").await.status(), 202);
    assert_refused(send(Method::GET, &url, &[], "").await, 404, "BlobNotFound").await;
    assert_eq!(send(Method::HEAD, &url, &[], "").await.status(), 404);
}

#[tokio::test]
async fn an_append_blob_grows() {
    let emulator = Emulator::start().await.unwrap();
    let url = emulator.storage().signed_url("box", "log", Permissions::all(), HOUR);
    let append = format!("{url}&comp=appendblock");
    assert_refused(send(Method::PUT, &append, &[], "x").await, 404, "BlobNotFound").await;
    let kind = [("x-ms-blob-type", "AppendBlob")];
    assert_eq!(send(Method::PUT, &url, &kind, "").await.status(), 201);
    assert_eq!(send(Method::PUT, &append, &[], "one\n").await.status(), 201);
    let second = send(Method::PUT, &append, &[], "two\n").await;
    assert_eq!(second.headers()["x-ms-blob-append-offset"], "4");
    assert_eq!(second.headers()["x-ms-blob-committed-block-count"], "2");
    assert_eq!(send(Method::GET, &url, &[], "").await.text().await.unwrap(), "one\ntwo\n");
    assert_eq!(emulator.storage().read(&url).unwrap(), "one\ntwo\n");
    let block = [("x-ms-blob-type", "BlockBlob")];
    assert_eq!(send(Method::PUT, &url, &block, "").await.status(), 201);
    assert_refused(send(Method::PUT, &append, &[], "x").await, 409, "InvalidBlobType").await;
}

#[tokio::test]
async fn a_large_upload_goes_in_blocks() {
    let emulator = Emulator::start().await.unwrap();
    let url = emulator.storage().signed_url("box", "large", Permissions::write(), HOUR);
    for (id, content) in [("QQ==", "A"), ("Qg==", "B")] {
        let id = id.replace('=', "%3D");
        let block =
            send(Method::PUT, &format!("{url}&comp=block&blockid={id}"), &[], content).await;
        assert_eq!(block.status(), 201);
    }
    let list = format!("{url}&comp=blocklist");
    let unknown = "<BlockList><Latest>Wg==</Latest></BlockList>";
    assert_refused(send(Method::PUT, &list, &[], unknown).await, 400, "InvalidBlockList").await;
    assert_refused(send(Method::PUT, &list, &[], "{}").await, 400, "InvalidXmlDocument").await;
    let known = "<BlockList><Latest>Qg==</Latest><Latest>QQ==</Latest></BlockList>";
    // Again, as if the answer was lost.
    for _ in 0..2 {
        assert_eq!(send(Method::PUT, &list, &[], known).await.status(), 201);
        assert_eq!(emulator.storage().read(&url).unwrap(), "BA");
    }
    let sent = "<BlockList><Uncommitted>QQ==</Uncommitted></BlockList>";
    assert_refused(send(Method::PUT, &list, &[], sent).await, 400, "InvalidBlockList").await;
    let fewer = "<BlockList><Committed>QQ==</Committed></BlockList>";
    assert_eq!(send(Method::PUT, &list, &[], fewer).await.status(), 201);
    assert_eq!(emulator.storage().read(&url).unwrap(), "A");
    assert_refused(send(Method::PUT, &list, &[], known).await, 400, "InvalidBlockList").await;
}

#[tokio::test]
async fn what_is_large_is_on_the_disk_as_long_as_it_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let emulator = Emulator::builder().blob_folder(folder.path()).start().await.unwrap();
    let files = || {
        let folders = std::fs::read_dir(folder.path()).unwrap();
        folders.map(|it| std::fs::read_dir(it.unwrap().path()).unwrap().count()).sum::<usize>()
    };
    let url = emulator.storage().signed_url("box", "large", Permissions::all(), HOUR);
    let half: &'static str = "0123456789abcdef".repeat(32 * 1024).leak();
    for id in ["QQ", "Qg"] {
        let block = send(Method::PUT, &format!("{url}&comp=block&blockid={id}"), &[], half).await;
        assert_eq!(block.status(), 201);
    }
    let list = "<BlockList><Latest>QQ</Latest><Latest>Qg</Latest></BlockList>";
    let commit = send(Method::PUT, &format!("{url}&comp=blocklist"), &[], list).await;
    assert_eq!((commit.status().as_u16(), files()), (201, 2));

    let head = send(Method::HEAD, &url, &[], "").await;
    assert_eq!(head.headers()["content-length"], "1048576");
    let all = send(Method::GET, &url, &[], "").await;
    assert_eq!(all.headers()["content-length"], "1048576");
    assert!(all.text().await.unwrap() == format!("{half}{half}"));
    let part = send(Method::GET, &url, &[("range", "bytes=524280-524295")], "").await;
    assert_eq!(part.headers()["content-range"], "bytes 524280-524295/1048576");
    assert_eq!(part.text().await.unwrap(), "89abcdef01234567");

    let put = [("x-ms-blob-type", "BlockBlob")];
    assert_eq!(send(Method::PUT, &url, &put, "small").await.status(), 201);
    assert_eq!(files(), 0);
    assert_eq!(send(Method::PUT, &url, &put, half).await.status(), 201);
    assert_eq!(files(), 1);
    emulator.shutdown().await;
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn only_the_right_signature_opens_and_only_alone() {
    let emulator = Emulator::start().await.unwrap();
    let storage = emulator.storage();
    storage.put("box", "a", "text");
    let url = storage.signed_url("box", "a", Permissions::read(), HOUR);
    assert_eq!(send(Method::GET, &url, &[], "").await.status(), 200);
    let code = "AuthenticationFailed";
    let (address, _) = url.split_once('?').unwrap();
    assert_refused(send(Method::GET, address, &[], "").await, 403, code).await;
    let forged = url.replace("sig=", "sig=AAAA");
    assert_refused(send(Method::GET, &forged, &[], "").await, 403, code).await;
    let other = url.replace("/a?", "/b?");
    assert_refused(send(Method::GET, &other, &[], "").await, 403, code).await;
    let twice = [("authorization", "Bearer x")];
    assert_refused(send(Method::GET, &url, &twice, "").await, 403, code).await;
    let put = send(Method::PUT, &url, &[("x-ms-blob-type", "BlockBlob")], "x").await;
    assert_refused(put, 403, "AuthorizationPermissionMismatch").await;
    emulator.clock().advance(HOUR);
    assert_refused(send(Method::GET, &url, &[], "").await, 403, code).await;

    let container = storage.signed_container_url("box", Permissions::all(), HOUR);
    let (root, query) = container.split_once('?').unwrap();
    assert_eq!(send(Method::GET, &format!("{root}/a?{query}"), &[], "").await.status(), 200);
    assert_refused(send(Method::GET, &container, &[], "").await, 400, "InvalidUri").await;
    assert_refused(
        send(Method::POST, &format!("{root}/a?{query}"), &[], "").await,
        405,
        "UnsupportedHttpVerb",
    )
    .await;
}

#[tokio::test]
async fn one_request_carries_megabytes() {
    let emulator = Emulator::start().await.unwrap();
    let url = emulator.storage().signed_url("box", "large", Permissions::all(), HOUR);
    let bytes = vec![b'x'; 20 * 1024 * 1024];
    let put = client().put(&url).header("x-ms-blob-type", "BlockBlob").body(bytes.clone());
    assert_eq!(put.send().await.unwrap().status(), 201);
    let block = client().put(format!("{url}&comp=block&blockid=MQ%3D%3D")).body(bytes);
    assert_eq!(block.send().await.unwrap().status(), 201);
    let head = send(Method::HEAD, &url, &[], "").await;
    assert_eq!(head.headers()["content-length"], "20971520");
}

/// The texts of all elements of this name, in their order.
fn texts(xml: &str, element: &str) -> Vec<String> {
    let (start, end) = (format!("<{element}>"), format!("</{element}>"));
    let parts = xml.split(&start).skip(1);
    parts.map(|part| part.split(&end).next().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_container_is_listed_in_pages() {
    let emulator = Emulator::start().await.unwrap();
    let storage = emulator.storage();
    for name in ["b/2", "a & b", "b/1", "c"] {
        storage.put("box", name, "four");
    }
    storage.put("other", "d", "");
    let signed = storage.signed_container_url("box", Permissions::read().and_list(), HOUR);
    let url = format!("{signed}&restype=container&comp=list");
    let list = async |more: &str| {
        let answer = send(Method::GET, &format!("{url}{more}"), &[], "").await;
        assert_eq!(answer.status(), 200);
        assert_eq!(answer.headers()["content-type"], "application/xml");
        answer.text().await.unwrap()
    };
    let all = list("").await;
    assert_eq!(texts(&all, "Name"), ["a &amp; b", "b/1", "b/2", "c"]);
    assert_eq!(texts(&all, "Content-Length"), ["4"; 4]);
    assert_eq!(texts(&all, "NextMarker"), [""]);
    assert_eq!(texts(&list("&prefix=b/").await, "Name"), ["b/1", "b/2"]);
    assert_eq!(texts(&list("&prefix=x").await, "Name"), [""; 0]);
    let folders = list("&delimiter=/").await;
    assert_eq!(texts(&folders, "Name"), ["a &amp; b", "b/", "c"]);
    assert_eq!(texts(&folders, "BlobPrefix"), ["<Name>b/</Name>"]);

    let mut found = Vec::new();
    let mut marker = String::new();
    loop {
        let page = list(&format!("&maxresults=3&marker={marker}")).await;
        found.push(texts(&page, "Name").len());
        marker = texts(&page, "NextMarker").remove(0);
        if marker.is_empty() {
            break;
        }
    }
    assert_eq!(found, [3, 1]);
}

#[tokio::test]
async fn lists_of_containers_need_the_right_to_list() {
    let emulator = Emulator::start().await.unwrap();
    let storage = emulator.storage();
    let ask = async |url: &str, query: &str| {
        send(Method::GET, &format!("{url}&restype=container&{query}"), &[], "").await
    };
    let read = storage.signed_container_url("box", Permissions::all(), HOUR);
    assert_refused(ask(&read, "comp=list").await, 403, "AuthorizationPermissionMismatch").await;
    let url = storage.signed_container_url("box", Permissions::read().and_list(), HOUR);
    let other = url.replace("/box?", "/other?");
    assert_refused(ask(&other, "comp=list").await, 403, "AuthenticationFailed").await;
    let invalid = "InvalidQueryParameterValue";
    assert_refused(ask(&url, "comp=acl").await, 400, invalid).await;
    assert_refused(ask(&url, "comp=list&marker=!").await, 400, invalid).await;
    let range = "OutOfRangeQueryParameterValue";
    assert_refused(ask(&url, "comp=list&maxresults=0").await, 400, range).await;
    let list = format!("{url}&restype=container&comp=list");
    let token = [("authorization", "Bearer x")];
    let answer = send(Method::GET, &list, &token, "").await;
    assert_refused(answer, 403, "AuthenticationFailed").await;
    assert_refused(send(Method::GET, &url, &[], "").await, 400, "InvalidUri").await;
    assert!(ask(&url, "comp=list").await.text().await.unwrap().contains("<Blobs></Blobs>"));
}
