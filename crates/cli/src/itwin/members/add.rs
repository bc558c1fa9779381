//! Adding many at once, with an account of what became of each.

use std::collections::BTreeSet;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::itwin::access_control::types::{AddGroupMember, AddUserMember, Role};
use twinkit::itwin::access_control::{AddedGroups, AddedMembers, FailedAddition};
use twinkit::itwin::{ITwin, ITwinId};

use super::groups;
use super::list::{Member, but_owners};
use super::roles::resolve;
use super::{ending, failed, first_error, names};
use crate::consent::{Consent, Decision};
use crate::input::Input;
use crate::itwin::platform::PlatformArgs;
use crate::output::{Output, add};
use crate::table::Table;
use crate::usage::{address, id, wrong};

/// Add people, service applications and groups to an iTwin, with roles.
///
/// They are sent in calls of at most 50 assigned roles. Those of the owning
/// organization are members at once, all others are invited for seven days. Who is a
/// member or invited already is left alone; `twinkit itwin onboard` changes roles. A
/// caller who is no owner does not see the invitations that others made, and whoever
/// has an open one is invited once more.
///
/// Exit codes: 0 everybody is a member or invited; 1 nobody could be added; 3 some
/// were, others not, as the report tells.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// Mail addresses; a service application's is CLIENT_ID@apps.imsoidc.bentley.com.
    #[arg(value_name = "ADDRESS", value_parser = address)]
    addresses: Vec<String>,
    /// Take addresses from this file, too: one a line, `-` for stdin. Lines that
    /// begin with # are passed over.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// A group of the iTwin, by name or id. May be repeated.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// A role of the iTwin, by name or id. May be repeated; all get these roles.
    #[arg(long = "role", value_name = "ROLE", required = true)]
    roles: Vec<String>,
    /// A text for the mails of invitations.
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    #[command(flatten)]
    consent: Consent,
}

/// What the plan of a caller who is no owner says.
const HIDDEN: &str = "BEWARE: only owners see invitations that others made; whoever has an open \
                      one is invited once more";

/// Who is to be added, and who need not be.
struct Wanted {
    addresses: Vec<String>,
    /// Id and name.
    groups: Vec<(String, String)>,
    already: Vec<Member>,
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let Args { itwin, mut addresses, from, groups, roles, message, consent } = args;
    consent.check()?;
    if let Some(path) = &from {
        addresses.extend(addresses_in(path).await?);
    }
    if addresses.is_empty() && groups.is_empty() {
        return Err(wrong("name somebody to add: an address, --from FILE or --group"));
    }
    let client = platform.connect().await?;
    let roles = resolve(&client, &itwin, &roles).await?;
    let wanted = sort_out(&client, &itwin, addresses, groups).await?;
    // Groups are not invited, and of nobody else there is anything to be seen.
    let sees_invitations =
        wanted.addresses.is_empty() || client.is_owner_of(itwin.as_str()).await?;
    let mut plan = plan(&itwin, &wanted, &roles);
    add(&mut plan, "seesInvitations", json!(sees_invitations));
    let is_idle = wanted.addresses.is_empty() && wanted.groups.is_empty();
    let mut steps = steps(&wanted, &roles);
    if !sees_invitations {
        steps.push(HIDDEN.to_owned());
    }
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, is_idle).await? {
        return Ok(code);
    }
    let ids: Vec<String> = roles.iter().map(|role| role.id.clone()).collect();
    let access = client.access_control();
    let mut users = AddedMembers::default();
    if !wanted.addresses.is_empty() {
        let mut adding = access.add_members(itwin.as_str());
        for address in &wanted.addresses {
            adding = adding.member(address, ids.clone());
        }
        if let Some(message) = message {
            adding = adding.message(message);
        }
        users = adding.send().await?;
    }
    let mut groups = AddedGroups::default();
    if !wanted.groups.is_empty() {
        let mut adding = access.add_groups(itwin.as_str());
        for (id, _) in &wanted.groups {
            adding = adding.group(id, ids.clone());
        }
        groups = adding.send().await?;
    }
    add(&mut plan, "applied", json!(true));
    add(&mut plan, "report", report(&users, &groups));
    if output.json {
        Output::document(&plan)?;
    } else {
        show(&wanted, &users, &groups)?;
    }
    let is_complete = users.is_complete() && users.unmentioned.is_empty() && groups.is_complete();
    let did_users = !users.members.is_empty() || !users.invitations.is_empty();
    let did_something = did_users || !groups.members.is_empty();
    let error = first_error(users.failed).or_else(|| first_error(groups.failed));
    ending(is_complete, did_something, error)
}

/// The addresses in a file.
async fn addresses_in(path: &Path) -> Result<Vec<String>> {
    let text = Input::file_or_stdin("list of addresses", path).text().await?;
    let lines = text.lines().map(str::trim).enumerate();
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|(index, line)| {
            let place = format!("{}, line {}", path.display(), index + 1);
            address(line).map_err(|error| wrong(format!("{place}: {error}")))
        })
        .collect()
}

