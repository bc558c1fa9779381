//! `devices list`: shown while they come, since an application may have many.

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use futures_util::StreamExt;
use twinkit::iot_central::DeviceState;
use twinkit::iot_central::types::Device;

use crate::iot_central::application::ApplicationArgs;
use crate::output::Output;
use crate::table::Table;

/// Rows that are gathered before they are shown, so that columns fit.
const GATHERED: usize = 50;

/// List the devices.
///
/// The API has no filters, so that --template and --state look through all of
/// them, a page of 25 at a time.
#[derive(clap::Args)]
pub(in crate::iot_central) struct Args {
    /// Only those of this device template.
    #[arg(long, value_name = "ID")]
    template: Option<String>,
    /// Only those in this state.
    #[arg(long, value_enum, value_name = "STATE")]
    state: Option<State>,
    /// At most so many.
    #[arg(long, value_name = "NUMBER")]
    limit: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum State {
    /// They may not connect, or wait for approval.
    Blocked,
    /// They have no template.
    Unassigned,
    /// They have not come yet.
    Registered,
    /// They have been through provisioning.
    Provisioned,
}

impl State {
    fn is(self, device: &Device) -> bool {
        let wanted = match self {
            Self::Blocked => DeviceState::Blocked,
            Self::Unassigned => DeviceState::Unassigned,
            Self::Registered => DeviceState::Registered,
            Self::Provisioned => DeviceState::Provisioned,
        };
        DeviceState::of(device) == wanted
    }
}

impl Args {
    fn takes(&self, device: &Device) -> bool {
        let is_of = |id: &String| device.template.as_ref() == Some(id);
        self.template.as_ref().is_none_or(is_of) && self.state.is_none_or(|state| state.is(device))
    }
}

pub(super) async fn run(
    args: Args,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = application.connect().await?;
    let mut devices = client.list_devices().items();
    let mut table = Table::new(&["ID", "NAME", "STATE", "SIMULATED", "TEMPLATE"]);
    let mut left = args.limit.unwrap_or(usize::MAX);
    while left > 0 {
        let Some(device) = devices.next().await else { break };
        let device = match device {
            Ok(device) => device,
            Err(error) => {
                // What came before is no less true.
                if table.waiting() > 0 {
                    table.show(&mut io::stdout().lock())?;
                }
                return Err(error.into());
            }
        };
        if !args.takes(&device) {
            continue;
        }
        left -= 1;
        if output.json {
            Output::document(&device)?;
            continue;
        }
        let state = DeviceState::of(&device).to_string();
        let simulated = if device.simulated == Some(true) { "yes" } else { "no" };
        table.row([
            device.id.unwrap_or_default(),
            device.display_name.unwrap_or_default(),
            state,
            simulated.to_owned(),
            device.template.unwrap_or_default(),
        ]);
        if table.waiting() == GATHERED {
            table.show(&mut io::stdout().lock())?;
        }
    }
    if !output.json {
        table.show(&mut io::stdout().lock())?;
    }
    Ok(ExitCode::SUCCESS)
}
