//! Copies of iModels: clones without their history, and forks whose changes can go
//! back.

use std::process::ExitCode;

use anyhow::Result;
use serde_json::json;
use twinkit::itwin::imodels::types::{IModelClone, IModelFork};
use twinkit::itwin::{IModelId, ITwinId};

use super::waiting::WaitArgs;
use super::{Named, public};
use crate::consent::{Consent, Decision};
use crate::identity::claims::printable;
use crate::itwin::platform::PlatformArgs;
use crate::output::Output;
use crate::usage::id;

/// Copy an iModel, within its data center: `clone` without its history, `fork` so
/// that changes can go back.
#[derive(clap::Args)]
pub(in crate::itwin) struct Args {
    /// Id of the iModel.
    #[arg(value_parser = id::<IModelId>)]
    imodel: String,
    /// The iTwin that the copy is to be in; that of the iModel if left out.
    #[arg(long, value_name = "ID", value_parser = id::<ITwinId>)]
    to: Option<String>,
    /// The name of the copy; that of the iModel if left out.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What the copy is for.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Copy it as it was at this changeset, by index or id; as it is if left out.
    #[arg(long, value_name = "CHANGESET", value_parser = Named::parse)]
    changeset: Option<Named>,
    #[command(flatten)]
    wait: WaitArgs,
    #[command(flatten)]
    consent: Consent,
}

/// The two kinds of copies.
#[derive(Clone, Copy)]
pub(super) enum Way {
    Clone,
    Fork,
}

pub(super) async fn run(
    args: Args,
    way: Way,
    platform: &PlatformArgs,
    output: Output,
) -> Result<ExitCode> {
    let Args { imodel, to, name, description, changeset, wait, consent } = args;
    consent.check()?;
    let client = platform.connect().await?;
    let imodels = client.imodels();
    let original = imodels.get_imodel().id(imodel.as_str()).send().await?.into_inner().imodel;
    let to = to.unwrap_or(original.itwin_id);
    let verb = match way {
        Way::Clone => "clone",
        Way::Fork => "fork",
    };
    let at = changeset.as_ref().map(|changeset| format!(", as at changeset {}", changeset.text()));
    let named = name.as_ref().map(|name| format!(" as {name:?}"));
    let step = format!(
        "{verb} iModel {imodel} ({:?}) into iTwin {to}{}{}",
        original.name,
        named.unwrap_or_default(),
        at.unwrap_or_default()
    );
    let plan = json!({
        "change": verb,
        "imodelId": imodel,
        "iTwinId": to,
        "name": name,
        "changeset": changeset.as_ref().map(Named::text),
        "applied": false,
    });
    if let Decision::Stop(code) = consent.decide(output, &[step], &plan, false).await? {
        return Ok(code);
    }
    let (changeset_index, changeset_id) = match changeset {
        Some(Named::Index(index)) => (Some(index), None),
        Some(Named::Id(id)) => (None, Some(id)),
        None => (None, None),
    };
    let copy = match way {
        Way::Clone => {
            let wish = IModelClone {
                changeset_id,
                changeset_index,
                containers_enabled: None,
                description,
                itwin_id: to,
                name,
            };
            imodels.start_clone(imodel, wish).await?
        }
        Way::Fork => {
            let wish = IModelFork {
                changeset_id,
                changeset_index,
                containers_enabled: None,
                description,
                itwin_id: to,
                name,
                preserve_history: None,
            };
            imodels.start_fork(imodel, wish).await?
        }
    };
    let id = copy.imodel.to_string();
    if wait.wait {
        tell!("iModel {} is being made.", printable(&id));
        wait.told(copy.ready(), "The copy", |at| at.state.to_string()).wait().await?;
    }
    let made = public(imodels.get_imodel().id(id).send().await?.into_inner().imodel);
    let text = format!("iModel {} was made: {} ({})", made.id, made.name, made.state);
    output.done(&made, &printable(&text))
}
