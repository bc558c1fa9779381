//! What the program prints goes into a pipe that nobody reads, and that takes no more:
//! the program waits there, and can be stopped all the same.

use std::fs::OpenOptions;
use std::io::{ErrorKind, PipeReader, PipeWriter, Write as _};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::process::{Command, Stdio};

use nix::libc::O_NONBLOCK;
use nix::sys::signal::Signal;

use crate::machine::Machine;
use crate::program::{document, errors, succeeded, twinkit};
use crate::running::{ended, is_writing, send};

/// A pipe that takes no byte more.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = std::io::pipe().unwrap();
    // Opened once more, so that only this one does not wait.
    let path = format!("/proc/self/fd/{}", writer.as_raw_fd());
    let mut other = OpenOptions::new().write(true).custom_flags(O_NONBLOCK).open(path).unwrap();
    for size in [4096, 1] {
        loop {
            match other.write(&[b'x'; 4096][..size]) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => panic!("{error}"),
            }
        }
    }
    (reader, writer)
}

fn on_machine(machine: &Machine, args: &[&str]) -> Command {
    let mut command = machine.with_variables(&["itwin"]);
    command.args(args);
    command
}

/// Makes an iTwin with a file, and gives its id.
fn stocked(machine: &Machine) -> String {
    let create = ["itwins", "create", "Bridge", "--yes", "--json"];
    let itwin = document(&succeeded(&on_machine(machine, &create).output().unwrap()));
    let itwin = itwin["id"].as_str().unwrap();
    let file = machine.state.path().join("a.txt");
    std::fs::write(&file, "contents").unwrap();
    let upload = ["files", "upload", itwin, file.to_str().unwrap(), "--yes"];
    succeeded(&on_machine(machine, &upload).output().unwrap());
    itwin.to_owned()
}

/// Lists, contents and lines, each by a program of its own.
fn commands(machine: &Machine, itwin: &str) -> [Command; 5] {
    let of_program = |args: &[&str]| {
        let mut command = twinkit();
        command.args(args);
        command
    };
    [
        on_machine(machine, &["itwins", "list"]),
        on_machine(machine, &["itwins", "list", "--json"]),
        on_machine(machine, &["files", "download", itwin, "/a.txt", "--out", "-"]),
        of_program(&["emulate", "--json"]),
        of_program(&["demo", "--json"]),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_whose_output_nobody_reads_can_be_stopped() {
    let machine = Machine::new().await;
    let itwin = stocked(&machine);
    let (_reader, writer) = full_pipe();
    let mut running = Vec::new();
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        for mut command in commands(&machine, &itwin) {
            command.stdout(writer.try_clone().unwrap()).stderr(Stdio::piped());
            running.push((signal, command.spawn().unwrap(), command));
        }
    }
    for (signal, child, _) in &running {
        is_writing(child);
        send(child, *signal);
    }
    for (signal, child, command) in running {
        let output = ended(child);
        let said = errors(&output);
        assert_eq!(output.status.code(), Some(130), "{signal} {command:?}: {said}");
        let told = "Interrupted. A change that was under way may have been made.";
        assert!(said.contains(told), "{signal} {command:?}: {said}");
    }
}
