//! `twinkit iot-central` against an emulator, as a person at a terminal or a
//! script runs it: what it prints where, exit codes, files, and that secrets are
//! only where they were asked for.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use secrecy::SecretString;
use serde_json::{Value, json};
use twinkit_emulator::identity::{self, Application};
use twinkit_emulator::iot_central::{CommandAnswer, Config, MAIN_APPLICATION, Place};
use twinkit_emulator::{Emulator, EmulatorBuilder};
use twinkit_iot_central::DeviceTemplate;
use twinkit_tests::support::application::{self, Fate};

use crate::machine::{Machine, administrator, texts};
use crate::program::succeeded;

const SECRET: &str = "canary-secret-of-the-program";
const TOKEN_BEGIN: &str = "SharedAccessSignature sr=";

/// The program with an administrator's variables.
fn central(machine: &Machine, args: &[&str]) -> Command {
    let mut command = machine.with_variables(&["iot-central"]);
    command.args(args);
    command
}

fn run(machine: &Machine, args: &[&str]) -> Output {
    central(machine, args).output().unwrap()
}

fn done(machine: &Machine, args: &[&str]) -> String {
    succeeded(&run(machine, args))
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(document).collect()
}

/// Requests that changed something in an application.
fn writes(machine: &Machine) -> Vec<String> {
    let all = machine.emulator.requests().list();
    let writes = all.iter().filter(|r| r.service == "iot-central" && r.method != "GET");
    writes.map(|request| format!("{} {}", request.method, request.path)).collect()
}

/// A program in the directory that is no user of any application.
fn program(emulator: &Emulator) -> Application {
    let program = Application::new(SecretString::from(SECRET));
    emulator.directory().add_application(program.clone()).unwrap();
    program
}

fn with_program(command: &mut Command, program: &Application) {
    command.env("ONBOARD_CLIENT_ID", &program.client_id).env("ONBOARD_CLIENT_SECRET", SECRET);
}

