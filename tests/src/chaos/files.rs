//! The steps on the iTwin Platform.

use twinkit_itwin::itwins::enums::{ITwinClass, ITwinSubClass};
use twinkit_itwin::itwins::types::ITwinCreate;
use twinkit_itwin::storage::types::File;

use super::outcome::{Fault, may_be_echo, settle};
use super::workload::Workload;
use super::world::contents;

/// The number of the iTwin, by which it is found again.
const NUMBER: &str = "chaos-1";
/// Bytes of a block: most files have several.
const BLOCK: u64 = 64 * 1024;

impl Workload {
    /// Makes the iTwin, and finds its folder for files.
    pub(super) async fn make_project(&self) -> Result<(), Fault> {
        let id = settle(async |in_doubt| {
            if in_doubt && let Some(id) = self.project().await? {
                return Ok(id);
            }
            let itwin = ITwinCreate::builder()
                .class(ITwinClass::Endeavor)
                .sub_class(ITwinSubClass::Project)
                .display_name("Chaos")
                .number(NUMBER.to_owned());
            let made = self.clients.platform.itwins().create_itwin().body(itwin).send().await?;
            Ok(made.into_inner().itwin.id)
        })
        .await?;
        let storage = self.clients.platform.storage();
        let folder = settle(async |_| Ok(storage.root_folder(id.as_str()).await?)).await?;
        self.folder.set(folder).map_err(|_| Fault::Wrong("two iTwins".to_owned()))
    }

    /// The iTwin, if it is there.
    async fn project(&self) -> Result<Option<String>, Fault> {
        let list = self.clients.platform.itwins().list_itwins().number(NUMBER.to_owned());
        match list.items().next_item().await {
            Some(itwin) => Ok(Some(itwin?.id)),
            None => Ok(None),
        }
    }

    /// The file of a name, if it is there. Names are unique in a folder.
    async fn file(&self, name: &str) -> Result<Option<File>, Fault> {
        let storage = self.clients.platform.storage();
        let mut files = storage.list_folder_files().folder_id(self.folder()?).items();
        while let Some(file) = files.next_item().await {
            let file = file?;
            if file.display_name == name {
                return Ok(Some(file));
            }
        }
        Ok(None)
    }

    pub(super) async fn upload_file(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let storage = self.clients.platform.storage();
        let mut point = None;
        settle(async |in_doubt| {
            if in_doubt && let Some(file) = self.file(name).await? {
                return self.has(&file.id, bytes).await;
            }
            let upload = storage.upload_file(self.folder()?, name, bytes.to_vec());
            let upload = upload.in_blocks(BLOCK);
            let upload = match point.take() {
                Some(point) => upload.resume(point),
                None => upload,
            };
            match upload.run().await {
                Ok(_) => Ok(()),
                Err(failed) => {
                    point = failed.point.map(|point| *point);
                    Err(failed.error.into())
                }
            }
        })
        .await
    }

    /// The same contents twice are the same contents.
    pub(super) async fn replace_file(&self, name: &str, bytes: &[u8]) -> Result<(), Fault> {
        let id = self.known_file(name).await?;
        let storage = self.clients.platform.storage();
        settle(async |_| {
            let upload = storage.replace_file(id.as_str(), bytes.to_vec()).in_blocks(BLOCK);
            match upload.run().await {
                Ok(_) => Ok(()),
                Err(failed) => Err(failed.error.into()),
            }
        })
        .await
    }

    pub(super) async fn delete_file(&self, name: &str) -> Result<(), Fault> {
        let id = self.known_file(name).await?;
        let storage = self.clients.platform.storage();
        settle(async |in_doubt| match storage.delete_file().file_id(id.as_str()).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() && may_be_echo(&error, in_doubt) => Ok(()),
            Err(error) => Err(error.into()),
        })
        .await
    }

    async fn known_file(&self, name: &str) -> Result<String, Fault> {
        let found = settle(async |_| self.file(name).await).await?;
        found.map(|file| file.id).ok_or_else(|| Fault::Wrong(format!("{name} is not there")))
    }

    async fn has(&self, id: &str, bytes: &[u8]) -> Result<(), Fault> {
        let storage = self.clients.platform.storage();
        let found = settle(async |_| Ok(storage.fetch_file(id).bytes(1 << 30).await?)).await?;
        if contents(&found) == contents(bytes) {
            return Ok(());
        }
        Err(Fault::Wrong("the file that is there has other contents".to_owned()))
    }
}
