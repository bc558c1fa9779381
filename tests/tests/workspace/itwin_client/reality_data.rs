//! Files of reality data, by their path in a container that one address opens.

use std::time::Duration;

use serde_json::json;
use twinkit_itwin::access_control::types::ShareCreate;
use twinkit_itwin::reality_management::types::RealityDataCreate;
use twinkit_itwin::{ITwin, ITwinErrorExt as _};

use super::support::{bare_transfers, body, bytes, new_itwin, stage, steps};

async fn new_data(whose: &ITwin, itwin: &str) -> String {
    let new: RealityDataCreate = body(json!({"iTwinId": itwin, "displayName": "Scan",
        "type": "Cesium3DTiles", "classification": "Model", "rootDocument": "tileset.json"}));
    let made = whose.reality_management().create_reality_data().body(new).send().await.unwrap();
    made.into_inner().reality_data.id
}

#[tokio::test]
async fn files_go_to_their_paths_and_come_back() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let id = new_data(&stage.ada, &itwin).await;
    stage.emulator.requests().clear();
    let reality = stage.ada.reality_management();
    let upload = |path: &str, count| reality.upload_file(&id, &itwin, path, bytes(count));
    upload("tileset.json", 100).run().await.unwrap();
    upload("tiles/0 ä&b?.b3dm", 300_000).in_blocks(100_000).run().await.unwrap();
    let fetched = reality.fetch_file(&id, &itwin, "tiles/0 ä&b?.b3dm").bytes(300_000).await;
    assert!(fetched.unwrap() == bytes(300_000));
    let paths: Vec<_> = bare_transfers(&stage).into_iter().map(|it| it.path).collect();
    assert!(paths[0].ends_with("/tileset.json"), "{paths:?}");
    assert!(paths[1].ends_with("/tiles/0%20%C3%A4%26b%3F.b3dm"), "{paths:?}");
    assert!(upload("../other/tileset.json", 1).run().await.is_err());
    let error = reality.fetch_file(&id, &itwin, "no/such").bytes(1).await.unwrap_err();
    assert_eq!((error.status().unwrap().as_u16(), error.code()), (404, Some("BlobNotFound")));
}

#[tokio::test]
async fn an_ended_container_address_is_replaced() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let id = new_data(&stage.ada, &itwin).await;
    let reality = stage.ada.reality_management();
    reality.upload_file(&id, &itwin, "a.bin", bytes(10)).run().await.unwrap();
    stage.emulator.requests().clear();
    let fault = twinkit_emulator::faults::Fault::empty_forbidden().on("storage").times(1);
    stage.emulator.faults().next(fault);
    assert!(reality.fetch_file(&id, &itwin, "a.bin").bytes(10).await.unwrap() == bytes(10));
    assert_eq!(steps(&bare_transfers(&stage)), ["GET 403", "GET 200"]);
    assert_eq!(stage.calls().len(), 2, "two addresses: {:?}", stage.calls());
}

#[tokio::test]
async fn a_share_key_reads_without_a_sign_in() {
    let stage = stage().await;
    let itwin = new_itwin(&stage.ada, "Bridge").await;
    let id = new_data(&stage.ada, &itwin).await;
    stage
        .ada
        .reality_management()
        .upload_file(&id, &itwin, "a.bin", bytes(10))
        .run()
        .await
        .unwrap();
    let new: ShareCreate = body(json!({"shareContract": "Default"}));
    let share =
        stage.ada.access_control().create_share().id(&itwin).body(new).send().await.unwrap();
    let key = share.share.share_key.expose();
    let public = ITwin::with_share_key(stage.emulator.itwin_url(), key).unwrap().build().unwrap();
    let list = public.reality_management().list_reality_data().itwin_id(&itwin).items();
    assert_eq!(list.into_vec().await.unwrap()[0].id, id);
    let fetched = public.reality_management().fetch_file(&id, &itwin, "a.bin").bytes(10).await;
    assert!(fetched.unwrap() == bytes(10));
    let other = new_itwin(&stage.ada, "Tunnel").await;
    let list = public.reality_management().list_reality_data().itwin_id(&other);
    let refused = list.send().await.unwrap_err();
    assert!(!refused.is_unknown_client() && refused.status().unwrap().is_client_error());
    bare_transfers(&stage);
    // Two kinds of time: the share's and the address's.
    stage.emulator.clock().advance(Duration::from_secs(91 * 24 * 3600));
    assert!(public.reality_management().fetch_file(&id, &itwin, "a.bin").bytes(10).await.is_err());
}
