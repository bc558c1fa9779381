//! Puts a file into an iTwin, into its storage or into the container of reality data,
//! and shows how far it is. It shows:
//! - one call for what takes three (an address, the contents, the end), in blocks, of
//!   which several are on their way at a time, in the same memory for any size;
//! - progress, as a line that renews itself on a terminal;
//! - an upload that was stopped, by a broken line, by Ctrl-C or by the machine, and goes
//!   on where it was when the program is run again. What that takes is kept beside the
//!   file, in one that only its owner may read: it holds the signed address.
//!
//! Without an account, on an emulator of its own, a file of 8 MiB to both places:
//!
//! ```sh
//! cargo run --package twinkit-examples --bin file-upload
//! ```
//!
//! On the real platform, in the name of a service application that is a member of the
//! iTwin:
//!
//! ```sh
//! export ITWIN_CLIENT_ID=... ITWIN_CLIENT_SECRET=...
//! cargo run --package twinkit-examples --bin file-upload -- scan.las --itwin ID
//! cargo run --package twinkit-examples --bin file-upload -- tileset.json --itwin ID --reality-data ID
//! ```

mod kept;
mod meter;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Parser;
use serde_json::json;
use twinkit::itwin::itwins::types::ITwinCreate;
use twinkit::itwin::reality_management::types::RealityDataCreate;
use twinkit::itwin::{Contents, Error, ITwin, Upload};
use twinkit_emulator::Emulator;
use twinkit_examples::{ending, platform};

use kept::Kept;
use meter::Meter;

/// Small, so that little is sent again over a line that breaks.
const BLOCK: u64 = 1024 * 1024;

/// Upload a file into an iTwin.
#[derive(Parser)]
struct Args {
    /// The file; one that is made up if left out, on the emulator only.
    file: Option<PathBuf>,
    /// The iTwin.
    #[arg(long, value_name = "ID", requires = "file")]
    itwin: Option<String>,
    /// Put it into the container of this reality data instead of the root folder.
    #[arg(long, value_name = "ID", requires = "itwin")]
    reality_data: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    ending::of(run(Args::parse()).await)
}

async fn run(args: Args) -> anyhow::Result<ExitCode> {
    let Some(client) = platform::itwin()? else {
        platform::tell_emulator("ITWIN_CLIENT_ID and ITWIN_CLIENT_SECRET");
        return on_emulator(args.file).await;
    };
    let file = args.file.context("name the file")?;
    let itwin = args.itwin.context("say by --itwin where it goes")?;
    let upload = async {
        match &args.reality_data {
            Some(data) => to_reality_data(&client, &itwin, data, &file).await,
            None => to_storage(&client, &itwin, &file).await,
        }
    };
    tokio::select! {
        done = upload => done.map(|()| ExitCode::SUCCESS),
        // What has arrived was noted on the way.
        _ = tokio::signal::ctrl_c() => {
            eprintln!("\nstopped; run again to go on");
            Ok(ExitCode::from(130))
        }
    }
}

async fn to_storage(client: &ITwin, itwin: &str, file: &Path) -> anyhow::Result<()> {
    let storage = client.storage();
    let folder = storage.root_folder(itwin).await?;
    let upload = storage.upload_file(&folder, name(file)?, Contents::file(file));
    let stored = put(upload, file, &format!("folder {folder}")).await?;
    println!("{} is file {} of the iTwin's storage", stored.display_name, stored.id);
    Ok(())
}

async fn to_reality_data(
    client: &ITwin,
    itwin: &str,
    data: &str,
    file: &Path,
) -> anyhow::Result<()> {
    let (reality, name) = (client.reality_management(), name(file)?);
    let upload = reality.upload_file(data, itwin, name, Contents::file(file));
    put(upload, file, &format!("reality data {data}")).await?;
    println!("{name} is in reality data {data}");
    Ok(())
}

/// Carries an upload out, from where an earlier run of the same stopped.
async fn put<T>(upload: Upload<T>, file: &Path, place: &str) -> anyhow::Result<T> {
    let kept = Kept::of(file, place)?;
    let mut upload = upload.in_blocks(BLOCK);
    if let Some(point) = kept.read() {
        eprintln!("going on at {} bytes", point.done());
        upload = upload.resume(point);
    }
    let (meter, keeper) = (Meter::new(name(file)?), kept.clone());
    let progress = meter.clone();
    let upload = upload
        .on_progress(move |at| progress.at(at.done, at.total))
        .on_point(move |point| keeper.write(point));
    let came = upload.run().await;
    meter.end();
    match came {
        Ok(done) => {
            kept.forget();
            Ok(done)
        }
        Err(failed) => {
            let done = failed.point.as_ref().map(|point| point.done());
            let advice = match done {
                Some(done) if done > 0 => format!("{done} bytes are there; run again to go on"),
                _ => "nothing has arrived".to_owned(),
            };
            Err(anyhow::Error::new(Error::from(failed)).context(advice))
        }
    }
}

fn name(file: &Path) -> anyhow::Result<&str> {
    let name = file.file_name().and_then(|name| name.to_str());
    name.with_context(|| format!("{} has a name that cannot be sent", file.display()))
}

/// Both uploads, into an iTwin and reality data that are made for them.
async fn on_emulator(file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let emulator = Emulator::start().await?;
    let client = platform::itwin_of(&emulator)?;
    let folder = tempfile::tempdir()?;
    let file = match file {
        Some(file) => file,
        None => {
            let made_up = folder.path().join("scan.las");
            std::fs::write(&made_up, vec![7; 8 * 1024 * 1024])?;
            made_up
        }
    };
    let new: ITwinCreate = serde_json::from_value(
        json!({"class": "Thing", "subClass": "Asset", "displayName": "Bridge"}),
    )?;
    let itwin = client.itwins().create_itwin().body(new).send().await?.into_inner().itwin.id;
    to_storage(&client, &itwin, &file).await?;
    let new: RealityDataCreate = serde_json::from_value(
        json!({"iTwinId": itwin, "displayName": "Scan", "type": "PointCloud"}),
    )?;
    let data = client.reality_management().create_reality_data().body(new).send().await?;
    to_reality_data(&client, &itwin, &data.into_inner().reality_data.id, &file).await?;
    emulator.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
