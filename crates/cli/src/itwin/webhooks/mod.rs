//! `twinkit itwin webhooks`: which events the platform tells to which address, and
//! whether what came there is genuine.

mod change;
mod issue;
mod verify;

use std::io;
use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;
use twinkit::itwin::WebhookId;
use twinkit::itwin::webhooks::types::Webhook;

use super::list::cell;
use super::platform::PlatformArgs;
use crate::output::Output;
use crate::table::{Table, pairs};
use crate::usage::id;

/// List, make, switch and delete webhooks, and check what they delivered.
///
/// The platform lets service applications only have webhooks.
#[derive(Subcommand)]
pub(super) enum Command {
    /// List the webhooks of the caller.
    List,
    /// Show one webhook. Its secret cannot be read again.
    Show {
        /// Its id.
        #[arg(value_parser = id::<WebhookId>)]
        id: String,
    },
    Create(issue::Args),
    /// Let it deliver.
    Activate(change::Args),
    /// Stop it from delivering, until it is activated again.
    Deactivate(change::Args),
    /// Delete it.
    Delete(change::Args),
    Verify(verify::Args),
}

pub(super) async fn run(
    command: Command,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::List => list(platform, output).await,
        Command::Show { id } => show(&id, platform, output).await,
        Command::Create(args) => issue::run(args, platform, output).await,
        Command::Activate(args) => change::switch(args, true, platform, output).await,
        Command::Deactivate(args) => change::switch(args, false, platform, output).await,
        Command::Delete(args) => change::delete(args, platform, output).await,
        Command::Verify(args) => verify::run(args, output).await,
    }
}

async fn list(platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let webhooks = client.webhooks().list_webhooks().send().await?.into_inner().webhooks;
    if output.json {
        webhooks.iter().try_for_each(Output::document)?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut table = Table::new(&["ID", "ACTIVE", "OF", "CALLBACK", "EVENTS"]);
    for webhook in webhooks {
        let (active, of) = (yes(webhook.active), scope(&webhook));
        let events = webhook.event_types.join(", ");
        table.row([webhook.id, active, of, webhook.callback_url, events]);
    }
    table.show(&mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

async fn show(id: &str, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let webhook = client.webhooks().get_webhook().webhook_id(id).send().await?.into_inner();
    if output.json {
        Output::document(&webhook)?;
        return Ok(ExitCode::SUCCESS);
    }
    let rows = [
        ("id", webhook.id.clone()),
        ("active", yes(webhook.active)),
        ("of", scope(&webhook)),
        ("callback", webhook.callback_url.clone()),
        ("events", webhook.event_types.join(", ")),
        ("created", cell(webhook.created)),
        ("modified", cell(webhook.modified)),
    ];
    pairs(&rows, &mut io::stdout().lock())?;
    Ok(ExitCode::SUCCESS)
}

fn yes(is_so: bool) -> String {
    if is_so { "yes" } else { "no" }.to_owned()
}

fn scope(webhook: &Webhook) -> String {
    match &webhook.scope_id {
        Some(id) => format!("{} {id}", webhook.scope),
        None => webhook.scope.to_string(),
    }
}
