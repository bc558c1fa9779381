//! Taking members, groups and invitations back.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::json;
use twinkit::itwin::{Error, ITwin, ITwinId};

use super::list::{Member, but_owners};
use crate::consent::{Consent, Decision};
use crate::itwin::each::{Each, Item, Report, taken_away};
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::usage::id;

/// Remove members and groups from an iTwin, and withdraw invitations.
///
/// An owner stays an owner: `twinkit itwin members owners remove` ends that.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// Mail addresses, names of groups, or ids of members, groups and invitations.
    #[arg(required = true)]
    who: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let Args { itwin, who, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let found = find(but_owners(&client, &itwin).await?, &who)?;
    let steps: Vec<String> = found.iter().map(step).collect();
    let plan = json!({
        "change": "remove",
        "iTwinId": itwin,
        "members": found.iter().map(Member::document).collect::<Vec<_>>(),
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    remove_each(&client, &itwin, &found, output).await?.close(output, plan)
}

/// Removes all of them, as far as they can be.
pub(in crate::itwin) async fn remove_each(
    client: &ITwin,
    itwin: &str,
    members: &[Member],
    output: Output,
) -> Result<Report> {
    let item = |member: &Member| {
        let (kind, who) = (member.kind(), member.who());
        let document = json!({"kind": kind, "id": member.id(), "who": who});
        Item { name: format!("{kind} {who}"), document }
    };
    let removing = Each::new(output, "removed")
        .run(members, item, async |member| taken_away(remove(client, itwin, member).await));
    removing.await
}

/// The members that are meant, each once. Who is both a member and invited is both.
fn find(mut members: Vec<Member>, who: &[String]) -> Result<Vec<Member>> {
    let mut found = Vec::new();
    for who in who {
        let is_it = |member: &Member| {
            member.who().eq_ignore_ascii_case(who) || member.id().eq_ignore_ascii_case(who)
        };
        let (meant, others): (Vec<_>, Vec<_>) = members.into_iter().partition(is_it);
        if meant.is_empty() && !found.iter().any(is_it) {
            bail!("{who} is neither a member of the iTwin nor a group, nor invited");
        }
        found.extend(meant);
        members = others;
    }
    Ok(found)
}

fn step(member: &Member) -> String {
    let (who, id, roles) = (member.who(), member.id(), member.roles());
    match member {
        Member::Invited(_) => format!("withdraw the invitation of {who} ({roles})"),
        Member::Group(_) => format!("remove group {who:?} ({roles})"),
        Member::InvitedToGroup(to) => {
            format!("withdraw the invitation of {who} to group {:?}", to.group_name)
        }
        _ => format!("remove {who}, member {id} ({roles})"),
    }
}

async fn remove(client: &ITwin, itwin: &str, member: &Member) -> Result<(), Error> {
    let (access, id) = (client.access_control(), member.id());
    match member {
        Member::Owner(_) => access.remove_owner().id(itwin).member_id(id).send().await?,
        Member::User(_) => access.remove_user_member().id(itwin).member_id(id).send().await?,
        Member::Group(_) => access.remove_group_member().id(itwin).member_id(id).send().await?,
        Member::InvitedToGroup(to) => {
            let delete = access.delete_group_invitation().id(itwin).group_id(to.group_id.as_str());
            delete.invitation_id(id).send().await?
        }
        Member::Invited(_) => {
            access.delete_member_invitation().id(itwin).invitation_id(id).send().await?
        }
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(id: &str, email: &str) -> Member {
        let text = format!(r#"{{"id":"{id}","email":"{email}","roles":[]}}"#);
        Member::User(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn members_are_found_by_address_or_id_and_each_once() {
        let all = || vec![member("1", "ann@a"), member("2", "bob@b"), member("3", "cy@c")];
        let who = |who: &[&str]| who.iter().map(ToString::to_string).collect::<Vec<_>>();
        let found = find(all(), &who(&["ANN@a", "2", "1"])).unwrap();
        assert_eq!(found.iter().map(Member::id).collect::<Vec<_>>(), ["1", "2"]);
        assert!(find(all(), &who(&["ann@a", "nobody"])).is_err());
    }
}
