//! A short run of what `cargo xtask load` does for minutes.

use std::process::Command;

use serde_json::Value;

#[test]
fn a_crowd_is_served_evenly_in_little_memory() {
    let output = Command::new(env!("CARGO_BIN_EXE_load"))
        .args(["--json", "--seconds", "6", "--tasks", "100", "--rows", "100000"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let parts: Vec<Value> = serde_json::from_str(&told).unwrap();
    let names: Vec<_> = parts.iter().map(|part| part["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["stream", "crowd", "crowd, paced"]);
    // How much of a pace is reached depends on what else the machine does.
    let checks = parts.iter().flat_map(|part| part["checks"].as_array().unwrap());
    let asked: Vec<_> =
        checks.filter(|check| check["asked"] != "part of the pace that is reached").collect();
    assert!(asked.len() > 15 && asked.iter().all(|check| check["holds"] == true), "{told}");
}
