//! The command line: the main job, and the emulator as a process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use secrecy::SecretString;
use serde_json::Value;
use twinkit_emulator::Emulator;
use twinkit_emulator::faults::Fault;
use twinkit_emulator::identity::Application;
use twinkit_emulator::ims::ImsClient;
use twinkit_tests::support::stage;

use crate::machine::administrator;
use crate::program::{lines, succeeded, twinkit};

/// The steps of a transcript, after a look at the form of each. Statuses are those
/// that services gave; what is several calls, or none, has no status.
fn steps(text: &str) -> Vec<String> {
    let mut operations = Vec::new();
    for line in text.lines() {
        let step: Value = serde_json::from_str(line).unwrap();
        assert_eq!(step["ok"], true, "{line}");
        assert!(step["milliseconds"].as_f64().unwrap() >= 0.0, "{line}");
        // One step shows that a token that was revoked is refused.
        let revoked = step["operation"].as_str().unwrap().ends_with(", revoked");
        match step["status"].as_u64() {
            Some(status) => assert!(if revoked { status == 401 } else { status < 300 }, "{line}"),
            None => assert!(step["status"].is_null() && !revoked, "{line}"),
        }
        operations.push(step["operation"].as_str().unwrap().to_owned());
    }
    operations
}

const MAIN_JOB: [&str; 6] = [
    "upload_models",
    "put_twin",
    "put_relationship",
    "update_twin",
    "send_telemetry",
    "query_twins",
];

/// The IoT Central part, with its clearing up.
const IOT_CENTRAL: [&str; 9] = [
    "create_user",
    "sign in as program",
    "create_device",
    "create_api_token",
    "list_devices",
    "delete_api_token",
    "list_devices, revoked",
    "delete_device",
    "delete_user",
];

/// The iTwin part, with its clearing up.
const ITWIN: [&str; 15] = [
    "sign in at IMS",
    "get_me",
    "create_itwin",
    "create_role",
    "add_user_members",
    "get_my_permissions",
    "create_file",
    "download_file",
    "create_imodel",
    "create_named_version",
    "delete_imodel",
    "delete_file",
    "remove_user_member",
    "delete_role",
    "delete_itwin",
];

/// Whether these are among the operations, in this order.
fn in_order(operations: &[String], wanted: &[&str]) -> bool {
    let mut left = operations.iter();
    wanted.iter().all(|wanted| left.any(|operation| operation == wanted))
}

#[test]
fn the_demo_does_the_main_job() {
    let text = succeeded(&twinkit().args(["demo", "--json"]).output().unwrap());
    let operations = steps(&text);
    for wanted in MAIN_JOB {
        let done = operations.iter().any(|operation| {
            operation == wanted || operation == &wanted.replace("send_", "send_component_")
        });
        assert!(done, "{wanted} is missing: {operations:?}");
    }
    assert!(operations.iter().any(|operation| operation.starts_with("delete")));
    assert!(in_order(&operations, &IOT_CENTRAL), "{operations:?}");
    assert!(in_order(&operations, &ITWIN), "{operations:?}");
}

