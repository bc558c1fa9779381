//! Runs a tool within limits of time and size, without a shell and without
//! input, and leaves nothing of it behind: when it takes too long, or whoever
//! asked gives up, it is killed together with what it started.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::{Either, select, try_join};
use secrecy::zeroize::Zeroizing;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::time::timeout;

const MAX_STDOUT: usize = 1024 * 1024;
const MAX_STDERR: usize = 64 * 1024;

/// Big enough for a token, so that the buffer need not grow and leave a copy.
const USUAL_STDOUT: usize = 16 * 1024;

/// How long output is read on after the tool has ended. What it wrote is there
/// already; only a process that it left running could keep the pipe open.
const AFTERGLOW: Duration = Duration::from_millis(500);

/// How a tool is run.
#[derive(Debug)]
pub(super) struct Run<'a> {
    /// An absolute path.
    pub(super) program: &'a Path,
    pub(super) arguments: &'a [OsString],
    pub(super) variables: &'a [(&'static str, &'static str)],
    pub(super) limit: Duration,
}

/// What a tool that ended has said. It has no `Debug`: the output may hold a
/// token.
pub(super) struct Output {
    pub(super) status: ExitStatus,
    pub(super) stdout: Zeroizing<Vec<u8>>,
    /// As it came; to be scrubbed before it is shown.
    pub(super) stderr: Zeroizing<Vec<u8>>,
}

/// Why there is no output.
#[derive(Debug)]
pub(super) enum Failure {
    /// The program could not be started.
    Start(io::Error),
    /// Its output could not be read.
    Read(io::Error),
    /// It wrote more than a megabyte.
    Flood,
    /// It did not end within the limit.
    Slow,
}

pub(super) async fn run(run: Run<'_>) -> Result<Output, Failure> {
    let mut command = Command::new(run.program);
    command
        .args(run.arguments)
        .envs(run.variables.iter().copied())
        .current_dir(system_folder())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    set_apart(&mut command);
    let mut group = Group(command.spawn().map_err(Failure::Start)?);
    // Dropped, `group` kills; so it is when this future is.
    timeout(run.limit, watch(&mut group.0)).await.unwrap_or(Err(Failure::Slow))
}

async fn watch(child: &mut Child) -> Result<Output, Failure> {
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let mut stdout = Zeroizing::new(Vec::with_capacity(USUAL_STDOUT));
    let mut stderr = Zeroizing::new(Vec::new());
    let status = {
        let out = read(out, &mut stdout, MAX_STDOUT, true);
        let reading = pin!(try_join(out, read(err, &mut stderr, MAX_STDERR, false)));
        match select(reading, pin!(child.wait())).await {
            Either::Left((done, ending)) => {
                done?;
                ending.await
            }
            Either::Right((status, reading)) => {
                if let Ok(done) = timeout(AFTERGLOW, reading).await {
                    done?;
                }
                status
            }
        }
    };
    let status = status.map_err(Failure::Read)?;
    Ok(Output { status, stdout, stderr })
}

/// Reads to the end. What is beyond `limit` is an error if `strict`, and
/// dropped otherwise.
async fn read(
    pipe: Option<impl AsyncRead + Unpin>,
    into: &mut Vec<u8>,
    limit: usize,
    strict: bool,
) -> Result<(), Failure> {
    let Some(mut pipe) = pipe else { return Ok(()) };
    let mut block = Zeroizing::new([0; 8 * 1024]);
    loop {
        let count = pipe.read(&mut *block).await.map_err(Failure::Read)?;
        let read = block.get(..count).unwrap_or_default();
        if read.is_empty() {
            return Ok(());
        }
        let room = limit.saturating_sub(into.len());
        if read.len() > room && strict {
            return Err(Failure::Flood);
        }
        into.extend_from_slice(read.get(..room).unwrap_or(read));
    }
}

/// A running tool at the head of a process group of its own.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        // A child that has been waited for has no id any more, so the number
        // cannot be that of somebody else's group.
        if let Some(id) = self.0.id() {
            kill_group(id);
        }
    }
}

#[cfg(unix)]
fn set_apart(command: &mut Command) {
    command.process_group(0);
}

#[cfg(unix)]
fn kill_group(id: u32) {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // Fails only if nothing of the group is left.
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// No window flashes up for a console program.
#[cfg(windows)]
fn set_apart(command: &mut Command) {
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NO_WINDOW);
}

#[cfg(not(any(unix, windows)))]
fn set_apart(_: &mut Command) {}

/// Elsewhere `kill_on_drop` ends the tool itself; what it started would have to
/// be put in a job object beforehand, which safe code cannot do.
#[cfg(not(unix))]
fn kill_group(_: u32) {}

/// A folder that nobody but the system writes to, so that what a tool looks for
/// in its current folder is not found there.
fn system_folder() -> PathBuf {
    if cfg!(windows) {
        let root = std::env::var_os("SystemRoot");
        return PathBuf::from(root.as_deref().unwrap_or(OsStr::new(r"C:\Windows")));
    }
    PathBuf::from("/")
}
