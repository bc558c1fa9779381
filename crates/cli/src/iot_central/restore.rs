//! `twinkit iot-central restore`: an export is carried into an application.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::ValueEnum;
use serde_json::{Value, json};
use twinkit::iot_central::archive::{
    Action, ArchiveError, Existing, Outcome, Plan, Restore, RestoreReport,
};

use super::application::ApplicationArgs;
use super::consent::{Consent, Decision};
use super::export::told;
use super::progress::Progress;
use super::secret_file::SecretPlace;
use super::{INCOMPLETE, INTERRUPTED, Output};
use crate::stop::Stop;
use crate::table::Table;

/// Carry an export into an application, as far as its API allows.
///
/// The plan is a table of every item: what would be done with it, and what of it
/// cannot be carried. Run again after a failure or an interruption, it finds what
/// is there already and leaves it alone. Exit codes: 0 everything was carried; 3
/// done, but something could not be carried; 130 interrupted.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The folder of the export.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// What becomes of items that are there already and differ.
    #[arg(long, value_enum, default_value = "skip")]
    existing: ExistingArg,
    /// Make API tokens of the same ids and roles, and write their new values to
    /// this new file, readable by its owner only: a JSON object for each and line.
    #[arg(long, value_name = "FILE")]
    api_tokens: Option<PathBuf>,
    /// Make so many calls at a time.
    #[arg(long, value_name = "NUMBER", default_value = "4")]
    concurrency: usize,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Clone, Copy, ValueEnum)]
enum ExistingArg {
    /// They stay as they are.
    Skip,
    /// They become what the export has.
    Replace,
    /// Nothing is done at all.
    Fail,
}

impl From<ExistingArg> for Existing {
    fn from(said: ExistingArg) -> Self {
        match said {
            ExistingArg::Skip => Self::Skip,
            ExistingArg::Replace => Self::Replace,
            ExistingArg::Fail => Self::Fail,
        }
    }
}

pub(super) async fn run(
    args: Args,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    args.consent.check()?;
    let place = args.api_tokens.map(SecretPlace::file).transpose()?;
    let client = application.connect().await?;
    let mut progress = None;
    let mut restore = Restore::new(&client, &args.folder)
        .existing(args.existing.into())
        .concurrency(args.concurrency)
        .on_progress(|at| {
            let shown = progress.get_or_insert_with(|| Progress::of(at.total));
            shown.at(at.done, &at.to_string(), at.done == at.total);
        });
    if place.is_some() {
        restore = restore.recreate_api_tokens();
    }
    let plan = restore.plan().await.map_err(told)?;
    let (text, document) = (table(&plan)?, document(&plan));
    let decision = args.consent.decide_on(output, &text, &document, plan.is_empty())?;
    if let Decision::Stop(code) = decision {
        return Ok(code);
    }
    let mut stop = Stop::listen()?;
    let applied = tokio::select! {
        applied = plan.apply() => applied,
        () = stop.asked() => {
            drop(progress);
            eprintln!(
                "Interrupted. Run the same command again: what was carried is found and left \
                 alone.{}",
                if place.is_some() { " Values of API tokens that were made are lost." } else { "" }
            );
            return Ok(ExitCode::from(INTERRUPTED));
        }
    };
    drop(progress);
    // Values of tokens are nowhere else, also if the rest failed.
    let (report, failure) = match applied {
        Ok(report) => (report, None),
        Err(ArchiveError::Stopped { source, report }) => (*report, Some(source)),
        Err(error) => return Err(told(error)),
    };
    if let Some(place) = place {
        keep(&report, place)?;
    }
    show(&report, output, failure.is_none())?;
    if let Some(failure) = failure {
        return Err(anyhow::Error::new(failure)
            .context("the restore could not go on; run the same command again to carry on"));
    }
    let complete = report.not_carried().next().is_none();
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
}

