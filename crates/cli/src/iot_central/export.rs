//! `twinkit iot-central export`: a whole application into a folder.

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use serde_json::{Value, json};
use twinkit::iot_central::archive::{Collection, Export, ExportReport, NOT_IN_THE_API};

use super::application::ApplicationArgs;
use super::restore::by_hand;
use crate::exit::{INCOMPLETE, INTERRUPTED};
use crate::output::Output;
use crate::progress::Progress;
use crate::stop::Stop;
use crate::table::Table;
use crate::usage::at_a_time;

/// Write a whole application into a folder, as JSON lines.
///
/// Nothing in the application is changed. An export that was stopped goes on
/// where it was when the command is run again. Exit codes: 0 all of it is there;
/// 3 done, but some part could not be had; 130 interrupted.
#[derive(clap::Args)]
pub(super) struct Args {
    /// The folder; made if it is not there.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Keep the symmetric keys of devices and enrollment groups. Whoever reads
    /// the files can then pose as these devices; their owner only may read them.
    #[arg(long)]
    with_secrets: bool,
    /// Begin anew over a finished export, or one of another application.
    #[arg(long)]
    overwrite: bool,
    /// Ask for so many items at a time.
    #[arg(long, value_name = "NUMBER", default_value = "4",
          value_parser = at_a_time)]
    concurrency: usize,
}

pub(super) async fn run(
    args: Args,
    application: &ApplicationArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = application.connect().await?;
    let mut progress = Progress::of(Collection::ALL.len());
    let mut done = 0;
    let mut export = Export::new(&client, &args.folder).concurrency(args.concurrency);
    if args.with_secrets {
        export = export.with_secrets();
    }
    if args.overwrite {
        export = export.overwrite();
    }
    export = export.on_progress(|at| {
        done += usize::from(at.done);
        progress.at(done, &at.to_string(), at.done);
    });
    let mut stop = Stop::listen()?;
    let report = tokio::select! {
        report = export.run() => report,
        () = stop.asked() => {
            drop(progress);
            tell!("Interrupted. Run the same command again to go on where it was.");
            return Ok(ExitCode::from(INTERRUPTED));
        }
    };
    drop(progress);
    let report = report?;
    show(&report, output)?;
    Ok(if report.is_complete() { ExitCode::SUCCESS } else { ExitCode::from(INCOMPLETE) })
}

fn show(report: &ExportReport, output: Output) -> Result<()> {
    if output.json {
        let collections: Vec<Value> = report
            .collections
            .iter()
            .map(|exported| {
                json!({
                    "collection": exported.collection.name(),
                    "items": exported.items,
                    "missing": exported.missing,
                    "gone": exported.gone,
                })
            })
            .collect();
        return Output::document(&json!({
            "complete": report.is_complete(),
            "resumed": report.resumed,
            "collections": collections,
        }));
    }
    let mut table = Table::new(&["COLLECTION", "ITEMS", "NOTES"]);
    for exported in &report.collections {
        let mut notes = Vec::new();
        notes.extend(exported.missing.as_ref().map(|reason| format!("MISSING: {reason}")));
        if !exported.gone.is_empty() {
            notes.push(format!("{} deleted meanwhile", exported.gone.len()));
        }
        let name = exported.collection.name().to_owned();
        table.row([name, exported.items.to_string(), notes.join("; ")]);
    }
    table.show(&mut io::stdout().lock())?;
    tell!("{}", by_hand(NOT_IN_THE_API));
    Ok(())
}
