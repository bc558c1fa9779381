//! Local files into a folder.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use serde_json::{Value, json};
use twinkit::itwin::storage::types::File;
use twinkit::itwin::{Contents, FolderId, ITwin, ITwinId};

use super::walk::{PAGE, Spot, Thing, folder};
use crate::consent::{Consent, Decision};
use crate::itwin::each::{Did, Each, Item};
use crate::itwin::kept::Kept;
use crate::itwin::platform::PlatformArgs;
use crate::itwin::transfer::{put, stamp};
use crate::output::Output;
use crate::usage::{id, wrong};

/// Upload files into a folder.
///
/// Contents go to the storage service in blocks of 16 MiB, by a signed address and
/// without the token. An upload that was stopped goes on where it was when the
/// command is run again.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// The local files.
    #[arg(required = true)]
    file: Vec<PathBuf>,
    /// The folder; the root folder if left out.
    #[arg(long, value_name = "PATH")]
    to: Option<Spot>,
    /// The name that a single file gets; that of the local file if left out.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Give files that are there new contents.
    #[arg(long)]
    replace: bool,
    #[command(flatten)]
    consent: Consent,
}

/// A file to be uploaded.
struct Local {
    path: PathBuf,
    name: String,
    bytes: u64,
    /// The file whose contents it replaces.
    replaces: Option<String>,
}

pub(super) async fn run(args: Args, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let Args { itwin, file, to, name, replace, consent } = args;
    consent.check()?;
    if name.is_some() && file.len() > 1 {
        return Err(wrong("--name is for one file"));
    }
    let mut files =
        file.into_iter().map(|path| local(path, name.as_deref())).collect::<Result<Vec<_>>>()?;
    let client = platform.connect().await?;
    let to = to.unwrap_or_else(Spot::root);
    let folder = folder(&client, &itwin, &to).await?;
    compare(&client, &folder, &mut files, replace).await?;
    let steps: Vec<String> = files.iter().map(|file| step(file, &to)).collect();
    let listed: Vec<_> = files
        .iter()
        .map(|file| json!({"name": file.name, "bytes": file.bytes, "replaces": file.replaces}))
        .collect();
    let plan = json!({
        "change": "upload",
        "iTwinId": itwin,
        "folderId": folder.as_str(),
        "files": listed,
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let item = |file: &Local| Item { name: file.name.clone(), document: document(file) };
    let uploading = Each::list(output, "uploaded").run(&files, item, async |file| {
        let mut words = vec![platform.endpoint()?, "file".to_owned(), folder.to_string()];
        words.extend([file.name.clone(), file.replaces.clone().unwrap_or_default()]);
        words.extend(stamp(&file.path)?);
        let Some(stored) = upload(&client, &folder, file, Kept::of(words)).await? else {
            return Ok(Did::Stopped);
        };
        let more = format!("{} bytes, id {}", file.bytes, stored.id);
        Ok(Did::Made { more, document: json!(stored) })
    });
    uploading.await?.ending()
}

fn document(file: &Local) -> Value {
    json!({"displayName": file.name, "bytes": file.bytes, "replaces": file.replaces})
}

fn local(path: PathBuf, name: Option<&str>) -> Result<Local> {
    let shown = path.display();
    let about = std::fs::metadata(&path)
        .map_err(|error| wrong(format!("the file {shown} cannot be read: {error}")))?;
    if !about.is_file() {
        return Err(wrong(format!("{shown} is no file")));
    }
    let own = path.file_name().and_then(|name| name.to_str());
    let Some(name) = name.or(own) else {
        return Err(wrong(format!("{shown} has a name that cannot be sent: give --name")));
    };
    let (name, bytes) = (name.to_owned(), about.len());
    Ok(Local { path, name, bytes, replaces: None })
}

/// Finds the files that are there already, whose contents are replaced if that was
/// said.
async fn compare(
    client: &ITwin,
    folder: &FolderId,
    files: &mut [Local],
    replace: bool,
) -> Result<()> {
    let list = client.storage().list_folder_items().folder_id(folder).top(PAGE);
    let mut items = list.items();
    let mut there = HashMap::new();
    while let Some(item) = items.next_item().await {
        if let Some(thing) = Thing::of(&item?) {
            there.insert(thing.name().to_lowercase(), thing);
        }
    }
    let mut names = HashMap::new();
    for file in files {
        let key = file.name.to_lowercase();
        if names.insert(key.clone(), ()).is_some() {
            bail!("two files are to be named {}", file.name);
        }
        match there.get(&key) {
            None => {}
            Some(Thing::Folder { .. }) => bail!("there is a folder {} already", file.name),
            Some(Thing::File { id, .. }) if replace => file.replaces = Some(id.clone()),
            Some(Thing::File { .. }) => {
                bail!("there is a file {} already; --replace gives it new contents", file.name);
            }
        }
    }
    Ok(())
}

fn step(file: &Local, to: &Spot) -> String {
    let Local { path, name, bytes, replaces } = file;
    let (path, to) = (path.display(), to.text());
    match replaces {
        Some(_) => format!("upload {path} ({bytes} bytes) in place of the contents of {name}"),
        None => format!("upload {path} ({bytes} bytes) as {name} into {to}"),
    }
}

async fn upload(
    client: &ITwin,
    folder: &FolderId,
    file: &Local,
    kept: Option<Kept>,
) -> Result<Option<File>> {
    let (storage, contents) = (client.storage(), Contents::file(&file.path));
    let upload = match &file.replaces {
        Some(id) => storage.replace_file(id.as_str(), contents),
        None => storage.upload_file(folder, &file.name, contents),
    };
    put(upload, &file.name, kept).await
}
