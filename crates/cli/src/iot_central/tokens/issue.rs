//! Making and replacing API tokens. A new token is handed to the caller or
//! revoked: one that nobody can read must not be left behind.

use std::fmt::Display;
use std::process::ExitCode;
use std::time::SystemTime;

use anyhow::{Context, Result, anyhow, bail};
use jiff::{SpanRelativeTo, Timestamp, Unit};
use serde_json::{Value, json};
use twinkit::iot_central::types::RoleAssignment;
use twinkit::iot_central::{ApiTokenId, Client, Error, ErrorKind, IssuedApiToken, RoleGrant};

use crate::consent::{Consent, Decision};
use crate::exit::INTERRUPTED;
use crate::identity::claims::printable;
use crate::iot_central::application::ApplicationArgs;
use crate::iot_central::roles::{self, RoleNames, documents};
use crate::iot_central::{check_organizations, organizations};
use crate::output::{Output, add, json};
use crate::secret_file::{SecretArgs, SecretPlace};
use crate::stop::Stop;
use crate::usage::wrong_with;

#[derive(clap::Args)]
pub(in crate::iot_central) struct CreateArgs {
    /// Its id, by which it is revoked.
    id: ApiTokenId,
    /// A role, by name or id, in the whole application or in one organization.
    /// May be repeated.
    #[arg(long = "role", required = true, value_name = "ROLE[@ORGANIZATION]",
          value_parser = roles::grant)]
    roles: Vec<RoleGrant>,
    /// When it ends: a time such as 2030-01-31T00:00:00Z, or from now, such as
    /// 90d or 12h. The service chooses if left out, about a year ahead.
    #[arg(long, value_name = "WHEN", value_parser = end)]
    expires: Option<Timestamp>,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    consent: Consent,
}

#[derive(clap::Args)]
pub(in crate::iot_central) struct RotateArgs {
    /// The id of the token to be replaced.
    id: ApiTokenId,
    /// The new one's id; that of the old one with a counter by default.
    #[arg(long, value_name = "ID")]
    new_id: Option<ApiTokenId>,
    /// Leave the old token as it is. Revoke it when the new one is in use.
    #[arg(long)]
    keep_old: bool,
    /// When the new one ends, in the same forms as of `tokens create`. Needed, or
    /// else --default-lifetime, unless the old one ends more than 300 days from
    /// now: how long it was made for is not known.
    #[arg(long, value_name = "WHEN", value_parser = end)]
    expires: Option<Timestamp>,
    /// Leave the end to the service, about a year ahead.
    #[arg(long, conflicts_with = "expires")]
    default_lifetime: bool,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    consent: Consent,
}

/// An end that has passed cannot be meant.
fn end(text: &str) -> Result<Timestamp, String> {
    let at = time(text)?;
    if at > Timestamp::now() { Ok(at) } else { Err(format!("{at} has passed")) }
}

fn time(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let span: jiff::Span = text
        .parse()
        .map_err(|_| "write it as 2030-01-31T00:00:00Z, or from now as 90d or 12h".to_owned())?;
    let lasts = span
        .to_duration(SpanRelativeTo::days_are_24_hours())
        .map_err(|_| "months and years differ in length: give days".to_owned())?;
    let at = Timestamp::now().checked_add(lasts).and_then(|at| at.round(Unit::Second));
    at.map_err(|error| error.to_string())
}

