//! Whoever reads what a program prints may have seen enough: it then ends as others do,
//! and neither panics nor complains.

use std::process::Command;

#[test]
fn a_program_whose_output_nobody_reads_ends_without_a_word() {
    let (coverage, faults) = (env!("CARGO_BIN_EXE_coverage"), env!("CARGO_BIN_EXE_faults"));
    for (program, arguments) in [
        (coverage, ["--api", "itwin-users"].as_slice()),
        (coverage, &["--api", "itwin-users", "--json"]),
        (faults, &["--operation", "delete_webhook"]),
        (faults, &["--operation", "delete_webhook", "--json"]),
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = Command::new(program).args(arguments).stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{program} {arguments:?}");
        assert_eq!(output.status.code(), Some(1), "{program} {arguments:?}");
    }
}
