//! `twinkit iot-central offboard`: somebody's access ends.

use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use twinkit::auth::{Credential, TokenClaims, TokenRequest};
use twinkit::iot_central::{Client, Offboarding, OffboardingPlan, TOKEN_SCOPE, types};

use super::LAST_ADMINISTRATOR;
use super::application::ApplicationArgs;
use super::principal::{Chosen, GROUP, PrincipalArgs};
use super::roles::RoleNames;
use super::users::Shown;
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::output::{Output, add};

/// Take somebody's access back: the user, and the API tokens that are named.
///
/// API tokens have no owner on this platform: those that the principal used must
/// be named. Others with the same roles are shown and stay.
#[derive(clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    principal: PrincipalArgs,
    /// The user with this id, of whatever kind it is.
    #[arg(long, value_name = "ID", group = GROUP)]
    user: Option<String>,
    /// Revoke this API token, too. May be repeated.
    #[arg(long = "revoke-token", value_name = "ID")]
    tokens: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    args: Args,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    args.consent.check()?;
    let chosen = match args.user {
        Some(id) => Whom::User(id),
        None => Whom::Principal(args.principal.chosen()?),
    };
    let client = application.connect().await?;
    let plan = begin(&client, chosen).await?.tokens(args.tokens).plan().await?;
    let steps = steps(&client, &plan).await?;
    let mut document = document(&plan);
    let decision = args.consent.decide(output, &steps, &document, plan.is_done()).await?;
    if let Decision::Stop(code) = decision {
        return Ok(code);
    }
    let report = plan.apply().await?;
    add(&mut document, "applied", json!(true));
    add(&mut document, "revokedTokens", json!(report.revoked_tokens));
    add(&mut document, "deletedUsers", json!(report.deleted_users));
    add(&mut document, "goneAlready", json!(report.gone_already));
    output.done(&document, &printable(&report.to_string()))
}

enum Whom {
    User(String),
    Principal(Chosen),
}

async fn begin(client: &Client, whom: Whom) -> Result<Offboarding<'_>> {
    let chosen = match whom {
        Whom::User(id) => return Ok(client.offboard_user(id)),
        Whom::Principal(chosen) => chosen,
    };
    Ok(match chosen {
        Chosen::ServicePrincipal { tenant_id, object_id } => {
            client.offboard_service_principal(&tenant_id, &object_id)
        }
        Chosen::OwnerOf(credential) => {
            let (tenant_id, object_id) = ids(&credential).await?;
            client.offboard_service_principal(&tenant_id, &object_id)
        }
        Chosen::Group { tenant_id, object_id } => client.offboard_group(&tenant_id, &object_id),
        Chosen::Email(address) => client.offboard_email(&address),
    })
}

/// Tenant and object id that the principal's own token tells.
async fn ids(credential: &Credential) -> Result<(String, String)> {
    let token = credential.token(&TokenRequest::new([TOKEN_SCOPE])?).await?;
    let claims = TokenClaims::of(&token);
    let ids = claims.as_ref().and_then(|claims| Some((claims.tenant_id()?, claims.object_id()?)));
    match ids {
        Some((tenant, object)) => Ok((tenant.to_owned(), object.to_owned())),
        None => bail!("the principal's token does not tell its ids; give them by --object-id"),
    }
}

/// What is done, what stays, and what to beware of.
async fn steps(client: &Client, plan: &OffboardingPlan<'_>) -> Result<Vec<String>> {
    let users: Vec<Shown> = plan.users().iter().map(Shown::of).collect();
    let tokens = plan.tokens().iter().chain(plan.candidates());
    let assignments = users.iter().flat_map(|user| &user.roles);
    let assignments = assignments.chain(tokens.flat_map(|token| &token.roles));
    let names = RoleNames::of(client, assignments).await?;
    let told = |token: &types::ApiToken| {
        let id = token.id.as_deref().unwrap_or("without id");
        format!("API token {id} ({})", names.shown(&token.roles))
    };
    let own = plan.own_token();
    let own_id = own.and_then(|own| own.id.as_deref());
    let is_first = |token: &&types::ApiToken| own.is_none() || token.id.as_deref() != own_id;
    let first = plan.tokens().iter().filter(is_first);
    let mut steps: Vec<String> = first.map(|token| format!("revoke {}", told(token))).collect();
    for user in &users {
        let Shown { id, kind, identity, roles } = user;
        let roles = names.shown(roles);
        steps.push(format!("delete user {id}, {kind} {identity} ({roles})"));
    }
    if users.is_empty() {
        steps.push("there is no such user".to_owned());
    }
    steps.extend(own.map(|own| format!("revoke {}, which calls, last of all", told(own))));
    for token in plan.candidates() {
        steps.push(format!("leave {}, which has the same roles", told(token)));
    }
    if plan.takes_last_administrator() {
        steps.push(LAST_ADMINISTRATOR.to_owned());
    }
    Ok(steps)
}

fn document(plan: &OffboardingPlan<'_>) -> Value {
    let ids = |tokens: &[types::ApiToken]| -> Value {
        tokens.iter().map(|token| json!(token.id)).collect()
    };
    json!({
        "users": plan.users(),
        "revokeTokens": ids(plan.tokens()),
        "tokensWithSameRoles": ids(plan.candidates()),
        "takesLastAdministrator": plan.takes_last_administrator(),
        "applied": false,
    })
}
