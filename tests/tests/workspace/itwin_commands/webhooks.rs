//! Webhooks, and whether what they delivered is genuine.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::json;
use twinkit_tests::support::recorder::{Canned, Recorder};

use super::*;

const EVENT: &str = "iModels.namedVersionCreated.v1";

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_is_made_delivers_and_is_verified() {
    let machine = machine().await;
    let itwin_id = new_itwin(&machine, "Bridge");
    let receiver = Recorder::start().await.unwrap();
    receiver.answer_with(Canned { status: 204, headers: Vec::new(), content: None });
    let callback = format!("{}/events", receiver.url());
    let create = ["webhooks", "create", &callback, "--event", EVENT, "--itwin", &itwin_id];
    let plan = done(&machine, &[&create[..], &["--dry-run"]].concat());
    assert!(plan.contains("inactive for now") && plan.contains(EVENT), "{plan}");

    // The secret is alone on stdout, and nowhere else.
    let output = run(&machine, &[&create[..], &["--yes"]].concat());
    let secret = succeeded(&output).trim_end().to_owned();
    assert!(secret.len() >= 32 && !secret.contains(char::is_whitespace), "{secret}");
    assert!(!errors(&output).contains(&secret) && errors(&output).contains("was made"));
    let listed = lines(&done(&machine, &["webhooks", "list", "--json"]));
    assert_eq!((listed.len(), &listed[0]["active"]), (1, &json!(false)));
    let id = text(&listed[0], "id");
    let activated = made(&machine, &["webhooks", "activate", &id]);
    assert_eq!((&activated["change"], &activated["active"]), (&json!("activate"), &json!(true)));
    assert_eq!(made(&machine, &["webhooks", "activate", &id])["change"], "none");
    let shown = done(&machine, &["webhooks", "show", &id]);
    assert!(shown.contains(&format!("iTwin {itwin_id}")) && shown.contains("yes"), "{shown}");

    machine.emulator.itwin().send_event(EVENT, &itwin_id, json!({"versionId": "v-1"}));
    let deadline = std::time::Instant::now() + Duration::from_secs(20);
    let delivery = loop {
        if let Some(delivery) = receiver.take().pop() {
            break delivery;
        }
        assert!(std::time::Instant::now() < deadline, "nothing is delivered");
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let body = machine.state.path().join("body");
    std::fs::write(&body, &delivery.body).unwrap();
    let (body, signature) = (body.display().to_string(), delivery.header("signature").unwrap());
    let verify = ["webhooks", "verify", "--signature", &signature, "--body", &body];
    let no_secret = run(&machine, &verify);
    assert_eq!(code(&no_secret), 2);
    let with = |args: &[&str], secret: &str| {
        itwin(&machine, args).env("ITWIN_WEBHOOK_SECRET", secret).output().unwrap()
    };
    let genuine = with(&verify, &secret);
    assert!(succeeded(&genuine).contains(EVENT) && !texts(&genuine).contains(&secret));
    let told = document(&succeeded(&with(&[&verify[..], &["--json"]].concat(), &secret)));
    assert_eq!(told["event"]["content"]["versionId"], "v-1");
    let other =
        with(&[&verify[..], &["--json"]].concat(), "another secret of 32 characters, or more");
    assert_eq!(code(&other), 1);
    let other = document(&String::from_utf8(other.stdout).unwrap());
    assert_eq!((&other["genuine"], &other["answerWith"]), (&json!(false), &json!(401)));

    made(&machine, &["webhooks", "deactivate", &id]);
    let gone = done(&machine, &["webhooks", "delete", &id, "--yes"]);
    assert!(gone.contains("was deleted"), "{gone}");
    assert_eq!(code(&run(&machine, &["webhooks", "show", &id])), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn secrets_go_into_owner_only_files_or_come_from_files() {
    let machine = machine().await;
    let itwin_id = new_itwin(&machine, "Bridge");
    let create =
        ["webhooks", "create", "https://x.example/", "--event", EVENT, "--itwin", &itwin_id];
    let file = machine.state.path().join("webhook.secret");
    let path = file.display().to_string();
    let args = [&create[..], &["--out", &path, "--activate", "--json", "--yes"]].concat();
    let output = run(&machine, &args);
    let secret = std::fs::read_to_string(&file).unwrap();
    assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!texts(&output).contains(secret.trim()), "{}", texts(&output));
    assert_eq!(document(&succeeded(&output))["eventTypes"], json!([EVENT]));
    assert_eq!(lines(&done(&machine, &["webhooks", "list", "--json"]))[0]["active"], true);
    let there = run(&machine, &args);
    assert_eq!(code(&there), 2);

    let own = machine.state.path().join("own");
    std::fs::write(&own, "canary secret of ours, long enough\n").unwrap();
    let own = own.display().to_string();
    let output = run(&machine, &[&create[..], &["--secret-file", &own, "--yes"]].concat());
    succeeded(&output);
    assert_eq!(lines(&done(&machine, &["webhooks", "list", "--json"])).len(), 2);
    std::fs::write(&own, "short").unwrap();
    let short = run(&machine, &[&create[..], &["--secret-file", &own, "--yes"]].concat());
    assert_eq!(code(&short), 2);

    // Nobody can take the secret: the webhook is not left behind.
    let mut command = itwin(&machine, &[&create[..], &["--yes"]].concat());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = command.stdout(full).output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(errors(&output).contains("was deleted again"), "{}", texts(&output));
    assert_eq!(lines(&done(&machine, &["webhooks", "list", "--json"])).len(), 2);
}
