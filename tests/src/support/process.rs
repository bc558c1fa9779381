//! An emulator as a process of its own, which can be stopped, killed and started again
//! over the same folder. It must not know what the emulator is used for.

use std::collections::BTreeMap;
use std::process::{Command as Plain, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

/// How long a start or an end may take, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(120);

/// A running emulator; dropping it kills it.
pub struct Process {
    command: Box<dyn Fn() -> Plain + Send + Sync>,
    running: Running,
    /// Addresses by the name of the service.
    pub services: BTreeMap<String, String>,
}

struct Running {
    child: Child,
    /// Held open: what writes to a closed pipe ends.
    _output: Lines<BufReader<ChildStdout>>,
}

/// The first line that an emulator prints.
#[derive(Deserialize)]
struct Listening {
    services: BTreeMap<String, String>,
}

impl Process {
    /// Starts the program that `command` makes, which prints `{"services": {...}}` when
    /// it is ready.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(
        command: impl Fn() -> Plain + Send + Sync + 'static,
    ) -> anyhow::Result<Self> {
        let (running, services) = spawn(command()).await?;
        Ok(Self { command: Box::new(command), running, services })
    }

    /// Address of a service; empty if there is none of this name.
    #[must_use]
    pub fn url(&self, service: &str) -> &str {
        self.services.get(service).map_or("", String::as_str)
    }

    /// Ends it in the middle of whatever it does, and starts it again.
    ///
    /// # Errors
    /// It does not start, or listens elsewhere.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        self.running.child.kill().await?;
        self.again().await
    }

    /// Asks it to end, waits until it has, and starts it again.
    ///
    /// # Errors
    /// It does not end well or does not start, or listens elsewhere.
    pub async fn restart(&mut self) -> anyhow::Result<()> {
        let id = self.running.child.id().context("the emulator has ended by itself")?;
        kill(Pid::from_raw(i32::try_from(id)?), Signal::SIGTERM)?;
        let status = timeout(PATIENCE, self.running.child.wait()).await??;
        if !status.success() {
            bail!("the emulator ended with {status}");
        }
        self.again().await
    }

    async fn again(&mut self) -> anyhow::Result<()> {
        let (running, services) = spawn((self.command)()).await?;
        self.running = running;
        if services != self.services {
            bail!("the emulator listens elsewhere after its restart: {services:?}");
        }
        Ok(())
    }
}

impl std::fmt::Debug for Process {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Process").field("services", &self.services).finish_non_exhaustive()
    }
}

async fn spawn(command: Plain) -> anyhow::Result<(Running, BTreeMap<String, String>)> {
    let mut command = Command::from(command);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
    let mut child = command.spawn().context("the emulator cannot be started")?;
    let output = child.stdout.take().context("the emulator has no output")?;
    let mut output = BufReader::new(output).lines();
    let line =
        timeout(PATIENCE, output.next_line()).await.context("the emulator takes too long")?;
    let line = line?.context("the emulator ended at its start; it says why above")?;
    let listening: Listening = serde_json::from_str(&line)?;
    Ok((Running { child, _output: output }, listening.services))
}

/// The first one of so many free ports in a row. They are none that the system gives to
/// connections: while an emulator is down, a client that tries to reach it would
/// otherwise be given its port sooner or later.
#[must_use]
pub fn free_ports(count: u16) -> Option<u16> {
    /// So many processes, and calls of one, do not look at the same ports first.
    const PLACES: u16 = 500;
    static CALLS: AtomicU16 = AtomicU16::new(0);
    let process = u16::try_from(std::process::id() % u32::from(PLACES)).unwrap_or(0);
    let begin = process.wrapping_add(CALLS.fetch_add(1, Ordering::Relaxed).wrapping_mul(37));
    let places = (0..PLACES).map(|step| begin.wrapping_add(step) % PLACES);
    let is_free = |port| std::net::TcpListener::bind(("127.0.0.1", port)).is_ok();
    let mut firsts = places.map(|place| 12_000 + place * 24);
    firsts.find(|first| (*first..*first + count).all(is_free))
}
