//! A program that runs, what it waits for, and how it ends.

use std::process::{Child, Output};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

pub(crate) fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

/// What came of it, once it has ended by itself.
pub(crate) fn ended(mut child: Child) -> Output {
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
pub(crate) fn hears(child: &Child) {
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

/// Waits until the first thread of the process is in a call that writes to stdout.
pub(crate) fn is_writing(child: &Child) {
    let path = format!("/proc/{}/syscall", child.id());
    let deadline = Instant::now() + Duration::from_secs(60);
    let mut call = String::new();
    while Instant::now() < deadline {
        call = std::fs::read_to_string(&path).unwrap();
        let mut words = call.split(' ');
        // Its number on the one or the other machine.
        if matches!(words.next(), Some("1" | "64")) && words.next() == Some("0x1") {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the process does not write, but is in {call}");
}
