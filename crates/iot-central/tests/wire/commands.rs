//! Commands and properties, on all four levels of a device.

use std::time::Duration;

use serde_json::{Value, json};
use twinkit_iot_central::{CommandCall, CommandOutcome, ErrorKind, PropertiesOf};

use crate::support::{Answer, Server, refusal};

async fn answering(answer: Answer) -> Server {
    Server::start(move |_| answer.clone()).await
}

#[tokio::test]
async fn the_payload_stands_under_request_on_every_level() {
    type Place = for<'a> fn(CommandCall<'a>) -> CommandCall<'a>;
    let places: [(&str, Place); 4] = [
        ("/commands/c%2Fd", |call| call),
        ("/components/m%20n/commands/c%2Fd", |call| call.component("m n")),
        ("/modules/x/commands/c%2Fd", |call| call.module("x")),
        ("/modules/x/components/y/commands/c%2Fd", |call| call.component("y").module("x")),
    ];
    let server =
        answering((201, json!({"id": "r", "response": {"t": 1.50}, "responseCode": 200}))).await;
    let client = server.client();
    for (path, place) in places {
        let call = client.command("a#b", "c/d").payload(&json!([1, null]));
        let call = call.connection_timeout(Duration::from_secs(7));
        let outcome = place(call.response_timeout(Duration::from_secs(5))).run().await.unwrap();
        let CommandOutcome::Answered { id, code, response } = outcome else {
            panic!("{outcome:?}")
        };
        assert_eq!((id.as_deref(), code), (Some("r"), Some(200)));
        assert_eq!(response.unwrap().get(), r#"{"t":1.5}"#);
        let seen = server.seen().pop().unwrap();
        assert_eq!(seen.line, format!("POST /api/devices/a%23b{path}"));
        let body = json!({"request": [1, null], "connectionTimeout": 7, "responseTimeout": 5});
        assert_eq!(seen.body, body);
    }
    client.command("a", "b").run().await.unwrap();
    assert_eq!(server.seen().pop().unwrap().body, json!({}), "nothing is sent that was not said");
}

#[tokio::test]
async fn the_devices_own_failure_is_told_apart() {
    for (code, fails) in [
        (json!(200), false),
        (json!(202), false),
        (json!(404), true),
        (json!(500), true),
        (Value::Null, false),
    ] {
        let mut run = json!({"response": "x"});
        if !code.is_null() {
            run["responseCode"] = code.clone();
        }
        let server = answering((201, run)).await;
        let outcome = server.client().command("a", "b").run().await.unwrap();
        assert_eq!(outcome.is_answered(), !fails, "{outcome:?}");
        if let CommandOutcome::DeviceError { code: told, response, .. } = outcome {
            assert_eq!(json!(told), code);
            assert_eq!(response.unwrap().get(), "\"x\"");
        }
    }
    let server = answering((201, json!({}))).await;
    let outcome = server.client().command("a", "b").run().await.unwrap();
    assert!(matches!(outcome, CommandOutcome::Answered { id: None, code: None, response: None }));
}

