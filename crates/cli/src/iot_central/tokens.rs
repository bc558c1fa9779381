//! `twinkit iot-central tokens`: API tokens of the application. The value of a
//! token is told once, when it is made: to stdout alone or into a file.

use std::io;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow};
use clap::Subcommand;
use jiff::{SpanRelativeTo, Timestamp};
use serde_json::{Value, json};
use twinkit::iot_central::types::{ApiToken, RoleAssignment};
use twinkit::iot_central::{ApiTokenId, Client, IssuedApiToken, RoleGrant};

use super::application::ApplicationArgs;
use super::consent::{Consent, Decision};
use super::roles::{self, RoleNames, documents};
use super::secret_file::{SecretArgs, SecretPlace};
use super::{INTERRUPTED, Output, add};
use crate::identity::claims::printable;
use crate::stop::Stop;
use crate::table::Table;

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
    Create(CreateArgs),
    /// Replace an API token by a new one with the same roles.
    ///
    /// The new one is made, tried and handed out before the old one ends.
    Rotate(RotateArgs),
    /// Revoke API tokens: they end at once.
    Revoke(RevokeArgs),
}

#[derive(clap::Args)]
pub(super) struct CreateArgs {
    /// Its id, by which it is revoked.
    id: String,
    /// A role, by name or id, in the whole application or in one organization.
    /// May be repeated.
    #[arg(long = "role", required = true, value_name = "ROLE[@ORGANIZATION]",
          value_parser = roles::grant)]
    roles: Vec<RoleGrant>,
    #[command(flatten)]
    end: End,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    consent: Consent,
}

#[derive(clap::Args)]
pub(super) struct RotateArgs {
    /// The id of the token to be replaced.
    id: String,
    /// The new one's id; that of the old one with a counter by default.
    #[arg(long, value_name = "ID")]
    new_id: Option<String>,
    /// Leave the old token as it is. Revoke it when the new one is in use.
    #[arg(long)]
    keep_old: bool,
    #[command(flatten)]
    end: End,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    consent: Consent,
}

#[derive(clap::Args)]
pub(super) struct RevokeArgs {
    /// The ids of the tokens.
    #[arg(required = true)]
    ids: Vec<ApiTokenId>,
    #[command(flatten)]
    consent: Consent,
}

#[derive(clap::Args)]
struct End {
    /// When it ends: a time such as 2030-01-31T00:00:00Z, or from now, such as
    /// 90d or 12h. The service chooses if left out, about a year ahead.
    #[arg(long, value_name = "WHEN", value_parser = end)]
    expires: Option<Timestamp>,
}

fn end(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let span: jiff::Span = text
        .parse()
        .map_err(|_| "write it as 2030-01-31T00:00:00Z, or from now as 90d or 12h".to_owned())?;
    let lasts = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| "months and years differ in length: give days".to_owned())?;
    Timestamp::now().checked_add(lasts).map_err(|error| error.to_string())
}

