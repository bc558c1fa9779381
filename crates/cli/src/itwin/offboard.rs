//! `twinkit itwin offboard`: somebody's access to an iTwin ends.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::itwin::{ITwinId, OffboardingPlan};

use super::members::{Member, remove_each};
use super::platform::PlatformArgs;
use super::who::{Chosen, Who};
use crate::consent::{Consent, Decision};
use crate::exit::INCOMPLETE;
use crate::identity::claims::printable;
use crate::output::Output;
use crate::usage::id;

/// Take somebody's access to an iTwin back: membership, ownership, and invitations
/// that are open, to the iTwin and to its groups.
///
/// Done twice it changes nothing. Groups that let them in as well are named and stay.
/// An owner should call: others do not see the invitations that somebody else made.
///
/// Exit codes: 0 what there was is gone; 1 it failed; 3 what was seen is gone, and not
/// all could be seen, as the report tells.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let Args { itwin, who, consent } = args;
    consent.check()?;
    let chosen = who.chosen()?;
    let client = platform.connect().await?;
    let offboarding = match &chosen {
        Chosen::Address(address) => client.offboard_email(itwin.as_str(), address),
        Chosen::OwnerOf(credential) => client.offboard_credential(itwin.as_str(), credential),
    };
    let plan = offboarding.plan().await?;
    let document = document(&itwin, &plan);
    let decision = consent.decide(output, &steps(&plan), &document, plan.is_idle()).await?;
    if let Decision::Stop(code) = decision {
        return Ok(code);
    }
    let found = found(&plan);
    if !output.json {
        tell(&itwin, &plan, found.is_empty())?;
    }
    // One by one, and not as the library does it, which ends at the first refusal:
    // what can be taken away is.
    let code = remove_each(&client, &itwin, &found, output).await?.close(output, document)?;
    let is_sure = code != ExitCode::SUCCESS || plan.unseen().is_nothing();
    Ok(if is_sure { code } else { ExitCode::from(INCOMPLETE) })
}

/// What was nothing to do, and what could not be seen.
fn tell(itwin: &str, plan: &OffboardingPlan<'_>, is_nothing: bool) -> Result<()> {
    if is_nothing {
        let told = format!("{} had no access of their own to iTwin {itwin}", plan.email());
        let told = if plan.unseen().is_nothing() { told } else { told + ", as far as can be seen" };
        Output::text(&printable(&told))?;
    }
    if !plan.unseen().is_nothing() {
        Output::text(&printable(&format!("not seen: {}", plan.unseen())))?;
    }
    Ok(())
}

/// What is taken away: invitations first, so that none is accepted meanwhile.
fn found(plan: &OffboardingPlan<'_>) -> Vec<Member> {
    let invitations = plan.invitations().iter().cloned().map(Member::Invited);
    let of_groups = plan.group_invitations().iter().cloned().map(Member::InvitedToGroup);
    let member = plan.member().cloned().map(Member::User);
    let owner = plan.owner().cloned().map(Member::Owner);
    invitations.chain(of_groups).chain(member).chain(owner).collect()
}

/// What is done, what stays, and what to beware of.
fn steps(plan: &OffboardingPlan<'_>) -> Vec<String> {
    let mut steps = vec![plan.to_string()];
    let groups = plan.groups().iter();
    steps.extend(groups.map(|group| format!("leave group {:?}, which they are in", group.name)));
    if plan.takes_last_owner() {
        steps.push("BEWARE: the iTwin has no other owner".to_owned());
    }
    steps
}

fn document(itwin: &str, plan: &OffboardingPlan<'_>) -> Value {
    let groups: Vec<_> =
        plan.groups().iter().map(|group| json!({"id": group.id, "name": group.name})).collect();
    let group_invitations = plan.group_invitations().iter().map(|it| {
        json!({"groupId": it.group_id, "groupName": it.group_name, "invitation": it.invitation})
    });
    let unseen = plan.unseen();
    json!({
        "change": if plan.is_idle() { "none" } else { "offboard" },
        "iTwinId": itwin,
        "email": plan.email(),
        "member": plan.member(),
        "owner": plan.owner(),
        "invitations": plan.invitations(),
        "groupInvitations": group_invitations.collect::<Vec<_>>(),
        "groupsThatStay": groups,
        "takesLastOwner": plan.takes_last_owner(),
        "unseen": {"invitationsOfOthers": unseen.invitations, "groups": unseen.groups},
        "applied": false,
    })
}
