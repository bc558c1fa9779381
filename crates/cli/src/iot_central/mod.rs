//! `twinkit iot-central`: the users, API tokens and devices of an application,
//! and the application as a whole. Each command has its file; what they share is
//! which application and caller (`application`), leave to change something
//! (`consent`), and texts that must not be seen (`secret_file`).

mod application;
mod consent;
mod devices;
mod export;
mod offboard;
mod onboard;
mod principal;
mod progress;
mod restore;
mod roles;
mod secret_file;
mod tokens;
mod users;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use serde::Serialize;
use serde_json::Value;

use application::ApplicationArgs;
pub(crate) use application::endpoint;
pub(crate) use principal::own_credential;

/// Exit code of work that was done but for what could not be carried.
const INCOMPLETE: u8 = 3;
/// Exit code of work that was interrupted.
const INTERRUPTED: u8 = 130;

/// Work on an Azure IoT Central application.
///
/// The application is named by --app or AZURE_IOTCENTRAL_URL. The caller is
/// found as `twinkit token --for iot-central` finds it, or is an API token in a
/// file (--token-file) or in AZURE_IOTCENTRAL_TOKEN.
///
/// What changes something shows a plan first and asks; --yes does it without
/// asking, --dry-run only shows the plan. Plans, questions and progress go to
/// stderr, results to stdout: tables, or with --json one document per line.
///
/// Exit codes: 0 done; 1 failed, or not agreed to; 2 wrong usage, or nobody could
/// be asked; 3 done, but something could not be carried (export, restore); 130
/// interrupted.
#[derive(clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(flatten)]
    application: ApplicationArgs,
    #[command(flatten)]
    output: Output,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Onboard(onboard::Args),
    Offboard(offboard::Args),
    #[command(subcommand)]
    Tokens(tokens::Command),
    #[command(subcommand)]
    Users(users::Command),
    #[command(subcommand)]
    Devices(devices::Command),
    Export(export::Args),
    Restore(restore::Args),
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let Args { application, output, command } = args;
    match command {
        Command::Onboard(args) => onboard::run(args, &application, output).await,
        Command::Offboard(args) => offboard::run(args, &application, output).await,
        Command::Tokens(command) => tokens::run(command, &application, output).await,
        Command::Users(command) => users::run(command, &application, output).await,
        Command::Devices(command) => devices::run(command, &application, output).await,
        Command::Export(args) => export::run(args, &application, output).await,
        Command::Restore(args) => restore::run(args, &application, output).await,
    }
}

/// How results are shown.
#[derive(Clone, Copy, clap::Args)]
struct Output {
    /// Print JSON: one document, of lists one for each item and line.
    #[arg(long, global = true)]
    json: bool,
}

impl Output {
    /// Prints a document on a line of its own.
    fn document(document: &impl Serialize) -> Result<()> {
        let line = serde_json::to_string(document)?;
        writeln!(io::stdout(), "{line}")?;
        Ok(())
    }

    /// Prints the document with `--json`, else the text.
    fn either(self, document: &impl Serialize, text: &str) -> Result<()> {
        if self.json {
            return Self::document(document);
        }
        writeln!(io::stdout(), "{text}")?;
        Ok(())
    }
}

/// Adds a member to a document, which is an object.
fn add(document: &mut Value, member: &str, value: Value) {
    if let Some(members) = document.as_object_mut() {
        members.insert(member.to_owned(), value);
    }
}
