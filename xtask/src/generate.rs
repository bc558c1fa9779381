//! `cargo xtask generate`: runs all passes and writes, or compares, the files.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::catalogue::{self, Api};
use crate::document::{Document, Problem};
use crate::normalise::Report;
use crate::{emit, generator, lint, normalise, table};

/// Arguments of `cargo xtask generate`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write nothing; fail if a file is not as it would be written.
    #[arg(long)]
    pub check: bool,
    /// Only this API.
    #[arg(long, value_name = "NAME")]
    pub api: Option<String>,
    /// Tell how often each lowering rule had something to do.
    #[arg(long)]
    pub report: bool,
}

/// What became of one document.
#[derive(Debug)]
pub struct Output {
    /// The files, in the order in which they are written.
    pub files: Vec<emit::File>,
    /// How often each lowering rule had something to do.
    pub report: Report,
}

/// Runs the command.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let root = catalogue::root();
    let mut stale = 0;
    for api in catalogue::select(args.api.as_deref())? {
        let document = match Document::load(&root.join(api.spec)) {
            Ok(document) => document,
            Err(problem) => return Ok(report(&[problem])),
        };
        let output = match generate(api, &document) {
            Ok(output) => output,
            Err(problems) => return Ok(report(&problems)),
        };
        if args.report {
            print!("{}", describe(api, &output.report));
        }
        let differences = settle(&root, &output.files, args.check)?;
        if differences.is_empty() {
            println!("{}: {} files are up to date", api.id, output.files.len());
        }
        for difference in differences {
            stale += usize::from(args.check);
            println!("{difference}");
        }
    }
    if stale > 0 {
        println!("{stale} generated files are not as the specs say; run: cargo xtask generate");
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// Runs all passes over a document: lint, normalise, generate, emit, format.
///
/// # Errors
/// Everything that is wrong with the document, or the first thing that a later
/// pass cannot carry.
pub fn generate(api: &Api, document: &Document) -> Result<Output, Vec<Problem>> {
    let problems = lint::check(document);
    if !problems.is_empty() {
        return Err(problems);
    }
    let rows = table::build(&document.value);
    let (lowering, report) = normalise::normalise(&document.value, api.module);
    let generated = generator::generate(document, &lowering).map_err(|problem| vec![problem])?;
    let input = emit::Input { api, document, lowering: &lowering, rows: &rows };
    let files = emit::emit(&input, generated).map_err(|problem| vec![problem])?;
    Ok(Output { files, report })
}

/// Writes the files that differ, or only tells which do.
pub fn settle(root: &Path, files: &[emit::File], check: bool) -> anyhow::Result<Vec<String>> {
    let mut told = Vec::new();
    for file in files {
        let path = root.join(&file.path);
        let now = std::fs::read_to_string(&path).ok();
        if now.as_deref() == Some(file.text.as_str()) {
            continue;
        }
        let name = file.path.display();
        if check {
            told.push(match now {
                None => format!("{name}: is missing"),
                Some(now) => {
                    format!("{name}: differs from line {}", first_difference(&now, &file.text))
                }
            });
            continue;
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        std::fs::write(&path, &file.text).with_context(|| format!("cannot write {name}"))?;
        told.push(format!("{name}: written"));
    }
    Ok(told)
}

/// The number of the first line in which two texts differ.
fn first_difference(one: &str, other: &str) -> usize {
    let same = one.lines().zip(other.lines()).take_while(|(a, b)| a == b).count();
    same + 1
}

/// Prints problems; tells that there were some.
pub fn report(problems: &[Problem]) -> ExitCode {
    for problem in problems {
        eprintln!("{problem}");
    }
    if problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn describe(api: &Api, report: &Report) -> String {
    let mut text = format!("{}:\n", api.id);
    for (rule, count) in &report.0 {
        // Writing to a String does not fail.
        let _ = writeln!(text, "{count:>6}  {rule}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digital_twins() -> (&'static Api, Document) {
        let api = catalogue::find("digital-twins").unwrap();
        (api, Document::load(&catalogue::root().join(api.spec)).unwrap())
    }

    #[test]
    fn the_same_document_gives_the_same_files() {
        let (api, document) = digital_twins();
        let one = generate(api, &document).unwrap();
        let two = generate(api, &document).unwrap();
        assert_eq!(one.files, two.files);
    }

    #[test]
    fn what_is_checked_in_is_what_would_be_written() {
        let (api, document) = digital_twins();
        let files = generate(api, &document).unwrap().files;
        assert_eq!(settle(&catalogue::root(), &files, true).unwrap(), Vec::<String>::new());
    }

    #[test]
    fn an_edited_or_missing_file_is_found_and_mended() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| emit::File { path: name.into(), text: text.into() };
        let files = [file("a/one.rs", "1\n2\n3\n"), file("a/two.rs", "1\n")];
        assert_eq!(settle(folder.path(), &files, false).unwrap().len(), 2);
        assert!(settle(folder.path(), &files, true).unwrap().is_empty());

        std::fs::write(folder.path().join("a/one.rs"), "1\n2 edited\n3\n").unwrap();
        std::fs::remove_file(folder.path().join("a/two.rs")).unwrap();
        assert_eq!(
            settle(folder.path(), &files, true).unwrap(),
            ["a/one.rs: differs from line 2", "a/two.rs: is missing"],
        );
        settle(folder.path(), &files, false).unwrap();
        assert!(settle(folder.path(), &files, true).unwrap().is_empty());
    }

    #[test]
    fn a_changed_spec_changes_the_code() {
        let (api, document) = digital_twins();
        let text = document.text.replace("name: relationshipName", "name: relationshipKind");
        let changed = Document::parse(&document.file, text).unwrap();
        let files = generate(api, &changed).unwrap().files;
        let told = settle(&catalogue::root(), &files, true).unwrap();
        assert!(told.iter().any(|line| line.contains("client.rs")), "{told:?}");
    }
}
