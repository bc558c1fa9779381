//! `devices enable` and `devices disable`: whether devices may connect.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use twinkit::iot_central::patches::DevicePatch;
use twinkit::iot_central::{Change, DeviceId};

use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::iot_central::after;
use crate::iot_central::application::ApplicationArgs;
use crate::output::Output;
use crate::usage::{id, once};

#[derive(clap::Args)]
pub(in crate::iot_central) struct Args {
    /// The ids of the devices.
    #[arg(required = true, value_parser = id::<DeviceId>)]
    ids: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    args: Args,
    enabled: bool,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let Args { ids, consent } = args;
    consent.check()?;
    let ids = once(ids);
    let client = application.connect().await?;
    let verb = if enabled { "enable" } else { "disable" };
    let mut steps = Vec::new();
    let mut idle = true;
    for id in &ids {
        let device = client.get_device().device_id(id.as_str()).send().await?.into_inner();
        // The service counts a device that does not tell as enabled.
        let is_so = device.enabled.unwrap_or(true) == enabled;
        idle &= is_so;
        let name = device.display_name.unwrap_or_default();
        steps.push(match is_so {
            true => format!("leave device {id} ({name}), which is {verb}d"),
            false => format!("{verb} device {id} ({name})"),
        });
    }
    let plan = json!({"change": verb, "ids": ids, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, idle).await? {
        return Ok(code);
    }
    let mut told = Vec::new();
    for id in &ids {
        let mut patch = DevicePatch::new();
        patch.enabled = Change::Set(enabled);
        let update = client.update_device().device_id(id.as_str()).body(patch);
        update.send().await.map_err(|error| after(&told, error))?;
        told.push(format!("device {} is {verb}d", printable(id)));
    }
    output.applied(plan, &told.join("\n"))
}
