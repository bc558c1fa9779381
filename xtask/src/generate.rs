//! `cargo xtask generate`: runs all passes and writes, or compares, the files.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::catalogue::{self, Api};
use crate::document::{Document, Problem};
use crate::normalise::Report;
use crate::{emit, generator, lint, normalise, stdout, table};

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
            stdout::print(describe(api, &output.report))?;
        }
        let differences = settle(&root, &output.files, args.check)?;
        if differences.is_empty() {
            stdout::line(format_args!("{}: {} files are up to date", api.id, output.files.len()))?;
        }
        for difference in differences {
            stale += usize::from(args.check);
            stdout::line(difference)?;
        }
        let (cleared, left) = clear(&root, api, &output.files, args.check)?;
        stale += left.len();
        for stray in cleared.into_iter().chain(left) {
            stdout::line(stray)?;
        }
    }
    if stale > 0 {
        let told = "files are not as the specs say; run: cargo xtask generate";
        stdout::line(format_args!("{stale} {told}"))?;
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

/// Clears away what stands beside the generated files and is none of them:
/// left by an older spec or emitter it would still be compiled, or mislead.
///
/// What begins like a generated file is removed; anything else may be a
/// person's work, and is only told. Gives what was done, and what is left.
pub fn clear(
    root: &Path,
    api: &Api,
    files: &[emit::File],
    check: bool,
) -> anyhow::Result<(Vec<String>, Vec<String>)> {
    let (mut cleared, mut left) = (Vec::new(), Vec::new());
    for path in strays(root, api, files)? {
        let name = path.display();
        // A link is not followed: what it leads to is not ours to judge.
        let file = root.join(&path);
        let ours = file.symlink_metadata().is_ok_and(|found| found.is_file())
            && std::fs::read_to_string(&file).is_ok_and(|text| text.starts_with(emit::HEADER));
        if !ours {
            left.push(format!("{name}: does not belong here and was not generated: remove it"));
        } else if check {
            left.push(format!("{name}: is generated no more"));
        } else {
            std::fs::remove_file(&file).with_context(|| format!("cannot remove {name}"))?;
            cleared.push(format!("{name}: removed"));
        }
    }
    Ok((cleared, left))
}

/// The files in the folders of an API, relative to `root`, that nothing writes.
fn strays(root: &Path, api: &Api, files: &[emit::File]) -> anyhow::Result<BTreeSet<PathBuf>> {
    let mut known: BTreeSet<PathBuf> = files.iter().map(|file| file.path.clone()).collect();
    let mut folders = vec![PathBuf::from(api.generated)];
    if let Some(callers) = Path::new(api.callers).parent() {
        // Shared by all APIs, and by what the callers have in common.
        known.extend(catalogue::APIS.iter().map(|api| PathBuf::from(api.callers)));
        known.insert(callers.join("mod.rs"));
        folders.push(callers.to_path_buf());
    }
    let mut strays = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        let there = root.join(&folder);
        if !there.is_dir() {
            continue;
        }
        let cannot = || format!("cannot list {}", folder.display());
        for entry in std::fs::read_dir(&there).with_context(cannot)? {
            let entry = entry.with_context(cannot)?;
            let path = folder.join(entry.file_name());
            if entry.file_type().with_context(cannot)?.is_dir() {
                folders.push(path);
            } else if !known.contains(&path) {
                strays.insert(path);
            }
        }
    }
    Ok(strays)
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
    fn what_is_checked_in_is_what_would_be_written_and_nothing_beside() {
        let root = catalogue::root();
        for api in catalogue::APIS {
            let document = Document::load(&root.join(api.spec)).unwrap();
            let files = generate(api, &document).unwrap().files;
            assert_eq!(settle(&root, &files, true).unwrap(), Vec::<String>::new());
            let (cleared, left) = clear(&root, api, &files, true).unwrap();
            assert_eq!(cleared.len() + left.len(), 0, "{left:?}");
        }
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
    fn a_stray_file_is_found_and_cleared_away_if_it_was_generated() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let (api, document) = digital_twins();
        let files = generate(api, &document).unwrap().files;
        settle(root, &files, false).unwrap();
        std::fs::write(root.join("tests/src/generated/mod.rs"), "by hand\n").unwrap();
        let nothing = (Vec::<String>::new(), Vec::<String>::new());
        assert_eq!(clear(root, api, &files, true).unwrap(), nothing);

        let generated = format!("{}, long ago.\n", emit::HEADER);
        let old = format!("{}/deep/old.rs", api.generated);
        let hand = format!("{}/notes.txt", api.generated);
        std::fs::create_dir(root.join(api.generated).join("deep")).unwrap();
        std::fs::write(root.join(&old), &generated).unwrap();
        std::fs::write(root.join(&hand), "mine\n").unwrap();
        std::fs::write(root.join("tests/src/generated/gone.rs"), &generated).unwrap();
        let by_hand = format!("{hand}: does not belong here and was not generated: remove it");
        let (cleared, left) = clear(root, api, &files, true).unwrap();
        let gone = "tests/src/generated/gone.rs";
        let no_more = |name: &str| format!("{name}: is generated no more");
        assert_eq!(left, [no_more(&old), by_hand.clone(), no_more(gone)]);
        assert!(cleared.is_empty());

        let (cleared, left) = clear(root, api, &files, false).unwrap();
        assert_eq!(cleared, [format!("{old}: removed"), format!("{gone}: removed")]);
        assert_eq!(left, [by_hand]);
        assert!(root.join(&hand).exists() && !root.join(&old).exists());
        assert!(settle(root, &files, true).unwrap().is_empty());
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
