//! What lies in a folder.

use std::process::ExitCode;

use anyhow::Result;
use twinkit::itwin::ITwinId;
use twinkit::itwin::storage::kinds::Item;

use super::walk::{Spot, folder};
use crate::itwin::list::{Shape, cell, show};
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::usage::id;

/// List what lies in a folder.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// The folder; the root folder if left out.
    path: Option<Spot>,
    /// At most so many.
    #[arg(long, value_name = "COUNT")]
    limit: Option<usize>,
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let spot = args.path.unwrap_or_else(Spot::root);
    let folder = folder(&client, &args.itwin, &spot).await?;
    let items = client.storage().list_folder_items().folder_id(&folder).items();
    show(items, output, args.limit, shape()).await?;
    Ok(ExitCode::SUCCESS)
}

/// How folders and files are shown.
pub(super) fn shape() -> Shape<5, impl Fn(Item) -> [String; 5], impl Fn(Item) -> Item> {
    Shape {
        head: ["KIND", "ID", "BYTES", "MODIFIED", "NAME"],
        row: |item: Item| {
            let kind = item.kind().to_owned();
            match item {
                Item::Folder(folder) => {
                    let modified = cell(folder.last_modified_date_time);
                    [kind, folder.id, String::new(), modified, folder.display_name]
                }
                Item::File(file) => {
                    let modified = cell(file.last_modified_date_time);
                    [kind, file.id, cell(file.size), modified, file.display_name]
                }
                _ => [kind, String::new(), String::new(), String::new(), String::new()],
            }
        },
        document: |item| item,
    }
}
