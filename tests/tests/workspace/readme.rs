//! The README's commands are run, and its manifest fits. Its programs are
//! documentation tests of this package (`twinkit_tests::readme`).

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use twinkit_tests::coverage::root;

use crate::program::{cargo, succeeded, twinkit};

/// The lines of all blocks of that language.
fn blocks(language: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
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
                let mut child = twinkit();
                child.args(["emulate", "--tls"]).stdout(Stdio::piped());
                let mut child = child.spawn().unwrap();
                let lines = BufReader::new(child.stdout.take().unwrap()).lines();
                let found = lines.map_while(Result::ok).any(|line| line.contains("export AZURE_"));
                child.kill().unwrap();
                child.wait().unwrap();
                assert!(found);
            }
            // It would run itself.
            "cargo test --workspace" => {}
            // Checked, so that a test changes no file.
            "cargo xtask generate" => {
                succeeded(&cargo().args(["xtask", "generate", "--check"]).output().unwrap());
            }
            "cargo xtask lint" => {
                succeeded(&cargo().args(["xtask", "lint"]).output().unwrap());
            }
            other => panic!("the README has a command that no test runs: {other}"),
        }
    }
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
