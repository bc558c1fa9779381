//! Whether a delivery that was saved is genuine. Nothing is sent.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::auth::ExposeSecret as _;
use twinkit::itwin::Secret;
use twinkit::itwin::webhooks::{Event, EventVerifier};

use crate::input::Input;
use crate::itwin::list::cell;
use crate::output::Output;
use crate::table::pairs;
use crate::usage::{variable, wrong};

const VARIABLE: &str = "ITWIN_WEBHOOK_SECRET";

/// Check whether a delivery that was saved is genuine, and show what it says.
///
/// Nothing is sent. Exit codes: 0 genuine; 1 not genuine, or genuine and unreadable;
/// 2 wrong usage.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// The value of the delivery's Signature header, `sha256=...`.
    #[arg(long, value_name = "TEXT")]
    signature: String,
    /// The body, byte for byte as it came; `-` is stdin.
    #[arg(long, value_name = "FILE", default_value = "-")]
    body: PathBuf,
    /// The webhook's secret is in this file. ITWIN_WEBHOOK_SECRET may hold it as
    /// well. May be repeated, while a secret is replaced.
    #[arg(long = "secret-file", value_name = "FILE")]
    secret_files: Vec<PathBuf>,
}

pub(super) async fn run(args: Args, output: Output) -> Result<ExitCode> {
    let Args { signature, body, secret_files } = args;
    let verifier = verifier(&secret_files).await?;
    let body = Input::file_or_stdin("body", &body).bytes().await?;
    match verifier.verify(Some(&signature), &body) {
        Ok(event) => {
            if output.json {
                // What it said, beside what it was found to be.
                let event: Value = serde_json::from_slice(&body)?;
                Output::document(&json!({"genuine": true, "event": event}))?;
            } else {
                show(&event, &body)?;
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(refused) => {
            let document = json!({
                "genuine": refused.status() == 400,
                "reason": refused.to_string(),
                "answerWith": refused.status(),
            });
            if output.json {
                Output::document(&document)?;
                return Ok(ExitCode::FAILURE);
            }
            Err(refused.into())
        }
    }
}

async fn verifier(files: &[PathBuf]) -> Result<EventVerifier> {
    let mut secrets = Vec::with_capacity(files.len());
    for file in files {
        secrets.push(Input::file("secret file", file).secret().await?);
    }
    if secrets.is_empty() {
        secrets.extend(variable(VARIABLE)?.map(Into::into));
    }
    let mut secrets = secrets.iter().map(|secret| Secret::from(secret.expose_secret()));
    let Some(first) = secrets.next() else {
        return Err(wrong(format!("the webhook's secret is needed: --secret-file, or {VARIABLE}")));
    };
    let verifier = secrets.try_fold(EventVerifier::new(&first)?, |it, secret| it.or(&secret))?;
    Ok(verifier)
}

fn show(event: &Event, body: &[u8]) -> Result<()> {
    let whole: Value = serde_json::from_slice(body)?;
    let content = whole.get("content").map(Value::to_string);
    let rows = [
        ("genuine", "yes".to_owned()),
        ("event", event.event_type.clone()),
        ("message", event.message_id.clone()),
        ("webhook", event.webhook_id.clone()),
        ("iTwin", cell(event.itwin_id.as_ref())),
        ("enqueued", cell(event.enqueued.as_ref())),
        ("content", content.unwrap_or_default()),
    ];
    Ok(pairs(&rows, &mut io::stdout().lock())?)
}
