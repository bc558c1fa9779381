//! `twinkit iot-central devices`: the devices of an application.

mod act;
mod list;
mod look;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use super::Output;
use super::application::ApplicationArgs;

/// List, register and look at devices, and have them do something.
#[derive(Subcommand)]
pub(super) enum Command {
    List(list::Args),
    Show(look::ShowArgs),
    Properties(look::PropertiesArgs),
    Credentials(look::CredentialsArgs),
    Wait(look::WaitArgs),
    Register(act::RegisterArgs),
    Delete(act::DeleteArgs),
    Command(act::CommandArgs),
}

pub(super) async fn run(
    command: Command,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::List(args) => list::run(args, application, output).await,
        Command::Show(args) => look::show(args, application, output).await,
        Command::Properties(args) => look::properties(args, application, output).await,
        Command::Credentials(args) => look::credentials(args, application, output).await,
        Command::Wait(args) => look::wait(args, application, output).await,
        Command::Register(args) => act::register(args, application, output).await,
        Command::Delete(args) => act::delete(args, application, output).await,
        Command::Command(args) => act::command(args, application, output).await,
    }
}

/// The part of a device that has properties and commands of its own.
#[derive(clap::Args)]
struct Part {
    /// Of this module of an edge device.
    #[arg(long, value_name = "NAME")]
    module: Option<String>,
    /// Of this component, of the device or of the module.
    #[arg(long, value_name = "NAME")]
    component: Option<String>,
}
