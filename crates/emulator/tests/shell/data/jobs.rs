//! Bulk jobs, which go on.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use twinkit_emulator::digital_twins::{Config, JobPace};

use super::{Place, done, get, twins_url};
use crate::support::token;

#[tokio::test]
async fn jobs_at_work_go_on_after_a_restart() {
    let place = Place::new();
    let pace = JobPace { item_delay: Duration::from_millis(2), ..JobPace::default() };
    let config = Config { jobs: pace, ..Config::default() };
    let builder = || place.builder().digital_twins(config.clone());
    let emulator = builder().start().await.unwrap();
    let token = token(&emulator, &[]).await;
    let mut lines = vec![
        json!({"Section": "Header"}),
        json!({"fileVersion": "1.0.0"}),
        json!({"Section": "Models"}),
        json!({"@id": "dtmi:x:Room;1", "@type": "Interface", "@context": "dtmi:dtdl:context;3"}),
        json!({"Section": "Twins"}),
        json!({"$dtId": "bad", "$metadata": {"$model": "dtmi:x:None;1"}}),
    ];
    let twin = |n: i32| json!({"$dtId": format!("t{n}"), "$metadata": {"$model": "dtmi:x:Room;1"}});
    lines.extend((0..200).map(twin));
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    emulator.storage().put("in", "file", text);
    let uris = json!({
        "inputBlobUri": emulator.storage().blob_url("in", "file"),
        "outputBlobUri": emulator.storage().blob_url("out", "log"),
    });
    let output = emulator.storage().blob_url("out", "log");
    let url = twins_url(&emulator, "/jobs/imports/j");
    done(Method::PUT, &url, &token, Some(uris)).await;
    wait(async || emulator.instance("digital-twins").unwrap().counts().1 > 20).await;
    emulator.shutdown().await;

    let emulator = builder().start().await.unwrap();
    let at_start = emulator.instance("digital-twins").unwrap().counts().1;
    assert!((20..200).contains(&at_start), "{at_start}");
    wait(async || get(&url, &token).await["finishedDateTime"].is_string()).await;
    let job = get(&url, &token).await;
    assert_eq!(emulator.instance("digital-twins").unwrap().counts(), (1, 200, 0), "{job}");
    assert!(job["error"]["message"].as_str().unwrap().starts_with("1 item"), "{job}");
    let log = String::from_utf8(emulator.storage().read(&output).unwrap().to_vec()).unwrap();
    assert!(log.contains("Resumed") && log.contains("dtmi:x:None;1"), "{log}");

    let delete = twins_url(&emulator, "/jobs/deletions");
    let made = done(Method::POST, &delete, &token, None).await;
    let url = twins_url(&emulator, &format!("/jobs/deletions/{}", made["id"].as_str().unwrap()));
    emulator.shutdown().await;
    let emulator = builder().start().await.unwrap();
    wait(async || get(&url, &token).await["status"] == "succeeded").await;
    assert_eq!(emulator.instance("digital-twins").unwrap().counts(), (0, 0, 0));
}

async fn wait(is_so: impl AsyncFn() -> bool) {
    for _ in 0..1000 {
        if is_so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it did not come about");
}
