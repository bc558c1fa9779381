//! The READMEs' commands are run, and the manifest of the main one fits. Their programs
//! are documentation tests of this package (`twinkit_tests::readme`).

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use twinkit_emulator::Emulator;
use twinkit_tests::coverage::root;

use crate::program::{succeeded, twinkit};

/// The lines of all blocks of that language.
pub(crate) fn blocks(language: &str) -> Vec<String> {
    blocks_of("README.md", language)
}

fn blocks_of(file: &str, language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(file)).unwrap();
    let mut lines = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line.strip_prefix("```") {
            Some(begin) => inside = !inside && begin == language,
            None if inside => lines.push(line.trim().to_owned()),
            None => {}
        }
    }
    lines.retain(|line| !line.is_empty());
    lines
}

/// How the commands on an application begin.
const IOT_CENTRAL: &str = "cargo run -- iot-central ";

#[tokio::test(flavor = "multi_thread")]
async fn every_command_on_an_application_works() {
    let emulator = Emulator::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let commands = blocks("sh");
    let commands = commands.iter().filter_map(|command| command.strip_prefix(IOT_CENTRAL));
    for command in commands {
        let mut run = twinkit();
        run.arg("iot-central").args(command.split(' ')).envs(emulator.env());
        succeeded(&run.current_dir(folder.path()).output().unwrap());
    }
    let token = std::fs::read_to_string(folder.path().join("nightly.token")).unwrap();
    assert!(token.starts_with("SharedAccessSignature"));
}

#[test]
fn every_command_works() {
    let commands = blocks("sh");
    assert!(commands.contains(&"cargo run -- demo".to_owned()), "{commands:?}");
    for command in commands {
        match command.as_str() {
            // The commands that build and start the program use the one built already.
            "cargo run -- demo" => {
                let text = succeeded(&twinkit().arg("demo").output().unwrap());
                assert!(text.contains("upload_models") && !text.contains("FAILED"), "{text}");
            }
            "cargo run -- emulate --tls" => {
                assert!(emulates(twinkit().args(["emulate", "--tls"])));
            }
            // They need an emulator: see below.
            command if command.starts_with(IOT_CENTRAL) => {}
            // Run in `itwin_commands`.
            command if command.starts_with("cargo run -- itwin ") => {}
            // It would run itself.
            "cargo test --workspace" => {}
            // `.ci/run` runs them; here, the tool would be built once more.
            "cargo xtask generate" | "cargo xtask lint" => {}
            other => panic!("the README has a command that no test runs: {other}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_of_the_programs_own_readme_works() {
    let emulator = Emulator::start().await.unwrap();
    for command in blocks_of("crates/cli/README.md", "sh") {
        match command.as_str() {
            // It would take the published package.
            "cargo install twinkit-cli" => {}
            "twinkit demo" => {
                let text = succeeded(&twinkit().arg("demo").output().unwrap());
                assert!(!text.contains("FAILED"), "{text}");
            }
            "twinkit emulate" => {
                assert!(emulates(twinkit().arg("emulate")));
            }
            "twinkit doctor" => {
                succeeded(&twinkit().arg("doctor").envs(emulator.env()).output().unwrap());
            }
            other => panic!("the README has a command that no test runs: {other}"),
        }
    }
}

/// Whether an emulator that is started so tells its variables; it is ended then.
fn emulates(command: &mut Command) -> bool {
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let found = lines.map_while(Result::ok).any(|line| line.contains("export AZURE_"));
    child.kill().unwrap();
    child.wait().unwrap();
    found
}

#[test]
fn the_dependencies_are_those_of_the_workspace() {
    let wanted: toml::Table = blocks("toml").join("\n").parse().unwrap();
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let workspace = manifest["workspace"].as_table().unwrap();
    let version = |of: &toml::Value| {
        let version = of.as_str().or_else(|| of.get("version")?.as_str());
        version.unwrap().to_owned()
    };
    assert!(wanted.contains_key("twinkit"));
    for (name, dependency) in &wanted {
        let ours = version(&workspace["dependencies"][name]);
        let shown = version(dependency);
        assert!(ours.starts_with(&shown), "{name}: {shown} is shown, {ours} is used");
    }
}

/// The crates named in the first column of the table under `heading`.
fn crates_under(text: &str, heading: &str) -> BTreeSet<String> {
    let section = text.split(heading).nth(1).unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    let names = rows.flat_map(|row| row.split('|').nth(1).unwrap().split(','));
    names.map(|name| name.trim().trim_matches('`').to_owned()).collect()
}

#[test]
fn the_sign_in_crates_readme_gives_a_reason_for_every_default_dependency() {
    let folder = root().join("crates/auth");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let manifest: toml::Table = read("Cargo.toml").parse().unwrap();
    let default_features = manifest["features"]["developer-tools"].as_array().unwrap();
    let switched_on = |name: &str| {
        default_features.iter().any(|part| part.as_str() == Some(&format!("dep:{name}")))
    };
    let unix = &manifest["target"]["cfg(unix)"]["dependencies"];
    let all = manifest["dependencies"].as_table().unwrap().iter().chain(unix.as_table().unwrap());
    let by_default = all.filter(|(name, entry)| {
        let is_optional = entry.get("optional").and_then(toml::Value::as_bool) == Some(true);
        !is_optional || switched_on(name)
    });
    let by_default: BTreeSet<String> = by_default.map(|(name, _)| name.clone()).collect();
    assert_eq!(crates_under(&read("README.md"), "## Dependencies"), by_default);

    // What begins with `_` is for this repository's own targets.
    let features = manifest["features"].as_table().unwrap().keys();
    let features: BTreeSet<String> =
        features.filter(|name| !name.starts_with('_')).cloned().collect();
    let mut listed = crates_under(&read("README.md").replace("` (default)", "`"), "## Features");
    listed.retain(|name| features.contains(name));
    listed.insert("default".to_owned());
    assert_eq!(listed, features);
}

#[test]
fn every_published_package_says_what_it_is() {
    for folder in std::fs::read_dir(root().join("crates")).unwrap() {
        let folder = folder.unwrap().path();
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let package = manifest["package"].as_table().unwrap();
        for member in ["description", "keywords", "categories", "readme", "include"] {
            assert!(package.contains_key(member), "{}: no {member}", folder.display());
        }
        for file in ["README.md", "LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(folder.join(file).is_file(), "{}: no {file}", folder.display());
        }
    }
}
