//! `twinkit iot-central onboard`: somebody is let in.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::iot_central::{
    Client, Onboarding, OnboardingPlan, PlannedChange, ProvenAccess, RoleGrant,
};

use super::application::ApplicationArgs;
use super::principal::{self, Chosen, PrincipalArgs};
use super::roles::{self, documents};
use super::{LAST_ADMINISTRATOR, check_organizations, organizations};
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::output::{Output, add};

/// Let a service principal, a group or a person use the application.
///
/// Done twice it changes nothing: a user of the same principal is found under any
/// user id, and its roles are replaced only if they differ.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    principal: PrincipalArgs,
    /// A role, by name or id, in the whole application or in one organization.
    /// May be repeated; the user will have these roles and no others.
    #[arg(long = "role", required = true, value_name = "ROLE[@ORGANIZATION]",
          value_parser = roles::grant)]
    roles: Vec<RoleGrant>,
    /// Id of a user that has to be made; the object id by default.
    #[arg(long, value_name = "ID")]
    user_id: Option<String>,
    /// The client id, so that an object id that is the same is refused.
    #[arg(long, value_name = "ID")]
    client_id: Option<String>,
    /// The principal is of another tenant than the caller. Without this, such a
    /// tenant is taken for a slip.
    #[arg(long)]
    other_tenant: bool,
    /// Call the application afterwards as the principal, with the credential in
    /// ONBOARD_CLIENT_ID, ONBOARD_CLIENT_SECRET and ONBOARD_TENANT_ID. Tries for
    /// up to a minute.
    #[arg(long)]
    prove: bool,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    args: Args,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    args.consent.check()?;
    let chosen = args.principal.chosen()?;
    let own = match (&chosen, args.prove) {
        (Chosen::OwnerOf(credential), true) => Some(credential.clone()),
        (_, true) => Some(principal::own_credential()?),
        (_, false) => None,
    };
    let client = application.connect().await?;
    let mut onboarding = begin(&client, &chosen).roles(args.roles);
    if let Some(id) = args.user_id {
        onboarding = onboarding.user_id(id);
    }
    if let Some(id) = args.client_id {
        onboarding = onboarding.client_id(id);
    }
    if args.other_tenant {
        onboarding = onboarding.other_tenant();
    }
    if let Some(own) = &own {
        onboarding = onboarding.check_credential(own);
    }
    let plan = onboarding.plan().await?;
    check_organizations(&client, organizations(plan.roles())).await?;
    let mut document = document(&plan);
    let mut steps = vec![plan.to_string()];
    if plan.changes_caller() {
        let beware = "BEWARE: these are the caller's own roles; what the new ones do not permit, \
                      it can neither check nor take back";
        steps.push(beware.to_owned());
    }
    if plan.takes_last_administrator() {
        steps.push(LAST_ADMINISTRATOR.to_owned());
    }
    let decision = args.consent.decide(output, &steps, &document, plan.is_done()).await?;
    if let Decision::Stop(code) = decision {
        return Ok(code);
    }
    let report = plan.apply().await?;
    add(&mut document, "applied", json!(true));
    let mut text = printable(&report.to_string());
    if let Some(own) = own {
        tell!("Calling as the principal...");
        let proven = client.prove_access(&own).of(&report).run().await.inspect_err(|_| {
            // The change was made all the same.
            tell!("{text}");
        })?;
        add(&mut document, "proven", json!({"devicesOnFirstPage": proven.devices}));
        text.push_str(&told(&proven));
    }
    output.done(&document, &text)
}

fn begin<'a>(client: &'a Client, chosen: &Chosen) -> Onboarding<'a> {
    match chosen {
        Chosen::ServicePrincipal { tenant_id, object_id } => {
            client.onboard_service_principal(tenant_id, object_id)
        }
        Chosen::OwnerOf(credential) => client.onboard_credential(credential),
        Chosen::Group { tenant_id, object_id } => client.onboard_group(tenant_id, object_id),
        Chosen::Email(address) => client.onboard_email(address),
    }
}

fn document(plan: &OnboardingPlan<'_>) -> Value {
    let (change, present) = match plan.change() {
        PlannedChange::Create => ("create", None),
        PlannedChange::Update { present } => ("update", Some(documents(present))),
        _ => ("none", None),
    };
    json!({
        "change": change,
        "principal": principal::document(plan.principal()),
        "userId": plan.user_id().as_str(),
        "roles": documents(plan.roles()),
        "presentRoles": present,
        "changesCaller": plan.changes_caller(),
        "takesLastAdministrator": plan.takes_last_administrator(),
        "applied": false,
    })
}

fn told(proven: &ProvenAccess) -> String {
    let devices = proven.devices;
    format!("\nproven: it called the application and saw {devices} devices on the first page")
}
