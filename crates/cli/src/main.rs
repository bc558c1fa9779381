//! The `twinkit` command: an emulator to work against, the main job shown from
//! end to end, sign-in with what to do where it fails, and the work of operators
//! on IoT Central applications and on the iTwin Platform. Each command has its file
//! or folder; this one only tells them apart.

#![warn(clippy::print_stderr, reason = "it panics where nobody reads on; see `telling`")]

#[macro_use]
mod telling;

mod consent;
mod demo;
mod doctor;
mod emulate;
mod exit;
mod hints;
mod identity;
mod input;
mod iot_central;
mod itwin;
mod listening;
mod login;
mod output;
mod patience;
mod progress;
mod secret_file;
mod stop;
mod table;
mod token;
mod usage;

use std::io;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
// One type for all platforms.
use twinkit::digital_twins::Error as ServiceError;
use twinkit::iot_central::archive::ArchiveError;

use crate::identity::claims::printable;

/// Typed access to the platforms where digital twins live.
///
/// Exit codes: 0 success, 1 a step failed, 2 wrong usage, 3 done but for what could
/// not be carried, 130 interrupted.
#[derive(Parser)]
#[command(name = "twinkit", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Emulate(emulate::Args),
    Demo(demo::Args),
    Login(login::LoginArgs),
    Logout(login::LogoutArgs),
    Token(token::Args),
    Doctor(doctor::Args),
    IotCentral(Box<iot_central::Args>),
    Itwin(Box<itwin::Args>),
}

#[tokio::main]
async fn main() -> ExitCode {
    let command = Cli::parse().command;
    patience::tell_waits();
    let outcome = match command {
        Command::Emulate(args) => emulate::run(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Login(args) => login::login(args).await,
        Command::Logout(args) => login::logout(args).await,
        Command::Token(args) => token::run(args).await,
        Command::Doctor(args) => doctor::run(args).await,
        Command::IotCentral(args) => iot_central::run(*args).await,
        Command::Itwin(args) => itwin::run(*args).await,
    };
    outcome.unwrap_or_else(|error| {
        // Whoever read the output has seen enough, as `head` has.
        let broken = |error: &io::Error| error.kind() == io::ErrorKind::BrokenPipe;
        if error.downcast_ref().is_some_and(broken) {
            return ExitCode::FAILURE;
        }
        tell!("error: {}", story(&error));
        if error.is::<usage::WrongUsage>() { ExitCode::from(2) } else { ExitCode::FAILURE }
    })
}

/// The error and its causes on one line, down to the first that tells its own
/// causes, as the library's errors do; on a second line what cures it, if that is
/// known.
fn story(error: &anyhow::Error) -> String {
    let mut texts = Vec::new();
    for cause in error.chain() {
        texts.push(cause.to_string());
        let tells_causes = cause.is::<twinkit::auth::AuthError>()
            || cause.is::<ServiceError>()
            || cause.is::<ArchiveError>();
        if tells_causes {
            break;
        }
    }
    let hint = error.chain().find_map(|cause| {
        let of_service = cause.downcast_ref::<ServiceError>().and_then(ServiceError::hint);
        of_service.or_else(|| cause.downcast_ref::<usage::WrongUsage>()?.hint())
    });
    let hint = hint.map(|hint| format!("\nhint: {}", printable(&hints::spoken(hint))));
    // A name of a file may have lines, too.
    let text = texts.join(": ");
    printable(&hints::spoken(&text)) + &hint.unwrap_or_default()
}
