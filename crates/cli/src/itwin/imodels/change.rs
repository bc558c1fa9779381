//! Making and deleting iModels.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use serde_json::json;
use twinkit::itwin::imodels::types::{BaselineFileForCreate, IModelCreate, Template};
use twinkit::itwin::{Contents, IModelId, ITwin, ITwinId};

use super::public;
use super::waiting::WaitArgs;
use crate::consent::{Consent, Decision};
use crate::exit::INTERRUPTED;
use crate::identity::claims::printable;
use crate::itwin::kept::Kept;
use crate::itwin::platform::PlatformArgs;
use crate::itwin::transfer::{put, stamp};
use crate::output::Output;
use crate::usage::{id, wrong};

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
    /// Begin with this file, which is uploaded.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    #[command(flatten)]
    wait: WaitArgs,
    #[command(flatten)]
    consent: Consent,
}

/// Upload the baseline file of an iModel that was made for one: the rest of a
/// `create --baseline` that broke off.
#[derive(clap::Args)]
pub(in crate::itwin) struct BaselineArgs {
    /// Id of the iModel.
    #[arg(value_parser = id::<IModelId>)]
    imodel: String,
    /// The file, the same as before.
    file: PathBuf,
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
    let is_empty = template.is_none() && baseline.is_none();
    let body = IModelCreate {
        baseline_file: size.map(|size| BaselineFileForCreate { size }),
        containers_enabled: None,
        creation_mode: None,
        description,
        extent: None,
        geographic_coordinate_system: None,
        i_twin_id: itwin,
        name,
        template: template.map(|i_model_id| Template { i_model_id, changeset_id: None }),
    };
    let imodels = client.imodels();
    let made = imodels.create_imodel().body(body).send().await?.into_inner().i_model;
    let id = made.id.clone();
    if let Some(file) = baseline {
        eprintln!("iModel {} was made; its baseline file is uploaded.", printable(&id));
        let advice = "`twinkit itwin imodels upload-baseline` goes on with it";
        if !upload(&client, platform, &id, &file, wait).await.context(advice)? {
            return Ok(ExitCode::from(INTERRUPTED));
        }
    } else if wait.wait && !is_empty {
        let waiting = imodels.wait_for_creation(id.as_str());
        wait.told(waiting, "The iModel", |at| at.state.to_string()).wait().await?;
    }
    let imodel = public(imodels.get_imodel().id(id).send().await?.into_inner().i_model);
    let text = format!("iModel {} was made: {} ({})", imodel.id, imodel.name, imodel.state);
    output.either(&imodel, &printable(&text))?;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn upload_baseline(
    args: BaselineArgs,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let BaselineArgs { imodel, file, wait, consent } = args;
    consent.check()?;
    let bytes = size(&file)?;
    let client = platform.connect().await?;
    let plan = json!({
        "change": "uploadBaseline", "imodelId": imodel, "bytes": bytes, "applied": false,
    });
    let step = format!("upload {} as baseline of iModel {imodel}", file.display());
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    if !upload(&client, platform, &imodel, &file, wait).await? {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let imodel = client.imodels().get_imodel().id(imodel).send().await?.into_inner().i_model;
    let text = format!("the baseline of iModel {} was uploaded ({})", imodel.id, imodel.state);
    output.either(&public(imodel), &printable(&text))?;
    Ok(ExitCode::SUCCESS)
}

/// Whether the file was uploaded to its end.
async fn upload(
    client: &ITwin,
    platform: &PlatformArgs,
    imodel: &str,
    file: &Path,
    wait: WaitArgs,
) -> Result<bool> {
    let mut words = vec![platform.endpoint()?, "baseline".to_owned(), imodel.to_owned()];
    words.extend(stamp(file)?);
    let upload = client.imodels().upload_baseline(imodel, Contents::file(file));
    if put(upload, &file.display().to_string(), Kept::of(words)).await?.is_none() {
        return Ok(false);
    }
    if wait.wait {
        let waiting = client.imodels().wait_for_baseline(imodel);
        wait.told(waiting, "The baseline file", |file| file.state.to_string()).wait().await?;
    }
    Ok(true)
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
    consent.check()?;
    let client = platform.connect().await?;
    let imodels = client.imodels();
    let mut steps = Vec::new();
    for id in &ids {
        let imodel = imodels.get_imodel().id(id.as_str()).send().await?.into_inner().i_model;
        let (name, itwin) = (imodel.name, imodel.i_twin_id);
        steps.push(format!("delete iModel {id} ({name:?}) of iTwin {itwin}, with its history"));
    }
    let plan = json!({"change": "delete", "ids": ids, "applied": false});
    if let Decision::Stop(code) = consent.decide(output, &steps, &plan, false).await? {
        return Ok(code);
    }
    let mut told = Vec::new();
    for id in &ids {
        let what = match imodels.delete_imodel().id(id.as_str()).send().await {
            Ok(_) => "was deleted",
            Err(error) if error.is_not_found() => "was gone already",
            Err(error) => {
                told.iter().for_each(|line| eprintln!("{line}"));
                return Err(error.into());
            }
        };
        told.push(format!("iModel {} {what}", printable(id)));
    }
    output.either(&json!({"change": "delete", "ids": ids, "applied": true}), &told.join("\n"))?;
    Ok(ExitCode::SUCCESS)
}
