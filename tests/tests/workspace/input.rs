//! What the program reads, from a pipe that nobody writes to or from a file without an
//! end: it can be stopped meanwhile, and takes no more than it should.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::program::{code, errors, succeeded, twinkit};

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

/// What came of it, once it has ended by itself.
fn ended(mut child: Child) -> Output {
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        if child.try_wait().unwrap().is_some() {
            return child.wait_with_output().unwrap();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    panic!("the process does not end: {:?}", child.wait_with_output());
}

/// Waits until the process hears signals, so that none ends it unheard: the system
/// tells which ones it catches.
fn hears(child: &Child) {
    let path = format!("/proc/{}/status", child.id());
    let deadline = Instant::now() + Duration::from_secs(20);
    let stops = (1_u64 << (Signal::SIGINT as u32 - 1)) | (1 << (Signal::SIGTERM as u32 - 1));
    while Instant::now() < deadline {
        let status = std::fs::read_to_string(&path).unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        if u64::from_str_radix(caught.trim(), 16).unwrap() & stops == stops {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the process hears no signals");
}

fn stopped(mut command: Command, signal: Signal) -> Output {
    let child = command.spawn().unwrap();
    hears(&child);
    // It is also to be heard in the middle of reading.
    std::thread::sleep(Duration::from_millis(300));
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
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
    kill(Pid::from_raw(i32::try_from(emulator.id()).unwrap()), Signal::SIGTERM).unwrap();
    assert!(emulator.wait().unwrap().success());
    assert_eq!(succeeded(&output), "API token own was revoked\n");
}
