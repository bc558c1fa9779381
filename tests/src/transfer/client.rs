//! The client's side, in a process of its own. It knows the emulator by what
//! stands in the environment, as any program would.

use std::time::Instant;

use anyhow::Context as _;
use serde_json::json;
use twinkit_auth::Credential;
use twinkit_itwin::itwins::types::ITwinCreate;
use twinkit_itwin::{Contents, ITwin};

use super::{DOWN, Memory, Report, UP};

/// Makes an iTwin, puts the file that is in this folder, and gets it back.
///
/// # Errors
/// A variable is missing, a call or a transfer fails.
pub async fn work(block: u64) -> anyhow::Result<Report> {
    let variable = |name: &str| std::env::var(name).with_context(|| format!("{name} is not set"));
    let (id, secret) = (variable("ITWIN_CLIENT_ID")?, variable("ITWIN_CLIENT_SECRET")?);
    let credential =
        Credential::ims_service(id, secret).host(variable("ITWIN_IMS_AUTHORITY")?).build()?;
    let platform = ITwin::builder(credential).endpoint(variable("ITWIN_API_URL")?).build()?;
    let new: ITwinCreate = serde_json::from_value(
        json!({"class": "Thing", "subClass": "Asset", "displayName": "Large"}),
    )?;
    let itwin = platform.itwins().create_itwin().body(new).send().await?.into_inner().itwin;
    let storage = platform.storage();
    let root = storage.root_folder(itwin.id).await?;

    let told = || Memory::now().context("this system does not tell memory");
    let start = told()?;
    let began = Instant::now();
    let upload = storage.upload_file(root, UP, Contents::file(UP)).in_blocks(block);
    let file = upload.run().await?;
    let up_seconds = began.elapsed().as_secs_f64();
    let began = Instant::now();
    storage.fetch_file(file.id).to_file(DOWN).await?;
    let down_seconds = began.elapsed().as_secs_f64();
    Ok(Report { start, end: told()?, up_seconds, down_seconds })
}
