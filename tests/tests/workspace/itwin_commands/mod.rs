//! `twinkit itwin` against an emulator, as a person at a terminal or a script runs
//! it: what it prints where, exit codes, files, and that secrets are only where they
//! were asked for.

mod caller;
mod files;
mod imodels;
mod itwins;
mod members;
mod partly;
mod readme;
mod webhooks;

use std::process::{Command, Output};
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;
use twinkit_emulator::Emulator;
use twinkit_emulator::ims::{ImsClient, SERVICE_CLIENT_ID};
use twinkit_emulator::itwin::Config;

use crate::machine::{Machine, texts};
use crate::program::{code, document, errors, lines, succeeded};

/// Client id and secret of a service application that is a member of nothing.
const PROGRAM: &str = "service-program";
const SECRET: &str = "canary-secret-of-the-program";

/// A machine whose emulator does at once what takes the platform a while.
async fn machine() -> Machine {
    let step = Duration::from_millis(20);
    let config = Config {
        job: step,
        export_step: step,
        imodel_step: step,
        checkpoint_step: step,
        ..Config::default()
    };
    let machine = Machine::with(Emulator::builder().itwin(config)).await;
    let program = ImsClient::service(PROGRAM, SecretString::from(SECRET));
    machine.emulator.ims().add_client(program).unwrap();
    machine
}

/// The address of a service application.
fn address(client_id: &str) -> String {
    format!("{client_id}@apps.imsoidc.bentley.com")
}

/// The program as the seeded service application, which makes the iTwins.
fn itwin(machine: &Machine, args: &[&str]) -> Command {
    let mut command = machine.with_variables(&["itwin"]);
    command.args(args);
    command
}

/// The program as the application that is a member of nothing.
fn as_program(machine: &Machine, args: &[&str]) -> Output {
    let mut command = itwin(machine, args);
    command.env("ITWIN_CLIENT_ID", PROGRAM).env("ITWIN_CLIENT_SECRET", SECRET);
    command.output().unwrap()
}

fn run(machine: &Machine, args: &[&str]) -> Output {
    let output = itwin(machine, args).output().unwrap();
    assert_no_secret(&output);
    output
}

#[track_caller]
fn done(machine: &Machine, args: &[&str]) -> String {
    succeeded(&run(machine, args))
}

/// Carries a change out, and gives its document.
#[track_caller]
fn made(machine: &Machine, args: &[&str]) -> Value {
    document(&done(machine, &[args, &["--yes", "--json"]].concat()))
}

/// Makes an iTwin and gives its id.
#[track_caller]
fn new_itwin(machine: &Machine, name: &str) -> String {
    text(&made(machine, &["itwins", "create", name]), "id")
}

fn text(document: &Value, member: &str) -> String {
    document[member].as_str().unwrap_or_else(|| panic!("{member}: {document}")).to_owned()
}

/// No token, secret or signed address is shown anywhere.
#[track_caller]
fn assert_no_secret(output: &Output) {
    let said = texts(output);
    for secret in ["eyJ", "canary", "local:only secret", "sig=", "Signature="] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

/// Requests to the platform that changed something.
fn writes(machine: &Machine) -> Vec<String> {
    let all = machine.emulator.requests().list();
    let writes = all.iter().filter(|r| r.service == "itwin" && r.method != "GET");
    writes.map(|request| format!("{} {}", request.method, request.path)).collect()
}

/// The seeded service application's address.
fn owner() -> String {
    address(SERVICE_CLIENT_ID)
}
