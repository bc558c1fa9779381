//! `twinkit itwin members`: who may use an iTwin, and by which roles.

mod add;
mod groups;
mod list;
mod owners;
mod remove;
mod roles;

pub(super) use list::Member;
pub(super) use remove::remove_each;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use serde_json::{Value, json};
use twinkit::itwin::Error;
use twinkit::itwin::access_control::FailedAddition;
use twinkit::itwin::access_control::types::RoleSummary;

use super::each::failure;
use super::platform::PlatformArgs;
use crate::exit::INCOMPLETE;
use crate::output::{Output, add};

/// Show, add and remove members of an iTwin, its owners, roles and groups.
///
/// `twinkit itwin onboard` lets one application or person in and sets its roles, with
/// a proof.
#[derive(Subcommand)]
pub(super) enum Command {
    List(list::Args),
    Add(add::Args),
    Remove(remove::Args),
    #[command(subcommand)]
    Roles(roles::Command),
    #[command(subcommand)]
    Groups(groups::Command),
    #[command(subcommand)]
    Owners(owners::Command),
}

pub(super) async fn run(
    command: Command,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::List(args) => list::run(args, platform, output).await,
        Command::Add(args) => add::run(args, platform, output).await,
        Command::Remove(args) => remove::run(args, platform, output).await,
        Command::Roles(command) => roles::run(command, platform, output).await,
        Command::Groups(command) => groups::run(command, platform, output).await,
        Command::Owners(command) => owners::run(command, platform, output).await,
    }
}

/// What is meant by these words, in their order and each once.
fn each_once<'a, T>(said: &[String], find: impl Fn(&str) -> Result<&'a T>) -> Result<Vec<&'a T>> {
    let mut found: Vec<&T> = Vec::new();
    for said in said {
        let meant = find(said)?;
        if !found.iter().any(|known| std::ptr::eq(*known, meant)) {
            found.push(meant);
        }
    }
    Ok(found)
}

/// The names of roles, or their ids where they have none.
fn names(roles: &[RoleSummary]) -> String {
    let name = |role: &RoleSummary| role.display_name.clone().unwrap_or_else(|| role.id.clone());
    roles.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Given name and surname, as far as they are known.
fn full_name(given: Option<String>, surname: Option<String>) -> String {
    [given, surname].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What became of entries whose calls were refused, for programs: `isNamed` where
/// the refusal is about this entry and not about its whole call.
fn failed<T>(failed: &[FailedAddition<T>], name: impl Fn(&T) -> &str) -> Vec<Value> {
    let all = failed.iter().flat_map(|call| call.entries.iter().map(move |entry| (entry, call)));
    all.map(|(entry, call)| {
        let mut document = failure(&call.error);
        add(&mut document, "who", json!(name(entry)));
        let named = call.culprit().map(&name);
        add(&mut document, "isNamed", json!(named == Some(name(entry))));
        document
    })
    .collect()
}

/// The error of the first call that failed.
fn first_error<T>(failed: Vec<FailedAddition<T>>) -> Option<Error> {
    failed.into_iter().next().map(|call| call.error)
}

/// How an addition ends that did not do everything: with its error if it did
/// nothing, else with a code of its own.
fn ending(is_complete: bool, did_something: bool, error: Option<Error>) -> Result<ExitCode> {
    if is_complete {
        return Ok(ExitCode::SUCCESS);
    }
    match error.filter(|_| !did_something) {
        Some(error) => Err(error.into()),
        None => Ok(ExitCode::from(INCOMPLETE)),
    }
}
