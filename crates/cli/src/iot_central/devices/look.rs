//! Commands that only look at a device.

use std::io;
use std::process::ExitCode;
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Error, Result};
use serde_json::{Value, json};
use twinkit::iot_central::types::Device;
use twinkit::iot_central::{DeviceProperties, DeviceState, Json};

use super::Part;
use crate::identity::claims::printable;
use crate::iot_central::application::ApplicationArgs;
use crate::output::Output;
use crate::table::{Table, pairs};

/// Show a device.
#[derive(clap::Args)]
pub(in crate::iot_central) struct ShowArgs {
    /// Its id.
    id: String,
}

/// Show the properties of a device: what it reported, what was asked of it, and
/// whether it has answered.
#[derive(clap::Args)]
pub(in crate::iot_central) struct PropertiesArgs {
    /// The device's id.
    id: String,
    #[command(flatten)]
    part: Part,
}

/// Show what a device connects with.
///
/// Its keys are shown with --show only: whoever has one can pose as the device.
#[derive(clap::Args)]
pub(in crate::iot_central) struct CredentialsArgs {
    /// The device's id.
    id: String,
    /// Show the keys.
    #[arg(long)]
    show: bool,
}

/// Wait until a device has been through provisioning.
///
/// A simulated one takes seconds, a real one as long as it takes to come.
#[derive(clap::Args)]
pub(in crate::iot_central) struct WaitArgs {
    /// The device's id.
    id: String,
    /// Give up after so many seconds, with exit code 1; never if left out.
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<u64>,
}

pub(super) async fn show(
    args: ShowArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = application.connect().await?;
    let device = client.get_device().device_id(args.id).send().await?.into_inner();
    tell(device, output)
}

fn tell(device: Device, output: Output) -> Result<ExitCode> {
    if output.json {
        Output::document(&device)?;
        return Ok(ExitCode::SUCCESS);
    }
    let state = DeviceState::of(&device).to_string();
    let told = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
    let simulated = if device.simulated == Some(true) { "yes" } else { "no" };
    let organizations = device.organizations.filter(|ids| !ids.is_empty());
    let rows = [
        ("id", told(device.id)),
        ("name", told(device.display_name)),
        ("state", state),
        ("template", told(device.template)),
        ("simulated", simulated.to_owned()),
        ("organization", told(organizations.map(|ids| ids.join(", ")))),
        ("etag", told(device.etag)),
    ];
    pairs(&rows, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn properties(
    args: PropertiesArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = application.connect().await?;
    let properties = args.part.properties(&client, &args.id).get().await?;
    if output.json {
        Output::document(properties.document())?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(&["PROPERTY", "REPORTED", "ASKED FOR", "ANSWERED"]);
    rows("", &properties, &mut table)?;
    table.show(&mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

/// A row for each property; those of a component are called `component.property`.
fn rows(within: &str, properties: &DeviceProperties, table: &mut Table) -> Result<()> {
    for name in properties.names() {
        let Some(property) = properties.property(name) else { continue };
        if let Some(component) = component(properties, name)? {
            rows(&format!("{within}{name}."), &component, table)?;
            continue;
        }
        let shown = |value: Option<Json>| value.map(|json| json.get().to_owned());
        let desired = shown(property.desired()?);
        let answered = match (&desired, property.is_pending()) {
            (None, _) => "",
            (Some(_), true) => "not yet",
            (Some(_), false) => "yes",
        };
        let code = property.metadata().and_then(|metadata| metadata.ack_code);
        let answered = match code {
            Some(code) if !property.is_pending() => format!("{answered} ({code})"),
            _ => answered.to_owned(),
        };
        table.row([
            format!("{within}{name}"),
            shown(property.reported()?).unwrap_or_default(),
            desired.unwrap_or_default(),
            answered,
        ]);
    }
    Ok(())
}

/// The component of this name, which unlike a property whose value is an object
/// has what is known of its properties within it.
fn component(properties: &DeviceProperties, name: &str) -> Result<Option<DeviceProperties>> {
    let component = properties.component(name)?;
    let is_component = |of: &DeviceProperties| {
        let members = of.document().parse::<serde_json::Map<String, Value>>();
        members.is_ok_and(|members| members.contains_key("$metadata"))
    };
    Ok(component.filter(is_component))
}

pub(super) async fn credentials(
    args: CredentialsArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = application.connect().await?;
    let got = client.get_device_credentials().device_id(args.id).send().await?.into_inner();
    let keys = got.symmetric_key;
    let kinds = [
        ("symmetric key", keys.is_some()),
        ("X.509", got.x509.is_some()),
        ("TPM", got.tpm.is_some()),
    ];
    let kinds: Vec<&str> =
        kinds.into_iter().filter_map(|(name, has)| has.then_some(name)).collect();
    let keys = keys.filter(|_| args.show);
    if output.json {
        let mut document = json!({"idScope": got.id_scope, "kinds": kinds});
        if let (Some(keys), Some(members)) = (keys, document.as_object_mut()) {
            let shown: Value = json!({
                "primaryKey": keys.primary_key.expose(),
                "secondaryKey": keys.secondary_key.expose(),
            });
            members.insert("symmetricKey".to_owned(), shown);
        }
        Output::document(&document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut rows = vec![("id scope", got.id_scope), ("connects with", kinds.join(", "))];
    let mut out = io::stdout().lock();
    match keys {
        Some(keys) => {
            rows.push(("primary key", keys.primary_key.expose().to_owned()));
            rows.push(("secondary key", keys.secondary_key.expose().to_owned()));
            pairs(&rows, &mut out)?;
        }
        None => {
            pairs(&rows, &mut out)?;
            if !args.show && kinds.contains(&"symmetric key") {
                tell!("The keys are shown with --show.");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn wait(
    args: WaitArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = application.connect().await?;
    let mut wait = client
        .wait_until_provisioned(args.id.as_str())
        .every(Duration::from_secs(1), Duration::from_secs(10));
    if let Some(seconds) = args.timeout {
        wait = wait.deadline(Duration::from_secs(seconds));
    }
    let last = Mutex::new(None);
    let wait = wait.on_look(|device: &Device| {
        let state = DeviceState::of(device);
        if let Ok(mut last) = last.lock()
            && last.replace(state) != Some(state)
        {
            tell!("{state}");
        }
    });
    let device = match wait.wait().await {
        Ok(device) => device,
        Err(error) => {
            let state = last.lock().ok().and_then(|last| *last);
            return Err(in_vain(error.into(), &args.id, state));
        }
    };
    tell(device, output)
}

/// A wait that ended in vain, with how the device stands.
fn in_vain(error: Error, id: &str, state: Option<DeviceState>) -> Error {
    match state {
        Some(state) => error.context(format!("device {} is {state}", printable(id))),
        None => error.context(format!("device {} was not seen", printable(id))),
    }
}
