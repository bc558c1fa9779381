//! A large file up to the emulator and down again, by a client in a process of
//! its own whose memory is measured. The emulator has its blobs on the disk.

mod client;
mod contents;

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use serde::{Deserialize, Serialize};
use twinkit_emulator::Emulator;

pub use crate::support::memory::Memory;
pub use client::work;

/// How a program that measures starts itself as the client.
pub const CLIENT: &str = "--client";
/// The file that goes up.
const UP: &str = "up.bin";
/// The file that comes down.
const DOWN: &str = "down.bin";

/// What the client saw of itself.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Report {
    /// Before the first transfer, signed in.
    pub start: Memory,
    /// Behind the last one.
    pub end: Memory,
    /// How long the upload took.
    pub up_seconds: f64,
    /// How long the download took.
    pub down_seconds: f64,
}

impl Report {
    /// How much more memory the transfers took at their highest than there was
    /// before, in bytes.
    #[must_use]
    pub fn growth(&self) -> u64 {
        self.end.peak.saturating_sub(self.start.resident)
    }
}

/// What came of it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Figures {
    /// Bytes of the file.
    pub bytes: u64,
    /// Bytes of a block.
    pub block: u64,
    /// Of the client.
    pub client: Report,
    /// Of this process, with the emulator in it, before the transfers.
    pub emulator_start: Memory,
    /// The same behind them.
    pub emulator_end: Memory,
    /// Bytes in the emulator's files behind the upload.
    pub on_disk: u64,
}

/// Has `program`, started as [`CLIENT`], put a file of so many bytes and get it
/// back, compares both, and gives the figures.
///
/// # Errors
/// A step fails; the file that came down is another one; its blobs are not on the
/// disk; the machine does not tell memory.
pub async fn measured(program: &Path, bytes: u64, block: u64) -> anyhow::Result<Figures> {
    let folder = tempfile::tempdir()?;
    let blobs = tempfile::tempdir()?;
    let emulator = Emulator::builder().blob_folder(blobs.path()).start().await?;
    let (path, size) = (folder.path().join(UP), bytes);
    tokio::task::spawn_blocking(move || contents::write(&path, size)).await??;
    let emulator_start = Memory::now().context("this system does not tell memory")?;
    let output = tokio::process::Command::new(program)
        .args([CLIENT, "--block", &block.to_string()])
        .current_dir(folder.path())
        .envs(emulator.env())
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .await?;
    let emulator_end = Memory::now().context("this system does not tell memory")?;
    ensure!(output.status.success(), "the client failed: {}", output.status);
    let client: Report = serde_json::from_slice(&output.stdout)?;
    let (up, down) = (folder.path().join(UP), folder.path().join(DOWN));
    let is_same = tokio::task::spawn_blocking(move || contents::same(&up, &down)).await??;
    ensure!(is_same, "another file came down than went up");
    let on_disk = contents::size_below(blobs.path())?;
    ensure!(on_disk >= bytes, "{on_disk} bytes are on the disk of {bytes}");
    emulator.shutdown().await;
    ensure!(contents::size_below(blobs.path())? == 0, "the blobs outlive the emulator");
    Ok(Figures { bytes, block, client, emulator_start, emulator_end, on_disk })
}
