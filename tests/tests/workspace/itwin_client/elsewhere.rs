//! Signed addresses of other services than Azure's: what Google's are sent, and
//! addresses that answers hold.

use serde_json::{Value, json};
use twinkit_emulator::faults::Fault;
use twinkit_itwin::imodels::types::IModelCreate;
use twinkit_itwin::itwins::types::ExportRequest;
use twinkit_itwin::{Image, Secret};
use twinkit_tests::support::recorder::Recorder;

use super::support::{MISSING, bare_transfers, body, bytes, new_itwin, stage, steps};

fn link(recorder: &Recorder, query: &str) -> String {
    format!("{}/bucket/object?{query}", recorder.url())
}

#[tokio::test]
async fn google_is_sent_no_header_of_azure_and_never_blocks() {
    let stage = stage().await;
    let recorder = Recorder::start().await.unwrap();
    let address = link(&recorder, "X-Goog-Algorithm=a&X-Goog-Signature=canary");
    let upload =
        stage.ada.transfers().upload_to(&Secret::from(address), bytes(500_000)).in_blocks(1000);
    upload.run().await.unwrap();
    // By what the link says it is, whatever the address looks like.
    let (faults, href) = (stage.emulator.faults(), link(&recorder, "sig=canary"));
    let made: Value = json!({"iModel": {"id": MISSING, "name": "M", "state": "notInitialized",
        "iTwinId": MISSING, "_links": {"upload": {"href": href, "storageType": "google"}}}});
    faults.next(
        Fault::answer(201, "application/json", &made.to_string())
            .method("POST")
            .path_contains("/imodels"),
    );
    faults.next(
        Fault::answer(200, "application/json", "").method("POST").path_contains("/baselinefile"),
    );
    let wish: IModelCreate = body(json!({"iTwinId": MISSING, "name": "M"}));
    let making = stage.ada.imodels().create_from_baseline(wish, bytes(700)).in_blocks(100);
    assert_eq!(making.run().await.unwrap().as_str(), MISSING);

    let seen = recorder.take();
    assert_eq!(seen.iter().map(|put| put.body.len()).collect::<Vec<_>>(), [500_000, 700]);
    for put in &seen {
        assert_eq!(put.method, "PUT");
        assert!(put.header("authorization").is_none(), "{put:?}");
        assert!(!put.headers.iter().any(|(name, _)| name.starts_with("x-ms-")), "{put:?}");
        assert_eq!(put.header("content-length").unwrap(), put.body.len().to_string());
    }
}

#[tokio::test]
async fn addresses_in_answers_are_followed_without_the_token() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let picture = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x04\0\0\0\x04\x08\x06\0\0\0";
    let upload = stage.ada.itwins().upload_image().itwin_id(&itwin).body(Image::png(&picture[..]));
    upload.send().await.unwrap();
    let image =
        stage.ada.itwins().get_image().itwin_id(&itwin).send().await.unwrap().into_inner().image;
    let fetched =
        stage.ada.transfers().download_from(&image.large_image_url).bytes(1000).await.unwrap();
    assert_eq!(fetched, &picture[..]);

    let order: ExportRequest = body(json!({"outputFormat": "Csv", "queryScope": "MemberOfiTwin"}));
    let export = stage.ada.itwins().create_export().body(order).send().await.unwrap();
    let clock = stage.emulator.clock().clone();
    let wait = stage.ada.itwins().wait_for_export(&export.export.id);
    let wait = wait.every(std::time::Duration::from_millis(1), std::time::Duration::from_millis(5));
    let export =
        wait.on_look(move |_| clock.advance(std::time::Duration::from_secs(1))).wait().await;
    let address = export.unwrap().output_url.unwrap();
    assert!(!format!("{address:?}").contains("sig="));
    let text = stage.ada.transfers().download_from(&address).bytes(100_000).await.unwrap();
    assert!(String::from_utf8_lossy(&text).contains(&itwin));
    assert_eq!(steps(&bare_transfers(&stage)), ["GET 200", "GET 200"]);
}
