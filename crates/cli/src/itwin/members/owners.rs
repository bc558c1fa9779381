//! Owners of an iTwin, who may do everything in it.

use std::io;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Subcommand;
use serde_json::{Value, json};
use twinkit::itwin::ITwinId;
use twinkit::itwin::access_control::AddedOwners;
use twinkit::itwin::access_control::types::OwnerMember;

use super::list::Member;
use super::remove::remove_each;
use super::{each_once, ending, failed, first_error, full_name};
use crate::consent::{Consent, Decision};
use crate::itwin::list::{Shape, cell, show as show_list};
use crate::itwin::platform::PlatformArgs;
use crate::output::{Output, add};
use crate::table::Table;
use crate::usage::{address, id, wrong};

/// List, add and remove owners of an iTwin.
#[derive(Subcommand)]
pub(in crate::itwin) enum Command {
    /// List the owners.
    List {
        /// Id of the iTwin.
        #[arg(value_parser = id::<ITwinId>)]
        itwin: String,
    },
    /// Add owners. People of other organizations are invited.
    Add(Args),
    /// Remove owners.
    Remove(Args),
}

#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// Mail addresses; of owners that are there also their ids.
    #[arg(required = true)]
    who: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    command: Command,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::List { itwin } => list(&itwin, platform, output).await,
        Command::Add(args) => add_owners(args, platform, output).await,
        Command::Remove(args) => remove(args, platform, output).await,
    }
}

async fn list(itwin: &str, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let shape = Shape {
        head: ["ID", "WHO", "NAME", "ORGANIZATION"],
        row: |owner: OwnerMember| {
            let name = full_name(owner.given_name, owner.surname);
            [owner.id, cell(owner.email), name, cell(owner.organization)]
        },
        document: |owner| owner,
    };
    let owners = client.access_control().list_owners().id(itwin).items();
    show_list(owners, output, None, shape).await?;
    Ok(ExitCode::SUCCESS)
}

async fn add_owners(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let Args { itwin, who, consent } = args;
    consent.check()?;
    let who: Vec<String> =
        who.iter().map(|who| address(who)).collect::<Result<_, _>>().map_err(wrong)?;
    let client = platform.connect().await?;
    let steps: Vec<String> = who.iter().map(|who| format!("make {who} an owner")).collect();
    let mut plan =
        json!({"change": "addOwners", "iTwinId": itwin, "addresses": who, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let mut adding = client.access_control().add_owners(itwin.as_str());
    for address in &who {
        adding = adding.owner(address);
    }
    let added = adding.send().await?;
    add(&mut plan, "applied", json!(true));
    add(&mut plan, "report", report(&added));
    if output.json {
        Output::document(&plan)?;
    } else {
        show(&added)?;
    }
    let counts = [added.members.len(), added.invitations.len(), added.already.len()];
    let did_something = counts.iter().any(|count| *count > 0);
    ending(added.is_complete(), did_something, first_error(added.failed))
}

fn report(added: &AddedOwners) -> Value {
    json!({
        "owners": added.members,
        "invitations": added.invitations,
        "already": added.already,
        "failed": failed(&added.failed, String::as_str),
        "notSent": added.unsent,
    })
}

fn show(added: &AddedOwners) -> Result<()> {
    let mut table = Table::new(&["WHO", "OUTCOME", "DETAILS"]);
    let mut row = |who: &str, outcome: &str, details: String| {
        table.row([who.to_owned(), outcome.to_owned(), details]);
    };
    for owner in &added.members {
        row(owner.email.as_deref().unwrap_or(&owner.id), "added", String::new());
    }
    for invitation in &added.invitations {
        row(&invitation.email, "invited", format!("until {}", invitation.expiration_date));
    }
    added.already.iter().for_each(|who| row(who, "was there", String::new()));
    for call in &added.failed {
        call.entries.iter().for_each(|who| row(who, "FAILED", call.error.to_string()));
    }
    added.unsent.iter().for_each(|who| row(who, "not sent", "an earlier call failed".to_owned()));
    Ok(table.show(&mut io::stdout().lock())?)
}

async fn remove(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let Args { itwin, who, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let access = client.access_control();
    let owners = access.list_owners().id(itwin.as_str()).items().into_vec().await?;
    let found = each_once(&who, |who| {
        let is_it = |owner: &&OwnerMember| {
            let email = owner.email.as_deref().unwrap_or_default();
            email.eq_ignore_ascii_case(who) || owner.id.eq_ignore_ascii_case(who)
        };
        owners.iter().find(is_it).ok_or_else(|| anyhow!("{who} is no owner of the iTwin"))
    })?;
    let name = |owner: &OwnerMember| owner.email.clone().unwrap_or_else(|| owner.id.clone());
    let mut steps: Vec<String> =
        found.iter().map(|owner| format!("remove owner {}", name(owner))).collect();
    let takes_last = found.len() == owners.len();
    if takes_last {
        steps.push("BEWARE: the iTwin has no other owner".to_owned());
    }
    let plan = json!({
        "change": "removeOwners",
        "iTwinId": itwin,
        "owners": found,
        "takesLastOwner": takes_last,
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let found: Vec<Member> = found.into_iter().cloned().map(Member::Owner).collect();
    remove_each(&client, &itwin, &found, output).await?.close(output, plan)
}