/// Writes the values of new API tokens; no file if there are none.
fn keep(report: &RestoreReport, place: SecretPlace) -> Result<()> {
    let line = |made: &twinkit::iot_central::archive::RestoredToken| {
        json!({"id": made.id, "token": made.token.expose()}).to_string()
    };
    let lines: Vec<String> = report.tokens.iter().map(line).collect();
    if lines.is_empty() { Ok(()) } else { place.put(&lines.join("\n")) }
}

fn action(action: &Action) -> (&'static str, Option<String>) {
    match action {
        Action::Create => ("create", None),
        Action::Replace => ("replace", None),
        Action::Leave => ("leave", None),
        Action::Skip { reason: text } => ("skip", reason(text)),
        _ => ("other", None),
    }
}

fn outcome(outcome: &Outcome) -> (&'static str, Option<String>) {
    match outcome {
        Outcome::Created => ("created", None),
        Outcome::Replaced => ("replaced", None),
        Outcome::Same => ("same", None),
        Outcome::NotCarried { reason: text } => ("not carried", reason(text)),
        _ => ("other", None),
    }
}

/// Reason and notes in one cell.
fn notes(reason: Option<String>, notes: &[String]) -> String {
    let all: Vec<String> = reason.into_iter().chain(notes.iter().cloned()).collect();
    all.join("; ")
}

/// A reason with what the library calls a method as the option that it is here.
fn reason(text: &str) -> Option<String> {
    Some(text.replace("recreate_api_tokens()", "--api-tokens FILE"))
}

fn table(plan: &Plan<'_>) -> Result<String> {
    let mut table = Table::new(&["ACTION", "COLLECTION", "ID", "NOTES"]);
    for item in plan.items() {
        let (what, reason) = action(&item.action);
        let collection = item.collection.name().to_owned();
        table.row([what.to_owned(), collection, item.id.clone(), notes(reason, &item.notes)]);
    }
    let mut text = Vec::new();
    table.show(&mut text)?;
    let by_hand = plan.not_in_the_api().join("; ");
    let text = String::from_utf8_lossy(&text);
    Ok(format!("{text}To be set up by hand, as no API has it: {by_hand}"))
}

fn document(plan: &Plan<'_>) -> Value {
    let item = |item: &twinkit::iot_central::archive::PlannedItem| {
        let (what, reason) = action(&item.action);
        json!({
            "collection": item.collection.name(),
            "id": item.id,
            "action": what,
            "reason": reason,
            "notes": item.notes,
        })
    };
    json!({
        "items": plan.items().iter().map(item).collect::<Vec<_>>(),
        "notInTheApi": plan.not_in_the_api(),
        "applied": false,
    })
}

fn show(report: &RestoreReport, output: Output, complete: bool) -> Result<()> {
    if output.json {
        let item = |item: &twinkit::iot_central::archive::RestoredItem| {
            let (what, reason) = outcome(&item.outcome);
            json!({
                "collection": item.collection.name(),
                "id": item.id,
                "outcome": what,
                "reason": reason,
                "notes": item.notes,
            })
        };
        return Output::document(&json!({
            "items": report.items.iter().map(item).collect::<Vec<_>>(),
            "notInTheApi": report.not_in_the_api(),
            "applied": true,
            "ended": complete,
        }));
    }
    // What went well is counted, the rest is told one by one.
    writeln!(io::stdout(), "{report}")?;
    let mut table = Table::new(&["OUTCOME", "COLLECTION", "ID", "NOTES"]);
    for item in &report.items {
        let (what, reason) = outcome(&item.outcome);
        if reason.is_some() || !item.notes.is_empty() {
            let collection = item.collection.name().to_owned();
            table.row([what.to_owned(), collection, item.id.clone(), notes(reason, &item.notes)]);
        }
    }
    if table.waiting() > 0 {
        table.show(&mut io::stdout().lock())?;
    }
    Ok(())
}
