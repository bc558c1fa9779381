//! `twinkit itwin itwins`: the iTwins that the caller sees.

mod change;
mod export;
mod look;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Subcommand, ValueEnum};
use twinkit::itwin::ITwinId;
use twinkit::itwin::itwins::enums::{ITwinClass, ITwinSubClass};
use twinkit::itwin::itwins::types::ITwin;

use super::platform::PlatformArgs;
use crate::output::Output;
use crate::usage::id;

/// List, show, make and delete iTwins, and export their list.
#[derive(Subcommand)]
pub(super) enum Command {
    List(look::ListArgs),
    /// Show one iTwin.
    Show {
        /// Its id.
        #[arg(value_parser = id::<ITwinId>)]
        id: String,
    },
    Create(change::CreateArgs),
    Delete(change::DeleteArgs),
    Export(export::Args),
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
        Command::Export(args) => export::run(args, platform, output).await,
    }
}

/// What an iTwin is, which tells its class as well.
#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    Asset,
    Portfolio,
    Project,
    Program,
    WorkPackage,
}

impl Kind {
    fn class(self) -> ITwinClass {
        match self {
            Self::Asset | Self::Portfolio => ITwinClass::Thing,
            Self::Project | Self::Program | Self::WorkPackage => ITwinClass::Endeavor,
        }
    }

    fn sub_class(self) -> ITwinSubClass {
        match self {
            Self::Asset => ITwinSubClass::Asset,
            Self::Portfolio => ITwinSubClass::Portfolio,
            Self::Project => ITwinSubClass::Project,
            Self::Program => ITwinSubClass::Program,
            Self::WorkPackage => ITwinSubClass::WorkPackage,
        }
    }
}

/// An iTwin without the address of its picture, which is signed.
fn public(itwin: ITwin) -> ITwin {
    ITwin { image: None, ..itwin }
}