/// Parts those who are there from those who are not, each of whom once.
async fn sort_out(
    client: &ITwin,
    itwin: &str,
    addresses: Vec<String>,
    groups: Vec<String>,
) -> Result<Wanted> {
    let groups = groups::resolve(client, itwin, &groups).await?;
    let mut there = but_owners(client, itwin).await?;
    let mut already = Vec::new();
    let mut seen = BTreeSet::new();
    let mut is_new = |key: &str, is_it: &dyn Fn(&Member) -> bool| {
        if !seen.insert(key.to_lowercase()) {
            return false;
        }
        match there.iter().position(is_it) {
            Some(index) => {
                already.push(there.swap_remove(index));
                false
            }
            None => true,
        }
    };
    let addresses = addresses
        .into_iter()
        .filter(|address| {
            is_new(address, &|member: &Member| {
                let is_user = matches!(member, Member::User(_) | Member::Invited(_));
                is_user && member.who().eq_ignore_ascii_case(address)
            })
        })
        .collect();
    let groups = groups
        .into_iter()
        .map(|group| (group.id, group.name))
        .filter(|(id, _)| {
            is_new(id, &|member: &Member| {
                matches!(member, Member::Group(_)) && member.id().eq_ignore_ascii_case(id)
            })
        })
        .collect();
    Ok(Wanted { addresses, groups, already })
}

fn steps(wanted: &Wanted, roles: &[Role]) -> Vec<String> {
    let with: Vec<String> = roles.iter().map(|role| format!("{:?}", role.display_name)).collect();
    let with = with.join(", ");
    let users = wanted.addresses.iter().map(|address| format!("add {address} with {with}"));
    let groups = wanted.groups.iter().map(|(_, name)| format!("add group {name:?} with {with}"));
    let left = wanted.already.iter().map(|member| {
        let roles = member.roles();
        let is = if matches!(member, Member::Invited(_)) { "was invited" } else { "is a member" };
        format!("leave {}, who {is} with {roles}", member.who())
    });
    users.chain(groups).chain(left).collect()
}

fn plan(itwin: &str, wanted: &Wanted, roles: &[Role]) -> Value {
    json!({
        "change": "add",
        "iTwinId": itwin,
        "roles": roles.iter().map(|role| json!({"id": role.id, "name": role.display_name}))
            .collect::<Vec<_>>(),
        "addresses": wanted.addresses,
        "groups": wanted.groups.iter().map(|(id, _)| id).collect::<Vec<_>>(),
        "already": wanted.already.iter().map(Member::document).collect::<Vec<_>>(),
        "applied": false,
    })
}

fn email(member: &AddUserMember) -> &str {
    &member.email
}

fn group(member: &AddGroupMember) -> &str {
    &member.group_id
}

fn report(users: &AddedMembers, groups: &AddedGroups) -> Value {
    let mut refused = failed(&users.failed, email);
    refused.extend(failed(&groups.failed, group));
    let unsent = users.unsent.iter().map(email).chain(groups.unsent.iter().map(group));
    json!({
        "members": users.members,
        "groups": groups.members,
        "invitations": users.invitations,
        "failed": refused,
        "notSent": unsent.collect::<Vec<_>>(),
        "notMentioned": users.unmentioned.iter().map(email).collect::<Vec<_>>(),
    })
}

/// A row for each, in the order of what became of them.
fn show(wanted: &Wanted, users: &AddedMembers, groups: &AddedGroups) -> Result<()> {
    let mut table = Table::new(&["WHO", "OUTCOME", "DETAILS"]);
    let mut row = |who: &str, outcome: &str, details: String| {
        table.row([who.to_owned(), outcome.to_owned(), details]);
    };
    for member in &users.members {
        row(member.email.as_deref().unwrap_or(&member.id), "added", names(&member.roles));
    }
    for group in &groups.members {
        row(&group.group_name, "added", names(&group.roles));
    }
    for invitation in &users.invitations {
        row(&invitation.email, "invited", format!("until {}", invitation.expiration_date));
    }
    for member in &wanted.already {
        let outcome =
            if matches!(member, Member::Invited(_)) { "was invited" } else { "was there" };
        row(member.who(), outcome, member.roles());
    }
    for call in &users.failed {
        let told = told(call);
        call.entries.iter().for_each(|entry| row(&entry.email, "FAILED", told.clone()));
    }
    for call in &groups.failed {
        let told = told(call);
        call.entries.iter().for_each(|entry| row(&entry.group_id, "FAILED", told.clone()));
    }
    for entry in &users.unsent {
        row(&entry.email, "not sent", "an earlier call failed".to_owned());
    }
    for entry in &groups.unsent {
        row(&entry.group_id, "not sent", "an earlier call failed".to_owned());
    }
    for entry in &users.unmentioned {
        row(&entry.email, "unclear", "the answer does not name them".to_owned());
    }
    let mut out = io::stdout().lock();
    table.show(&mut out)?;
    Ok(out.flush()?)
}

/// A call that failed, whether for one entry or as a whole, and whether it may have
/// been carried out all the same.
fn told<T>(call: &FailedAddition<T>) -> String {
    let is_shared = call.culprit().is_none() && call.entries.len() > 1;
    let whole = if is_shared { "the call as a whole: " } else { "" };
    let doubt = if call.error.kind().is_ambiguous() { " (may be done all the same)" } else { "" };
    format!("{whole}{}{doubt}", call.error)
}
