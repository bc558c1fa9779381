//! Groups of an iTwin: people who are let in together.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Subcommand;
use serde_json::json;
use twinkit::itwin::access_control::types::{Group, GroupCreate, GroupUpdate};
use twinkit::itwin::{Error, ITwin, ITwinId};

use super::each_once;
use crate::consent::{Consent, Decision};
use crate::exit::INCOMPLETE;
use crate::identity::claims::printable;
use crate::itwin::each::failure;
use crate::itwin::list::{Shape, show as show_list};
use crate::itwin::platform::PlatformArgs;
use crate::output::{Output, add};
use crate::usage::{address, id};

/// List, make and delete groups of an iTwin.
///
/// A group has no roles before it is added: `twinkit itwin members add --group`.
#[derive(Subcommand)]
pub(in crate::itwin) enum Command {
    /// List the groups, with the people in them.
    List {
        /// Id of the iTwin.
        #[arg(value_parser = id::<ITwinId>)]
        itwin: String,
    },
    Create(CreateArgs),
    Delete(DeleteArgs),
}

/// Make a group, with people in it.
#[derive(clap::Args)]
pub(in crate::itwin) struct CreateArgs {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// Its name.
    name: String,
    /// What it is for.
    #[arg(long, value_name = "TEXT", default_value = "")]
    description: String,
    /// The mail address of somebody in it. May be repeated.
    #[arg(long = "person", value_name = "ADDRESS", value_parser = address)]
    people: Vec<String>,
    /// A group of the identity service whose people are in it, by name. May be
    /// repeated.
    #[arg(long = "ims-group", value_name = "NAME")]
    ims_groups: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

/// Delete a group. Its people lose what its roles permitted.
#[derive(clap::Args)]
pub(in crate::itwin) struct DeleteArgs {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// The group, by name or id.
    group: String,
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
        Command::Create(args) => create(args, platform, output).await,
        Command::Delete(args) => delete(args, platform, output).await,
    }
}

async fn list(itwin: &str, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let shape = Shape {
        head: ["ID", "NAME", "IMS GROUPS", "PEOPLE"],
        row: |group: Group| {
            let people = group.members.into_iter().filter_map(|user| user.email.or(user.user_id));
            let people = people.collect::<Vec<_>>().join(", ");
            [group.id, group.name, group.ims_groups.join(", "), people]
        },
        document: |group| group,
    };
    let groups = client.access_control().list_groups().id(itwin).items();
    show_list(groups, output, None, shape).await?;
    Ok(ExitCode::SUCCESS)
}

async fn create(args: CreateArgs, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let CreateArgs { itwin, name, description, people, ims_groups, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let with: Vec<&str> = people.iter().chain(&ims_groups).map(String::as_str).collect();
    let with = if with.is_empty() { "nobody in it".to_owned() } else { with.join(", ") };
    let plan = json!({
        "change": "create",
        "iTwinId": itwin,
        "name": name,
        "people": people,
        "imsGroups": ims_groups,
        "applied": false,
    });
    let step = format!("make group {name:?} with {with}");
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let access = client.access_control();
    let body = GroupCreate { name, description };
    let made = access.create_group().id(itwin.as_str()).body(body).send().await?;
    let mut group = made.into_inner().group;
    if !people.is_empty() || !ims_groups.is_empty() {
        let body = GroupUpdate {
            name: None,
            description: None,
            members: (!people.is_empty()).then_some(people),
            ims_groups: (!ims_groups.is_empty()).then_some(ims_groups),
        };
        let filling = access.update_group().id(itwin).group_id(group.id.as_str()).body(body);
        match filling.send().await {
            Ok(filled) => group = filled.into_inner().group,
            Err(error) => return unfilled(&group, &error, output),
        }
    }
    let text = format!("group {} was made: {}", group.id, group.name);
    output.done(&group, &printable(&text))
}

/// A group that was made and could not be filled.
fn unfilled(group: &Group, error: &Error, output: Output) -> Result<ExitCode> {
    let mut document = json!(group);
    add(&mut document, "error", failure(error));
    let made = format!("group {} was made: {}, with nobody in it", group.id, group.name);
    let hint = error.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
    output.either(&document, &printable(&format!("{made}: {error}{hint}")))?;
    Ok(ExitCode::from(INCOMPLETE))
}

async fn delete(args: DeleteArgs, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let DeleteArgs { itwin, group, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let found = resolve(&client, &itwin, &[group]).await?;
    let steps: Vec<String> = found.iter().map(step).collect();
    let plan = json!({"change": "delete", "iTwinId": itwin, "groups": found, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let mut told = Vec::new();
    for group in &found {
        let delete = client.access_control().delete_group().id(itwin.as_str());
        delete.group_id(group.id.as_str()).send().await?;
        told.push(format!("group {} was deleted", printable(&group.name)));
    }
    output.applied(plan, &told.join("\n"))
}

fn step(group: &Group) -> String {
    let people = group.members.len();
    format!("delete group {} ({:?}, {people} people)", group.id, group.name)
}

/// The groups that are meant by these names or ids.
pub(super) async fn resolve(client: &ITwin, itwin: &str, said: &[String]) -> Result<Vec<Group>> {
    if said.is_empty() {
        return Ok(Vec::new());
    }
    let groups = client.access_control().list_groups().id(itwin).items().into_vec().await?;
    let find = |said: &str| {
        let is_it = |group: &&Group| {
            group.id.eq_ignore_ascii_case(said) || group.name.eq_ignore_ascii_case(said)
        };
        groups.iter().find(is_it).ok_or_else(|| anyhow!("the iTwin has no group {said:?}"))
    };
    Ok(each_once(said, find)?.into_iter().cloned().collect())
}
