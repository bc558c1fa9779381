//! Commands: answered, refused, waited for, and their history.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{Instant, sleep};
use twinkit_emulator::iot_central::{CommandAnswer, Place};

use crate::support::Stage;

const REBOOT: &str = "/devices/dev-1/commands/reboot";
const REPORT: &str = "/devices/dev-1/commands/report";

#[tokio::test]
async fn a_simulated_device_answers_at_every_level() {
    let stage = Stage::with_device(true).await;
    for path in [
        "/commands/reboot",
        "/components/info/commands/selfTest",
        "/modules/filter/commands/flush",
        "/modules/filter/components/cache/commands/clear",
    ] {
        let path = format!("/devices/dev-1{path}");
        let body = json!({"request": {"a": [1]}, "connectionTimeout": 1, "responseTimeout": 5});
        let answer = stage.owner.post(&path, &body).await.expect(201).json();
        let whole = json!({
            "id": answer["id"],
            "request": {"a": [1]},
            "response": {},
            "responseCode": 200,
            "connectionTimeout": 1,
            "responseTimeout": 5,
        });
        assert_eq!(answer, whole, "{path}");
        assert!(answer["id"].is_string());
        assert_eq!(stage.owner.all(&path).await.0, [whole], "{path}");
    }
    let plain = stage.owner.post(REBOOT, &json!({})).await.expect(201).json();
    assert_eq!(plain.get("request"), None);
    assert_eq!((&plain["connectionTimeout"], &plain["responseTimeout"]), (&json!(0), &json!(30)));
}

