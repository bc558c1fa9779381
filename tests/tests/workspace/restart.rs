//! The emulator of the command line over a folder: killed in the middle of writes, it
//! has everything that it answered for when it is started again. One that cannot write
//! any more says so.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::join_all;
use reqwest::Client;
use serde_json::{Value, json};
use twinkit_emulator::identity::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use twinkit_tests::support::process::{Process, free_ports};

use crate::program::twinkit;

const ROUNDS: u64 = 4;
const WRITERS: usize = 6;

fn emulate(folder: &Path) -> impl Fn() -> Command + Send + Sync + 'static {
    let (folder, port) = (folder.to_owned(), free_ports(9).unwrap().to_string());
    move || {
        let mut command = twinkit();
        command.args(["emulate", "--json", "--port", &port, "--data"]).arg(&folder);
        command
    }
}

async fn token(client: &Client, process: &Process, scope: &str) -> String {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("scope", scope),
    ];
    let url = format!("{}/{TENANT_ID}/oauth2/v2.0/token", process.url("identity"));
    let answer: Value = client.post(url).form(&form).send().await.unwrap().json().await.unwrap();
    answer["access_token"].as_str().unwrap().to_owned()
}

/// What one writer wrote last, by address: as it was answered, and what was sent after
/// that without an answer.
type Written = BTreeMap<String, (Option<u64>, Option<u64>)>;

/// Writes numbers to a few addresses until the service is gone.
async fn write(
    client: &Client,
    token: &str,
    urls: &[String],
    body: fn(u64) -> Value,
    numbers: impl Iterator<Item = u64>,
    written: &Mutex<Written>,
) {
    for (number, url) in numbers.zip(urls.iter().cycle()) {
        written.lock().unwrap().entry(url.clone()).or_default().1 = Some(number);
        let request = client.put(url).bearer_auth(token).json(&body(number));
        let Ok(answer) = request.send().await else { return };
        let (status, text) = (answer.status(), answer.text().await);
        assert!(status.is_success(), "{url}: {status} {text:?}");
        *written.lock().unwrap().entry(url.clone()).or_default() = (Some(number), None);
    }
}

fn twin(number: u64) -> Value {
    json!({"$metadata": {"$model": "dtmi:x:Room;1"}, "number": number})
}

fn device(number: u64) -> Value {
    json!({"displayName": number.to_string(), "simulated": false, "enabled": true})
}

fn number_of(document: &Value) -> Option<u64> {
    let name = document["displayName"].as_str().and_then(|name| name.parse().ok());
    document["number"].as_u64().or(name)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_is_there_after_a_kill_in_the_middle_of_writes() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    let mut process = Process::start(emulate(&state)).await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let twins_token = token(&client, &process, "https://digitaltwins.azure.net/.default").await;
    let central_token = token(&client, &process, "https://apps.azureiotcentral.com/.default").await;
    let (twins, central) =
        (process.url("digital-twins").to_owned(), process.url("iot-central").to_owned());
    let model = json!([{"@id": "dtmi:x:Room;1", "@type": "Interface",
        "@context": "dtmi:dtdl:context;3", "contents": [
            {"@type": "Property", "name": "number", "schema": "long"}]}]);
    let models = client.post(format!("{twins}/models?api-version=2023-10-31"));
    let models = models.bearer_auth(&twins_token).json(&model).send().await.unwrap();
    assert_eq!(models.status(), 201);

    let written = Arc::new(Mutex::new(Written::new()));
    let mut keys = None;
    for round in 0..ROUNDS {
        let writers = (0..WRITERS).map(|writer| {
            let (client, written) = (client.clone(), Arc::clone(&written));
            let (twins, central) = (twins.clone(), central.clone());
            let (twins_token, central_token) = (twins_token.clone(), central_token.clone());
            tokio::spawn(async move {
                let numbers = round * 1_000_000 + 1..;
                let (token, body, url): (_, fn(u64) -> Value, _) = if writer % 2 == 0 {
                    (twins_token, twin, format!("{twins}/digitaltwins/t{writer}-"))
                } else {
                    (central_token, device, format!("{central}/api/devices/d{writer}-"))
                };
                let version = if writer % 2 == 0 { "2023-10-31" } else { "2022-07-31" };
                let url = |n| format!("{url}{n}?api-version={version}");
                let urls: Vec<String> = (0..50).map(url).collect();
                write(&client, &token, &urls, body, numbers, &written).await;
            })
        });
        let writers: Vec<_> = writers.collect();
        // Not before every writer is in the middle of it.
        let answered = || written.lock().unwrap().values().filter(|(old, _)| old.is_some()).count();
        while answered() < 20 * (usize::try_from(round).unwrap() + 1).min(5) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        process.kill().await.unwrap();
        for ended in join_all(writers).await {
            ended.unwrap();
        }

        let seen: Vec<String> = written.lock().unwrap().keys().cloned().collect();
        for url in seen {
            let token = if url.starts_with(&twins) { &twins_token } else { &central_token };
            let answer = client.get(&url).bearer_auth(token).send().await.unwrap();
            let found = match answer.status().as_u16() {
                200 => number_of(&answer.json().await.unwrap()),
                404 => None,
                status => panic!("{url}: {status}"),
            };
            let mut written = written.lock().unwrap();
            let (answered, sent) = written[&url];
            assert!(found == answered || found == sent, "{url}: {found:?} {answered:?} {sent:?}");
            written.insert(url, (found, None));
        }
        let url = format!("{}/common/discovery/v2.0/keys", process.url("identity"));
        let now: Value = client.get(url).send().await.unwrap().json().await.unwrap();
        assert_eq!(*keys.get_or_insert(now.clone()), now);
    }

    // A picture, a restart in order, and the same picture.
    let query = format!("{twins}/query?api-version=2023-10-31");
    let rows = async || -> Value {
        let request = client.post(&query).bearer_auth(&twins_token);
        let request = request.header("max-items-per-page", "1000");
        let body = json!({"query": "SELECT * FROM DIGITALTWINS"});
        request.json(&body).send().await.unwrap().json().await.unwrap()
    };
    let before = rows().await;
    process.restart().await.unwrap();
    assert_eq!(rows().await, before);
    assert!(before["value"].as_array().unwrap().len() > 10);

    second_is_refused(&state);
}

