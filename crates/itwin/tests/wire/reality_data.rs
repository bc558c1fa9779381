//! Files of reality data: the path goes in front of the container's signature.

use serde_json::json;
use twinkit_itwin::ErrorKind;

use crate::support::{Answer, ITWIN, Server};

#[tokio::test]
async fn files_go_below_the_containers_address() {
    let storage = Server::start(|seen| match seen.line.starts_with("PUT ") {
        true => Answer::new(201),
        false => Answer::new(200).bytes("tile"),
    })
    .await;
    let url = storage.url.clone();
    let server = Server::start(move |seen| {
        let access = if seen.line.contains("writeaccess") { "Write" } else { "Read" };
        Answer::json(
            200,
            json!({"type": "AzureBlobSasUrl", "access": access, "_links": {
            "containerUrl": {"href": format!("{url}/c-1?sv=1&sig=a%2Bb")}}}),
        )
    })
    .await;
    let platform = server.platform();
    let data = platform.reality_management();
    data.upload_file("d-1", ITWIN, "tiles/0 1.b3dm", &b"tile"[..]).run().await.unwrap();
    let fetched = data.fetch_file("d-1", ITWIN, "tiles/0 1.b3dm").bytes(9).await.unwrap();
    assert_eq!(fetched, "tile");
    let base = "/reality-management/reality-data/d-1";
    assert_eq!(
        server.lines(),
        [
            format!("GET {base}/writeaccess?iTwinId={ITWIN}"),
            format!("GET {base}/readaccess?iTwinId={ITWIN}")
        ]
    );
    let seen = storage.seen();
    assert_eq!(seen[0].line, "PUT /c-1/tiles/0%201.b3dm?sv=1&sig=a%2Bb");
    assert_eq!(seen[0].header("x-ms-blob-type"), "BlockBlob");
    assert_eq!(seen[1].line, "GET /c-1/tiles/0%201.b3dm?sv=1&sig=a%2Bb");
    assert!(seen.iter().all(|seen| seen.header("authorization").is_empty()));
    let failed = data.upload_file("d-1", ITWIN, "../x", &b""[..]).run().await.unwrap_err();
    assert_eq!(failed.error.kind(), ErrorKind::InvalidRequest);
}

#[tokio::test]
async fn a_containers_address_that_cannot_be_used_is_told_by_the_operation() {
    let server = Server::start(|_| {
        let href = "http://storage.example/c-1?sig=canary";
        let links = json!({"containerUrl": {"href": href}});
        Answer::json(200, json!({"type": "AzureBlobSasUrl", "access": "Read", "_links": links}))
    })
    .await;
    let platform = server.platform();
    let data = platform.reality_management();
    let put = data.upload_file("d-1", ITWIN, "a", &b""[..]).run().await.unwrap_err().error;
    let fetched = data.fetch_file("d-1", ITWIN, "a").bytes(9).await.unwrap_err();
    for (error, operation) in [(put, "get_write_access"), (fetched, "get_read_access")] {
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Decode, Some(operation)));
        assert!(!format!("{error} {error:?}").contains("canary"), "{error:?}");
    }
}