#[test]
fn the_demo_takes_other_models_and_says_what_is_wrong_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let good = file("models.json", &stage::models().to_string());
    let output = twinkit().args(["demo", "--json", "--models"]).arg(good).output().unwrap();
    assert!(steps(&succeeded(&output)).contains(&"put_twin".to_owned()));
    for (name, text) in [("none.json", "[]"), ("broken.json", "[{"), ("other.json", "[{\"a\": 1}]")]
    {
        let bad = file(name, text);
        let output = twinkit().args(["demo", "--models"]).arg(bad).output().unwrap();
        // The last one is of the right form, and only makes no twins.
        let code = if name == "other.json" { 1 } else { 2 };
        assert_eq!(output.status.code(), Some(code), "{name}");
        let said = [output.stdout, output.stderr].concat();
        assert!(!said.is_empty() && !String::from_utf8_lossy(&said).contains("panicked"), "{name}");
    }
    let output = twinkit().args(["demo", "--models", "no such file"]).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("no such file"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_leaves_nothing_behind_on_an_instance_of_the_users() {
    let emulator = Emulator::start().await.unwrap();
    let mut command = twinkit();
    command.args(["demo", "--json", "--endpoint", emulator.digital_twins_url()]);
    command.envs(emulator.env());
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(steps(&succeeded(&output)).len() > 8);
    let requests = emulator.requests().list();
    assert!(requests.iter().any(|request| request.path == "/query"), "it was this instance");
    assert_eq!(emulator.instance("digital-twins").unwrap().counts(), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_leaves_nothing_behind_in_an_application_of_the_users() {
    let emulator = Emulator::start().await.unwrap();
    let program = Application::new(SecretString::from("canary-secret"));
    emulator.directory().add_application(program.clone()).unwrap();
    let endpoint = emulator.digital_twins_url();
    let demo = |central: &[&str]| {
        let mut command = twinkit();
        command.args(["demo", "--json", "--endpoint", endpoint]).args(central);
        command.envs(emulator.env());
        command
    };
    let without = succeeded(&demo(&[]).output().unwrap());
    assert!(!steps(&without).contains(&"create_user".to_owned()), "{without}");

    let central = ["--iot-central", emulator.iot_central_url()];
    let run = demo(&central).output().unwrap();
    assert_eq!(run.status.code(), Some(2), "without the program's credential");

    let mut command = demo(&central);
    command.env("ONBOARD_CLIENT_ID", &program.client_id);
    command.env("ONBOARD_CLIENT_SECRET", "canary-secret");
    let text = succeeded(&command.output().unwrap());
    let operations = steps(&text);
    assert!(IOT_CENTRAL.iter().all(|step| operations.iter().any(|done| done == step)), "{text}");
    assert!(!text.contains("canary") && !text.contains("SharedAccess"), "{text}");
    assert_as_it_was(&emulator).await;

    // Asked to stop while the API token is being made.
    let slow = Fault::delay(Duration::from_secs(60)).method("PUT").path_contains("/apiTokens/");
    let slow = emulator.faults().next(slow);
    let mut running = Running(command.stdout(Stdio::null()).spawn().unwrap());
    let deadline = Instant::now() + Duration::from_secs(60);
    while emulator.faults().served(slow) == 0 {
        assert!(Instant::now() < deadline, "no API token is made");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    kill(Pid::from_raw(i32::try_from(running.0.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(ended(&mut running.0), Some(130));
    assert_as_it_was(&emulator).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_leaves_nothing_behind_on_an_itwin_platform_of_the_users() {
    let emulator = Emulator::start().await.unwrap();
    let program = ImsClient::service("service-program", SecretString::from("canary-secret"));
    emulator.ims().add_client(program).unwrap();
    let demo = || {
        let mut command = twinkit();
        command.args(["demo", "--json", "--itwin", emulator.itwin_url()]).envs(emulator.env());
        command
    };
    assert_eq!(demo().output().unwrap().status.code(), Some(2), "without the program's credential");
    let with_program = || {
        let mut command = demo();
        command.env("ONBOARD_ITWIN_CLIENT_ID", "service-program");
        command.env("ONBOARD_ITWIN_CLIENT_SECRET", "canary-secret");
        command
    };
    let text = succeeded(&with_program().output().unwrap());
    assert_eq!(steps(&text), ITWIN, "nothing but this platform is worked on");
    let requests = emulator.requests().list();
    for step in lines(&text) {
        let Some(status) = step["status"].as_u64() else { continue };
        // The step's one call, by what it is called in the path.
        let (method, path) = match step["operation"].as_str().unwrap() {
            "create_itwin" => ("POST", "/itwins"),
            "create_role" => ("POST", "/roles"),
            "create_imodel" => ("POST", "/imodels"),
            "create_named_version" => ("POST", "/namedversions"),
            "delete_imodel" => ("DELETE", "/imodels/"),
            "delete_file" => ("DELETE", "/storage/files/"),
            "remove_user_member" => ("DELETE", "/members/users/"),
            "delete_role" => ("DELETE", "/roles/"),
            "delete_itwin" => ("DELETE", "/itwins/"),
            other => panic!("{other} is more than one call: {step}"),
        };
        let given = requests.iter().filter(|it| it.method == method && it.path.contains(path));
        let given: Vec<_> = given.filter_map(|it| it.status.map(u64::from)).collect();
        assert!(given.contains(&status), "{step}: {given:?}");
    }
    assert!(!text.contains("canary") && !text.contains("sig="), "{text}");
    assert_no_itwin(&emulator, 1);

    // Asked to stop while the iModel is being made.
    let slow = Fault::delay(Duration::from_secs(60)).on("itwin").path_contains("/imodels");
    let slow = emulator.faults().next(slow);
    let mut running = Running(with_program().stdout(Stdio::null()).spawn().unwrap());
    let deadline = Instant::now() + Duration::from_secs(60);
    while emulator.faults().served(slow) == 0 {
        assert!(Instant::now() < deadline, "no iModel is made");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    kill(Pid::from_raw(i32::try_from(running.0.id()).unwrap()), Signal::SIGINT).unwrap();
    assert_eq!(ended(&mut running.0), Some(130));
    assert_no_itwin(&emulator, 2);
}

/// As many iTwins were made as deleted.
#[track_caller]
fn assert_no_itwin(emulator: &Emulator, runs: usize) {
    let all = emulator.requests().list();
    let done = |method: &str, status: u16| {
        let is_it = |path: &str| path == "/itwins" || path.starts_with("/itwins/");
        let done = all.iter().filter(|r| r.method == method && is_it(&r.path));
        done.filter(|r| r.status == Some(status)).count()
    };
    assert_eq!((done("POST", 201), done("DELETE", 204)), (runs, runs));
}

/// Nothing is in the application but what it began with.
async fn assert_as_it_was(emulator: &Emulator) {
    let client = administrator(emulator);
    assert_eq!(client.list_users().items().into_vec().await.unwrap().len(), 2);
    assert!(client.list_devices().items().into_vec().await.unwrap().is_empty());
    assert!(client.list_api_tokens().items().into_vec().await.unwrap().is_empty());
    assert_eq!(emulator.instance("digital-twins").unwrap().counts(), (0, 0, 0));
}

/// A running `twinkit emulate`, ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_emulator_says_where_it_listens_and_stops_when_asked() {
    for signal in [Signal::SIGTERM, Signal::SIGINT] {
        let mut command = twinkit();
        command.args(["emulate", "--tls", "--json", "--iot-central-app", "second"]);
        command.stdout(Stdio::piped());
        let mut running = Running(command.spawn().unwrap());
        let mut output = BufReader::new(running.0.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let listening: Value = serde_json::from_str(&line).unwrap();
        for (name, url) in listening["services"].as_object().unwrap() {
            let (scheme, address) = url.as_str().unwrap().split_once("://").unwrap();
            // Managed identity endpoints are plain on real hosts too.
            assert_eq!(scheme == "http", name == "managed-identity", "{url}");
            assert!(TcpStream::connect(address).is_ok(), "{name} does not accept");
        }
        let env = listening["env"].as_object().unwrap();
        let names: Vec<&str> = env.keys().map(String::as_str).collect();
        for name in [
            "AZURE_AUTHORITY_HOST",
            "AZURE_CLIENT_ID",
            "AZURE_CLIENT_SECRET",
            "AZURE_DIGITALTWINS_URL",
            "AZURE_IOTCENTRAL_URL",
            "AZURE_TENANT_ID",
            "NODE_EXTRA_CA_CERTS",
            "REQUESTS_CA_BUNDLE",
            "SSL_CERT_FILE",
        ] {
            assert!(names.contains(&name), "{name} is missing: {names:?}");
        }
        let applications = &listening["iotCentralApplications"];
        assert_eq!(applications["myapp"].as_str().unwrap().rsplit('/').next(), Some("myapp"));
        assert_eq!(applications["second"].as_str().unwrap().rsplit('/').next(), Some("second"));
        let ca = env["SSL_CERT_FILE"].as_str().unwrap().to_owned();
        assert!(Path::new(&ca).exists());
        let hosts = listening["managedIdentity"].as_object().unwrap();
        assert!(hosts["appService"]["IDENTITY_HEADER"].is_string());
        assert!(hosts["imds"]["AZURE_POD_IDENTITY_AUTHORITY_HOST"].is_string());
        let keys = listening["arcKeyFolder"].as_str().unwrap().to_owned();
        assert!(Path::new(&keys).is_dir());

        kill(Pid::from_raw(i32::try_from(running.0.id()).unwrap()), signal).unwrap();
        assert_eq!(ended(&mut running.0), Some(0), "{signal}");
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "", "the first line is the only one");
        assert!(!Path::new(&ca).exists(), "the CA file is taken away");
        assert!(!Path::new(&keys).exists(), "the folder for key files is taken away");
    }
}

/// The exit code, once the process has ended by itself.
fn ended(child: &mut Child) -> Option<i32> {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if let Some(status) = child.try_wait().unwrap() {
            return status.code();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("the process does not end");
}

#[test]
fn the_emulator_takes_a_seed_as_editors_save_it_and_says_what_is_wrong_with_one() {
    let folder = tempfile::tempdir().unwrap();
    let seed = folder.path().join("seed.json");
    for (text, told) in [
        (&b"{"[..], "is not valid: EOF while parsing"),
        (b"{\"twin\": []}", "is not valid: unknown field"),
        (b"\xff", "is not valid UTF-8"),
        (b"{\"twins\": [{}]}", ": twins[0] of the seed has no $dtId"),
    ] {
        std::fs::write(&seed, text).unwrap();
        let output = twinkit().args(["emulate", "--seed"]).arg(&seed).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains("seed.json") && said.contains(told), "{told} is missing: {said}");
    }
    std::fs::write(&seed, "\u{feff}{\"endpoints\": [\"events\"]}").unwrap();
    let mut command = twinkit();
    command.args(["emulate", "--json", "--seed"]).arg(&seed).stdout(Stdio::piped());
    let mut running = Running(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(running.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with('{'), "{line}");
    kill(Pid::from_raw(i32::try_from(running.0.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert_eq!(ended(&mut running.0), Some(0));
}

#[test]
fn wrong_usage_is_told_and_does_not_panic() {
    for (arguments, code) in [
        (&[][..], 2),
        (&["emulate", "--port", "70000"], 2),
        (&["emulate", "--port", "65535"], 2),
        (&["emulate", "--seed", "no such file"], 2),
        (&["emulate", "--seed", "/dev/zero"], 2),
        (&["demo", "--models", "/dev/zero"], 2),
        (&["demo", "--endpoint", "ftp://x"], 1),
        (&["fly"], 2),
    ] {
        let mut command = twinkit();
        for name in ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"] {
            command.env_remove(name);
        }
        let output = command.args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(!said.is_empty() && !said.contains("panicked"), "{arguments:?}: {said}");
    }
}
