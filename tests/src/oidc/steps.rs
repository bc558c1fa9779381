//! Notes how each case ended, for the table of `cargo xtask interop`. The file
//! is the one that `tests/interop/common.sh` names; without it nothing is noted.

use std::env;
use std::fs::OpenOptions;
use std::io::Write as _;

use serde_json::json;

/// Notes that a case passed, or why it failed.
pub(super) fn note(step: &str, error: Option<&str>) {
    let Some(path) = env::var_os("INTEROP_STEPS") else { return };
    let line = match error {
        None => json!({"step": step, "outcome": "passed"}),
        Some(error) => json!({"step": step, "outcome": "failed", "error": error}),
    };
    let file = OpenOptions::new().create(true).append(true).open(&path);
    if let Err(error) = file.and_then(|mut file| writeln!(file, "{line}")) {
        eprintln!("{} cannot be written: {error}", path.display());
    }
}
