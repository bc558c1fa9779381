//! `cargo xtask refresh`: the maintainer's one command when a platform changes.
//!
//! Takes the vendors' files, then drift, adopt, generate, and tells what it
//! means for users: patch, minor or breaking. Nothing is ever taken out of a
//! spec; what the vendor removed or changed is listed for a person to decide.

mod change;
mod fetch;
mod sources;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use self::change::Change;
use self::sources::Source;
use crate::adopt::adopt;
use crate::catalogue::{self, Api};
use crate::document::{Document, Problem};
use crate::drift::accepted::Accepted;
use crate::{drift, generate, stdout};

/// Exit status when a person has to decide something.
const UNFINISHED: u8 = 1;
/// Exit status when something could not be read or written.
const UNREADABLE: u8 = 2;
/// Where the vendors' files are named.
const SOURCES: &str = "specs/sources.toml";
/// Stands in generated documentation until somebody describes the new thing.
const UNDESCRIBED: &str = "Not described yet.";

/// Arguments of `cargo xtask refresh`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Only this API
    #[arg(long, value_name = "NAME")]
    pub api: Option<String>,
    /// Take the vendors' files from this folder instead of the network
    #[arg(long, value_name = "DIR")]
    pub from: Option<PathBuf>,
    /// Take this commit of the vendor's repository, and pin it
    #[arg(long, value_name = "COMMIT", requires = "api")]
    pub commit: Option<String>,
    /// Write the change report to this file instead of printing it
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
}

/// Writes the generated files of an API and tells which changed.
type Generate<'g> = &'g dyn Fn(&Path, &Api, &Document) -> Result<Vec<String>, String>;

/// Runs the command: 0 when the specs follow the vendors, 1 when a person has
/// to decide something, 2 when a file cannot be read or written.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match run_in(&catalogue::root(), args, &write_generated) {
        Ok(changes) => {
            let unfinished = changes.iter().any(Change::is_unfinished);
            Ok(ExitCode::from(if unfinished { UNFINISHED } else { 0 }))
        }
        Err(error) if stdout::is_unread(&error) => Err(error),
        Err(error) => {
            eprintln!("{error}");
            Ok(ExitCode::from(UNREADABLE))
        }
    }
}

fn run_in(root: &Path, args: &Args, generate: Generate<'_>) -> anyhow::Result<Vec<Change>> {
    let wanted = catalogue::select(args.api.as_deref())?;
    let path = root.join(SOURCES);
    let text = std::fs::read_to_string(&path).map_err(|error| {
        Problem::new(&path, "", format!("cannot be read: {error}"), "restore the file")
    })?;
    let mut changes = Vec::new();
    for api in wanted {
        // Read anew each time: taking a file moves the places in the text.
        let text = std::fs::read_to_string(&path).unwrap_or_else(|_| text.clone());
        let sources = sources::parse(&path, &text)?;
        // One that is asked for by name is not passed over.
        if let Some(none) = sources.unpublished.iter().find(|none| none.api == api.id)
            && args.api.is_none()
        {
            eprintln!("{}: not compared: {}", none.api, none.reason);
            continue;
        }
        let Some(source) = sources.files.iter().find(|source| source.api == api.id) else {
            anyhow::bail!(Problem::new(
                &path,
                "",
                format!("no source is named for `{}`", api.id),
                "add a [[source]] for it",
            ));
        };
        changes.push(refresh(root, api, source, args, generate)?);
    }
    let reports: Vec<_> = changes.iter().map(change::markdown).collect();
    let report = reports.join("\n");
    match &args.report {
        Some(file) => std::fs::write(file, report)?,
        None => stdout::print(report)?,
    }
    Ok(changes)
}

fn refresh(
    root: &Path,
    api: &Api,
    source: &Source,
    args: &Args,
    generate: Generate<'_>,
) -> anyhow::Result<Change> {
    let commit = args.commit.as_deref();
    let taken = match &args.from {
        Some(folder) => fetch::from_folder(folder, source, commit)?,
        None => fetch::download(source, commit)?,
    };
    let vendor = Document::parse(Path::new(&source.file), taken.text)?;
    let spec_path = root.join(api.spec);
    let spec = Document::load(&spec_path)?;
    let accepted = Accepted::load(&root.join(drift::accepted_file(api)), api.id)?;

    let outcome = drift::check(&spec, &vendor, accepted.clone())?;
    let adoption = adopt(&spec, &vendor, &accepted)?;
    let mut generated = Ok(Vec::new());
    if !adoption.added.is_empty() {
        std::fs::write(&spec_path, &adoption.text)?;
        let grown = Document::parse(&spec.file, adoption.text.clone())?;
        generated = generate(root, api, &grown);
    }
    let pinned = (source.sha256.get_ref(), source.commit.get_ref());
    if pinned != (&taken.sha256, &taken.commit) {
        let path = root.join(SOURCES);
        let text = std::fs::read_to_string(&path)?;
        let text = sources::updated(&text, source, &taken.commit, &taken.sha256, &today());
        std::fs::write(&path, text)?;
    }
    Ok(Change {
        api: api.id.to_owned(),
        licence: source.licence.clone(),
        verdict: change::verdict(&outcome.unexplained),
        sha256: (source.sha256.get_ref().clone(), taken.sha256),
        adoption,
        generated,
    })
}

/// Generates from a spec whose new things are not described yet: the code is
/// complete at once, and `lint` goes on demanding the descriptions.
fn write_generated(root: &Path, api: &Api, spec: &Document) -> Result<Vec<String>, String> {
    let mut draft = spec.clone();
    describe(&mut draft.value);
    let output = generate::generate(api, &draft).map_err(|problems| {
        problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    })?;
    generate::settle(root, &output.files, false).map_err(|error| format!("{error:#}"))
}

/// Puts a word where a description or summary is empty.
fn describe(value: &mut Value) {
    match value {
        Value::Object(object) => {
            for (key, member) in object {
                let is_text = matches!(key.as_str(), "description" | "summary");
                if is_text && member.as_str() == Some("") {
                    *member = Value::from(UNDESCRIBED);
                } else {
                    describe(member);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(describe),
        _ => {}
    }
}

/// Today's date in UTC, `YYYY-MM-DD`.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    date_of_day(seconds / 86_400)
}

/// The date of a day counted from 1970-01-01, in the proleptic Gregorian
/// calendar: years are taken to start in March, so that the leap day is last.
fn date_of_day(day: u64) -> String {
    let day = day + 719_468;
    let era = day / 146_097;
    let of_era = day % 146_097;
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
