//! `twinkit iot-central` against an emulator, as a person at a terminal or a
//! script runs it: what it prints where, exit codes, files, and that secrets are
//! only where they were asked for.

mod archives;
mod devices;
mod people;
mod tokens;

use std::process::{Command, Output};

use crate::machine::Machine;
use crate::program::succeeded;
pub(super) use crate::program::{code, document, errors, lines};

const TOKEN_BEGIN: &str = "SharedAccessSignature sr=";

/// The program with an administrator's variables.
pub(super) fn central(machine: &Machine, args: &[&str]) -> Command {
    let mut command = machine.with_variables(&["iot-central"]);
    command.args(args);
    command
}

pub(super) fn run(machine: &Machine, args: &[&str]) -> Output {
    central(machine, args).output().unwrap()
}

pub(super) fn done(machine: &Machine, args: &[&str]) -> String {
    succeeded(&run(machine, args))
}

/// Requests that changed something in an application.
pub(super) fn writes(machine: &Machine) -> Vec<String> {
    let all = machine.emulator.requests().list();
    let writes = all.iter().filter(|r| r.service == "iot-central" && r.method != "GET");
    writes.map(|request| format!("{} {}", request.method, request.path)).collect()
}
