//! `twinkit iot-central restore`: an export is carried into an application.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;

use anyhow::Result;
use clap::ValueEnum;
use serde_json::{Value, json};
use twinkit::iot_central::archive::{
    Action, ArchiveError, Collection, Existing, Outcome, Plan, Restore, RestoreReport,
};

use super::LAST_ADMINISTRATOR;
use super::application::ApplicationArgs;
use super::token_log::TokenLog;
use crate::consent::{Consent, Decision};
use crate::exit::{INCOMPLETE, INTERRUPTED};
use crate::hints::spoken;
use crate::identity::claims::printable;
use crate::output::Output;
use crate::progress::Progress;
use crate::stop::Stop;
use crate::table::Table;
use crate::usage::{at_a_time, wrong};

/// Carry an export into an application, as far as its API allows.
///
/// The plan counts what would be done with the items of each collection, and what
/// of them cannot be carried; --details tells every item. Run again after a failure or an interruption, it finds what
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
    /// Make API tokens of the same ids and roles, last of all, and write each new
    /// value to this file as soon as it is made: a JSON object for each and line,
    /// readable by the file's owner only. A file of an earlier run is added to.
    #[arg(long, value_name = "FILE")]
    api_tokens: Option<PathBuf>,
    /// Revoke API tokens that are there already and whose values the file does not
    /// have, and make them anew. Whoever calls with one needs the new value.
    #[arg(long, requires = "api_tokens")]
    replace_api_tokens: bool,
    /// Tell every item of the plan.
    #[arg(long)]
    details: bool,
    /// Make so many calls at a time.
    #[arg(long, value_name = "NUMBER", default_value = "4",
          value_parser = at_a_time)]
    concurrency: usize,
    #[command(flatten)]
    consent: Consent,
}

#[derive(Clone, Copy, ValueEnum)]
enum ExistingArg {
    /// They stay as they are.
    Skip,
    /// They become what the export has; but for the user who calls.
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
    let endpoint = application.endpoint()?;
    let log = args.api_tokens.map(|path| TokenLog::read(path, &endpoint)).transpose()?;
    let log = log.map(Mutex::new);
    let client = application.connect().await?;
    let mut progress = None;
    let mut restore = Restore::new(&client, &args.folder)
        .existing(args.existing.into())
        .concurrency(args.concurrency)
        .on_progress(|at| {
            let shown = progress.get_or_insert_with(|| Progress::of(at.total));
            shown.at(at.done, &at.to_string(), at.done == at.total);
        });
    if let Some(log) = &log {
        let kept = log.lock().map(|log| log.kept().to_vec()).unwrap_or_default();
        restore = restore.recreate_api_tokens().kept_api_tokens(kept).on_api_token(|made| {
            let mut log = log.lock().map_err(|_| io::Error::other("it is not open"))?;
            log.add(&made.id, made.token.expose())
        });
    }
    if args.replace_api_tokens {
        restore = restore.replace_api_tokens();
    }
    let plan = restore.plan().await?;
    check_own_token(&plan, application).await?;
    let text = if args.details { table(&plan)? } else { summary(&plan)? };
    let document = document(&plan);
    let decision = args.consent.decide_on(output, &text, &document, plan.is_empty()).await?;
    if let Decision::Stop(code) = decision {
        return Ok(code);
    }
    if let Some(log) = &log
        && let Ok(mut log) = log.lock()
    {
        log.open()?;
    }
    let mut stop = Stop::listen()?;
    let applied = tokio::select! {
        applied = plan.apply() => applied,
        () = stop.asked() => {
            drop(progress);
            tell!("{}", interrupted(log.as_ref()));
            return Ok(ExitCode::from(INTERRUPTED));
        }
    };
    drop(progress);
    let (report, failure) = match applied {
        Ok(report) => (report, None),
        Err(ArchiveError::Stopped { source, report }) => (*report, Some(source)),
        Err(error) => return Err(error.into()),
    };
    show(&report, output, failure.is_none())?;
    if let Some(failure) = failure {
        return Err(anyhow::Error::new(failure)
            .context("the restore could not go on; run the same command again to carry on"));
    }
    let complete = report.not_carried().next().is_none();
    Ok(if complete { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
}

fn interrupted(log: Option<&Mutex<TokenLog>>) -> String {
    let mut text = "Interrupted. Run the same command again: what was carried is found and left \
                    alone."
        .to_owned();
    if let Some(Ok(log)) = log.map(Mutex::lock) {
        // Writing to a text does not fail.
        let _ = write!(
            text,
            " API tokens that were made have their values in {}. One that was being made may be \
             there without: the plan then tells, and --replace-api-tokens makes it anew.",
            log.path().display()
        );
    }
    text
}

/// Refuses to revoke the token that calls, behind which nothing could be made.
async fn check_own_token(plan: &Plan<'_>, application: &ApplicationArgs) -> Result<()> {
    let Some(own) = application.own_token_id().await? else { return Ok(()) };
    let is_own = |item: &twinkit::iot_central::archive::PlannedItem| {
        let is_token = item.collection == Collection::ApiTokens;
        is_token && item.action == Action::Replace && item.id == own
    };
    if plan.items().iter().any(is_own) {
        return Err(wrong(format!(
            "API token {own} is the one that calls, and would be revoked: sign in otherwise, or \
             call with another token"
        )));
    }
    Ok(())
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
    Some(spoken(text).into_owned())
}

/// How many items of each collection come to what, and why some are skipped: the
/// items are counted by reason.
fn summary(plan: &Plan<'_>) -> Result<String> {
    let mut counts: BTreeMap<(Collection, &str, String), usize> = BTreeMap::new();
    for item in plan.items() {
        let (what, reason) = action(&item.action);
        *counts.entry((item.collection, what, notes(reason, &item.notes))).or_default() += 1;
    }
    let mut table = Table::new(&["COLLECTION", "ACTION", "ITEMS", "NOTES"]);
    for ((collection, what, notes), count) in counts {
        table.row([collection.name().to_owned(), what.to_owned(), count.to_string(), notes]);
    }
    let mut text = Vec::new();
    table.show(&mut text)?;
    Ok(text_of(&text, plan))
}

/// A table, and what concerns the plan as a whole.
fn text_of(table: &[u8], plan: &Plan<'_>) -> String {
    let beware = match plan.takes_last_administrator() {
        true => format!("{LAST_ADMINISTRATOR}\n"),
        false => String::new(),
    };
    let by_hand = by_hand(plan.not_in_the_api());
    format!("{}{beware}{by_hand}", String::from_utf8_lossy(table))
}

/// What nobody but a person can carry.
pub(super) fn by_hand(what: &[&str]) -> String {
    let lines: Vec<String> = what.iter().map(|what| format!("\n  - {}", printable(what))).collect();
    format!("To be set up by hand, as no API has it:{}", lines.concat())
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
    Ok(text_of(&text, plan))
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
        "takesLastAdministrator": plan.takes_last_administrator(),
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
