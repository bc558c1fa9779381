//! The checkpoint of an iModel: its file as it was at a changeset.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use twinkit::itwin::imodels::enums::CheckpointState;
use twinkit::itwin::imodels::types::Checkpoint;
use twinkit::itwin::{IModelId, ITwin};

use super::waiting::WaitArgs;
use super::{Named, versions};
use crate::exit::INTERRUPTED;
use crate::identity::claims::printable;
use crate::itwin::kept::Kept;
use crate::itwin::platform::PlatformArgs;
use crate::itwin::transfer::{Place, STDOUT_TAKEN, fetch, is_stdout, pour};
use crate::output::{Output, add};
use crate::table::pairs;
use crate::usage::{id, wrong};

/// Show the checkpoint of an iModel, and fetch its file.
///
/// The platform makes one when a version is named, which takes a while. What is asked
/// for by a changeset is the last one up to it, which may be of an earlier one.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// Id of the iModel.
    #[arg(value_parser = id::<IModelId>)]
    imodel: String,
    /// The changeset, by index or id; the newest if left out.
    #[arg(long, value_name = "CHANGESET", value_parser = Named::parse)]
    changeset: Option<Named>,
    /// The named version, by name or id.
    #[arg(long, value_name = "VERSION", conflicts_with = "changeset")]
    version: Option<String>,
    /// Have that of the named version made again, if it failed.
    #[arg(long, requires = "version")]
    again: bool,
    /// Write its file here; `-` writes it to stdout and shows nothing else there.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the file if it is there.
    #[arg(long, requires = "out")]
    force: bool,
    #[command(flatten)]
    wait: WaitArgs,
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let Args { imodel, changeset, version, again, out, force, wait } = args;
    let is_poured = out.as_deref().is_some_and(is_stdout);
    if is_poured && output.json {
        return Err(wrong(STDOUT_TAKEN));
    }
    let place = out.filter(|_| !is_poured).map(|path| Place::prepare(path, force)).transpose()?;
    let client = platform.connect().await?;
    let checkpoint = match version {
        Some(version) => of_version(&client, &imodel, &version, again, wait).await?,
        None => of_changeset(&client, &imodel, changeset, wait).await?,
    };
    let mut document = public(&checkpoint);
    let index = checkpoint.changeset_index;
    if (is_poured || place.is_some()) && checkpoint.state != CheckpointState::Successful {
        let state = printable(checkpoint.state.as_str());
        bail!("the checkpoint of changeset {index} is {state}: --wait waits");
    }
    if is_poured {
        pour(client.imodels().fetch_checkpoint(imodel, index.to_string())).await?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(place) = place {
        let what = format!("checkpoint {index} of {imodel}");
        let words = vec![platform.endpoint()?, what, place.absolute()];
        let download = client.imodels().fetch_checkpoint(imodel, index.to_string());
        let Some(bytes) = fetch(download, &place, Kept::of(words)).await? else {
            return Ok(ExitCode::from(INTERRUPTED));
        };
        add(&mut document, "file", json!(place.path()));
        add(&mut document, "bytes", json!(bytes));
    }
    if output.json {
        Output::document(&document)?;
    } else {
        show(&document)?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn of_version(
    client: &ITwin,
    imodel: &str,
    version: &str,
    again: bool,
    wait: WaitArgs,
) -> Result<Checkpoint> {
    let imodels = client.imodels();
    let id = versions::find(client, imodel, version).await?.id;
    if again {
        let make = imodels.update_named_version_checkpoint().id(imodel);
        make.named_version_id(id.as_str()).send().await?;
    }
    if wait.wait {
        let waiting = imodels.wait_for_named_version_checkpoint(imodel, id);
        let told = wait.told(waiting, "The checkpoint", |at| at.state.to_string());
        return Ok(told.wait().await?);
    }
    let get = imodels.get_named_version_checkpoint().id(imodel).named_version_id(id);
    Ok(get.send().await?.into_inner().checkpoint)
}

async fn of_changeset(
    client: &ITwin,
    imodel: &str,
    changeset: Option<Named>,
    wait: WaitArgs,
) -> Result<Checkpoint> {
    let imodels = client.imodels();
    let key = match changeset {
        Some(named) => named.text(),
        None => {
            let latest = imodels.latest_changeset(imodel).await?;
            latest.map_or(0, |changeset| changeset.index).to_string()
        }
    };
    if wait.wait {
        let waiting = imodels.wait_for_checkpoint(imodel, key);
        let told = wait.told(waiting, "The checkpoint", |at| at.state.to_string());
        return Ok(told.wait().await?);
    }
    let get = imodels.get_changeset_checkpoint().id(imodel).changeset(key);
    Ok(get.send().await?.into_inner().checkpoint)
}

/// What of a checkpoint opens nothing.
fn public(checkpoint: &Checkpoint) -> Value {
    json!({
        "state": checkpoint.state.as_str(),
        "changesetIndex": checkpoint.changeset_index,
        "changesetId": checkpoint.changeset_id,
        "size": checkpoint.size,
        "dbName": checkpoint.db_name,
    })
}

fn show(document: &Value) -> Result<()> {
    let text = |name: &str| match document.get(name) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    let id = Some(text("changesetId")).filter(|id| !id.is_empty());
    let id = id.unwrap_or_else(|| "the baseline".to_owned());
    let changeset = format!("{} ({id})", text("changesetIndex"));
    let rows = [
        ("state", text("state")),
        ("changeset", changeset),
        ("bytes", text("size")),
        ("database", text("dbName")),
        ("file", text("file")),
    ];
    let known: Vec<_> = rows.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    Ok(pairs(&known, &mut io::stdout().lock())?)
}
