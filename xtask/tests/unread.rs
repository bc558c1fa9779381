//! Whoever reads what a command prints may have seen enough: the command then ends as
//! others do, and neither panics nor complains.

use std::process::Command;

#[test]
fn a_command_whose_output_nobody_reads_ends_without_a_word() {
    let spec = concat!(env!("CARGO_MANIFEST_DIR"), "/../specs/digital-twins/data-plane.yaml");
    let against = |command| vec![command, "--api", "digital-twins", "--vendor", spec];
    let drift = against("drift");
    let json = [drift.as_slice(), &["--json"]].concat();
    for arguments in [
        vec!["lint"],
        vec!["generate", "--check", "--api", "itwin-users"],
        drift,
        json,
        against("adopt"),
        vec!["interop", "--list"],
        vec!["release-check", "--list"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
        let output = command.args(&arguments).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
    }
}
