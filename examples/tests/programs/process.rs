//! The programs as processes.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// One of the programs.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Program {
    FileUpload,
    MiddleTierApi,
    NightlySync,
    Onboarding,
    WebhookReceiver,
}

impl Program {
    /// The program, which sees nothing of what this machine is signed in to.
    pub(crate) fn command(self) -> Command {
        let mut command = Command::new(match self {
            Self::FileUpload => env!("CARGO_BIN_EXE_file-upload"),
            Self::MiddleTierApi => env!("CARGO_BIN_EXE_middle-tier-api"),
            Self::NightlySync => env!("CARGO_BIN_EXE_nightly-sync"),
            Self::Onboarding => env!("CARGO_BIN_EXE_onboarding"),
            Self::WebhookReceiver => env!("CARGO_BIN_EXE_webhook-receiver"),
        });
        command.env_clear().stdin(Stdio::null());
        command
    }
}

/// What it said, after a look at the exit code.
#[track_caller]
pub(crate) fn succeeded(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {text}{errors}", output.status);
    text
}

/// Asks a process to stop, as Ctrl-C does.
#[cfg(unix)]
pub(crate) fn interrupt(child: &Child) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
}

/// A program that serves, at the address that it said.
pub(crate) struct Serving {
    pub(crate) url: String,
    child: Child,
    stdout: BufReader<ChildStdout>,
}

impl Serving {
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening on ").unwrap_or_else(|| panic!("{line}"));
        Self { url: url.to_owned(), child, stdout }
    }

    /// The next line that it says.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).unwrap();
        line
    }

    /// Has it stop by itself; gives what it said since, and on stderr.
    #[cfg(unix)]
    pub(crate) fn stop(mut self) -> (String, String) {
        interrupt(&self.child);
        let (mut said, mut errors) = (String::new(), String::new());
        self.stdout.read_to_string(&mut said).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
        assert!(self.child.wait().unwrap().success(), "{errors}");
        (said, errors)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have stopped already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