pub(super) async fn create(
    args: CreateArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let CreateArgs { id, roles, expires, secret, consent } = args;
    consent.check()?;
    // What can fail fails before anybody is asked.
    let place = secret.prepare()?;
    let client = application.connect().await?;
    check_free(&client, &id).await?;
    let resolved: Vec<RoleAssignment> = client.resolve_roles(&roles).await?;
    check_organizations(&client, organizations(&resolved)).await?;
    let names = RoleNames::of(&client, &resolved).await?;
    let step = format!("make API token {id} with {}{}", names.shown(&resolved), until(expires));
    let plan = json!({
        "change": "create",
        "id": id.as_str(),
        "roles": documents(&resolved),
        "expiry": expires.map(|at| at.to_string()),
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let mut making = client.make_api_token(id.as_str()).roles(resolved);
    if let Some(at) = expires {
        making = making.expires(SystemTime::from(at));
    }
    let mut stop = Stop::listen()?;
    let made = tokio::select! {
        made = making.make() => made?,
        () = stop.asked() => return Ok(interrupted(id.as_str())),
    };
    hand_out(&client, &made, place, output).await?;
    tell!("API token {} was made{}.", printable(made.id.as_str()), ends(&made));
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn rotate(
    args: RotateArgs,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let RotateArgs { id, new_id, keep_old, expires, default_lifetime, secret, consent } = args;
    consent.check()?;
    let place = secret.prepare()?;
    let client = application.connect().await?;
    let old = client.get_api_token().token_id(id.as_str()).send().await?.into_inner();
    // The old one ends when the new one is in the caller's hands.
    let mut rotation = client.rotate_api_token(id.as_str()).keep_old();
    if let Some(at) = expires {
        rotation = rotation.expires(SystemTime::from(at));
    }
    if default_lifetime {
        rotation = rotation.default_lifetime();
    }
    let expiry = rotation.end_after(old.expiry.as_ref()).map_err(unsaid)?;
    let names = RoleNames::of(&client, &old.roles).await?;
    let new_id = match new_id {
        Some(new_id) => {
            check_free(&client, &new_id).await?;
            new_id
        }
        None => client.next_api_token_id(&id).await?,
    };
    let end = match &expiry {
        Some(at) => until(Some(at)),
        None => ", which ends when the service chooses, about a year ahead".to_owned(),
    };
    let roles = names.shown(&old.roles);
    let mut steps = vec![format!("make API token {new_id} with the roles of {id}: {roles}{end}")];
    if !keep_old {
        steps.push(format!("revoke API token {id}"));
    }
    let plan = json!({
        "change": "rotate",
        "id": id.as_str(),
        "newId": new_id.as_str(),
        "roles": documents(&old.roles),
        "expiry": expiry,
        "revokeOld": !keep_old,
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let rotation = rotation.new_id(new_id.as_str());
    let mut stop = Stop::listen()?;
    let new = tokio::select! {
        rotated = rotation.rotate() => rotated?.new,
        () = stop.asked() => return Ok(interrupted(new_id.as_str())),
    };
    hand_out(&client, &new, place, output).await?;
    let name = printable(new.id.as_str());
    if keep_old {
        tell!("API token {name} was made{}; {id} stays.", ends(&new));
        return Ok(ExitCode::SUCCESS);
    }
    client.revoke_api_token(id.as_str()).await.with_context(|| {
        format!("API token {name} was made, but {id} could not be revoked and stays")
    })?;
    tell!("API token {name} was made{}; {id} was revoked.", ends(&new));
    Ok(ExitCode::SUCCESS)
}

/// What is to be said of the new token's end is an argument that is missing.
fn unsaid(error: Error) -> anyhow::Error {
    if error.kind() != ErrorKind::InvalidRequest {
        return error.into();
    }
    wrong_with(error.message().unwrap_or("its end is not known"), error.hint())
}

/// Refuses an id that a token of the application has.
async fn check_free(client: &Client, id: &ApiTokenId) -> Result<()> {
    match client.get_api_token().token_id(id).send().await {
        Ok(_) => bail!(
            "the application has an API token {id} already; choose another id, or rotate or \
             revoke that one"
        ),
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Says what may be left. Nothing is revoked: whether the token is this run's or
/// was there before is not known any more.
fn interrupted(id: &str) -> ExitCode {
    tell!(
        "Interrupted. A token may have been made whose value nobody can read: look for {} by \
         `twinkit iot-central tokens list`, and revoke it.",
        printable(id)
    );
    ExitCode::from(INTERRUPTED)
}

/// Hands a new token to the caller, or revokes it.
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
            json(&document).map_err(Into::into).and_then(|text| place.put(&text))
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

fn until(expires: Option<impl Display>) -> String {
    expires.map(|at| format!(", until {at}")).unwrap_or_default()
}

fn ends(made: &IssuedApiToken) -> String {
    made.expiry.as_ref().map(|at| format!(" and ends {at}")).unwrap_or_default()
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
        for text in ["", "soon", "1y", "2 months", "90", "2020-01-31T00:00:00Z", "-1d"] {
            assert!(end(text).is_err(), "{text}");
        }
    }
}
