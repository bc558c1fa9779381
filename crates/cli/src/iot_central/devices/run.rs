//! `devices command`: a device is told to do something, and what came of it.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::iot_central::{CommandOutcome, DeviceId, Error};

use super::{Part, commands};
use crate::consent::{Consent, Decision};
use crate::hints::spoken;
use crate::input::Input;
use crate::iot_central::application::ApplicationArgs;
use crate::output::Output;
use crate::table::pairs;
use crate::usage::{id, wrong};

/// Exit codes of a command that was run, but not done.
const DEVICE_ERROR: u8 = 4;
const NOT_CONNECTED: u8 = 5;
const TIMED_OUT: u8 = 6;

/// Run a command on a device and wait for its answer.
///
/// Exit codes: 0 the device did it or took it up; 1 the command could not be run,
/// as when there is no such device or command; 2 wrong usage; 4 the device
/// answered that it failed; 5 it is not connected (or its template has no such
/// command, where the service does not tell the two apart); 6 it did not answer
/// in time, and may have done it.
#[derive(clap::Args)]
pub(in crate::iot_central) struct Args {
    /// The device's id.
    #[arg(value_parser = id::<DeviceId>)]
    id: String,
    /// The command's name in the template.
    name: String,
    #[command(flatten)]
    part: Part,
    /// What the command is given, in JSON. It goes into the member `request` by
    /// itself.
    #[arg(long, value_name = "JSON")]
    payload: Option<String>,
    /// The same from a file.
    #[arg(long, value_name = "FILE", conflicts_with = "payload")]
    payload_file: Option<PathBuf>,
    /// Give a device that is not connected so many seconds to come.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(0..=30))]
    connect_within: Option<u64>,
    /// Give the device so many seconds to answer; 30 by default.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(5..=30))]
    answer_within: Option<u64>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    args: Args,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    args.consent.check()?;
    let payload = payload(args.payload, args.payload_file).await?;
    let client = application.connect().await?;
    let mut call = client.command(args.id.as_str(), args.name.as_str());
    if let Some(module) = &args.part.module {
        call = call.module(module);
    }
    if let Some(component) = &args.part.component {
        call = call.component(component);
    }
    if let Some(payload) = &payload {
        call = call.payload(payload);
    }
    if let Some(seconds) = args.connect_within {
        call = call.connection_timeout(Duration::from_secs(seconds));
    }
    if let Some(seconds) = args.answer_within {
        call = call.response_timeout(Duration::from_secs(seconds));
    }
    let plan = json!({
        "change": "command",
        "device": args.id,
        "module": args.part.module,
        "component": args.part.component,
        "command": args.name,
        "payload": payload,
        "applied": false,
    });
    let given = payload.map(|payload| format!(" with {payload}")).unwrap_or_default();
    let step = format!("run command {} on {}{given}", args.name, args.part.of(&args.id));
    if let Decision::Stop(code) = args.consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let outcome = call.run().await?;
    let known = match &outcome {
        CommandOutcome::NotConnected { error, .. } if is_unknown(error) => {
            commands::of(&client, &args.id, &args.part).await
        }
        _ => None,
    };
    tell(&outcome, known.as_deref(), output)
}

async fn payload(text: Option<String>, file: Option<PathBuf>) -> Result<Option<Value>> {
    let text = match (text, file) {
        (Some(text), _) => text,
        (None, Some(path)) => Input::file("payload file", &path).text().await?,
        (None, None) => return Ok(None),
    };
    let parsed = serde_json::from_str(&text);
    parsed.map(Some).map_err(|error| wrong(format!("the payload is no JSON: {error}")))
}

/// `known` are the commands that there are, if the one that was meant is not.
fn tell(outcome: &CommandOutcome, known: Option<&[String]>, output: Output) -> Result<ExitCode> {
    let (what, code, response, error) = match outcome {
        CommandOutcome::Answered { code, response, .. } => {
            ("answered", *code, response.as_ref(), None)
        }
        CommandOutcome::DeviceError { code, response, .. } => {
            ("device error", Some(*code), response.as_ref(), None)
        }
        CommandOutcome::NotConnected { error, .. } if is_unknown(error) => {
            ("no such command", None, None, Some(error))
        }
        CommandOutcome::NotConnected { error, .. } => ("not reached", None, None, Some(error)),
        CommandOutcome::TimedOut { error, .. } => ("timed out", None, None, Some(error)),
        _ => ("unknown", None, None, None),
    };
    if output.json {
        Output::document(&json!({
            "outcome": what,
            "responseCode": code,
            "response": response,
            "error": error.map(ToString::to_string),
            "commands": known,
        }))?;
    } else {
        let code = code.map(|code| ("code", code.to_string()));
        let response = response.map(|response| ("response", response.get().to_owned()));
        // What helps a device that is not there is no help here.
        let hint = error.filter(|error| !is_unknown(error)).and_then(|error| error.hint());
        let hint = hint.map(|hint| ("hint", spoken(hint).into_owned()));
        let error = error.map(|error| ("error", error.to_string()));
        let mut rows = vec![("outcome", what.to_owned())];
        let none = || "none".to_owned();
        let known = known.map(|known| ("commands", known.join(", ")));
        let known = known.map(|(name, all)| (name, if all.is_empty() { none() } else { all }));
        rows.extend(code.into_iter().chain(response).chain(error).chain(hint).chain(known));
        pairs(&rows, &mut io::stdout().lock())?;
    }
    Ok(match outcome {
        CommandOutcome::Answered { .. } => ExitCode::SUCCESS,
        CommandOutcome::DeviceError { .. } => ExitCode::from(DEVICE_ERROR),
        CommandOutcome::NotConnected { error, .. } if is_unknown(error) => ExitCode::FAILURE,
        CommandOutcome::NotConnected { .. } => ExitCode::from(NOT_CONNECTED),
        CommandOutcome::TimedOut { .. } => ExitCode::from(TIMED_OUT),
        _ => ExitCode::FAILURE,
    })
}

/// Whether the service says that the command is not there, rather than the
/// device. What it says of either is not documented; our choice goes by words.
fn is_unknown(error: &Error) -> bool {
    let message = error.message().unwrap_or_default().to_lowercase();
    message.contains("command") && !message.contains("connect")
}
