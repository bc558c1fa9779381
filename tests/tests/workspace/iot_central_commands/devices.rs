//! Devices: registered, looked at, told to do something.

use std::time::Duration;

use serde_json::json;
use twinkit_emulator::faults::Fault;
use twinkit_emulator::iot_central::{CommandAnswer, Config, MAIN_APPLICATION, Place};
use twinkit_emulator::{Emulator, EmulatorBuilder};
use twinkit_iot_central::DeviceTemplate;

use super::{central, code, document, done, errors, lines, run, writes};
use crate::machine::{Machine, administrator, texts};
use crate::program::succeeded;

/// An emulator in which nothing takes time.
fn hasty() -> EmulatorBuilder {
    let config = Config { provisioning: Duration::ZERO, ..Config::default() };
    Emulator::builder().iot_central(config)
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_are_registered_looked_at_and_deleted() {
    let machine = Machine::with(hasty()).await;
    let register = ["devices", "register", "pump-1", "--simulated", "--name", "Pump\u{1b}[31m 1"];
    let plan = done(&machine, &[&register[..], &["--dry-run"]].concat());
    assert!(plan.contains("register simulated device pump-1"), "{plan}");
    assert_eq!(writes(&machine), [""; 0]);
    done(&machine, &[&register[..], &["--yes"]].concat());
    let again = run(&machine, &[&register[..], &["--yes"]].concat());
    assert_eq!(code(&again), 1, "it would be replaced");
    for index in 2..30 {
        let id = format!("pump-{index}");
        done(&machine, &["devices", "register", &id, "--yes"]);
    }
    let listed = done(&machine, &["devices", "list"]);
    assert_eq!(listed.lines().count(), 30, "{listed}");
    assert!(!listed.contains('\u{1b}'), "{listed}");
    let some = lines(&done(&machine, &["devices", "list", "--json", "--limit", "26"]));
    assert_eq!(some.len(), 26);
    assert!(done(&machine, &["devices", "list", "--state", "blocked"]).lines().count() == 1);
    let shown = document(&done(&machine, &["devices", "show", "pump-1", "--json"]));
    assert_eq!(shown["simulated"], true);

    let hidden = run(&machine, &["devices", "credentials", "pump-1"]);
    assert!(succeeded(&hidden).contains("symmetric key"), "{}", texts(&hidden));
    assert!(!texts(&hidden).contains("primary key"), "{}", texts(&hidden));
    let keys = ["devices", "credentials", "pump-1", "--json", "--show"];
    let keys = document(&done(&machine, &keys));
    assert!(keys["symmetricKey"]["primaryKey"].is_string(), "{keys}");

    let came = run(&machine, &["devices", "wait", "pump-1", "--timeout", "20", "--json"]);
    assert_eq!(document(&succeeded(&came))["provisioned"], true);
    let never = run(&machine, &["devices", "wait", "pump-2", "--timeout", "0"]);
    assert_eq!(code(&never), 1, "{}", texts(&never));
    assert!(errors(&never).contains("device pump-2 is unassigned"), "{}", texts(&never));
    done(&machine, &["devices", "disable", "pump-2", "--yes"]);
    assert!(done(&machine, &["devices", "show", "pump-2"]).contains("blocked"));
    let stopped = run(&machine, &["devices", "enable", "pump-3", "pump-3", "pump-2", "--dry-run"]);
    assert_eq!(succeeded(&stopped).matches("device pump-3").count(), 1, "{}", texts(&stopped));
    let fault = Fault::status(409).on("iot-central").method("PATCH");
    machine.emulator.faults().next(fault.path_contains("devices/pump-4"));
    let stopped = run(&machine, &["devices", "disable", "pump-3", "pump-4", "--yes"]);
    let told = "done before: device pump-3 is disabled";
    assert!(errors(&stopped).contains(told), "{}", texts(&stopped));
    let blocked = run(&machine, &["devices", "wait", "pump-2"]);
    assert!(errors(&blocked).contains("iot-central devices enable"), "{}", texts(&blocked));
    let made = writes(&machine).len();
    done(&machine, &["devices", "enable", "pump-2", "--dry-run"]);
    assert_eq!(writes(&machine).len(), made);
    done(&machine, &["devices", "enable", "pump-2", "--yes"]);
    assert!(done(&machine, &["devices", "show", "pump-2"]).contains("unassigned"));
    let nowhere = ["devices", "register", "x", "--organization", "nowhere", "--dry-run"];
    assert!(errors(&run(&machine, &nowhere)).contains("no organization"));
    let no_template = ["devices", "register", "x", "--template", "dtmi:no:such;1", "--dry-run"];
    assert!(errors(&run(&machine, &no_template)).contains("no published device template"));
    let plan = done(&machine, &["devices", "register", "x", "--disabled", "--dry-run"]);
    assert!(plan.contains("may not connect"), "{plan}");

    let delete = ["devices", "delete", "pump-1", "pump-2"];
    assert_eq!(code(&run(&machine, &delete)), 2);
    done(&machine, &[&delete[..], &["--yes"]].concat());
    assert_eq!(done(&machine, &["devices", "list"]).lines().count(), 28);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_tell_what_the_device_did() {
    let machine = Machine::with(hasty()).await;
    let application = machine.emulator.iot_central(MAIN_APPLICATION).unwrap();
    let model = json!({"@id": "dtmi:test:pump_model;1", "@type": "Interface", "contents": [
        {"@type": "Command", "name": "restart"},
        {"@type": "Property", "name": "speed", "schema": "double", "writable": true},
    ]});
    let template = DeviceTemplate::new(serde_json::from_value(model).unwrap());
    let create = administrator(&machine.emulator);
    let create = create.create_device_template().device_template_id("dtmi:test:pump;1");
    create.body(template).send().await.unwrap();
    let register = ["devices", "register", "pump-1", "--yes", "--template"];
    let output = run(&machine, &[&register[..], &["dtmi:test:pump_model;1"]].concat());
    assert_eq!(code(&output), 1);
    assert!(errors(&output).contains("dtmi:test:pump;1"), "the cure: {}", texts(&output));
    done(&machine, &[&register[..], &["dtmi:test:pump;1"]].concat());
    let listed = done(&machine, &["devices", "list", "--template", "dtmi:test:pump;1"]);
    assert!(listed.contains("pump-1") && listed.contains("registered"), "{listed}");
    application.connect_device("pump-1").unwrap();
    let restart = ["devices", "command", "pump-1", "restart", "--yes", "--json"];
    let with = |more: &[&str]| run(&machine, &[&restart[..], more].concat());

    let place = Place::root();
    let answers = |answer| {
        application.answer_command("pump-1", &place, Some("restart"), Some(answer)).unwrap();
    };
    answers(CommandAnswer::reply(200, json!({"up": true})));
    let output = with(&["--payload", r#"{"delay": 3}"#]);
    let told = document(&succeeded(&output));
    assert_eq!((&told["outcome"], &told["response"]["up"]), (&json!("answered"), &json!(true)));
    answers(CommandAnswer::reply(500, json!("broken")));
    let output = with(&[]);
    assert_eq!(code(&output), 4);
    let told = document(&String::from_utf8(output.stdout).unwrap());
    assert_eq!((&told["outcome"], &told["responseCode"]), (&json!("device error"), &json!(500)));
    let properties = json!({"speed": 4.5}).as_object().unwrap().clone();
    application.report_properties("pump-1", &place, properties, None).unwrap();
    let shown = done(&machine, &["devices", "properties", "pump-1"]);
    assert!(shown.contains("speed") && shown.contains("4.5"), "{shown}");
    let set = ["devices", "set", "pump-1", "speed=7.5", "--json"];
    let plan = document(&done(&machine, &[&set[..], &["--dry-run"]].concat()));
    assert_eq!(plan["properties"], json!({"speed": 7.5}));
    done(&machine, &[&set[..], &["--yes"]].concat());
    let shown = done(&machine, &["devices", "properties", "pump-1"]);
    assert!(shown.contains("7.5") && shown.contains("not yet"), "{shown}");
    application.disconnect_device("pump-1").unwrap();
    let output = with(&[]);
    assert_eq!(code(&output), 5);
    assert!(texts(&output).contains("not reached"), "{}", texts(&output));
    let output = run(&machine, &["devices", "command", "pump-1", "dance", "--yes"]);
    assert_eq!(code(&output), 1);
    let said = texts(&output);
    assert!(said.contains("no such command") && !said.contains("hint"), "{said}");
    let named = said.lines().find(|line| line.starts_with("commands"));
    assert_eq!(named.unwrap().split_whitespace().last(), Some("restart"), "{said}");
    let output = with(&["--payload", "{"]);
    assert_eq!(code(&output), 2);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_is_interrupted_ends_with_its_exit_code() {
    use std::io::BufRead as _;
    use std::process::Stdio;

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let machine = Machine::with(hasty()).await;
    done(&machine, &["devices", "register", "pump-1", "--yes"]);
    let mut wait = central(&machine, &["devices", "wait", "pump-1"]);
    let mut waiting = wait.stderr(Stdio::piped()).spawn().unwrap();
    let mut said = std::io::BufReader::new(waiting.stderr.take().unwrap());
    let mut line = String::new();
    said.read_line(&mut line).unwrap();
    assert_eq!(line, "unassigned\n");
    kill(Pid::from_raw(i32::try_from(waiting.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(waiting.wait().unwrap().code(), Some(130));
}
