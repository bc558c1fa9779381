//! `twinkit itwin offboard`: somebody's access to an iTwin ends.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::itwin::{ITwinId, OffboardingPlan};

use super::platform::PlatformArgs;
use super::who::{Chosen, Who};
use crate::consent::{Consent, Decision};
use crate::exit::INCOMPLETE;
use crate::identity::claims::printable;
use crate::output::{Output, add};
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
    let mut document = document(&itwin, &plan);
    let decision = consent.decide(output, &steps(&plan), &document, plan.is_idle()).await?;
    if let Decision::Stop(code) = decision {
        return Ok(code);
    }
    let report = plan.apply().await?;
    add(&mut document, "applied", json!(true));
    add(&mut document, "withdrawnInvitations", json!(report.withdrawn_invitations));
    let of_groups = report.withdrawn_group_invitations;
    add(&mut document, "withdrawnGroupInvitations", json!(of_groups));
    add(&mut document, "wasMember", json!(report.was_member));
    add(&mut document, "wasOwner", json!(report.was_owner));
    output.either(&document, &printable(&report.to_string()))?;
    let sees_all = report.unseen.is_nothing();
    Ok(if sees_all { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
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
