//! Commands that register and delete devices.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use twinkit::iot_central::{Client, DeviceId};

use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::iot_central::application::ApplicationArgs;
use crate::iot_central::{after, check_organizations};
use crate::output::Output;
use crate::usage::{id, once};

/// Register a device.
///
/// An id that is taken is refused. A template's id is looked up first, since that
/// of its capability model looks alike and will not do.
#[derive(clap::Args)]
pub(in crate::iot_central) struct RegisterArgs {
    /// Its id: letters, digits and hyphens.
    #[arg(value_parser = new_id)]
    id: String,
    /// Its name; the id by default.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Id of its device template.
    #[arg(long, value_name = "ID")]
    template: Option<String>,
    /// The service plays the device.
    #[arg(long)]
    simulated: bool,
    /// It may not connect for now.
    #[arg(long)]
    disabled: bool,
    /// Id of the organization that it belongs to.
    #[arg(long, value_name = "ID")]
    organization: Option<String>,
    #[command(flatten)]
    consent: Consent,
}

/// Delete devices, with what is known of them.
#[derive(clap::Args)]
pub(in crate::iot_central) struct DeleteArgs {
    /// Their ids.
    #[arg(required = true, value_parser = id::<DeviceId>)]
    ids: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

/// An id that a device may be registered with.
fn new_id(text: &str) -> Result<String, String> {
    let id = DeviceId::new(text).map_err(|error| error.to_string())?;
    if !id.is_plain() {
        return Err("it must be letters, digits and hyphens".to_owned());
    }
    Ok(id.into())
}

pub(super) async fn register(
    args: RegisterArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let RegisterArgs { id, name, template, simulated, disabled, organization, consent } = args;
    consent.check()?;
    let client = application.connect().await?;
    // To put a device where one is would replace it.
    match client.get_device().device_id(id.as_str()).send().await {
        Ok(_) => anyhow::bail!("the application has a device {} already", printable(&id)),
        Err(error) if error.is_not_found() => {}
        Err(error) => return Err(error.into()),
    }
    if let Some(template) = &template {
        check_template(&client, template).await?;
    }
    check_organizations(&client, organization.as_deref()).await?;
    let plan = json!({
        "change": "register",
        "id": id,
        "displayName": name.as_deref().unwrap_or(&id),
        "template": template,
        "simulated": simulated,
        "enabled": !disabled,
        "organization": organization,
        "applied": false,
    });
    let kind = if simulated { "simulated device" } else { "device" };
    let of = template.as_deref().unwrap_or("without a template");
    let place = organization.as_ref().map(|id| format!(", in organization {id}"));
    let blocked = if disabled { ", which may not connect for now" } else { "" };
    let step = format!("register {kind} {id} ({of}){}{blocked}", place.unwrap_or_default());
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let mut registration =
        client.register_device(id.as_str()).simulated(simulated).enabled(!disabled);
    if let Some(name) = name {
        registration = registration.display_name(name);
    }
    if let Some(template) = template {
        registration = registration.template(template).check_template(false);
    }
    if let Some(organization) = organization {
        registration = registration.organization(organization);
    }
    let device = registration.send().await?;
    output.done(&device, &format!("device {} is registered", printable(&id)))
}

/// Refuses a template that is none, with the one to give if that is known.
async fn check_template(client: &Client, template: &str) -> Result<()> {
    client.check_device_template(template).await?;
    match client.get_device_template().device_template_id(template).send().await {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() => {
            anyhow::bail!(
                "the application has no published device template {}",
                printable(template)
            )
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) async fn delete(
    args: DeleteArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let DeleteArgs { ids, consent } = args;
    consent.check()?;
    let ids = once(ids);
    let client = application.connect().await?;
    let mut steps = Vec::new();
    for id in &ids {
        let device = client.get_device().device_id(id.as_str()).send().await?.into_inner();
        let name = device.display_name.unwrap_or_default();
        steps.push(format!("delete device {id} ({name})"));
    }
    let plan = json!({"change": "delete", "ids": ids, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let mut told = Vec::new();
    for id in &ids {
        let what = match client.delete_device().device_id(id.as_str()).send().await {
            Ok(_) => "was deleted",
            Err(error) if error.is_not_found() => "was gone already",
            Err(error) => return Err(after(&told, error)),
        };
        told.push(format!("device {} {what}", printable(id)));
    }
    output.applied(plan, &told.join("\n"))
}
