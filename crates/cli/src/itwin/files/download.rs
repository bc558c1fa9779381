//! A file of Storage, to this machine.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::json;
use twinkit::itwin::ITwinId;

use super::walk::{Spot, Thing, find};
use crate::exit::INTERRUPTED;
use crate::identity::claims::printable;
use crate::itwin::kept::Kept;
use crate::itwin::platform::PlatformArgs;
use crate::itwin::transfer::{Place, STDOUT_TAKEN, fetch, is_stdout, pour};
use crate::output::Output;
use crate::usage::{id, wrong};

/// Download a file.
///
/// Until it is whole it is beside its place, with `.part` behind its name. A download
/// that was stopped goes on where it was when the command is run again, as long as
/// the contents are the same.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// The file.
    path: Spot,
    /// Where to: a file, a folder that is there, or `-` for stdout. The file's own
    /// name in the current folder if left out.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the local file if it is there.
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let Args { itwin, path, out, force } = args;
    let is_poured = out.as_deref().is_some_and(is_stdout);
    if is_poured && output.json {
        return Err(wrong(STDOUT_TAKEN));
    }
    let client = platform.connect().await?;
    let (id, name) = match find(&client, &itwin, &path).await? {
        Thing::File { id, name, .. } => (id, name),
        Thing::Folder { name, .. } => bail!("{name:?} is a folder; name a file in it"),
    };
    let download = client.storage().fetch_file(id.as_str());
    if is_poured {
        pour(download).await?;
        return Ok(ExitCode::SUCCESS);
    }
    let place = match out {
        Some(folder) if folder.is_dir() => folder.join(local_name(&name)?),
        Some(file) => file,
        None => PathBuf::from(local_name(&name)?),
    };
    let place = Place::prepare(place, force)?;
    let words = vec![platform.endpoint()?, format!("download {id}"), place.absolute()];
    let Some(bytes) = fetch(download, &place, Kept::of(words)).await? else {
        return Ok(ExitCode::from(INTERRUPTED));
    };
    let document = json!({"id": id, "name": name, "file": place.path(), "bytes": bytes});
    let text = format!("{} has {bytes} bytes of {}", place.shown(), printable(&name));
    output.done(&document, &text)
}

/// The name that a file gets here. One that would lead elsewhere is refused: it comes
/// from a service.
fn local_name(name: &str) -> Result<&str> {
    let is_plain = Path::new(name).file_name().is_some_and(|last| last == name);
    if !is_plain || name.contains(['\\', ':']) || printable(name) != name {
        bail!("{name:?} cannot be the name of a file here: give --out FILE");
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        assert_eq!(local_name("plan 1.pdf").unwrap(), "plan 1.pdf");
        for odd in ["", ".", "..", "../x", "/etc/x", "a/b", "a\\b", "C:x", "a\u{1b}[2J"] {
            assert!(local_name(odd).is_err(), "{odd:?}");
        }
    }
}
