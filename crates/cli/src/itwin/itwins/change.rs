//! Making and deleting iTwins.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use twinkit::itwin::ITwinId;
use twinkit::itwin::itwins::types::ITwinCreate;

use super::{Kind, public};
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::itwin::each::{Did, Each, Item};
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::usage::{id, once};

/// Make an iTwin. The caller becomes its owner.
#[derive(clap::Args)]
pub(in crate::itwin) struct CreateArgs {
    /// Its name, unique among the iTwins of its kind.
    name: String,
    /// What it is.
    #[arg(long, value_enum, value_name = "KIND", default_value = "project")]
    kind: Kind,
    /// Its number, unique among the iTwins of its kind.
    #[arg(long, value_name = "NUMBER")]
    number: Option<String>,
    /// Its type, in words of your own.
    #[arg(long = "type", value_name = "TYPE")]
    type_: Option<String>,
    /// The iTwin above it.
    #[arg(long, value_name = "ID", value_parser = id::<ITwinId>)]
    parent: Option<String>,
    /// Where its data lie, such as "East US" or "North Europe"; that cannot be
    /// changed later.
    #[arg(long, value_name = "NAME")]
    data_center: Option<String>,
    #[command(flatten)]
    consent: Consent,
}

/// Delete iTwins, with everything in them.
///
/// For administrators of the organization; who made an iTwin cannot always delete
/// it.
#[derive(clap::Args)]
pub(in crate::itwin) struct DeleteArgs {
    /// Their ids.
    #[arg(required = true, value_parser = id::<ITwinId>)]
    ids: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn create(
    args: CreateArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let CreateArgs { name, kind, number, type_, parent, data_center, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let step = format!(
        "make {} {name:?}{}{}{}",
        kind.sub_class(),
        number.as_ref().map(|number| format!(", number {number}")).unwrap_or_default(),
        parent.as_ref().map(|parent| format!(", below iTwin {parent}")).unwrap_or_default(),
        data_center.as_ref().map(|place| format!(", data in {place}")).unwrap_or_default(),
    );
    let plan = json!({
        "change": "create",
        "displayName": name,
        "class": kind.class().as_str(),
        "subClass": kind.sub_class().as_str(),
        "number": number,
        "type": type_,
        "parentId": parent,
        "dataCenterLocation": data_center,
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let body = ITwinCreate {
        class: kind.class(),
        sub_class: kind.sub_class(),
        display_name: name,
        number,
        type_,
        parent_id: parent,
        data_center_location: data_center,
        geographic_location: None,
        iana_time_zone: None,
        latitude: None,
        longitude: None,
        status: None,
    };
    let made = client.itwins().create_itwin().body(body).send().await?.into_inner().itwin;
    let text = format!("iTwin {} was made: {}", made.id, made.display_name);
    output.done(&public(made), &printable(&text))
}

pub(super) async fn delete(
    args: DeleteArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let DeleteArgs { ids, consent } = args;
    let ids = once(ids);
    consent.check()?;
    let client = platform.connect().await?;
    let mut steps = Vec::new();
    for id in &ids {
        let itwin = client.itwins().get_itwin().id(id.as_str()).send().await?.into_inner().itwin;
        let (kind, name) = (itwin.sub_class, itwin.display_name);
        steps.push(format!("delete iTwin {id}, {kind} {name:?}, with everything in it"));
    }
    let plan = json!({"change": "delete", "ids": ids, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let item = |id: &String| Item { name: format!("iTwin {id}"), document: json!({"id": id}) };
    let deleting = Each::new(output, "deleted").run(&ids, item, async |id| {
        match client.itwins().delete_itwin().id(id.as_str()).send().await {
            Ok(_) => Ok(Did::Done),
            Err(error) if error.is_not_found() => Ok(Did::Gone),
            Err(error) => Err(error.into()),
        }
    });
    deleting.await?.close(output, plan)
}