#[tokio::test]
async fn who_is_not_there_and_who_does_not_exist_are_told_apart() {
    let server = Server::start(|seen| match seen.line.as_str() {
        "GET /api/devices/there" => (200, json!({"id": "there"})),
        _ => refusal(404, "NotFound"),
    })
    .await;
    let client = server.client();
    let outcome = client.command("there", "c").run().await.unwrap();
    let CommandOutcome::NotConnected { error, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.operation(), Some("run_device_command"));
    let error = client.command("nowhere", "c").run().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::NotFound, Some("get_device")));

    let server = answering(refusal(408, "RequestTimeout")).await;
    let outcome = server.client().command("a", "c").module("m").run().await.unwrap();
    let CommandOutcome::TimedOut { error, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(error.operation(), Some("run_module_command"));
    assert_eq!(server.lines().len(), 1, "never run twice");
    let server = answering((201, json!("garbage"))).await;
    let error = server.client().command("a", "c").run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn limits_and_names_are_checked_before_sending() {
    let server = answering((201, json!({}))).await;
    let client = server.client();
    let run = || client.command("a", "c");
    let seconds = Duration::from_secs;
    for (call, said) in [
        (run().connection_timeout(seconds(31)), "0 to 30"),
        (run().response_timeout(seconds(4)), "5 to 30"),
        (run().response_timeout(seconds(31)), "5 to 30"),
        (run().connection_timeout(Duration::from_millis(500)), "whole seconds"),
        (run().component(".."), "component name"),
        (run().module(""), "module name"),
        (client.command("", "c"), "device id"),
        (client.command("a", ""), "command name"),
        (run().payload(&std::collections::BTreeMap::from([(vec![1], 1)])), "JSON"),
    ] {
        let error = call.run().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
        assert!(error.to_string().contains(said), "{error}");
    }
    assert!(server.lines().is_empty());
    for call in [run().connection_timeout(seconds(0)), run().response_timeout(seconds(30))] {
        assert!(call.run().await.is_ok());
    }
}

#[tokio::test]
async fn the_time_limit_follows_those_of_the_command() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let credential = crate::support::credential("t");
    let client = twinkit_iot_central::Client::builder(url, credential).build().unwrap();
    for (connection, response, limit) in [(0, 5, 15), (30, 30, 70)] {
        let call = client.command("a", "c").connection_timeout(Duration::from_secs(connection));
        let call = call.response_timeout(Duration::from_secs(response));
        let silent = async {
            let socket = listener.accept().await.unwrap();
            // Stopped only now: a stopped clock runs ahead while connecting.
            tokio::time::pause();
            let start = tokio::time::Instant::now();
            std::mem::forget(socket);
            start
        };
        let (result, start) = tokio::join!(call.run(), silent);
        let waited = start.elapsed().as_secs_f64();
        tokio::time::resume();
        assert!(result.unwrap_err().is_timeout());
        assert!((waited - f64::from(limit)).abs() < 2.0, "{waited} s, not {limit}");
    }
}

#[tokio::test]
async fn properties_are_read_and_written_on_every_level() {
    type Place = for<'a> fn(PropertiesOf<'a>) -> PropertiesOf<'a>;
    let places: [(&str, Place); 4] = [
        ("", |p| p),
        ("/components/y", |p| p.component("y")),
        ("/modules/x", |p| p.module("x")),
        ("/modules/x/components/y", |p| p.module("x").component("y")),
    ];
    let server = Server::start(|seen| {
        let answer = json!({
            "speed": 900, "name": "P", "label": 12345678901234567890_u64,
            "motor": {"on": true, "$metadata": {"on": {"ackCode": 203, "ackDescription": "ok"}}},
            "$metadata": {
                "$template": "dtmi:a;1",
                "speed": {"desiredValue": 1200, "desiredVersion": 2, "ackVersion": 1, "new": []},
                "target": {"desiredValue": null, "desiredVersion": 1},
            },
        });
        (if seen.line.starts_with("GET") { 200 } else { 202 }, answer)
    })
    .await;
    let client = server.client();
    for (path, place) in places {
        let properties = place(client.properties("a/b"));
        let read = properties.get().await.unwrap();
        let speed = read.property("speed").unwrap();
        assert_eq!(speed.reported::<u32>().unwrap(), Some(900));
        assert_eq!(speed.desired::<u32>().unwrap(), Some(1200));
        assert!(speed.is_pending() && !read.property("name").unwrap().is_pending());
        assert_eq!(read.property("target").unwrap().reported::<Value>().unwrap(), None);
        let mut names = read.names();
        names.sort_unstable();
        assert_eq!(names, ["label", "motor", "name", "speed", "target"]);
        let motor = read.component("motor").unwrap().unwrap();
        assert_eq!(motor.property("on").unwrap().metadata().unwrap().ack_code, Some(203));
        assert!(read.component("name").unwrap().is_none() && read.property("none").is_none());
        assert!(read.document().get().contains("\"new\""), "nothing is lost");
        assert!(speed.reported::<String>().is_err());

        properties.set(&json!({"speed": 1})).await.unwrap();
        properties.replace(&json!({"speed": 2})).await.unwrap();
        let seen = server.seen();
        let lines: Vec<&str> = seen.iter().rev().take(3).map(|seen| seen.line.as_str()).collect();
        let path = format!("/api/devices/a%2Fb{path}/properties");
        assert_eq!(lines, [format!("PUT {path}"), format!("PATCH {path}"), format!("GET {path}")]);
        assert_eq!(seen[seen.len() - 2].content_type, "application/merge-patch+json");
        assert_eq!(seen[seen.len() - 1].body, json!({"speed": 2}));
    }
    let error = client.properties("a").component("..").get().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
}
