//! What iModels there are, and what was pushed to them.

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use twinkit::itwin::imodels::types::{ChangesetLinks, ChangesetMinimal, IModel};
use twinkit::itwin::{IModelId, ITwinId};

use super::public;
use crate::itwin::list::{Shape, cell, show as show_list};
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::table::pairs;
use crate::usage::id;

/// Changesets that are asked for at a time.
const PAGE: i64 = 100;

/// List the iModels of an iTwin.
#[derive(clap::Args)]
pub(in crate::itwin) struct ListArgs {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// Only those with this text in their name or description.
    #[arg(long, value_name = "TEXT")]
    search: Option<String>,
    /// Only those of exactly this name.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// At most so many.
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
}

/// List the changesets of an iModel, the newest first.
#[derive(clap::Args)]
pub(in crate::itwin) struct ChangesetsArgs {
    /// Id of the iModel.
    #[arg(value_parser = id::<IModelId>)]
    imodel: String,
    /// Only the newest; nothing if the iModel is as its baseline.
    #[arg(long, conflicts_with = "limit")]
    latest: bool,
    /// At most so many.
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
}

pub(super) async fn list(
    args: ListArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let mut list = client.imodels().list_imodels().itwin_id(args.itwin).representation();
    if let Some(text) = args.search {
        list = list.search(text);
    }
    if let Some(name) = args.name {
        list = list.name(name);
    }
    let shape = Shape {
        head: ["ID", "STATE", "CREATED", "LAST PUSH", "NAME"],
        row: |imodel: IModel| {
            let pushed = cell(imodel.last_changeset_push_date_time);
            let (created, state) = (cell(imodel.created_date_time), imodel.state.to_string());
            [imodel.id, state, created, pushed, imodel.name]
        },
        document: public,
    };
    show_list(list.items(), output, args.limit, shape).await?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn show(id: &str, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let imodels = client.imodels();
    let imodel = public(imodels.get_imodel().id(id).send().await?.into_inner().imodel);
    if output.json {
        Output::document(&imodel)?;
        return Ok(ExitCode::SUCCESS);
    }
    let changeset = imodels.latest_changeset(id).await?.map(|changeset| {
        format!("{} ({}), pushed {}", changeset.index, changeset.id, changeset.push_date_time)
    });
    let version = imodels
        .latest_named_version(id)
        .await?
        .map(|version| format!("{} (changeset {})", version.name, version.changeset_index));
    let rows = [
        ("id", imodel.id),
        ("name", imodel.name),
        ("description", cell(imodel.description)),
        ("state", imodel.state.to_string()),
        ("iTwin", imodel.itwin_id),
        ("data center", cell(imodel.data_center_location)),
        ("created", cell(imodel.created_date_time)),
        ("newest changeset", changeset.unwrap_or_else(|| "none: as its baseline".to_owned())),
        ("newest version", version.unwrap_or_else(|| "none".to_owned())),
    ];
    let known: Vec<_> = rows.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    pairs(&known, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn changesets(
    args: ChangesetsArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let limit = if args.latest { Some(1) } else { args.limit };
    let list = client.imodels().list_changesets().id(args.imodel);
    let top = limit.map_or(PAGE, |limit| i64::try_from(limit).unwrap_or(PAGE).clamp(1, PAGE));
    let list = list.order_by("index desc").top(top);
    let shape = Shape {
        head: ["INDEX", "ID", "STATE", "BYTES", "PUSHED", "DESCRIPTION"],
        row: |changeset: ChangesetMinimal| {
            let (index, bytes) = (changeset.index.to_string(), changeset.file_size.to_string());
            let (state, pushed) =
                (changeset.state.to_string(), changeset.push_date_time.to_string());
            [index, changeset.id, state, bytes, pushed, cell(changeset.description)]
        },
        document: without_links,
    };
    show_list(list.items(), output, limit, shape).await?;
    Ok(ExitCode::SUCCESS)
}

/// A changeset without the addresses of its file, which are signed.
fn without_links(changeset: ChangesetMinimal) -> ChangesetMinimal {
    let links = ChangesetLinks { download: None, upload: None, ..changeset.links };
    ChangesetMinimal { links, ..changeset }
}
