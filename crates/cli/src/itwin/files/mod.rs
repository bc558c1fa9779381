//! `twinkit itwin files`: folders and files of an iTwin in Storage, by their paths.

mod bin;
mod change;
mod download;
mod look;
mod upload;
mod walk;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use super::platform::PlatformArgs;
use crate::output::Output;

/// List, upload, download and delete files of an iTwin, and make folders.
///
/// PATH is such as /drawings/plan.pdf; letters match in any case. In its place
/// `id:ID` names a folder or a file by its id.
#[derive(Subcommand)]
pub(super) enum Command {
    List(look::Args),
    Upload(upload::Args),
    Download(download::Args),
    Mkdir(change::MkdirArgs),
    Delete(change::DeleteArgs),
    Bin(bin::BinArgs),
    Restore(bin::RestoreArgs),
}

pub(super) async fn run(
    command: Command,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::List(args) => look::run(args, platform, output).await,
        Command::Upload(args) => upload::run(args, platform, output).await,
        Command::Download(args) => download::run(args, platform, output).await,
        Command::Mkdir(args) => change::mkdir(args, platform, output).await,
        Command::Delete(args) => change::delete(args, platform, output).await,
        Command::Bin(args) => bin::list(args, platform, output).await,
        Command::Restore(args) => bin::restore(args, platform, output).await,
    }
}
