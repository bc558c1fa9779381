//! `twinkit token`, `doctor`, `login` and `logout` against an emulator, as a
//! person at a terminal runs them.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use serde_json::Value;
use twinkit_emulator::identity;

use crate::machine::{Machine, texts};
use crate::program::succeeded;

#[tokio::test(flavor = "multi_thread")]
async fn a_token_shows_its_claims_and_itself_only_on_request() {
    let machine = Machine::new().await;
    let shown = succeeded(&machine.with_variables(&["token"]).output().unwrap());
    for part in ["https://digitaltwins.azure.net", identity::OBJECT_ID, "environment", "oid"] {
        assert!(shown.contains(part), "{part} missing in {shown}");
    }
    let token = succeeded(&machine.with_variables(&["token", "--show"]).output().unwrap());
    let token = token.trim();
    assert_eq!(token.split('.').count(), 3);
    assert!(!shown.contains("eyJ"), "{shown}");
    let json = succeeded(&machine.with_variables(&["token", "--json"]).output().unwrap());
    assert!(!json.contains("eyJ"), "{json}");
    let answer: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(answer["claims"]["oid"], identity::OBJECT_ID);
    let json = succeeded(&machine.with_variables(&["token", "--json", "--show"]).output().unwrap());
    let answer: Value = serde_json::from_str(&json).unwrap();
    assert!(answer["token"].as_str().unwrap().starts_with("eyJ"));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_for_platforms_by_name_or_any_scope() {
    let machine = Machine::new().await;
    for (target, audience) in [
        ("iot-central", "https://apps.azureiotcentral.com"),
        ("https://storage.azure.com/.default", "https://storage.azure.com"),
        ("itwin", "itwin-platform"),
    ] {
        let run = machine.with_variables(&["token", "--for", target, "--json"]).output().unwrap();
        let answer: Value = serde_json::from_str(&succeeded(&run)).unwrap();
        let claims = &answer["claims"];
        let said = [&claims["aud"], &claims["scope"][0]];
        assert!(said.iter().any(|said| said.as_str() == Some(audience)), "{claims}");
    }
    let run = machine.with_variables(&["token", "--for", "nonsense"]).output().unwrap();
    assert_eq!(run.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_any_source_the_commands_say_what_to_do() {
    let machine = Machine::new().await;
    let run = machine.bare(&["token"]).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    assert!(texts(&run).contains("AZURE_TENANT_ID"), "{}", texts(&run));
    let run = machine.bare(&["doctor", "--for", "itwin"]).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    for part in ["Nothing here can sign in", "ITWIN_CLIENT_ID", "twinkit login ims"] {
        assert!(texts(&run).contains(part), "{}", texts(&run));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_exists_and_fails_is_not_passed_over() {
    let machine = Machine::new().await;
    let mut command = machine.with_variables(&["token"]);
    command.env("AZURE_CLIENT_SECRET", "canary-secret");
    let run = command.output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    let said = texts(&run);
    assert!(said.contains("AADSTS7000215") && said.contains("not its id"), "{said}");
    assert!(!said.contains("canary-secret"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_gives_the_role_assignment_with_the_callers_own_object_id() {
    let machine = Machine::new().await;
    let endpoint = machine.emulator.digital_twins_url().to_owned();
    let args = ["doctor", "--endpoint", &endpoint, "--json"];
    let report: Value =
        serde_json::from_str(&succeeded(&machine.with_variables(&args).output().unwrap())).unwrap();
    assert_eq!(report["well"], true);
    assert_eq!(report["used"], "environment");
    assert_eq!(report["caller"]["objectId"], identity::OBJECT_ID);
    assert_eq!(report["probe"]["ok"], true);

    machine.emulator.directory().unassign("digital-twins", identity::OBJECT_ID);
    let run = machine.with_variables(&["doctor", "--endpoint", &endpoint]).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    let said = texts(&run);
    let command = format!("--assignee-object-id {}", identity::OBJECT_ID);
    assert!(said.contains("az role assignment create") && said.contains(&command), "{said}");
    assert!(said.contains("ServicePrincipal"), "{said}");
    assert!(!said.contains("eyJ"), "no token in {said}");
}

/// Signs in by device code in this tenant; what the program said.
fn sign_in(machine: &Machine, tenant: &str) -> String {
    let client_id = identity::NATIVE_CLIENT_ID;
    let args = ["login", "entra", "--device", "--client-id", client_id, "--store", "file"];
    let mut command = machine.bare(&args);
    command.args(["--tenant", tenant]);
    let mut login = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut shown = String::new();
    BufReader::new(login.stderr.take().unwrap()).read_line(&mut shown).unwrap();
    let code = shown.split("the code ").nth(1).unwrap().split(' ').next().unwrap();
    assert!(machine.emulator.approve_device(code, identity::USER_NAME), "{shown}");
    succeeded(&login.wait_with_output().unwrap())
}

/// How many refresh tokens are kept.
fn kept(machine: &Machine) -> usize {
    let folder = machine.state.path().join(".local/state/twinkit/sign-ins");
    let files = std::fs::read_dir(folder).unwrap();
    let is_kept = |name: std::ffi::OsString| name.to_string_lossy().ends_with(".json");
    files.filter(|file| is_kept(file.as_ref().unwrap().file_name())).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_that_another_takes_the_place_of_is_deleted() {
    let machine = Machine::new().await;
    sign_in(&machine, machine.emulator.tenant_id());
    assert_eq!(kept(&machine), 1);
    sign_in(&machine, "organizations");
    assert_eq!(kept(&machine), 1);
    succeeded(&machine.bare(&["logout"]).output().unwrap());
    assert_eq!(kept(&machine), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_that_do_not_go_together_are_wrong_usage() {
    let machine = Machine::new().await;
    for args in [
        &["token", "--for", "https://a b/.default"][..],
        &["token", "--with", "azure-cli", "--for", "itwin"],
        &["login", "entra", "--for", "itwin", "--client-id", "x"],
        &["login", "ims"],
        &["login", "ims", "--device", "--client-id", "x"],
        &["doctor", "--for", "itwin", "--endpoint", "ftp://x"],
    ] {
        let run = machine.bare(args).output().unwrap();
        assert_eq!(run.status.code(), Some(2), "{args:?}: {}", texts(&run));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_by_device_code_is_kept_until_sign_out() {
    let machine = Machine::new().await;
    let said = sign_in(&machine, machine.emulator.tenant_id());
    assert!(said.contains(identity::USER_NAME), "{said}");

    let shown = succeeded(&machine.bare(&["token"]).output().unwrap());
    assert!(shown.contains("from login") && shown.contains(identity::USER_OBJECT_ID), "{shown}");
    let run = machine.bare(&["doctor"]).output().unwrap();
    assert!(texts(&run).contains("--assignee-principal-type User"), "{}", texts(&run));

    let said = succeeded(&machine.bare(&["logout"]).output().unwrap());
    assert!(said.contains(identity::USER_NAME), "{said}");
    let run = machine.bare(&["token"]).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    let said = succeeded(&machine.bare(&["logout"]).output().unwrap());
    assert!(said.contains("Nobody"), "{said}");
}
