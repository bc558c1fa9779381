//! Making webhooks. A secret that the platform made is handed to the caller, or the
//! webhook is deleted: nobody can read it again.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, anyhow};
use serde_json::{Value, json};
use twinkit::auth::ExposeSecret as _;
use twinkit::itwin::webhooks::enums::WebhookScope;
use twinkit::itwin::webhooks::types::{WebhookCreate, WebhookCreated, WebhookUpdate};
use twinkit::itwin::{ITwin, ITwinId, Secret};

use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::input::Input;
use crate::itwin::platform::PlatformArgs;
use crate::output::{Output, Results, add, json};
use crate::secret_file::{SecretArgs, SecretPlace};
use crate::usage::{id, wrong};

/// Fewer characters the platform does not take.
const SHORTEST: usize = 32;

/// Make a webhook, and print the secret that its deliveries are signed with, which
/// is told only once.
///
/// The secret goes to stdout and nothing else does; or, with --out, into a file. With
/// --secret-file nothing is printed of it. A webhook is made inactive: --activate, or
/// `twinkit itwin webhooks activate`, lets it deliver.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// The https address to call.
    #[arg(value_name = "URL")]
    callback: String,
    /// A kind of event, such as iModels.namedVersionCreated.v1. May be repeated.
    #[arg(long = "event", value_name = "KIND", required = true)]
    events: Vec<String>,
    #[command(flatten)]
    scope: ScopeArgs,
    /// Sign with the secret in this file, of 32 characters or more, instead of one
    /// that the platform makes.
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    secret_file: Option<PathBuf>,
    /// Let it deliver at once.
    #[arg(long)]
    activate: bool,
    #[command(flatten)]
    secret: SecretArgs,
    #[command(flatten)]
    consent: Consent,
}

#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct ScopeArgs {
    /// Events of this iTwin.
    #[arg(long, value_name = "ID", value_parser = id::<ITwinId>)]
    itwin: Option<String>,
    /// Events of the application's own account, which mostly are none: iTwins of
    /// people are in their account.
    #[arg(long)]
    account: bool,
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let Args { callback, events, scope, secret_file, activate, secret, consent } = args;
    consent.check()?;
    let own = match &secret_file {
        Some(path) => Some(Input::file("secret file", path).secret().await?),
        None => None,
    };
    if own.as_ref().is_some_and(|own| own.expose_secret().chars().count() < SHORTEST) {
        return Err(wrong(format!("the secret must have {SHORTEST} characters or more")));
    }
    // What can fail fails before anybody is asked.
    let place = secret.prepare()?;
    let client = platform.connect().await?;
    let of = match &scope.itwin {
        Some(id) => format!("iTwin {id}"),
        None => "the account".to_owned(),
    };
    let kinds = events.join(", ");
    let state = if activate { "and activate it" } else { "inactive for now" };
    let step = format!("make a webhook of {of} that tells {callback} of {kinds}, {state}");
    let plan = json!({
        "change": "create",
        "callbackUrl": callback,
        "scopeId": scope.itwin,
        "eventTypes": events,
        "active": activate,
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let is_own = own.is_some();
    let body = WebhookCreate {
        callback_url: callback,
        event_types: events,
        scope: match scope.itwin {
            Some(_) => WebhookScope::ITwin,
            None => WebhookScope::Account,
        },
        scope_id: scope.itwin,
        secret: own.map(|own| Secret::from(own.expose_secret())),
    };
    let made = client.webhooks().create_webhook().body(body).send().await?.into_inner();
    let mut document = document(&made);
    let mut results = Results::default();
    if is_own {
        results.either(output, &document, &printable(&made.id));
    } else if let Err(error) = hand_out(&mut document, &made, place, output) {
        return Err(taken_back(&client, &made, error).await);
    }
    tell!("Webhook {} was made.", printable(&made.id));
    if activate {
        let body = WebhookUpdate {
            active: Some(true),
            callback_url: None,
            event_types: None,
            secret: None,
        };
        let update = client.webhooks().update_webhook().webhook_id(made.id.as_str());
        update.body(body).send().await?;
        tell!("It is active.");
    }
    Ok(results.ending())
}

fn document(made: &WebhookCreated) -> Value {
    json!({
        "id": made.id,
        "callbackUrl": made.callback_url,
        "scope": made.scope.as_str(),
        "scopeId": made.scope_id,
        "eventTypes": made.event_types,
    })
}

fn hand_out(
    document: &mut Value,
    made: &WebhookCreated,
    place: SecretPlace,
    output: Output,
) -> Result<()> {
    let secret = made.secret.expose();
    match (output.json, place.is_file()) {
        (false, _) => place.put(secret),
        (true, true) => place.put(secret).and_then(|()| Output::document(document)),
        (true, false) => {
            add(document, "secret", json!(secret));
            place.put(&json(document)?)
        }
    }
}

/// Deletes a webhook whose secret nobody has.
async fn taken_back(client: &ITwin, made: &WebhookCreated, error: anyhow::Error) -> anyhow::Error {
    let id = printable(&made.id);
    let fate = match client.webhooks().delete_webhook().webhook_id(made.id.as_str()).send().await {
        Ok(_) => "was deleted again".to_owned(),
        Err(error) => format!("could not be deleted again: {error}"),
    };
    anyhow!("{error:#}; the new webhook {id} {fate}")
}
