//! Making folders, and deleting folders and files.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use twinkit::itwin::storage::types::{Folder, ItemCreate};
use twinkit::itwin::{Error, FolderId, ITwin, ITwinId};

use super::walk::{Spot, Thing, child, find};
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::itwin::each::{Did, Each, Item, taken_away};
use crate::itwin::platform::PlatformArgs;
use crate::output::{Output, add};
use crate::usage::{id, wrong};

/// Make a folder.
#[derive(clap::Args)]
pub(in crate::itwin) struct MkdirArgs {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// The folder.
    path: Spot,
    /// Make the folders above it, too; one that is there is no failure.
    #[arg(long, short)]
    parents: bool,
    #[command(flatten)]
    consent: Consent,
}

/// Delete files, and folders with what is in them.
///
/// They go to the recycle bin, where they are for 30 days.
#[derive(clap::Args)]
pub(in crate::itwin) struct DeleteArgs {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// The files and folders.
    #[arg(required = true)]
    path: Vec<Spot>,
    /// Take them out of the recycle bin as well: they cannot be restored.
    #[arg(long)]
    purge: bool,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn mkdir(
    args: MkdirArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let MkdirArgs { itwin, path, parents, consent } = args;
    consent.check()?;
    let Spot::Path(names) = &path else {
        return Err(wrong("name the new folder by its path"));
    };
    let client = platform.connect().await?;
    // How far the way goes already.
    let mut above = client.storage().root_folder(itwin.as_str()).await?;
    let mut missing = names.as_slice();
    while let Some((name, rest)) = missing.split_first() {
        above = match child(&client, &above, name).await? {
            Some(Thing::Folder { id, .. }) => FolderId::new(id)?,
            Some(Thing::File { .. }) => bail!("{name} is a file, not a folder"),
            None => break,
        };
        missing = rest;
    }
    match missing.len() {
        0 if !parents => bail!("there is a folder {} already", path.text()),
        0 | 1 => {}
        _ if !parents => bail!("the folder above {} is missing; --parents makes it", path.text()),
        _ => {}
    }
    let is_idle = missing.is_empty();
    let step = match is_idle {
        true => format!("folder {} is there already; nothing to do", path.text()),
        false => format!("make folder {}", path.text()),
    };
    let mut plan = json!({
        "change": if is_idle { "none" } else { "create" },
        "iTwinId": itwin,
        "path": path.text(),
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, is_idle).await? {
        return Ok(code);
    }
    for name in missing {
        above = FolderId::new(make(&client, &above, name).await?.id)?;
    }
    add(&mut plan, "applied", json!(true));
    add(&mut plan, "folderId", json!(above.as_str()));
    let what = if is_idle { "was there" } else { "was made" };
    output.done(&plan, &printable(&format!("folder {} {what}: {above}", path.text())))
}

async fn make(client: &ITwin, above: &FolderId, name: &str) -> Result<Folder, Error> {
    let body = ItemCreate { display_name: name.to_owned(), description: None };
    let create = client.storage().create_folder().folder_id(above).body(body);
    Ok(create.send().await?.into_inner().folder)
}

pub(super) async fn delete(
    args: DeleteArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let DeleteArgs { itwin, path, purge, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let mut things: Vec<(Spot, Thing)> = Vec::new();
    for spot in path {
        let thing = find(&client, &itwin, &spot).await?;
        if !things.iter().any(|(_, known)| known.id() == thing.id()) {
            things.push((spot, thing));
        }
    }
    let how = if purge { "for good" } else { "into the recycle bin" };
    let steps: Vec<String> =
        things.iter().map(|(spot, thing)| format!("delete {}, {how}", told(spot, thing))).collect();
    let listed: Vec<_> = things.iter().map(|(spot, thing)| document(spot, thing)).collect();
    let plan = json!({
        "change": "delete", "iTwinId": itwin, "items": listed, "purge": purge, "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let item = |(spot, thing): &(Spot, Thing)| Item {
        name: thing.name().to_owned(),
        document: document(spot, thing),
    };
    let deleting = Each::new(output, "deleted").run(&things, item, async |(_, thing)| {
        let id = thing.id();
        match taken_away(bin(&client, thing).await)? {
            Did::Done if purge => Ok(purged(&client, thing).await.map_err(|error| {
                error.with_hint(format!(
                    "it is in the recycle bin: `twinkit itwin files restore {itwin} {id}` takes \
                     it out"
                ))
            })?),
            did => Ok(did),
        }
    });
    deleting.await?.close(output, plan)
}

fn document(spot: &Spot, thing: &Thing) -> Value {
    let kind = if thing.is_folder() { "folder" } else { "file" };
    json!({"path": spot.text(), "type": kind, "id": thing.id(), "name": thing.name()})
}

fn told(spot: &Spot, thing: &Thing) -> String {
    let (path, name) = (spot.text(), thing.name());
    match thing {
        Thing::Folder { .. } => format!("folder {path} ({name}) with what is in it"),
        Thing::File { size: Some(size), .. } => format!("file {path} ({name}, {size} bytes)"),
        Thing::File { .. } => format!("file {path} ({name})"),
    }
}

/// Puts something into the recycle bin.
async fn bin(client: &ITwin, thing: &Thing) -> Result<(), Error> {
    let storage = client.storage();
    match thing {
        Thing::Folder { id, .. } => storage.delete_folder().folder_id(id.as_str()).send().await?,
        Thing::File { id, .. } => storage.delete_file().file_id(id.as_str()).send().await?,
    };
    Ok(())
}

/// Takes something out of the recycle bin, for good.
async fn purged(client: &ITwin, thing: &Thing) -> Result<Did, Error> {
    let storage = client.storage();
    match thing {
        Thing::Folder { id, .. } => storage.purge_folder().folder_id(id.as_str()).send().await?,
        Thing::File { id, .. } => storage.purge_file().file_id(id.as_str()).send().await?,
    };
    Ok(Did::Done)
}