pub(super) async fn run(
    command: Command,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::List => list(&application.connect().await?, output).await,
        Command::Create(args) => create(args, application, output).await,
        Command::Rotate(args) => rotate(args, application, output).await,
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

async fn create(
    args: CreateArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let CreateArgs { id, roles, end: End { expires }, secret, consent } = args;
    consent.check()?;
    let client = application.connect().await?;
    let resolved: Vec<RoleAssignment> = client.resolve_roles(&roles).await?;
    let names = RoleNames::of(&client, &resolved).await?;
    let step = format!("make API token {id} with {}{}", names.shown(&resolved), until(expires));
    let plan = json!({
        "change": "create",
        "id": id,
        "roles": documents(&resolved),
        "expiry": expires.map(|at| at.to_string()),
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false)? {
        return Ok(code);
    }
    let place = secret.prepare()?;
    let mut making = client.make_api_token(id.as_str()).roles(resolved);
    if let Some(at) = expires {
        making = making.expires(SystemTime::from(at));
    }
    let mut stop = Stop::listen()?;
    let made = tokio::select! {
        made = making.make() => made?,
        () = stop.asked() => return Ok(interrupted(&id)),
    };
    hand_out(&client, &made, place, output).await?;
    eprintln!("API token {} was made{}.", printable(made.id.as_str()), ends(&made));
    Ok(ExitCode::SUCCESS)
}

async fn rotate(
    args: RotateArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let RotateArgs { id, new_id, keep_old, end: End { expires }, secret, consent } = args;
    consent.check()?;
    let client = application.connect().await?;
    let old = client.get_api_token().token_id(id.as_str()).send().await?.into_inner();
    let names = RoleNames::of(&client, &old.roles).await?;
    let called = new_id.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
    let roles = names.shown(&old.roles);
    let mut steps =
        vec![format!("make API token{called} with the roles of {id}: {roles}{}", until(expires))];
    if !keep_old {
        steps.push(format!("revoke API token {id}"));
    }
    let plan = json!({
        "change": "rotate",
        "id": id,
        "newId": new_id,
        "roles": documents(&old.roles),
        "expiry": expires.map(|at| at.to_string()),
        "revokeOld": !keep_old,
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false)? {
        return Ok(code);
    }
    let place = secret.prepare()?;
    // The old one ends when the new one is in the caller's hands.
    let mut rotation = client.rotate_api_token(id.as_str()).keep_old();
    if let Some(new_id) = new_id {
        rotation = rotation.new_id(new_id);
    }
    if let Some(at) = expires {
        rotation = rotation.expires(SystemTime::from(at));
    }
    let mut stop = Stop::listen()?;
    let new = tokio::select! {
        rotated = rotation.rotate() => rotated?.new,
        () = stop.asked() => return Ok(interrupted(&id)),
    };
    hand_out(&client, &new, place, output).await?;
    let name = printable(new.id.as_str());
    if keep_old {
        eprintln!("API token {name} was made{}; {id} stays.", ends(&new));
        return Ok(ExitCode::SUCCESS);
    }
    client.revoke_api_token(id.as_str()).await.with_context(|| {
        format!("API token {name} was made, but {id} could not be revoked and stays")
    })?;
    eprintln!("API token {name} was made{}; {id} was revoked.", ends(&new));
    Ok(ExitCode::SUCCESS)
}

/// Says what may be left. Nothing is revoked: whether the token is this run's or
/// was there before is not known any more.
fn interrupted(id: &str) -> ExitCode {
    eprintln!(
        "Interrupted. A token may have been made whose value nobody can read: look for {} by \
         `twinkit iot-central tokens list`, and revoke it.",
        printable(id)
    );
    ExitCode::from(INTERRUPTED)
}

/// Hands a new token to the caller, or revokes it: one that nobody can read must
/// not be left behind.
async fn hand_out(
    client: &Client,
    made: &IssuedApiToken,
    place: SecretPlace,
    output: Output,
) -> Result<()> {
    let told = match (output.json, place.is_file()) {
        (false, _) => place.put(made.secret.expose()),
        (true, true) => {
            place.put(made.secret.expose()).and_then(|()| Output::document(&document(made)))
        }
        (true, false) => {
            let mut document = document(made);
            add(&mut document, "token", json!(made.secret.expose()));
            place.put(&document.to_string())
        }
    };
    let Err(error) = told else { return Ok(()) };
    let fate = match client.revoke_api_token(&made.id).await {
        Ok(_) => "was revoked again".to_owned(),
        Err(error) => format!("could not be revoked again: {error}"),
    };
    Err(anyhow!("{error:#}; the new token {} {fate}", printable(made.id.as_str())))
}

fn document(made: &IssuedApiToken) -> Value {
    json!({"id": made.id.as_str(), "roles": documents(&made.roles), "expiry": made.expiry})
}

fn until(expires: Option<Timestamp>) -> String {
    expires.map(|at| format!(", until {at}")).unwrap_or_default()
}

fn ends(made: &IssuedApiToken) -> String {
    made.expiry.as_ref().map(|at| format!(" and ends {at}")).unwrap_or_default()
}

async fn revoke(
    args: RevokeArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let RevokeArgs { ids, consent } = args;
    consent.check()?;
    let client = application.connect().await?;
    let listed = client.list_api_tokens().items().into_vec().await?;
    let names = RoleNames::of(&client, listed.iter().flat_map(|token| &token.roles)).await?;
    let mut steps = Vec::new();
    for id in &ids {
        let found = listed.iter().find(|token| token.id.as_deref() == Some(id.as_str()));
        let found = found.ok_or_else(|| anyhow!("the application has no API token {id}"))?;
        steps.push(format!("revoke API token {id} ({})", names.shown(&found.roles)));
    }
    let mut plan = json!({
        "change": "revoke",
        "ids": ids.iter().map(ApiTokenId::as_str).collect::<Vec<_>>(),
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false)? {
        return Ok(code);
    }
    let mut told = Vec::new();
    for id in &ids {
        let there = client.revoke_api_token(id).await?;
        let what = if there { "was revoked" } else { "was gone already" };
        told.push(format!("API token {} {what}", printable(id.as_str())));
    }
    add(&mut plan, "applied", json!(true));
    output.either(&plan, &told.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_times_or_spans_from_now() {
        let at = end("2030-01-31T00:00:00Z").unwrap();
        assert_eq!(at.to_string(), "2030-01-31T00:00:00Z");
        for (text, hours) in [("90d", 90 * 24), ("12h", 12), ("2w", 14 * 24)] {
            let from_now = end(text).unwrap().duration_since(Timestamp::now()).as_secs();
            assert!((hours * 3600 - 60..=hours * 3600).contains(&from_now), "{text}: {from_now}");
        }
        for text in ["", "soon", "1y", "2 months", "90"] {
            assert!(end(text).is_err(), "{text}");
        }
    }
}
