//! `twinkit emulate`: runs the emulator until it is told to stop, and says
//! where everything listens.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use twinkit_emulator::seed::Seed;
use twinkit_emulator::{Emulator, EmulatorError};

use crate::exit::INTERRUPTED;
use crate::input::Input;
use crate::listening::Listening;
use crate::output::json;
use crate::stop::Stop;
use crate::usage::wrong;

/// Run the platforms and their identity services on this machine.
///
/// Everything is kept in memory and gone when the command ends, unless --data names a
/// folder to keep it in.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// First of the ports: identity, digital-twins, storage, control, ims,
    /// managed-identity, resource-manager, iot-central and itwin take this one
    /// and those after it, in this order. By default, and with 0, free ports; with
    /// --data by default those of the last time.
    #[arg(long)]
    port: Option<u16>,
    /// Folder to keep everything in, keys among it, so that the next start goes on
    /// where this one ends, at the same addresses, also after it was killed. Made if
    /// it is not there.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Serve https with a certificate of a local authority. The vendors' own
    /// clients insist on it. Managed identity endpoints stay http, as on real
    /// hosts.
    #[arg(long)]
    tls: bool,
    /// JSON file with models, twins, relationships and event routes to start
    /// with; with --data only when there is nothing yet.
    #[arg(long, value_name = "FILE")]
    seed: Option<PathBuf>,
    /// Name of one more IoT Central application, beside the first, myapp. May be
    /// repeated.
    #[arg(long = "iot-central-app", value_name = "NAME")]
    applications: Vec<String>,
    /// Folder for the key files of Azure Arc. Official clients look in
    /// /var/opt/azcmagent/tokens only. A new temporary folder by default.
    #[arg(long, value_name = "DIR")]
    arc_key_folder: Option<PathBuf>,
    /// Print one JSON object on the first line instead of text.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(args: Args) -> Result<ExitCode> {
    let mut builder = Emulator::builder().tls(args.tls);
    if let Some(port) = args.port {
        builder = builder.port(port);
    }
    if let Some(folder) = &args.data {
        builder = builder.data(folder);
    }
    if let Some(folder) = &args.arc_key_folder {
        builder = builder.arc_key_folder(folder);
    }
    for name in &args.applications {
        builder = builder.iot_central_application(name);
    }
    // Listened for before anybody can be told that the emulator runs.
    let mut stop = Stop::listen()?;
    if let Some(path) = &args.seed {
        let file = Input::file("seed file", path);
        let text = tokio::select! {
            text = file.text() => text?,
            () = stop.asked() => return Ok(ExitCode::from(INTERRUPTED)),
        };
        let seed: Seed = serde_json::from_str(&text).map_err(|error| {
            wrong(format!("the seed file {} is not valid: {error}", path.display()))
        })?;
        builder = builder.seed(seed);
    }
    let emulator = builder.start().await.map_err(|error| match error {
        EmulatorError::ApplicationName(_)
        | EmulatorError::ApplicationTaken(_)
        | EmulatorError::PortRange { .. } => wrong(error.to_string()),
        EmulatorError::Listen { port: Some(_), .. } if args.port.is_none() => {
            let advice = "the folder of --data remembers its ports; --port gives it others";
            anyhow::Error::from(error).context(advice)
        }
        EmulatorError::Seed(error) => {
            let file = args.seed.iter().map(|path| format!("{}: ", path.display()));
            wrong(file.collect::<String>() + &error.to_string())
        }
        other => other.into(),
    })?;
    let listening = Listening::new(&emulator, &args.applications);
    if args.json {
        writeln!(io::stdout(), "{}", json(&listening)?)?;
    } else {
        listening.print(&mut io::stdout().lock())?;
    }
    stop.asked_to_clear_up().await;
    emulator.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
