//! The gate of the public API: each library's listing under `api/`, which is committed,
//! so that a change of it stands in the review of what made it.
//!
//! What the specs say is left out: builders, types, enums and their like are generated,
//! are tens of thousands of lines, and show in a review as the spec that changed. The
//! methods of clients, generated or not, are in.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use super::metadata::Metadata;
use super::{Verdict, cargo, output};
use crate::{catalogue, stdout};

/// Modules of generated code that are left out, wherever they are.
const FROM_SPECS: [&str; 5] = ["builder", "types", "enums", "kinds", "patches"];

pub(super) fn ask(write: bool) -> anyhow::Result<Verdict> {
    let folder = catalogue::root().join("api");
    fs::create_dir_all(&folder)?;
    let (mut differing, mut count) = (Vec::new(), 0);
    for package in Metadata::read()?.published().filter(|it| it.is_library()) {
        let path = folder.join(format!("{}.txt", package.name));
        let now = listing(&package.name)?;
        count += now.lines().count();
        if write {
            fs::write(&path, now)?;
            continue;
        }
        let before = reviewed(&path)?;
        let difference = difference(&before, &now);
        if !difference.is_empty() {
            stdout::line(format_args!("{}:\n{difference}", package.name))?;
            differing.push(package.name.clone());
        }
    }
    Ok(if write {
        Verdict::Holds(format!("{count} lines were written to api/: commit them"))
    } else if differing.is_empty() {
        Verdict::Holds(format!("{count} lines"))
    } else {
        let names = differing.join(", ");
        Verdict::Fails(format!("{names}: take it over by --only public-api --write"))
    })
}

/// The listing that was committed; empty if there is none yet.
fn reviewed(path: &PathBuf) -> std::io::Result<String> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        other => other,
    }
}

/// The public API of a package, all features on, without what the specs say.
fn listing(package: &str) -> anyhow::Result<String> {
    let mut list = cargo();
    list.args(["public-api", "--package", package, "--all-features", "-sss"]);
    // The tool asks for a nightly by itself, which it cannot where one is set.
    list.env_remove("RUSTUP_TOOLCHAIN").env_remove("CARGO").env_remove("RUSTC");
    // It builds first, which takes long: that is seen.
    let all = output(list.stderr(Stdio::inherit()))?;
    let (kept, left_out): (Vec<&str>, Vec<&str>) =
        all.lines().partition(|line| !is_from_specs(line));
    let mut text = kept.join("\n") + "\n";
    if !left_out.is_empty() {
        let modules = FROM_SPECS.join(", ");
        let note = format!("# Left out, as generated from the specs: items of {modules}.\n");
        text.insert_str(0, &note);
    }
    Ok(text)
}

/// Whether the item that a line declares is in one of those modules, or is an
/// implementation for one that is.
fn is_from_specs(line: &str) -> bool {
    let declared = match line.starts_with("impl") {
        true => line.rsplit_once(" for ").map_or(line, |(_, whom)| whom),
        false => name(line),
    };
    FROM_SPECS.iter().any(|module| declared.contains(&format!("::{module}::")))
}

/// The path of the item, without its arguments and its type.
fn name(line: &str) -> &str {
    let end = line.find(['(', '<']).unwrap_or(line.len());
    let head = line.get(..end).unwrap_or(line);
    head.split_once(": ").map_or(head, |(name, _)| name)
}

fn difference(before: &str, now: &str) -> String {
    let (before, now): (BTreeSet<&str>, BTreeSet<&str>) =
        (before.lines().collect(), now.lines().collect());
    let mut text = String::new();
    for gone in before.difference(&now) {
        let _ = writeln!(text, "-{gone}");
    }
    for new in now.difference(&before) {
        let _ = writeln!(text, "+{new}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_specs_say_is_left_out_and_methods_of_clients_are_in() {
        for line in [
            "pub struct twinkit_itwin::imodels::types::IModel",
            "pub twinkit_itwin::imodels::types::IModel::id: alloc::string::String",
            "pub fn twinkit_itwin::users::builder::GetMe<'_>::send(self) -> impl Future",
            "impl core::fmt::Display for twinkit_itwin::users::enums::Kind",
            "impl twinkit_itwin::users::types::User",
        ] {
            assert!(is_from_specs(line), "{line}");
        }
        for line in [
            "pub fn twinkit_itwin::users::Client::get_me(&self) -> twinkit_itwin::users::builder::GetMe<'_>",
            "pub struct twinkit_itwin::ITwin",
            "pub twinkit_itwin::WhoAmI::user: twinkit_itwin::users::types::User",
            "impl core::convert::From<twinkit_itwin::users::types::User> for twinkit_itwin::WhoAmI",
            "pub mod twinkit_itwin::users",
        ] {
            assert!(!is_from_specs(line), "{line}");
        }
    }

    #[test]
    fn lines_that_come_and_go_are_told() {
        assert_eq!(difference("a\nb\n", "b\nc\n"), "-a\n+c\n");
        assert_eq!(difference("b\na\n", "a\nb\n"), "");
    }
}
