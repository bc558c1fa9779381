//! `twinkit emulate`: runs the emulator until it is told to stop, and says
//! where everything listens.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use serde::Serialize;
use twinkit_emulator::Emulator;

use crate::stop::Stop;

/// Run the platforms and their identity services on this machine.
///
/// Everything is kept in memory and gone when the command ends.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// First of five ports: identity, digital-twins, storage, control and ims
    /// take this one and those after it, in this order. Free ports by default.
    #[arg(long)]
    port: Option<u16>,
    /// Serve https with a certificate of a local authority. The vendors' own
    /// clients insist on it.
    #[arg(long)]
    tls: bool,
    /// JSON file with models, twins, relationships and event routes to start
    /// with.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Print one JSON object on the first line instead of text.
    #[arg(long)]
    json: bool,
}

/// The first line of `--json`.
#[derive(Serialize)]
struct Listening {
    services: BTreeMap<String, String>,
    env: BTreeMap<String, String>,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let mut builder = Emulator::builder().tls(args.tls);
    if let Some(port) = args.port {
        builder = builder.port(port);
    }
    if let Some(path) = &args.seed {
        builder = builder.seed_file(path);
    }
    // Listened for before anybody can be told that the emulator runs.
    let mut stop = Stop::listen()?;
    let emulator = builder.start().await?;
    let listening = Listening { services: emulator.services(), env: emulator.env() };
    if args.json {
        writeln!(io::stdout(), "{}", serde_json::to_string(&listening)?)?;
    } else {
        print_for_people(&listening)?;
    }
    stop.asked().await;
    emulator.shutdown().await;
    Ok(ExitCode::SUCCESS)
}

fn print_for_people(listening: &Listening) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "The emulator is running. Services:")?;
    for (name, url) in &listening.services {
        writeln!(out, "  {name:<16} {url}")?;
    }
    writeln!(out, "\nFor clients and for the vendors' own tools:")?;
    for (name, value) in &listening.env {
        writeln!(out, "  export {name}='{value}'")?;
    }
    writeln!(out, "\nStop it with Ctrl-C.")
}
