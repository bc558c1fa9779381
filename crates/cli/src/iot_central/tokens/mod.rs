//! `twinkit iot-central tokens`: API tokens of the application. The value of a
//! token is told once, when it is made: to stdout alone or into a file.

mod issue;

use std::io;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Subcommand;
use serde_json::json;
use twinkit::iot_central::types::ApiToken;
use twinkit::iot_central::{ApiTokenId, Client};

use super::after;
use super::application::ApplicationArgs;
use super::roles::RoleNames;
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::output::Output;
use crate::table::Table;
use crate::usage::once;

/// List, make, replace and revoke API tokens.
///
/// What a token opens is told by its roles, not by who made it. The value of a new
/// token goes to stdout and nothing else does; or, with --out, into a file.
#[derive(Subcommand)]
pub(super) enum Command {
    /// List the API tokens. Their values cannot be read again.
    List,
    /// Make an API token and print its value, which is told only once.
    ///
    /// With --json one object with its id, roles, end and value; the value is
    /// left out with --out.
    Create(issue::CreateArgs),
    /// Replace an API token by a new one with the same roles.
    ///
    /// The new one is made, tried and handed out before the old one ends.
    Rotate(issue::RotateArgs),
    /// Revoke API tokens: they end at once; the one that calls last of all.
    Revoke(RevokeArgs),
}

#[derive(clap::Args)]
pub(super) struct RevokeArgs {
    /// The ids of the tokens.
    #[arg(required = true)]
    ids: Vec<ApiTokenId>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    command: Command,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::List => list(&application.connect().await?, output).await,
        Command::Create(args) => issue::create(args, application, output).await,
        Command::Rotate(args) => issue::rotate(args, application, output).await,
        Command::Revoke(args) => revoke(args, application, output).await,
    }
}

async fn list(client: &Client, output: Output) -> Result<ExitCode> {
    let tokens: Vec<ApiToken> = client.list_api_tokens().items().into_vec().await?;
    if output.json {
        for ApiToken { id, roles, expiry, .. } in tokens {
            Output::document(&json!({"id": id, "roles": roles, "expiry": expiry}))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let names = RoleNames::of(client, tokens.iter().flat_map(|token| &token.roles)).await?;
    let mut table = Table::new(&["ID", "ENDS", "ROLES"]);
    for ApiToken { id, roles, expiry, .. } in tokens {
        let ends = expiry.map(|at| at.to_string()).unwrap_or_default();
        table.row([id.unwrap_or_default(), ends, names.shown(&roles)]);
    }
    table.show(&mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

async fn revoke(
    args: RevokeArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let RevokeArgs { ids, consent } = args;
    consent.check()?;
    let mut ids = once(ids);
    // Nothing can be done after it.
    let own = application.own_token_id().await?;
    let is_own = |id: &ApiTokenId| own.as_deref() == Some(id.as_str());
    ids.sort_by_key(is_own);
    let client = application.connect().await?;
    let listed = client.list_api_tokens().items().into_vec().await?;
    let names = RoleNames::of(&client, listed.iter().flat_map(|token| &token.roles)).await?;
    let mut steps = Vec::new();
    for id in &ids {
        let found = listed.iter().find(|token| token.id.as_deref() == Some(id.as_str()));
        let found = found.ok_or_else(|| anyhow!("the application has no API token {id}"))?;
        let calls = if is_own(id) { ", which calls" } else { "" };
        steps.push(format!("revoke API token {id} ({}){calls}", names.shown(&found.roles)));
    }
    let plan = json!({
        "change": "revoke",
        "ids": ids.iter().map(ApiTokenId::as_str).collect::<Vec<_>>(),
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let mut told = Vec::new();
    for id in &ids {
        let there = client.revoke_api_token(id).await.map_err(|error| after(&told, error))?;
        let what = if there { "was revoked" } else { "was gone already" };
        told.push(format!("API token {} {what}", printable(id.as_str())));
    }
    output.applied(plan, &told.join("\n"))
}