fn second_is_refused(state: &PathBuf) {
    let files = || {
        let mut files: Vec<(PathBuf, u64)> = fs::read_dir(state)
            .unwrap()
            .map(|entry| entry.unwrap())
            .map(|entry| (entry.path(), entry.metadata().unwrap().len()))
            .collect();
        files.sort();
        files
    };
    let before = files();
    let second = emulate(state)().output().unwrap();
    let told = String::from_utf8_lossy(&second.stderr);
    assert!(!second.status.success() && told.contains("another emulator is using"), "{told}");
    assert_eq!(files(), before);
}

/// The command under a limit for its files, as if the disk were full.
fn limited(command: &Command) -> Command {
    let mut limited = Command::new("sh");
    // The signal that comes with the limit would end the program.
    limited.args(["-c", "trap '' XFSZ; ulimit -f 600; exec \"$@\"", "sh"]);
    limited.arg(command.get_program()).args(command.get_args());
    limited
}

#[tokio::test]
async fn a_disk_that_is_full_is_told_and_nothing_that_was_answered_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let command = emulate(&folder.path().join("state"));
    let mut process = Process::start(move || limited(&command())).await.unwrap();
    let client = Client::builder().no_proxy().build().unwrap();
    let control = format!("{}/signed-urls", process.url("control"));
    let body = json!({"container": "box", "permissions": "racwd"});
    let signed: Value =
        client.post(control).json(&body).send().await.unwrap().json().await.unwrap();
    let (container, signature) = signed["url"].as_str().unwrap().split_once('?').unwrap();
    let url = |number: u32| format!("{container}/{number}?{signature}");
    let contents = |number: u32| format!("{number}").repeat(40_000 / 2);

    let mut stored = 10;
    let refused = loop {
        let put = client.put(url(stored)).header("x-ms-blob-type", "BlockBlob");
        let answer = put.body(contents(stored)).send().await.unwrap();
        if answer.status() != 201 {
            break answer;
        }
        stored += 1;
        assert!(stored < 100, "the limit does not work");
    };
    let keys = format!("{}/common/discovery/v2.0/keys", process.url("identity"));
    // Whatever is asked from then on.
    for answer in [refused, client.get(&keys).send().await.unwrap()] {
        assert_eq!(answer.status(), 500);
        let told = answer.text().await.unwrap();
        assert!(told.contains("StateNotKept") && told.contains("storage.journal"), "{told}");
        assert!(told.to_lowercase().contains("file too large"), "{told}");
    }

    process.kill().await.unwrap();
    for number in 10..stored {
        let found = client.get(url(number)).send().await.unwrap().text().await.unwrap();
        assert!(found == contents(number), "{number}");
    }
    assert_eq!(client.get(url(stored)).send().await.unwrap().status(), 404);
    assert_eq!(client.get(&keys).send().await.unwrap().status(), 200);
}
