//! What the program reads, from a pipe that nobody writes to or from a file without an
//! end: it can be stopped meanwhile, and takes no more than it should.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;

use crate::program::{code, errors, succeeded, twinkit};
use crate::running::{ended, hears, send};

/// Commands that read a file before they send anything, without the file.
const READERS: [&[&str]; 8] = [
    &["itwin", "webhooks", "verify", "--signature", "sha256=00", "--body"],
    &["itwin", "webhooks", "verify", "--signature", "sha256=00", "--secret-file"],
    &["itwin", "members", "add", "x", "--role", "r", "--yes", "--from"],
    &["itwin", "itwins", "list", "--share-key-file"],
    &["iot-central", "users", "list", "--token-file"],
    &["iot-central", "tokens", "revoke", "x", "--yes", "--token-file"],
    &["iot-central", "devices", "command", "d", "run", "--yes", "--payload-file"],
    &["emulate", "--seed"],
];

/// The program, on platforms that are not there.
fn program(args: &[&str], file: &str) -> Command {
    let mut command = twinkit();
    command.args(args).arg(file).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("ITWIN_API_URL", "http://127.0.0.1:9").env("ITWIN_WEBHOOK_SECRET", "s".repeat(32));
    command.env("AZURE_IOTCENTRAL_URL", "http://127.0.0.1:9");
    command
}

fn stopped(mut command: Command, signal: Signal) -> Output {
    let child = command.spawn().unwrap();
    hears(&child);
    // It is also to be heard in the middle of reading.
    std::thread::sleep(Duration::from_millis(300));
    send(&child, signal);
    ended(child)
}

#[test]
fn a_command_that_waits_for_its_input_can_be_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe").display().to_string();
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        for args in READERS {
            let output = stopped(program(args, &pipe), signal);
            assert_eq!(output.status.code(), Some(130), "{signal} {args:?}: {}", errors(&output));
        }
        for args in [READERS[0], READERS[2]] {
            // Nobody writes to its other end, and nobody closes it.
            let (reader, _writer) = std::io::pipe().unwrap();
            let mut command = program(args, "-");
            command.stdin(reader);
            let output = stopped(command, signal);
            assert_eq!(output.status.code(), Some(130), "{signal} {args:?}: {}", errors(&output));
        }
    }
}

#[test]
fn of_a_file_without_an_end_no_more_is_read_than_the_limit() {
    for args in READERS {
        let output = program(args, "/dev/zero").output().unwrap();
        let said = errors(&output);
        assert_eq!(code(&output), 2, "{args:?}: {said}");
        assert!(said.contains(" /dev/zero is larger than the limit of 6"), "{args:?}: {said}");
    }
    let mut command = program(READERS[0], "-");
    let output = command.stdin(std::fs::File::open("/dev/zero").unwrap()).output().unwrap();
    let told = "the body from stdin is larger than the limit of 67108864 bytes";
    assert!(errors(&output).contains(told), "{}", errors(&output));
}

#[test]
fn a_pipe_that_gives_its_contents_only_once_is_enough() {
    let mut emulator = twinkit();
    emulator.args(["emulate", "--json"]).stdout(Stdio::piped());
    let mut emulator = emulator.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(emulator.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: serde_json::Value = serde_json::from_str(&line).unwrap();
    let env = said["env"].as_object().unwrap();
    let env = env.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    let with = |args: &[&str]| {
        let mut command = twinkit();
        command.args(["iot-central"]).args(args).envs(env.clone());
        command
    };
    let create = ["tokens", "create", "own", "--role", "Administrator", "--yes"];
    let token = succeeded(&with(&create).output().unwrap());

    // Asked twice for the token: which one it is, and to call with it.
    let (reader, mut writer) = std::io::pipe().unwrap();
    std::io::Write::write_all(&mut writer, token.as_bytes()).unwrap();
    drop(writer);
    let revoke = ["tokens", "revoke", "own", "--yes", "--token-file", "/dev/stdin"];
    let output = with(&revoke).stdin(reader).output().unwrap();
    send(&emulator, Signal::SIGTERM);
    assert!(emulator.wait().unwrap().success());
    assert_eq!(succeeded(&output), "API token own was revoked\n");
}

#[test]
fn no_terminal_obeys_the_name_of_a_file() {
    let name = "no\u{1b}]0;pwn\u{7}\u{9b}2J\nsuch file";
    let itwin = "11111111-2222-3333-4444-555555555555";
    let upload: &[&str] = &["itwin", "files", "upload", itwin, "--yes"];
    for args in READERS.into_iter().chain([&["demo", "--models"][..], upload]) {
        let output = program(args, name).output().unwrap();
        let said = errors(&output);
        assert_eq!(code(&output), 2, "{args:?}: {said}");
        assert!(said.contains("no ]0;pwn  2J such file"), "{args:?}: {said}");
        assert!(!said.contains(|c: char| c.is_control() && c != '\n'), "{args:?}: {said:?}");
    }
}
