//! The targets over what is kept of them, without a fuzzer: seeds that are written
//! by hand, and the corpus that runs have found.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use twinkit_fuzzed::TARGETS;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn what_is_kept_breaks_no_target() {
    let mut broken = Vec::new();
    for (name, target) in TARGETS {
        let seeds = files(&folder().join("seeds").join(name));
        assert!(!seeds.is_empty(), "{name} has no seeds");
        for file in seeds.into_iter().chain(files(&folder().join("corpus").join(name))) {
            let data = fs::read(&file).unwrap();
            if catch_unwind(AssertUnwindSafe(|| target(&data))).is_err() {
                broken.push(file.display().to_string());
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_target_has_its_program_and_nothing_else_is_kept() {
    let known: BTreeSet<String> = TARGETS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let manifest = fs::read_to_string(folder().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let programs = manifest["bin"].as_array().unwrap().iter();
    let programs: BTreeSet<String> =
        programs.map(|program| program["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(programs, known);
    for name in &programs {
        let text = fs::read_to_string(folder().join(format!("targets/{name}.rs"))).unwrap();
        assert!(text.contains(&format!("twinkit_fuzzed::{name}(data)")), "{name}: {text}");
    }
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    for name in &known {
        assert!(readme.contains(&format!("| `{name}` |")), "{name} is not in the README");
    }
    for kept in ["seeds", "corpus", "dictionaries"] {
        for file in files(&folder().join(kept)) {
            let name = file.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(known.contains(&name), "{} is of no target", file.display());
        }
    }
}
