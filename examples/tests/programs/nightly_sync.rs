//! Nights of one building.

use std::path::PathBuf;
use std::process::Output;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use twinkit::digital_twins::{Client, TwinPatch};
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::Fault;
use twinkit_examples::platform;

use crate::process::{Program, succeeded};

struct Night {
    emulator: Emulator,
    client: Client,
    folder: TempDir,
}

impl Night {
    /// An instance that has the models.
    async fn begin() -> Self {
        let emulator = Emulator::start().await.unwrap();
        let client = platform::digital_twins_of(&emulator).unwrap();
        let models: Vec<Value> =
            serde_json::from_str(include_str!("../../data/models.json")).unwrap();
        client.upload_models(models).send().await.unwrap();
        Self { emulator, client, folder: tempfile::tempdir().unwrap() }
    }

    fn source(&self, records: &[Value]) -> PathBuf {
        let path = self.folder.path().join("source.ndjson");
        let lines: Vec<String> = records.iter().map(Value::to_string).collect();
        std::fs::write(&path, lines.join("\n")).unwrap();
        path
    }

    fn command(&self, records: &[Value]) -> std::process::Command {
        let mut command = Program::NightlySync.command();
        command.arg(self.source(records)).envs(self.emulator.env());
        self.emulator.requests().clear();
        command
    }

    fn run(&self, records: &[Value], arguments: &[&str]) -> Output {
        self.command(records).args(arguments).output().unwrap()
    }

    /// How many calls of this method there were, beside queries and sign-in.
    fn calls(&self, method: &str) -> usize {
        let log = self.emulator.requests().list();
        let of_twins = log.iter().filter(|it| it.service == "digital-twins");
        of_twins.filter(|it| it.method == method && it.path != "/query").count()
    }

    async fn twins(&self) -> Vec<String> {
        let rows = self.client.query("SELECT T.$dtId FROM DIGITALTWINS T").rows::<Value>();
        use futures_util::TryStreamExt as _;
        let rows: Vec<Value> = rows.try_collect().await.unwrap();
        let mut ids: Vec<String> =
            rows.iter().map(|row| row["$dtId"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    }

    async fn twin(&self, id: &str) -> Value {
        self.client.get_twin().id(id).send().await.unwrap().parse().unwrap()
    }
}

fn room(number: usize, area: f64) -> Value {
    json!({"id": format!("tower-room-{number}"), "model": "dtmi:com:example:Room;1",
        "properties": {"name": format!("Room {number}"), "area": area}})
}

fn floor(rooms: &[usize]) -> Value {
    let contains = |number| json!({"name": "contains", "target": format!("tower-room-{number}")});
    json!({"id": "tower-floor", "model": "dtmi:com:example:Space;1",
        "properties": {"name": "Floor"},
        "relationships": rooms.iter().map(contains).collect::<Vec<_>>()})
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_twins_become_those_of_the_source() {
    let night = Night::begin().await;
    let first = [floor(&[1, 2, 3]), room(1, 10.0), room(2, 20.0), room(3, 30.0), room(4, 40.0)];
    let shown = succeeded(&night.run(&first, &["--dry-run"]));
    assert!(shown.contains("create 5") && night.calls("PUT") == 0, "{shown}");
    succeeded(&night.run(&first, &[]));
    assert_eq!((night.calls("PUT"), night.twins().await.len()), (8, 5));

    // Another night with nothing new, and a sensor that was at work.
    let warmer = TwinPatch::new().set("temperature", 21.5);
    night.client.update_twin().id("tower-room-1").body(warmer).send().await.unwrap();
    succeeded(&night.run(&first, &[]));
    assert_eq!((night.calls("PUT"), night.calls("PATCH"), night.calls("DELETE")), (0, 0, 0));

    // Room 3 is gone, room 1 is larger, room 5 is new; somebody else's twin is left alone.
    let other = json!({"$metadata": {"$model": "dtmi:com:example:Space;1"}});
    let other = twinkit::digital_twins::Json::from_serialize(&other).unwrap();
    night.client.put_twin().id("bridge-deck").body(other).send().await.unwrap();
    let second = [floor(&[1, 2, 5]), room(1, 11.0), room(2, 20.0), room(4, 40.0), room(5, 50.0)];
    let text = succeeded(&night.run(&second, &[]));
    assert!(text.contains("change tower-room-1") && text.contains("delete tower-room-3"), "{text}");
    let rooms = [1, 2, 4, 5].map(|number| format!("tower-room-{number}"));
    let expected: Vec<String> =
        ["bridge-deck", "tower-floor"].map(str::to_owned).into_iter().chain(rooms).collect();
    assert_eq!(night.twins().await, expected);
    let changed = night.twin("tower-room-1").await;
    assert_eq!((&changed["area"], &changed["temperature"]), (&json!(11.0), &json!(21.5)));
    assert_eq!(night.calls("PATCH"), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_does_not_keep_the_others() {
    let night = Night::begin().await;
    let rooms: Vec<Value> = (1..=40).map(|number| room(number, 1.0)).collect();
    let broken = Fault::status(403).method("PUT").path_contains("tower-room-37").always();
    let broken = night.emulator.faults().next(broken);
    let output = night.run(&rooms, &[]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("failed: twin tower-room-37: "), "{text}");
    assert!(text.contains("39 of 40 steps done, 1 failed; run again"), "{text}");

    assert!(night.emulator.faults().cancel(broken));
    succeeded(&night.run(&rooms, &[]));
    assert_eq!((night.calls("PUT"), night.twins().await.len()), (1, 40));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_wrote_since_is_not_lost() {
    let night = Night::begin().await;
    succeeded(&night.run(&[room(1, 10.0)], &[]));
    // The condition of the first write does not hold; the twin is looked at again.
    night.emulator.faults().next(Fault::status(412).method("PATCH").times(1));
    succeeded(&night.run(&[room(1, 12.0)], &[]));
    assert_eq!((night.calls("PATCH"), night.calls("GET")), (2, 1));
    assert_eq!(night.twin("tower-room-1").await["area"], json!(12.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_broke_off_deletes_nothing() {
    let night = Night::begin().await;
    let rooms: Vec<Value> = (1..=10).map(|number| room(number, 1.0)).collect();
    succeeded(&night.run(&rooms, &[]));
    let output = night.run(&rooms[..5], &[]);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    assert!(said(&output).contains("5 of 10 twins are not in the source"), "{}", said(&output));
    assert_eq!(night.calls("DELETE"), 0);
    let output = night.run(&[], &[]);
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
    succeeded(&night.run(&rooms[..5], &["--max-deletions", "50"]));
    assert_eq!(night.twins().await.len(), 5);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_stopped_goes_on_where_it_was() {
    let night = Night::begin().await;
    let rooms: Vec<Value> = (1..=300).map(|number| room(number, 1.0)).collect();
    let slow = Fault::delay(Duration::from_millis(50)).method("PUT").always();
    let slow = night.emulator.faults().next(slow);
    let mut command = night.command(&rooms);
    let child = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    for _ in 0..2_000 {
        if night.calls("PUT") >= 32 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    crate::process::interrupt(&child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", said(&output));
    let made = night.twins().await.len();
    assert!((32..300).contains(&made), "{made}");
    assert!(said(&output).contains(&format!("{made} of 300 steps done, 0 failed; run again")));

    assert!(night.emulator.faults().cancel(slow));
    succeeded(&night.run(&rooms, &[]));
    assert_eq!((night.calls("PUT"), night.twins().await.len()), (300 - made, 300));
}