/// An emulator in which nothing takes time.
fn hasty() -> EmulatorBuilder {
    let config = Config { provisioning: Duration::ZERO, ..Config::default() };
    Emulator::builder().iot_central(config)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_shown_and_nothing_done_without_leave() {
    let machine = Machine::new().await;
    let program = program(&machine.emulator);
    let tenant = machine.emulator.tenant_id();
    let base = ["onboard", "--tenant-id", tenant, "--object-id", &program.object_id];
    let args = [&base[..], &["--role", "Builder"]].concat();

    let run_alone = run(&machine, &args);
    assert_eq!(code(&run_alone), 2);
    assert!(errors(&run_alone).contains("--yes"), "{}", texts(&run_alone));

    let plan = done(&machine, &[&args[..], &["--dry-run"]].concat());
    assert!(plan.contains("create user") && plan.contains("Builder"), "{plan}");
    let plan = document(&done(&machine, &[&args[..], &["--dry-run", "--json"]].concat()));
    assert_eq!((&plan["change"], &plan["applied"]), (&json!("create"), &json!(false)));
    assert_eq!(writes(&machine), [""; 0]);

    let run_agreed = run(&machine, &[&args[..], &["--yes"]].concat());
    let said = succeeded(&run_agreed);
    assert!(said.contains("was created") && errors(&run_agreed).contains("Plan:"), "{said}");
    let again = document(&done(&machine, &[&args[..], &["--yes", "--json"]].concat()));
    assert_eq!((&again["change"], &again["applied"]), (&json!("none"), &json!(true)));
    let more = [&args[..], &["--role", "Operator", "-y"]].concat();
    assert!(done(&machine, &more).contains("was given"));
    let path = format!("/api/users/{}", program.object_id);
    assert_eq!(writes(&machine), [format!("PUT {path}"), format!("PATCH {path}")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_is_let_in_by_its_own_token_and_proven() {
    let machine = Machine::new().await;
    let program = program(&machine.emulator);
    let args = ["onboard", "--from-env", "--role", "Operator", "--prove", "--yes", "--json"];
    let missing = run(&machine, &args);
    assert_eq!(code(&missing), 2);
    assert!(errors(&missing).contains("ONBOARD_CLIENT_SECRET"), "{}", texts(&missing));

    let mut command = central(&machine, &args);
    with_program(&mut command, &program);
    let output = command.output().unwrap();
    let report = document(&succeeded(&output));
    assert_eq!(report["principal"]["objectId"], program.object_id);
    assert_eq!(report["proven"]["devicesOnFirstPage"], 0);
    assert!(!texts(&output).contains(SECRET) && !texts(&output).contains("eyJ"));

    let users = done(&machine, &["users", "list"]);
    let head: Vec<&str> = users.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["ID", "KIND", "IDENTITY", "ROLES"]);
    assert!(users.contains("service principal") && users.contains("Operator"), "{users}");
    let listed = lines(&done(&machine, &["users", "list", "--json"]));
    assert_eq!(listed.len(), 3);
    let user = document(&done(&machine, &["users", "show", &program.object_id, "--json"]));
    assert_eq!(user["type"], "servicePrincipal");
    let roles = done(&machine, &["users", "roles"]);
    assert!(roles.contains("Administrator") && roles.contains("whole application"), "{roles}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_mixed_up_are_refused_with_the_cure() {
    let machine = Machine::new().await;
    let program = program(&machine.emulator);
    let tenant = machine.emulator.tenant_id();
    let id = program.client_id.as_str();
    let args = ["onboard", "--tenant-id", tenant, "--object-id", id, "--client-id", id];
    let output = run(&machine, &[&args[..], &["--role", "Builder", "--yes"]].concat());
    assert_eq!(code(&output), 1);
    let said = errors(&output);
    assert!(said.contains("hint:") && said.contains("enterprise application"), "{said}");
    let args = ["onboard", "--email", "ann@contoso.com", "--role", "Plumber", "--yes"];
    let said = errors(&run(&machine, &args));
    assert!(said.contains("no role called") && said.contains("Administrator"), "{said}");
    assert_eq!(writes(&machine), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn offboarding_takes_the_user_and_the_named_tokens_only() {
    let machine = Machine::new().await;
    let email = ["--email", "ann@contoso.com"];
    let role = ["--role", "Operator", "--yes"];
    done(&machine, &[&["onboard"], &email[..], &role].concat());
    for token in ["hers", "others"] {
        done(&machine, &[&["tokens", "create", token], &role[..]].concat());
    }
    let offboard = [&["offboard"], &email[..], &["--revoke-token", "hers"]].concat();
    let plan = done(&machine, &[&offboard[..], &["--dry-run"]].concat());
    for part in ["revoke API token hers", "delete user ann-contoso-com", "leave API token others"] {
        assert!(plan.contains(part), "{part} missing in {plan}");
    }
    let report = document(&done(&machine, &[&offboard[..], &["--yes", "--json"]].concat()));
    assert_eq!(report["revokedTokens"], json!(["hers"]));
    assert_eq!(report["deletedUsers"], json!(["ann-contoso-com"]));
    let left = lines(&done(&machine, &["tokens", "list", "--json"]));
    assert!(left.len() == 1 && left[0]["id"] == "others", "{left:?}");
    let owner = ["offboard", "--user", "owner", "--dry-run", "--json"];
    assert_eq!(document(&done(&machine, &owner))["takesLastAdministrator"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_token_goes_to_stdout_alone_and_opens_the_application() {
    let machine = Machine::new().await;
    let create = ["tokens", "create", "ops", "--role", "Administrator", "--expires", "90d"];
    let plan = done(&machine, &[&create[..], &["--dry-run"]].concat());
    assert!(plan.contains("make API token ops") && !plan.contains(TOKEN_BEGIN), "{plan}");
    assert_eq!(writes(&machine), [""; 0]);

    let output = run(&machine, &[&create[..], &["--yes"]].concat());
    let value = succeeded(&output);
    assert!(value.starts_with(TOKEN_BEGIN) && value.lines().count() == 1, "{value}");
    let said = errors(&output);
    assert!(said.contains("ops was made") && !said.contains("sig="), "{said}");
    let listed = done(&machine, &["tokens", "list", "--json"]);
    assert!(listed.contains("\"ops\"") && !listed.contains("sig="), "{listed}");

    let app = machine.emulator.iot_central_url();
    let file = machine.state.path().join("token");
    fs::write(&file, &value).unwrap();
    let args = ["iot-central", "users", "list", "--app", app, "--token-file"];
    let mut by_file = machine.bare(&args);
    by_file.arg(&file);
    assert!(succeeded(&by_file.output().unwrap()).contains("owner"));
    let mut by_variable = machine.bare(&args[..5]);
    by_variable.env("AZURE_IOTCENTRAL_TOKEN", value.trim());
    succeeded(&by_variable.output().unwrap());

    let revoked = done(&machine, &["tokens", "revoke", "ops", "--yes"]);
    assert_eq!(revoked, "API token ops was revoked\n");
    let output = by_variable.output().unwrap();
    assert_eq!(code(&output), 1);
    assert!(errors(&output).contains("401") && errors(&output).contains("hint:"));
    assert!(!texts(&output).contains("sig="), "{}", texts(&output));
    let output = run(&machine, &["tokens", "revoke", "ops", "--yes"]);
    assert_eq!(code(&output), 1);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_file_is_new_owner_only_and_no_link() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let machine = Machine::new().await;
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let create = |id: &str, file: &Path, more: &[&str]| {
        let mut command =
            central(&machine, &["tokens", "create", id, "--role", "Operator", "--yes"]);
        command.arg("--out").arg(file).args(more).output().unwrap()
    };
    let output = create("one", &path("token"), &["--json"]);
    let told = document(&succeeded(&output));
    assert_eq!(told["id"], "one");
    assert!(!texts(&output).contains("sig="), "{}", texts(&output));
    let mode = |name: &str| fs::metadata(path(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode("token"), 0o600);
    let first = fs::read_to_string(path("token")).unwrap();
    assert!(first.starts_with(TOKEN_BEGIN), "{first}");

    let made = writes(&machine).len();
    symlink(path("target"), path("link")).unwrap();
    fs::write(path("target"), "untouched").unwrap();
    let nowhere = path("no such folder").join("token");
    for (file, more, part) in [
        (path("token"), &[][..], "--force"),
        (path("link"), &[], "symbolic link"),
        (path("link"), &["--force"], "symbolic link"),
        (folder.path().to_owned(), &["--force"], "no file"),
        (nowhere, &[], "cannot be written"),
    ] {
        let output = create("two", &file, more);
        assert_eq!(code(&output), 1, "{}", texts(&output));
        assert!(errors(&output).contains(part), "{}", texts(&output));
    }
    assert_eq!(writes(&machine).len(), made, "no token was made that nobody can read");
    assert_eq!(fs::read_to_string(path("target")).unwrap(), "untouched");
    succeeded(&create("two", &path("token"), &["--force"]));
    assert_ne!(fs::read_to_string(path("token")).unwrap(), first);
    assert_eq!(mode("token"), 0o600);
    let files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(files, 3, "nothing is left but token, link and target");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_hands_the_new_token_out_before_the_old_one_ends() {
    let machine = Machine::new().await;
    done(&machine, &["tokens", "create", "ops", "--role", "Operator", "--yes"]);
    let kept = ["tokens", "rotate", "ops", "--keep-old", "--json", "--yes"];
    let told = document(&done(&machine, &kept));
    assert_eq!(told["id"], "ops-2");
    assert!(told["token"].as_str().unwrap().starts_with(TOKEN_BEGIN), "{told}");
    let output = run(&machine, &["tokens", "rotate", "ops", "--new-id", "new", "--yes"]);
    assert!(succeeded(&output).starts_with(TOKEN_BEGIN));
    assert!(errors(&output).contains("ops was revoked"), "{}", texts(&output));
    let ids: Vec<Value> = lines(&done(&machine, &["tokens", "list", "--json"]));
    let ids: Vec<&str> = ids.iter().map(|token| token["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["new", "ops-2"]);
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
    assert_eq!(code(&output), 1);
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
    assert_eq!(code(&output), 1);
    assert!(texts(&output).contains("not reached"), "{}", texts(&output));
    let output = with(&["--payload", "{"]);
    assert_eq!(code(&output), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_who_is_no_user_is_told_the_command_that_lets_it_in() {
    let machine = Machine::new().await;
    let program = program(&machine.emulator);
    let app = machine.emulator.iot_central_url();
    let mut command = machine.with_variables(&["doctor", "--for", "iot-central", "--endpoint"]);
    command.arg(app).env("AZURE_CLIENT_ID", &program.client_id);
    command.env("AZURE_CLIENT_SECRET", SECRET);
    let output = command.output().unwrap();
    assert_eq!(code(&output), 1);
    let said = texts(&output);
    let cure = format!(
        "twinkit iot-central onboard --app {app} --role Builder --tenant-id {} --object-id {}",
        identity::TENANT_ID,
        program.object_id
    );
    assert!(said.contains(&cure) && said.contains("403"), "{said}");
    assert!(!said.contains(SECRET) && !said.contains("eyJ"), "{said}");

    // The command is one that works.
    let mut args: Vec<&str> = cure.split(' ').skip(1).collect();
    args.push("--yes");
    succeeded(&machine.with_variables(&args).output().unwrap());
    succeeded(&command.output().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_and_callers_that_cannot_be_are_wrong_usage() {
    let machine = Machine::new().await;
    let nowhere = machine.state.path().join("none").display().to_string();
    for (args, status) in [
        (&["iot-central", "users", "list"][..], 2),
        (&["iot-central", "users", "list", "--app", "my app"], 2),
        (&["iot-central", "users", "list", "--app", "http://myapp.example", "--with", "login"], 1),
        (&["iot-central", "users", "list", "--app", "x", "--token-file", &nowhere], 1),
        (&["iot-central", "onboard", "--role", "Builder"], 2),
        (&["iot-central", "onboard", "--email", "a@b", "--group", "x", "--role", "Builder"], 2),
        (&["iot-central", "onboard", "--object-id", "x", "--role", "Builder", "--yes"], 2),
        (&["iot-central", "tokens", "create", "x", "--role", "@x", "--yes"], 2),
        (&["iot-central", "tokens", "create", "x", "--role", "Builder", "--expires", "soon"], 2),
        (&["iot-central"], 2),
    ] {
        let output = machine.bare(args).output().unwrap();
        assert_eq!(code(&output), status, "{args:?}: {}", texts(&output));
        assert!(!texts(&output).contains("panicked"), "{args:?}: {}", texts(&output));
    }
    let mut command = machine.bare(&["iot-central", "users", "list", "--app", "http://x.example"]);
    let output = command.env("AZURE_IOTCENTRAL_TOKEN", "canary").output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(!texts(&output).contains("canary"), "{}", texts(&output));
}

/// An application with some devices, and the program on it by an API token.
async fn stocked(devices: usize) -> application::Application {
    let application = application::Application::start().await.unwrap();
    let device = |index: usize| {
        json!({"id": format!("pump-{index}"), "displayName": "Pump", "enabled": true,
            "etag": "e", "provisioned": false, "simulated": false})
    };
    application.list("devices", (0..devices).map(device));
    let role =
        json!({"id": "ca310b8d-2f4a-44e0-a36e-957c202cd8d4", "displayName": "Administrator"});
    application.list("roles", [role.clone()]);
    if devices > 0 {
        let token = json!({"id": "ops", "roles": [{"role": role["id"]}],
            "expiry": "2090-01-01T00:00:00.000Z"});
        application.list("apiTokens", [token]);
    }
    for index in 0..devices {
        application.single(&format!("devices/pump-{index}/properties"), json!({"speed": index}));
    }
    application
}

fn archive(
    machine: &Machine,
    application: &application::Application,
    verb: &str,
    folder: &Path,
) -> Command {
    let mut command = machine.bare(&["iot-central", "--app", application.url(), verb, "--json"]);
    command.arg(folder);
    let token = "SharedAccessSignature sr=11111111-2222-3333-4444-555555555555&sig=Y2FuYXJ5&\
                 skn=ops&se=4102444800000";
    command.env("AZURE_IOTCENTRAL_TOKEN", token);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_is_exported_and_restored() {
    let machine = Machine::new().await;
    let (from, to) = (stocked(30).await, stocked(0).await);
    let folder = tempfile::tempdir().unwrap();
    let mut export = archive(&machine, &from, "export", folder.path());
    let output = export.output().unwrap();
    let report = document(&succeeded(&output));
    assert_eq!(report["complete"], true);
    assert!(errors(&output).contains("devices: 30 items"), "{}", errors(&output));
    let again = export.output().unwrap();
    assert_eq!(code(&again), 1);
    assert!(errors(&again).contains("--overwrite"), "{}", errors(&again));

    let restore = |more: &[&str]| {
        let mut command = archive(&machine, &to, "restore", folder.path());
        command.args(more).output().unwrap()
    };
    assert_eq!(code(&restore(&[])), 2);
    let plan = document(&succeeded(&restore(&["--dry-run"])));
    let items = plan["items"].as_array().unwrap();
    let created = items.iter().filter(|item| item["action"] == "create");
    assert!(created.count() >= 30, "{plan}");
    assert!(to.asked().iter().all(|asked| asked.method == "GET"));
    let output = restore(&["--yes"]);
    assert_eq!(code(&output), 3, "the token is not carried: {}", texts(&output));
    let report = document(&String::from_utf8(output.stdout.clone()).unwrap());
    let lost = report["items"].as_array().unwrap().iter();
    let lost: Vec<&Value> = lost.filter(|item| item["outcome"] == "not carried").collect();
    assert!(lost.len() == 1 && lost[0]["collection"] == "api-tokens", "{lost:?}");
    assert!(lost[0]["reason"].as_str().unwrap().contains("--api-tokens FILE"), "{lost:?}");
    assert_eq!(to.items("devices").len(), 30);

    let file = folder.path().join("tokens");
    let output = restore(&["--yes", "--api-tokens", file.to_str().unwrap()]);
    succeeded(&output);
    assert!(!texts(&output).contains("canary"), "{}", texts(&output));
    let kept = document(&fs::read_to_string(&file).unwrap());
    assert_eq!(kept, json!({"id": "ops", "token": "SharedAccessSignature canary ops"}));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let output = restore(&["--yes", "--api-tokens", file.to_str().unwrap()]);
    assert_eq!(code(&output), 1, "the file is there: {}", texts(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_restore_is_told_and_goes_on() {
    let machine = Machine::new().await;
    let (from, to) = (stocked(30).await, stocked(0).await);
    let folder = tempfile::tempdir().unwrap();
    succeeded(&archive(&machine, &from, "export", folder.path()).output().unwrap());
    to.rule(|_, asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("PUT", "devices/pump-7") => Fate::Stuck,
        _ => Fate::Served,
    });
    let mut restore = archive(&machine, &to, "restore", folder.path());
    let tokens = folder.path().join("tokens");
    restore.arg("--yes").arg("--api-tokens").arg(&tokens);
    restore.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let running = restore.spawn().unwrap();
    to.stuck().await;
    kill(Pid::from_raw(i32::try_from(running.id()).unwrap()), Signal::SIGINT).unwrap();
    let output = running.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", texts(&output));
    assert!(errors(&output).contains("same command again"), "{}", errors(&output));
    to.heal();
    restore.output().unwrap();
    assert_eq!(to.items("devices").len(), 30);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_with_a_part_missing_is_told_by_its_exit_code() {
    let machine = Machine::new().await;
    let from = stocked(3).await;
    from.rule(|_, asked| match asked.path.as_str() {
        "apiTokens" => Fate::Status(403),
        _ => Fate::Served,
    });
    let folder = tempfile::tempdir().unwrap();
    let output = archive(&machine, &from, "export", folder.path()).output().unwrap();
    assert_eq!(code(&output), 3, "{}", texts(&output));
    let report = document(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(report["complete"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_export_is_gone_on_with() {
    let machine = Machine::new().await;
    let from = stocked(30).await;
    from.rule(|_, asked| match asked.path.as_str() {
        "devices/pump-7/properties" => Fate::Stuck,
        _ => Fate::Served,
    });
    let folder = tempfile::tempdir().unwrap();
    let mut export = archive(&machine, &from, "export", folder.path());
    export.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let running = export.spawn().unwrap();
    from.stuck().await;
    kill(Pid::from_raw(i32::try_from(running.id()).unwrap()), Signal::SIGINT).unwrap();
    let output = running.wait_with_output().unwrap();
    assert_eq!(code(&output), 130, "{}", texts(&output));
    assert!(errors(&output).contains("same command again"), "{}", errors(&output));
    from.heal();
    let report = document(&succeeded(&export.output().unwrap()));
    assert_eq!((&report["resumed"], &report["complete"]), (&json!(true), &json!(true)));
}
