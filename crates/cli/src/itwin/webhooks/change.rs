//! Switching and deleting webhooks.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use twinkit::itwin::WebhookId;
use twinkit::itwin::webhooks::types::WebhookUpdate;

use super::scope;
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::usage::id;

#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// Its id.
    #[arg(value_parser = id::<WebhookId>)]
    id: String,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn switch(
    args: Args,
    active: bool,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let Args { id, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let webhook = client.webhooks().get_webhook().webhook_id(id.as_str()).send().await?;
    let is_idle = webhook.active == active;
    let (verb, done) =
        if active { ("activate", "is active") } else { ("deactivate", "is not active") };
    let step = match is_idle {
        true => format!("webhook {id} {done} already; nothing to do"),
        false => format!("{verb} webhook {id}, which calls {}", webhook.callback_url),
    };
    let change = if is_idle { "none" } else { verb };
    let plan = json!({"change": change, "id": id, "active": active, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, is_idle).await? {
        return Ok(code);
    }
    if !is_idle {
        let body = WebhookUpdate {
            active: Some(active),
            callback_url: None,
            event_types: None,
            secret: None,
        };
        client.webhooks().update_webhook().webhook_id(id.as_str()).body(body).send().await?;
    }
    output.applied(plan, &format!("webhook {} {done}", printable(&id)))
}

pub(super) async fn delete(
    args: Args,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let Args { id, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let webhooks = client.webhooks();
    let webhook = webhooks.get_webhook().webhook_id(id.as_str()).send().await?.into_inner();
    let step = format!("delete webhook {id} of {}, to {}", scope(&webhook), webhook.callback_url);
    let plan = json!({"change": "delete", "id": id, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    webhooks.delete_webhook().webhook_id(id.as_str()).send().await?;
    output.applied(plan, &format!("webhook {} was deleted", printable(&id)))
}
