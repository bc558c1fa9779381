//! `cargo xtask drift`: our spec against the vendor's published file.
//!
//! Reading ([`read`]) turns either dialect into one [`surface`]; [`compare`]
//! lists what differs; [`accepted`] takes away what is meant; [`fold`] makes
//! one difference of what has one cause. Nothing here changes a file.

pub mod accepted;
mod compare;
mod compare_schema;
pub mod difference;
mod fold;
pub mod location;
pub mod read;
pub mod report;
pub mod surface;
#[cfg(test)]
pub mod tests;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use self::accepted::{Accepted, Entry};
use self::difference::Difference;
use self::surface::Surface;
use crate::catalogue::{self, Api};
use crate::document::{Document, Problem};
use crate::stdout;

/// Exit status when there is an unexplained difference.
const DIFFERENT: u8 = 1;
/// Exit status when something could not be read.
const UNREADABLE: u8 = 2;

/// Arguments of `cargo xtask drift`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The vendor's file: Swagger 2.0 or OpenAPI 3, JSON or YAML
    #[arg(long, value_name = "FILE")]
    pub vendor: PathBuf,
    /// The API whose spec is compared
    #[arg(long, value_name = "NAME")]
    pub api: String,
    /// Print one JSON object: unexplained, accepted, stale
    #[arg(long)]
    pub json: bool,
}

/// What came of a comparison.
#[derive(Debug)]
pub struct Outcome {
    /// Differences without a reason.
    pub unexplained: Vec<Difference>,
    /// Differences that are meant, with the reason.
    pub accepted: Vec<(Difference, String)>,
    /// Accepted entries that nothing corresponds to.
    pub stale: Vec<Entry>,
    /// Our side, as read.
    pub ours: Surface,
    /// The vendor's side, as read.
    pub vendor: Surface,
}

/// Runs the command: 0 when all is explained, 1 when not, 2 when a file cannot be read.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let api = match catalogue::find(&args.api) {
        Ok(api) => api,
        Err(error) => {
            eprintln!("{error}");
            return Ok(ExitCode::from(UNREADABLE));
        }
    };
    match check_files(&catalogue::root(), api, &args.vendor) {
        Ok(outcome) => {
            if args.json {
                stdout::line(format_args!("{:#}", report::json(&outcome)))?;
            } else {
                let file = accepted_file(api);
                stdout::print(report::text(api.id, &outcome, &file.display().to_string()))?;
            }
            Ok(ExitCode::from(if outcome.unexplained.is_empty() { 0 } else { DIFFERENT }))
        }
        Err(problem) => {
            eprintln!("{problem}");
            Ok(ExitCode::from(UNREADABLE))
        }
    }
}

/// Where the accepted differences of an API stand, from the repository's folder.
pub fn accepted_file(api: &Api) -> PathBuf {
    api.spec_folder().join("accepted-drift.toml")
}

/// Compares the spec of `api` under `root` with the file `vendor`.
fn check_files(root: &Path, api: &Api, vendor: &Path) -> Result<Outcome, Problem> {
    let spec = Document::load(&root.join(api.spec))?;
    let vendor = Document::load(vendor)?;
    let accepted = Accepted::load(&root.join(accepted_file(api)), api.id)?;
    check(&spec, &vendor, accepted)
}

/// Compares two documents.
pub fn check(
    spec: &Document,
    vendor: &Document,
    mut accepted: Accepted,
) -> Result<Outcome, Problem> {
    let (ours, vendor) = (read::surface(spec)?, read::surface(vendor)?);
    // Halves are joined after acceptance, so that something we have on purpose
    // is never taken for the old name of something the vendor added.
    let (mut explained, rest) = accepted.apply(compare::compare(&ours, &vendor));
    let (renames, rest) = accepted.apply(fold::pair(rest));
    explained.extend(renames);
    let mut unexplained = fold::merge(rest);
    unexplained.sort_by_cached_key(|difference| {
        let operation = difference.location.root.operation().map(str::to_owned);
        // Operations first, each with all that concerns it, then schemas.
        (operation.is_none(), operation, difference.location.clone(), difference.kind)
    });
    Ok(Outcome { unexplained, accepted: explained, stale: accepted.stale(), ours, vendor })
}
