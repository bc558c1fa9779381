//! `twinkit iot-central devices`: the devices of an application.

mod act;
mod commands;
mod list;
mod look;
mod permit;
mod run;
mod set;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use twinkit::iot_central::{Client, PropertiesOf};

use super::application::ApplicationArgs;
use crate::output::Output;

/// List, register and look at devices, and have them do something.
#[derive(Subcommand)]
pub(super) enum Command {
    List(list::Args),
    Show(look::ShowArgs),
    Properties(look::PropertiesArgs),
    Set(set::Args),
    Credentials(look::CredentialsArgs),
    Wait(look::WaitArgs),
    Register(act::RegisterArgs),
    /// Let devices connect.
    Enable(permit::Args),
    /// Have devices not connect for now; what they are stays.
    Disable(permit::Args),
    Delete(act::DeleteArgs),
    #[command(name = "command")]
    Run(run::Args),
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
        Command::Set(args) => set::run(args, application, output).await,
        Command::Credentials(args) => look::credentials(args, application, output).await,
        Command::Wait(args) => look::wait(args, application, output).await,
        Command::Register(args) => act::register(args, application, output).await,
        Command::Enable(args) => permit::run(args, true, application, output).await,
        Command::Disable(args) => permit::run(args, false, application, output).await,
        Command::Delete(args) => act::delete(args, application, output).await,
        Command::Run(args) => run::run(args, application, output).await,
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

impl Part {
    /// The properties of this part of a device.
    fn properties<'c>(&self, client: &'c Client, device: &str) -> PropertiesOf<'c> {
        let mut of = client.properties(device);
        if let Some(module) = &self.module {
            of = of.module(module);
        }
        if let Some(component) = &self.component {
            of = of.component(component);
        }
        of
    }

    /// A device and this part of it, in words.
    fn of(&self, device: &str) -> String {
        let parts = [("module", &self.module), ("component", &self.component)];
        let named = parts.iter().filter_map(|(kind, name)| Some((kind, name.as_ref()?)));
        named.fold(device.to_owned(), |place, (kind, name)| format!("{place}, {kind} {name}"))
    }
}
