//! `twinkit itwin imodels`: iModels, their history and their copies.

mod change;
mod checkpoint;
mod copy;
mod look;
mod versions;
mod waiting;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use twinkit::itwin::imodels::types::IModel;
use twinkit::itwin::{ChangesetKey, IModelId};

use super::platform::PlatformArgs;
use crate::output::Output;
use crate::usage::id;

/// List, show, make, copy and delete iModels, and look at their history.
#[derive(Subcommand)]
pub(super) enum Command {
    List(look::ListArgs),
    /// Show one iModel, with its newest changeset and named version.
    Show {
        /// Its id.
        #[arg(value_parser = id::<IModelId>)]
        id: String,
    },
    Create(change::CreateArgs),
    Delete(change::DeleteArgs),
    Clone(copy::Args),
    Fork(copy::Args),
    #[command(subcommand)]
    Versions(versions::Command),
    Changesets(look::ChangesetsArgs),
    Checkpoint(checkpoint::Args),
}

pub(super) async fn run(
    command: Command,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::List(args) => look::list(args, platform, output).await,
        Command::Show { id } => look::show(&id, platform, output).await,
        Command::Create(args) => change::create(args, platform, output).await,
        Command::Delete(args) => change::delete(args, platform, output).await,
        Command::Clone(args) => copy::run(args, copy::Way::Clone, platform, output).await,
        Command::Fork(args) => copy::run(args, copy::Way::Fork, platform, output).await,
        Command::Versions(command) => versions::run(command, platform, output).await,
        Command::Changesets(args) => look::changesets(args, platform, output).await,
        Command::Checkpoint(args) => checkpoint::run(args, platform, output).await,
    }
}

/// An iModel without its links, among which is a signed one.
fn public(imodel: IModel) -> IModel {
    IModel { links: None, ..imodel }
}

/// A changeset as it was named: by its index, or by its id of 40 digits.
#[derive(Clone)]
enum Named {
    Index(i64),
    Id(String),
}

impl Named {
    /// A `value_parser`.
    fn parse(text: &str) -> Result<Self, String> {
        ChangesetKey::try_from(text).map_err(|error| error.to_string())?;
        Ok(match text.parse() {
            // As many digits as an id has are one.
            Ok(index) if text.len() < 40 => Self::Index(index),
            _ => Self::Id(text.to_owned()),
        })
    }

    fn text(&self) -> String {
        match self {
            Self::Index(index) => index.to_string(),
            Self::Id(id) => id.clone(),
        }
    }
}
