//! Named versions of an iModel.

use std::process::ExitCode;

use anyhow::{Result, anyhow};
use clap::Subcommand;
use serde_json::json;
use twinkit::itwin::imodels::types::{NamedVersion, NamedVersionCreate};
use twinkit::itwin::{IModelId, ITwin};

use super::Named;
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::itwin::list::{Shape, show as show_list};
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::usage::id;

/// List and make named versions of an iModel. They cannot be deleted.
#[derive(Subcommand)]
pub(in crate::itwin) enum Command {
    /// List the named versions, the newest first.
    List {
        /// Id of the iModel.
        #[arg(value_parser = id::<IModelId>)]
        imodel: String,
        /// At most so many.
        #[arg(long, value_name = "COUNT")]
        limit: Option<usize>,
    },
    Create(CreateArgs),
}

/// Make a named version. A checkpoint of it is made as well, which takes a while.
#[derive(clap::Args)]
pub(in crate::itwin) struct CreateArgs {
    /// Id of the iModel.
    #[arg(value_parser = id::<IModelId>)]
    imodel: String,
    /// Its name.
    name: String,
    /// What it is.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// The changeset, by index or id; the newest if left out, or the baseline of an
    /// iModel that has none.
    #[arg(long, value_name = "CHANGESET", value_parser = Named::parse)]
    changeset: Option<Named>,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(
    command: Command,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    match command {
        Command::List { imodel, limit } => list(&imodel, limit, platform, output).await,
        Command::Create(args) => create(args, platform, output).await,
    }
}

async fn list(
    imodel: &str,
    limit: Option<usize>,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let client = platform.connect().await?;
    let list = client.imodels().list_named_versions().id(imodel);
    let list = list.order_by("changesetIndex desc").representation();
    let shape = Shape {
        head: ["CHANGESET", "ID", "STATE", "CREATED", "NAME"],
        row: |version: NamedVersion| {
            let index = version.changeset_index.to_string();
            let (state, created) = (version.state.to_string(), version.created_date_time);
            [index, version.id, state, created.to_string(), version.name]
        },
        document: |version| version,
    };
    show_list(list.items(), output, limit, shape).await?;
    Ok(ExitCode::SUCCESS)
}

async fn create(args: CreateArgs, platform: &PlatformArgs, output: Output) -> Result<ExitCode> {
    let CreateArgs { imodel, name, description, changeset, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let changeset = changeset_of(&client, &imodel, changeset).await?;
    let at = match &changeset {
        Some((index, id)) => format!("changeset {index} ({id})"),
        None => "the baseline".to_owned(),
    };
    let step = format!("name {at} of iModel {imodel} {name:?}");
    let plan = json!({
        "change": "create",
        "imodelId": imodel,
        "name": name,
        "changesetIndex": changeset.as_ref().map_or(0, |(index, _)| *index),
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let body = NamedVersionCreate { changeset_id: changeset.map(|(_, id)| id), description, name };
    let made = client.imodels().create_named_version().id(imodel).body(body).send().await?;
    let version = made.into_inner().named_version;
    let (id, name, index) = (&version.id, &version.name, version.changeset_index);
    let text = format!("named version {id} was made: {name} (changeset {index})");
    output.done(&version, &printable(&text))
}

/// Index and id of the changeset that is meant; none for the baseline.
async fn changeset_of(
    client: &ITwin,
    imodel: &str,
    named: Option<Named>,
) -> Result<Option<(i64, String)>> {
    let changeset = match named {
        None => client.imodels().latest_changeset(imodel).await?,
        Some(Named::Index(0)) => None,
        Some(named) => {
            let get = client.imodels().get_changeset().id(imodel).changeset(named.text());
            Some(get.send().await?.into_inner().changeset)
        }
    };
    Ok(changeset.map(|changeset| (changeset.index, changeset.id)))
}

/// The id of a named version that is meant by its id or its name.
pub(super) async fn find(client: &ITwin, imodel: &str, said: &str) -> Result<NamedVersion> {
    let imodels = client.imodels();
    if let Some(version) = imodels.named_version(imodel, said).await? {
        return Ok(version);
    }
    let get = imodels.get_named_version().id(imodel).named_version_id(said);
    match get.send().await {
        Ok(version) => Ok(version.into_inner().named_version),
        Err(error) if error.is_not_found() => {
            Err(anyhow!("the iModel has no named version {said:?}"))
        }
        Err(error) => Err(error.into()),
    }
}
