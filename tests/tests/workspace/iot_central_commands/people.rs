//! Who is let in and out, and what is told to those who are not.

use std::process::Command;

use secrecy::SecretString;
use serde_json::json;
use twinkit_emulator::Emulator;
use twinkit_emulator::identity::{self, Application};

use super::{central, code, document, done, errors, lines, run, writes};
use crate::machine::{Machine, texts};
use crate::program::succeeded;

const SECRET: &str = "canary-secret-of-the-program";

/// A program in the directory that is no user of any application.
fn program(emulator: &Emulator) -> Application {
    let program = Application::new(SecretString::from(SECRET));
    emulator.directory().add_application(program.clone()).unwrap();
    program
}

fn with_program(command: &mut Command, program: &Application) {
    command.env("ONBOARD_CLIENT_ID", &program.client_id).env("ONBOARD_CLIENT_SECRET", SECRET);
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
    for more in [&["--client-id", "zzz"][..], &["--user-id", "ADA"]] {
        let args = ["onboard", "--tenant-id", tenant, "--object-id", &program.object_id];
        let output =
            run(&machine, &[&args[..], more, &["--role", "Builder", "--dry-run"]].concat());
        assert_eq!(code(&output), 1, "{more:?}: {}", texts(&output));
    }
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
    // With the token that calls, the user goes all the same.
    let value = done(&machine, &["tokens", "create", "own", "--role", "Administrator", "--yes"]);
    done(&machine, &[&["onboard"], &email[..], &role].concat());
    let app = machine.emulator.iot_central_url();
    let mut by_token = machine.bare(&["iot-central", "--app", app]);
    by_token.args(&offboard[..3]).args(["--revoke-token", "own", "--yes", "--json"]);
    let output = by_token.env("AZURE_IOTCENTRAL_TOKEN", value.trim()).output().unwrap();
    let report = document(&succeeded(&output));
    assert_eq!(report["deletedUsers"], json!(["ann-contoso-com"]));
    assert_eq!(report["revokedTokens"], json!(["own"]));
    assert!(errors(&output).contains("which calls, last of all"), "{}", texts(&output));
    let owner = ["offboard", "--user", "owner", "--dry-run", "--json"];
    assert_eq!(document(&done(&machine, &owner))["takesLastAdministrator"], false);
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

    // Refused by a command, it is told where that is found.
    let mut refused = machine.with_variables(&["iot-central", "users", "list"]);
    refused.env("AZURE_CLIENT_ID", &program.client_id).env("AZURE_CLIENT_SECRET", SECRET);
    let refused = refused.output().unwrap();
    let doctor = format!("twinkit doctor --for iot-central --endpoint {app}");
    assert!(errors(&refused).contains(&doctor), "{}", texts(&refused));
    assert_eq!(errors(&refused).to_lowercase().matches("request id").count(), 1);

    // The command is one that works.
    let mut args: Vec<&str> = cure.split(' ').skip(1).collect();
    args.push("--yes");
    succeeded(&machine.with_variables(&args).output().unwrap());
    // It is printed to those who are let in as well: a role may be too small.
    assert!(succeeded(&command.output().unwrap()).contains(&cure));
    let mut refused = machine.with_variables(&["iot-central", "users", "list"]);
    refused.env("AZURE_CLIENT_ID", &program.client_id).env("AZURE_CLIENT_SECRET", SECRET);
    let refused = refused.output().unwrap();
    assert!(errors(&refused).contains("as Administrator does"), "{}", texts(&refused));

    // A token cannot look for its own roles.
    let value = done(&machine, &["tokens", "create", "small", "--role", "Operator", "--yes"]);
    let mut by_token = machine.bare(&["iot-central", "--app", app, "tokens", "list"]);
    let said = by_token.env("AZURE_IOTCENTRAL_TOKEN", value.trim()).output().unwrap();
    let cure = format!("tokens create ID --role Administrator --app {app}");
    assert!(errors(&said).contains(&cure), "{}", texts(&said));
    assert!(!errors(&said).contains("tokens list"), "{}", texts(&said));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_its_own_roles_away_is_warned_and_told_that_it_was_done() {
    let machine = Machine::new().await;
    let (tenant, object) = (machine.emulator.tenant_id(), identity::OBJECT_ID);
    let args = ["onboard", "--tenant-id", tenant, "--object-id", object, "--role", "Operator"];
    let plan = done(&machine, &[&args[..], &["--dry-run"]].concat());
    assert!(plan.contains("BEWARE: these are the caller's own roles"), "{plan}");
    assert!(!plan.contains("no other user"), "{plan}");
    let output = run(&machine, &[&args[..], &["--yes"]].concat());
    assert_eq!(code(&output), 1, "{}", texts(&output));
    let said = errors(&output);
    assert!(said.contains("the change was made: user owner was given Operator"), "{said}");
    assert_eq!(writes(&machine), ["PATCH /api/users/owner"]);
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_question_changes_nothing_and_says_so() {
    use std::fs::File;
    use std::io::Read as _;
    use std::process::Stdio;

    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;

    let machine = Machine::new().await;
    let terminal = nix::pty::openpty(None, None).unwrap();
    let shown = terminal.slave.try_clone().unwrap();
    let mut command = central(&machine, &["onboard", "--email", "ann@x", "--role", "Builder"]);
    command.stdin(Stdio::from(terminal.slave)).stderr(Stdio::from(shown));
    let mut running = command.stdout(Stdio::null()).spawn().unwrap();
    // The command holds the other end, too; ours would keep the terminal open.
    drop(command);
    let mut screen = File::from(terminal.master);
    let mut said = String::new();
    let mut block = [0; 1024];
    // Where the other end is closed, reading fails.
    while let Ok(count @ 1..) = screen.read(&mut block) {
        let asked = said.contains("Proceed?");
        said.push_str(&String::from_utf8_lossy(&block[..count]));
        if !asked && said.contains("Proceed?") {
            kill(Pid::from_raw(i32::try_from(running.id()).unwrap()), Signal::SIGINT).unwrap();
        }
    }
    assert_eq!(running.wait().unwrap().code(), Some(130), "{said}");
    assert!(said.contains("Nothing was changed.") && !said.contains("may have been"), "{said}");
    assert_eq!(writes(&machine), [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn applications_and_callers_that_cannot_be_are_wrong_usage() {
    let machine = Machine::new().await;
    let nowhere = machine.state.path().join("none").display().to_string();
    for (args, status) in [
        (&["iot-central", "users", "list"][..], 2),
        (&["iot-central", "users", "list", "--app", "my app"], 2),
        (&["iot-central", "users", "list", "--app", "http://myapp.example", "--with", "login"], 1),
        (&["iot-central", "users", "list", "--app", "x", "--token-file", &nowhere], 2),
        (&["iot-central", "onboard", "--role", "Builder"], 2),
        (&["iot-central", "onboard", "--email", "a@b", "--group", "x", "--role", "Builder"], 2),
        (&["iot-central", "onboard", "--object-id", "x", "--role", "Builder", "--yes"], 2),
        (&["iot-central", "tokens", "create", "x", "--role", "@x", "--yes"], 2),
        (&["iot-central", "tokens", "create", "x", "--role", "Builder", "--expires", "soon"], 2),
        (&["iot-central", "tokens", "create", "x", "--role", "Builder", "--expires", "-1d"], 2),
        (&["iot-central", "tokens", "create", "..", "--role", "Builder", "--yes"], 2),
        (&["iot-central", "onboard", "--email", "ann", "--role", "Builder", "--yes"], 2),
        (&["iot-central", "offboard", "--tenant-id", "t", "--group", "g", "--yes"], 2),
        (&["iot-central", "devices", "show", ".."], 2),
        (&["iot-central", "devices", "register", "a_b", "--dry-run"], 2),
        (&["iot-central", "devices", "set", "d", "speed=3", "speed=4", "--yes"], 2),
        (&["iot-central", "restore", ".", "--concurrency", "0", "--yes"], 2),
        (&["iot-central"], 2),
    ] {
        let output = machine.bare(args).output().unwrap();
        assert_eq!(code(&output), status, "{args:?}: {}", texts(&output));
        assert!(!texts(&output).contains("panicked"), "{args:?}: {}", texts(&output));
    }
    let mut command = machine.bare(&["iot-central", "users", "list", "--app", "http://x.example"]);
    let output = command.env("AZURE_IOTCENTRAL_TOKEN", "canary").output().unwrap();
    assert_eq!(code(&output), 2);
    assert!(errors(&output).contains("\nhint: "), "{}", texts(&output));
    assert!(!texts(&output).contains("canary"), "{}", texts(&output));
}
