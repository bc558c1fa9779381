//! `twinkit itwin onboard`: a service application or a person is let in.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use twinkit::auth::Credential;
use twinkit::itwin::{
    ITwin, ITwinId, OnboardingPlan, OnboardingReport, PlannedChange, PlannedRole, RoleChange,
    RoleGrant, Standing,
};

use super::platform::PlatformArgs;
use super::who::{CLIENT_ID, Chosen, Who, own_credential};
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::output::{Output, add};
use crate::usage::id;

/// Let a service application or a person use an iTwin.
///
/// Done twice by an owner it changes nothing: a member keeps its place, and its roles
/// are replaced only if they differ. People and applications of other organizations are
/// invited; with --from-env or --prove an application accepts at once. The caller
/// must be an owner of the iTwin, or may invite members and manage roles there; others
/// than owners do not see invitations that somebody else made, and invite once more.
#[derive(clap::Args)]
pub(super) struct Args {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    #[command(flatten)]
    who: Who,
    /// A role of the iTwin, by name or id. May be repeated; the member will have
    /// these roles and no others. `twinkit itwin members roles list` lists them.
    #[arg(long = "role", value_name = "ROLE", required_unless_present = "make_role")]
    roles: Vec<String>,
    /// A role that is made if the iTwin has none of this name, with the permissions
    /// of --permission; one that is there gets those that it lacks.
    #[arg(long, value_name = "NAME", requires = "permissions")]
    make_role: Option<String>,
    /// A permission of --make-role, such as imodels_read. May be repeated.
    #[arg(long = "permission", value_name = "PERMISSION", requires = "make_role")]
    permissions: Vec<String>,
    /// Leave a member the roles that it has, beside those given here.
    #[arg(long)]
    keep_roles: bool,
    /// A text for the mail of an invitation.
    #[arg(long, value_name = "TEXT")]
    message: Option<String>,
    /// Call the platform afterwards as the application, with the credential in
    /// ONBOARD_ITWIN_CLIENT_ID and ONBOARD_ITWIN_CLIENT_SECRET. Tries for up to a
    /// minute.
    #[arg(long)]
    prove: bool,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    args.consent.check()?;
    let chosen = args.who.chosen()?;
    let own = match &chosen {
        Chosen::OwnerOf(own) => Some(own.clone()),
        Chosen::Address(_) => args.prove.then(own_credential).transpose()?,
    };
    let client = platform.connect().await?;
    let mut onboarding = match (&own, &chosen) {
        (Some(own), _) | (None, Chosen::OwnerOf(own)) => {
            client.onboard_credential(args.itwin.as_str(), own)
        }
        (None, Chosen::Address(address)) => client.onboard_email(args.itwin.as_str(), address),
    };
    for role in args.roles {
        onboarding = onboarding.role(role);
    }
    if let Some(name) = args.make_role {
        let description = "Made by twinkit itwin onboard";
        onboarding = onboarding.role(RoleGrant::made(name, description, args.permissions));
    }
    if args.keep_roles {
        onboarding = onboarding.keep_roles();
    }
    if let Some(message) = args.message {
        onboarding = onboarding.message(message);
    }
    let plan = onboarding.plan().await?;
    if let Chosen::Address(named) = &chosen
        && !named.eq_ignore_ascii_case(plan.email())
    {
        let is = printable(plan.email());
        bail!("{named} is to be let in, but the credential in {CLIENT_ID} is of {is}");
    }
    let mut document = document(&args.itwin, &plan);
    let decision = args.consent.decide(output, &[&plan], &document, plan.is_done()).await?;
    if let Decision::Stop(code) = decision {
        return Ok(code);
    }
    let report = plan.apply().await?;
    add(&mut document, "applied", json!(true));
    add(&mut document, "standing", standing(&report));
    let mut text = printable(&report.to_string());
    if let Some(own) = own.filter(|_| args.prove) {
        text.push_str(&prove(&client, &own, &report, &mut document).await.inspect_err(|_| {
            // The change was made all the same.
            tell!("{text}");
        })?);
    }
    output.done(&document, &text)
}

async fn prove(
    client: &ITwin,
    own: &Credential,
    report: &OnboardingReport,
    document: &mut Value,
) -> Result<String> {
    tell!("Calling as the application...");
    let proven = client.prove_access(own).of(report).run().await?;
    add(document, "proven", json!({"permissions": proven.permissions}));
    let permissions = printable(&proven.permissions.join(", "));
    Ok(format!("\nproven: it called the platform and may do in the iTwin: {permissions}"))
}

fn document(itwin: &str, plan: &OnboardingPlan<'_>) -> Value {
    let change = match plan.change() {
        PlannedChange::Add => "add",
        PlannedChange::SetRoles { .. } => "setRoles",
        PlannedChange::InviteAgain { .. } => "inviteAgain",
        PlannedChange::AwaitAcceptance { .. } if !plan.is_done() => "accept",
        _ => "none",
    };
    json!({
        "change": change,
        "iTwinId": itwin,
        "email": plan.email(),
        "roles": plan.roles().iter().map(role).collect::<Vec<_>>(),
        "seesInvitations": plan.sees_invitations(),
        "applied": false,
    })
}

fn role(role: &PlannedRole) -> Value {
    let (change, permissions) = match &role.change {
        RoleChange::Create { permissions, .. } => ("create", Some(permissions)),
        RoleChange::Extend { lacking, .. } => ("extend", Some(lacking)),
        _ => ("none", None),
    };
    json!({"id": role.id, "name": role.name, "change": change, "newPermissions": permissions})
}

fn standing(report: &OnboardingReport) -> Value {
    match &report.standing {
        Standing::Member(member) => json!({"kind": "member", "member": member}),
        Standing::Invited(invitation) => json!({"kind": "invited", "invitation": invitation}),
        _ => Value::Null,
    }
}
