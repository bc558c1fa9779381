//! The recycle bin: what was deleted within the last 30 days.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::json;
use twinkit::itwin::ITwinId;

use super::look::shape;
use super::walk::{PAGE, Thing};
use crate::consent::{Consent, Decision};
use crate::itwin::each::{Did, Each, Item};
use crate::itwin::list::show;
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::usage::id;

/// List what is in the recycle bin.
#[derive(clap::Args)]
pub(in crate::itwin) struct BinArgs {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
}

/// Restore files and folders from the recycle bin.
#[derive(clap::Args)]
pub(in crate::itwin) struct RestoreArgs {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// Their ids or names, as `twinkit itwin files bin` shows them.
    #[arg(required = true, value_name = "ID")]
    ids: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn list(
    args: BinArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let items = client.storage().list_recycle_bin().itwin_id(args.itwin).items();
    show(items, output, None, shape()).await?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn restore(
    args: RestoreArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let RestoreArgs { itwin, ids, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let storage = client.storage();
    let list = storage.list_recycle_bin().itwin_id(itwin.as_str()).top(PAGE);
    let deleted = list.items().into_vec().await?;
    let deleted: Vec<Thing> = deleted.iter().filter_map(Thing::of).collect();
    let mut found: Vec<&Thing> = Vec::new();
    for said in &ids {
        let by_id = deleted.iter().find(|thing| thing.id() == said);
        let mut named = deleted.iter().filter(|thing| thing.name().eq_ignore_ascii_case(said));
        let thing = match (by_id, named.next(), named.next()) {
            (Some(thing), ..) | (None, Some(thing), None) => thing,
            (None, Some(_), Some(_)) => bail!("several deleted ones are named {said}: give an id"),
            (None, None, _) => bail!("{said} is not in the recycle bin"),
        };
        if !found.iter().any(|known| known.id() == thing.id()) {
            found.push(thing);
        }
    }
    let steps: Vec<String> =
        found.iter().map(|thing| format!("restore {} ({})", thing.name(), thing.id())).collect();
    let ids: Vec<&str> = found.iter().map(|thing| thing.id()).collect();
    let plan = json!({"change": "restore", "iTwinId": itwin, "ids": ids, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let item = |thing: &&Thing| Item {
        name: thing.name().to_owned(),
        document: json!({"id": thing.id(), "name": thing.name()}),
    };
    let restoring = Each::new(output, "restored").run(&found, item, async |thing| {
        match thing {
            Thing::Folder { id, .. } => {
                storage.restore_folder().folder_id(id.as_str()).send().await.map(drop)?;
            }
            Thing::File { id, .. } => {
                storage.restore_file().file_id(id.as_str()).send().await.map(drop)?;
            }
        }
        Ok(Did::Done)
    });
    restoring.await?.close(output, plan)
}
