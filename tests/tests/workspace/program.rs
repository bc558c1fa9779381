//! The `twinkit` program.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;
use twinkit_tests::coverage::root;

/// The program; built at the first call, with the features of the whole workspace: what
/// these tests are built of need not be built twice. That the program builds with its own
/// is asked by `.ci/run`.
pub(crate) fn twinkit() -> Command {
    static PATH: OnceLock<PathBuf> = OnceLock::new();
    let mut command = Command::new(PATH.get_or_init(build));
    // A test must not see what the machine it runs on is signed in to.
    for name in ["DIGITALTWINS_URL", "DIGITALTWINS_HOST", "IOTCENTRAL_URL", "IOTCENTRAL_TOKEN"] {
        command.env_remove(format!("AZURE_{name}"));
    }
    command.current_dir(root()).stdin(Stdio::null());
    command
}

fn build() -> PathBuf {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root())
        .stdin(Stdio::null())
        .args(["build", "--workspace", "--bin", "twinkit"])
        .args(["--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "the program does not build");
    let messages = String::from_utf8(output.stdout).unwrap();
    let mut artefacts = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).unwrap();
        message["executable"].as_str().map(PathBuf::from)
    });
    artefacts.next_back().unwrap()
}

/// The output as text, after a look at the exit code.
#[track_caller]
pub(crate) fn succeeded(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {text}{errors}", output.status);
    text
}

pub(crate) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(crate) fn errors(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[track_caller]
pub(crate) fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[track_caller]
pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines().map(document).collect()
}
