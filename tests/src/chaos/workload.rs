//! Carries the plan out, many steps at a time.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Context as _;
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use tokio::sync::watch;
use tokio::time::sleep;
use twinkit_itwin::FolderId;

use super::clients::Clients;
use super::outcome::Fault;
use super::plan::{Plan, Step};

/// Steps under way at a time.
const AT_ONCE: usize = 16;

/// Between two looks at something that takes its time.
const PAUSE: Duration = Duration::from_millis(200);

/// What all steps share.
pub(super) struct Workload {
    pub(super) clients: Clients,
    /// Signed address for the file of the import job.
    pub(super) import_file: String,
    /// The folder for files, once there is one.
    pub(super) folder: OnceLock<FolderId>,
}

impl Workload {
    pub(super) fn new(clients: Clients, import_file: String) -> Self {
        Self { clients, import_file, folder: OnceLock::new() }
    }

    /// Does all steps, counts those that are done, and tells `progress` of each.
    pub(super) async fn run(
        &self,
        plan: &Plan,
        steps: &AtomicUsize,
        progress: &watch::Sender<usize>,
    ) -> anyhow::Result<()> {
        for wave in &plan.waves {
            stream::iter(wave)
                .map(|step| async move {
                    self.one(step).await.with_context(|| name(step))?;
                    progress.send_replace(steps.fetch_add(1, Ordering::Relaxed) + 1);
                    anyhow::Ok(())
                })
                .buffer_unordered(AT_ONCE)
                .try_collect::<()>()
                .await?;
        }
        Ok(())
    }

    /// Reads all devices again and again until something has come about.
    pub(super) async fn go_on_until(&self, has_come: impl Fn() -> bool) -> anyhow::Result<()> {
        while !has_come() {
            self.list_devices(0).await.context("list the devices once more")?;
            sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn one(&self, step: &Step) -> Result<(), Fault> {
        match step {
            Step::Models(models) => self.upload_models(models).await,
            Step::Template => self.create_template().await,
            Step::Project => self.make_project().await,
            Step::PutTwin { id, document } => self.put_twin(id, document).await,
            Step::PatchTwin { id, temperature } => self.patch_twin(id, *temperature).await,
            Step::DeleteTwin(id) => self.delete_twin(id).await,
            Step::PutRelationship { source, id, document } => {
                self.put_relationship(source, id, document).await
            }
            Step::Import(lines) => self.import(lines).await,
            Step::PutDevice { id, name } => self.put_device(id, name).await,
            Step::RenameDevice { id, name } => self.rename_device(id, name).await,
            Step::DeleteDevice(id) => self.delete_device(id).await,
            Step::ListDevices(least) => self.list_devices(*least).await,
            Step::UploadFile { name, contents } => self.upload_file(name, contents).await,
            Step::ReplaceFile { name, contents } => self.replace_file(name, contents).await,
            Step::DeleteFile(name) => self.delete_file(name).await,
        }
    }

    pub(super) fn folder(&self) -> Result<FolderId, Fault> {
        let folder = self.folder.get().cloned();
        folder.ok_or_else(|| Fault::Wrong("there is no folder yet".to_owned()))
    }
}

/// The step in words, for errors.
fn name(step: &Step) -> String {
    match step {
        Step::Models(_) => "upload the models".to_owned(),
        Step::Template => "create the template".to_owned(),
        Step::Project => "make the iTwin".to_owned(),
        Step::PutTwin { id, .. } => format!("put twin {id}"),
        Step::PatchTwin { id, .. } => format!("patch twin {id}"),
        Step::DeleteTwin(id) => format!("delete twin {id}"),
        Step::PutRelationship { source, id, .. } => format!("put relationship {source} {id}"),
        Step::Import(_) => "import the relationships".to_owned(),
        Step::PutDevice { id, .. } => format!("put device {id}"),
        Step::RenameDevice { id, .. } => format!("rename device {id}"),
        Step::DeleteDevice(id) => format!("delete device {id}"),
        Step::ListDevices(_) => "list the devices".to_owned(),
        Step::UploadFile { name, .. } => format!("upload {name}"),
        Step::ReplaceFile { name, .. } => format!("replace {name}"),
        Step::DeleteFile(name) => format!("delete {name}"),
    }
}