#[tokio::test]
async fn the_wrapper_is_checked() {
    let stage = Stage::with_device(true).await;
    for (body, told) in [
        (json!({"connectionTimeout": 31}), "connectionTimeout is no whole number from 0 to 30"),
        (json!({"connectionTimeout": -1}), "connectionTimeout"),
        (json!({"responseTimeout": 4}), "responseTimeout is no whole number from 5 to 30"),
        (json!({"responseTimeout": 31}), "responseTimeout"),
        (json!({"responseTimeout": "5"}), "responseTimeout"),
        (json!(["bare"]), "no object"),
    ] {
        let message = stage.owner.post(REBOOT, &body).await.refused(422, "InvalidBody");
        assert!(message.contains(told), "{told}: {message}");
    }
    for path in [
        "/devices/dev-1/commands/none",
        "/devices/dev-1/components/info/commands/reboot",
        "/devices/dev-1/components/none/commands/selfTest",
        "/devices/dev-1/modules/none/commands/flush",
        "/devices/none/commands/reboot",
    ] {
        stage.owner.post(path, &json!({})).await.refused(404, "NotFound");
        stage.owner.get(path).await.refused(404, "NotFound");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bare_payload_is_an_empty_request() {
    let stage = Stage::with_device(true).await;
    let bare = json!({"since": "2026-01-01T00:00:00Z", "responseTimeout": 5});
    let message = stage.owner.post(REPORT, &bare).await.refused(408, "RequestTimeout");
    assert!(message.contains("within 5 seconds"), "{message}");
    let wrapped = json!({"request": "2026-01-01T00:00:00Z"});
    stage.owner.post(REPORT, &wrapped).await.expect(201);
    let answer = CommandAnswer::reply(200, json!("anyway"));
    let app = stage.application();
    app.answer_command("dev-1", &Place::root(), Some("report"), Some(answer)).unwrap();
    let answered = stage.owner.post(REPORT, &bare).await.expect(201).json();
    assert_eq!((answered.get("request"), &answered["response"]), (None, &json!("anyway")));
    // The silent run stands in the history too, and the newest run first.
    let runs = stage.owner.all(REPORT).await.0;
    let responses: Vec<Option<&Value>> = runs.iter().map(|run| run.get("response")).collect();
    assert_eq!(responses, [Some(&json!("anyway")), Some(&json!({})), None]);
}

#[tokio::test(start_paused = true)]
async fn a_device_that_is_away_is_404_after_the_connection_timeout() {
    let stage = Stage::with_device(false).await;
    let begun = Instant::now();
    let message = stage.owner.post(REBOOT, &json!({})).await.refused(404, "NotFound");
    assert!(message.contains("\"dev-1\" is not connected"), "{message}");
    assert!(begun.elapsed() < Duration::from_secs(20));
    let begun = Instant::now();
    let body = json!({"connectionTimeout": 20});
    stage.owner.post(REBOOT, &body).await.refused(404, "NotFound");
    assert!(begun.elapsed() >= Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(stage.owner.all(REBOOT).await.0.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_device_that_connects_in_time_is_served() {
    let stage = Stage::with_device(false).await;
    let app = stage.application();
    let answer = CommandAnswer::reply(200, json!("up"));
    app.answer_command("dev-1", &Place::root(), None, Some(answer)).unwrap();
    let body = json!({"connectionTimeout": 30});
    let connect = async {
        sleep(Duration::from_secs(10)).await;
        app.connect_device("dev-1").unwrap();
    };
    let (answer, ()) = tokio::join!(stage.owner.post(REBOOT, &body), connect);
    assert_eq!(answer.expect(201).json()["response"], "up");
    assert_eq!(stage.owner.get("/devices/dev-1").await.json()["provisioned"], true);
    app.disconnect_device("dev-1").unwrap();
    stage.owner.post(REBOOT, &json!({})).await.refused(404, "NotFound");
    // Blocked it is away; unblocked it must connect again.
    app.connect_device("dev-1").unwrap();
    stage.owner.patch("/devices/dev-1", &json!({"enabled": false})).await.expect(200);
    stage.owner.post(REBOOT, &json!({})).await.refused(404, "NotFound");
    assert_eq!(app.connect_device("dev-1").unwrap_err().status(), 409);
    stage.owner.patch("/devices/dev-1", &json!({"enabled": true})).await.expect(200);
    stage.owner.post(REBOOT, &json!({})).await.refused(404, "NotFound");
}

#[tokio::test(start_paused = true)]
async fn a_simulated_device_is_waited_for_until_it_is_provisioned() {
    let stage = Stage::with_thermostat().await;
    let device = json!({"template": crate::support::THERMOSTAT, "simulated": true});
    stage.owner.put("/devices/dev-1", &device).await.expect(200);
    let body = json!({"connectionTimeout": 30});
    stage.owner.post(REBOOT, &body).await.expect(201);
    stage.application().disconnect_device("dev-1").unwrap();
    stage.owner.post(REBOOT, &json!({})).await.refused(404, "NotFound");
}

#[tokio::test(start_paused = true)]
async fn a_device_answers_with_its_own_code_late_or_never() {
    let stage = Stage::with_device(false).await;
    let app = stage.application();
    app.connect_device("dev-1").unwrap();
    let set = |answer| {
        app.answer_command("dev-1", &Place::root(), Some("reboot"), answer).unwrap();
    };
    // A real device without an answer is silent.
    let begun = Instant::now();
    stage.owner.post(REBOOT, &json!({})).await.refused(408, "RequestTimeout");
    assert!(begun.elapsed() >= Duration::from_secs(30), "{:?}", begun.elapsed());
    set(Some(CommandAnswer::reply(500, json!({"fault": "worn out"}))));
    let failed = stage.owner.post(REBOOT, &json!({})).await.expect(201).json();
    assert_eq!(
        (&failed["responseCode"], &failed["response"]["fault"]),
        (&json!(500), &json!("worn out"))
    );
    let late = CommandAnswer::Reply { code: 204, response: None, delay: Duration::from_secs(7) };
    set(Some(late));
    let begun = Instant::now();
    let answer = stage.owner.post(REBOOT, &json!({"responseTimeout": 8})).await.expect(201).json();
    assert!(begun.elapsed() >= Duration::from_secs(7), "{:?}", begun.elapsed());
    assert_eq!((answer.get("response"), &answer["responseCode"]), (None, &json!(204)));
    stage.owner.post(REBOOT, &json!({"responseTimeout": 6})).await.refused(408, "RequestTimeout");
    // One that has no answer yet may get it while the caller waits.
    set(Some(CommandAnswer::Silence));
    let later = async {
        sleep(Duration::from_secs(3)).await;
        set(Some(CommandAnswer::reply(200, json!("at last"))));
    };
    let body = json!({});
    let (answer, ()) = tokio::join!(stage.owner.post(REBOOT, &body), later);
    assert_eq!(answer.expect(201).json()["response"], "at last");
}

#[tokio::test]
async fn durable_commands_are_taken_for_later() {
    let stage = Stage::with_device(false).await;
    let path = "/devices/dev-1/commands/later";
    let answer = stage.owner.post(path, &json!({"request": 1})).await.expect(201).json();
    assert_eq!((answer.get("response"), answer.get("responseCode")), (None, None));
    assert_eq!(stage.owner.all(path).await.0, [answer]);
}

#[tokio::test]
async fn the_history_comes_in_pages_the_newest_first() {
    let stage = Stage::with_device(true).await;
    for number in 0..30 {
        stage.owner.post(REBOOT, &json!({"request": number})).await.expect(201);
    }
    let (runs, pages) = stage.owner.all(REBOOT).await;
    let requests: Vec<i64> = runs.iter().map(|run| run["request"].as_i64().unwrap()).collect();
    assert_eq!((requests, pages), ((0..30).rev().collect(), 2));
}

#[tokio::test(start_paused = true)]
async fn a_device_deleted_on_the_way_is_gone() {
    let stage = Stage::with_device(false).await;
    stage.application().connect_device("dev-1").unwrap();
    let delete = async {
        sleep(Duration::from_secs(2)).await;
        stage.owner.delete("/devices/dev-1").await.expect(204);
    };
    let body = json!({"responseTimeout": 20});
    let (answer, ()) = tokio::join!(stage.owner.post(REBOOT, &body), delete);
    answer.refused(404, "NotFound");
}
