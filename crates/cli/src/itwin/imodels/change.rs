//! Making and deleting iModels.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use twinkit::itwin::imodels::enums::CreationMode;
use twinkit::itwin::imodels::types::{IModelCreate, Template};
use twinkit::itwin::{Contents, IModelId, ITwin, ITwinId};

use super::public;
use super::waiting::WaitArgs;
use crate::consent::{Consent, Decision};
use crate::exit::INTERRUPTED;
use crate::identity::claims::printable;
use crate::itwin::each::{Each, Item, taken_away};
use crate::itwin::kept::Kept;
use crate::itwin::platform::PlatformArgs;
use crate::itwin::transfer::{put, stamp};
use crate::output::Output;
use crate::usage::{id, once, wrong};

/// Make an iModel: empty, as another one is, or of a baseline file.
#[derive(clap::Args)]
pub(in crate::itwin) struct CreateArgs {
    /// Id of the iTwin.
    #[arg(value_parser = id::<ITwinId>)]
    itwin: String,
    /// Its name.
    name: String,
    /// What it is for.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Begin as this iModel is at its end, in the same data center.
    #[arg(long, value_name = "ID", value_parser = id::<IModelId>, conflicts_with = "baseline")]
    template: Option<String>,
    /// Begin with this file, which is uploaded. If that is stopped, the same command
    /// goes on with it.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    wait: WaitArgs,
    #[command(flatten)]
    consent: Consent,
}

/// Delete iModels, with their history.
#[derive(clap::Args)]
pub(in crate::itwin) struct DeleteArgs {
    /// Their ids.
    #[arg(required = true, value_parser = id::<IModelId>)]
    ids: Vec<String>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn create(
    args: CreateArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let CreateArgs { itwin, name, description, template, baseline, wait, consent } = args;
    consent.check()?;
    let size = baseline.as_deref().map(size).transpose()?;
    let client = platform.connect().await?;
    let how = match (&template, &baseline) {
        (Some(template), _) => format!("as iModel {template} is"),
        (None, Some(file)) => format!("of {}", file.display()),
        (None, None) => "empty".to_owned(),
    };
    let plan = json!({
        "change": "create",
        "iTwinId": itwin,
        "name": name,
        "description": description,
        "templateIModelId": template,
        "baselineFileBytes": size,
        "applied": false,
    });
    let step = format!("make iModel {name:?} in iTwin {itwin}, {how}");
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let is_templated = template.is_some();
    let wish = IModelCreate {
        baseline_file: None,
        containers_enabled: None,
        // That of a file is said by the client.
        creation_mode: Some(match &template {
            Some(_) => CreationMode::FromIModelVersion,
            None => CreationMode::Empty,
        }),
        description,
        extent: None,
        geographic_coordinate_system: None,
        itwin_id: itwin,
        name,
        template: template.map(|imodel_id| Template { imodel_id, changeset_id: None }),
    };
    let imodels = client.imodels();
    let id = match baseline {
        Some(file) => {
            let Some(id) = of_file(&client, platform, wish, &file).await? else {
                return Ok(ExitCode::from(INTERRUPTED));
            };
            taken_in(&client, &id, wait).await?;
            id
        }
        None => imodels.create_imodel().body(wish).send().await?.into_inner().imodel.id,
    };
    if wait.wait && is_templated {
        let waiting = imodels.wait_for_creation(id.as_str());
        wait.told(waiting, "The iModel", |at| at.state.to_string()).wait().await?;
    }
    let imodel = public(imodels.get_imodel().id(id).send().await?.into_inner().imodel);
    let text = format!("iModel {} was made: {} ({})", imodel.id, imodel.name, imodel.state);
    output.done(&imodel, &printable(&text))
}

/// Makes an iModel of a file and gives its id; none if the process was asked to
/// stop. The next run of the command goes on with it: the platform tells the address
/// of the file only once.
async fn of_file(
    client: &ITwin,
    platform: &PlatformArgs,
    wish: IModelCreate,
    file: &Path,
) -> Result<Option<String>> {
    let mut words = vec![platform.endpoint()?, "baseline".to_owned()];
    words.extend([wish.itwin_id.clone(), wish.name.clone()]);
    words.extend(stamp(file)?);
    let making = client.imodels().create_from_baseline(wish, Contents::file(file));
    let made = put(making, &file.display().to_string(), Kept::of(words)).await?;
    Ok(made.map(String::from))
}

/// Waits until the file is taken in, if that was asked for.
async fn taken_in(client: &ITwin, imodel: &str, wait: WaitArgs) -> Result<()> {
    if wait.wait {
        let waiting = client.imodels().wait_for_baseline(imodel);
        wait.told(waiting, "The baseline file", |file| file.state.to_string()).wait().await?;
    }
    Ok(())
}

/// The size of a file, as the platform is told of it.
fn size(file: &Path) -> Result<i64> {
    let shown = file.display();
    let about = std::fs::metadata(file)
        .map_err(|error| wrong(format!("the file {shown} cannot be read: {error}")))?;
    if !about.is_file() {
        return Err(wrong(format!("{shown} is no file")));
    }
    i64::try_from(about.len()).map_err(|_| wrong(format!("{shown} is too large")))
}

pub(super) async fn delete(
    args: DeleteArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let DeleteArgs { ids, consent } = args;
    let ids = once(ids);
    consent.check()?;
    let client = platform.connect().await?;
    let imodels = client.imodels();
    let mut steps = Vec::new();
    for id in &ids {
        let imodel = imodels.get_imodel().id(id.as_str()).send().await?.into_inner().imodel;
        let (name, itwin) = (imodel.name, imodel.itwin_id);
        steps.push(format!("delete iModel {id} ({name:?}) of iTwin {itwin}, with its history"));
    }
    let plan = json!({"change": "delete", "ids": ids, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let item = |id: &String| Item { name: format!("iModel {id}"), document: json!({"id": id}) };
    let deleting = Each::new(output, "deleted").run(&ids, item, async |id| {
        taken_away(imodels.delete_imodel().id(id.as_str()).send().await)
    });
    deleting.await?.close(output, plan)
}
