//! Files of Storage in one call: what takes three steps otherwise. It must not
//! know how contents travel.

use std::fmt;

use progenitor_client::{BoxFuture, Error};

use super::Client;
use super::types::{File, ItemCreate, UploadLinks};
use crate::again::{again, id};
use crate::transfer::{Contents, Download, Target, Upload};
use crate::{FileId, FolderId, ITwinId, Secret};

impl Client {
    /// Puts a file into a folder: asks for an address, sends the contents there
    /// (without the token, with the headers that the storage service wants), and
    /// completes the file, which can be seen from then on.
    ///
    /// ```no_run
    /// # async fn f(platform: twinkit_itwin::ITwin) -> Result<(), Box<dyn std::error::Error>> {
    /// use twinkit_itwin::Contents;
    ///
    /// let storage = platform.storage();
    /// let root = storage.root_folder("an-itwin").await?;
    /// let upload = storage.upload_file(root, "plan.pdf", Contents::file("plan.pdf"));
    /// let file = upload.on_progress(|at| println!("{at:?}")).run().await?;
    /// println!("{} has {:?} bytes", file.id, file.size);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// When the address ends on the way, the file is begun anew at another one:
    /// nothing of the first can be seen.
    ///
    /// Operations `Create file` and `Complete file upload`.
    pub fn upload_file<I>(
        &self,
        folder: I,
        name: impl Into<String>,
        contents: impl Into<Contents>,
    ) -> Upload<File>
    where
        I: TryInto<FolderId>,
        I::Error: fmt::Display,
    {
        let name = name.into();
        let begin = again(self, id(folder), move |client: Self, folder: FolderId| {
            let body = ItemCreate { display_name: name.clone(), description: None };
            async move {
                let answer = client.create_file().folder_id(folder).body(body).send().await?;
                target(&answer.links, "create_file")
            }
        });
        self.upload("create_file", contents.into(), move |_| begin())
    }

    /// Puts other contents into a file, as [`upload_file`](Self::upload_file) does.
    ///
    /// Operations `Update file content` and `Complete file upload`.
    pub fn replace_file<I>(&self, file: I, contents: impl Into<Contents>) -> Upload<File>
    where
        I: TryInto<FileId>,
        I::Error: fmt::Display,
    {
        let begin = again(self, id(file), |client: Self, file: FileId| async move {
            let answer = client.update_file_content().file_id(file).send().await?;
            target(&answer.links, "update_file_content")
        });
        self.upload("update_file_content", contents.into(), move |_| begin())
    }

    fn upload(
        &self,
        operation: &'static str,
        contents: Contents,
        begin: impl FnMut(u64) -> BoxFuture<'static, Result<Target, Error>> + Send + 'static,
    ) -> Upload<File> {
        let client = self.clone();
        let finish = move |target: Target| -> BoxFuture<'static, _> {
            Box::pin(async move {
                let complete = client.complete_file().file_id(target.id.as_str());
                Ok(complete.send().await?.into_inner().file)
            })
        };
        Upload::new(
            self.inner.for_signed_addresses(),
            operation,
            contents,
            Box::new(begin),
            Box::new(finish),
        )
    }

    /// Gets the contents of a file.
    ///
    /// ```no_run
    /// # async fn f(platform: twinkit_itwin::ITwin) -> Result<(), Box<dyn std::error::Error>> {
    /// let bytes = platform.storage().fetch_file("a-file").to_file("plan.pdf").await?;
    /// println!("{bytes} bytes");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Operation `Download file`.
    pub fn fetch_file<I>(&self, file: I) -> Download
    where
        I: TryInto<FileId>,
        I::Error: fmt::Display,
    {
        let begin = again(self, id(file), |client: Self, file: FileId| async move {
            let answer = client.download_file().file_id(file).send().await?;
            let address = answer.location().ok_or_else(|| {
                let message = "the answer names no address of the contents".to_owned();
                Error::operation_failed(None, message).in_operation("download_file")
            })?;
            Target::of_answer(&Secret::from(address), None, "download_file")
        });
        Download::new(self.inner.for_signed_addresses(), "download_file", Box::new(begin))
    }

    /// The root folder of an iTwin, which no operation names: it stands in the
    /// links of the list of what lies in it.
    ///
    /// Operation `Get top level folders and files`.
    ///
    /// # Errors
    /// What the call says; the link holds no id.
    #[inline]
    pub async fn root_folder<I>(&self, itwin: I) -> Result<FolderId, Error>
    where
        I: TryInto<ITwinId>,
        I::Error: fmt::Display,
    {
        let itwin: ITwinId = id(itwin)?;
        let list = self.list_top_level().itwin_id(itwin).top(1).send().await?;
        let folder = list.links.as_ref().and_then(|links| id_after(&links.folder.href, "folders"));
        let folder = folder.ok_or_else(|| unreadable("the root folder", "list_top_level"))?;
        Ok(FolderId::new(folder)?)
    }
}

fn target(links: &UploadLinks, operation: &'static str) -> Result<Target, Error> {
    let id = id_after(&links.complete_url.href, "files");
    let id = id.ok_or_else(|| unreadable("the new file", operation))?;
    FileId::new(id)?;
    Ok(Target::of_answer(&links.upload_url.href, None, operation)?.named(id))
}

/// The part of a link's path behind this word. Ids of Storage need no encoding.
fn id_after<'a>(link: &'a str, word: &str) -> Option<&'a str> {
    let path = link.split(['?', '#']).next()?;
    let mut parts = path.split('/');
    parts.by_ref().find(|part| part.eq_ignore_ascii_case(word))?;
    parts.next().filter(|id| !id.is_empty())
}

fn unreadable(what: &str, operation: &'static str) -> Error {
    let message = format!("the link of {what} holds no id");
    Error::operation_failed(None, message).in_operation(operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_out_of_links() {
        let link = "https://api.bentley.com/storage/files/TYJsPN0xtkWId0yUrXkS5pN5/complete?a=/b";
        assert_eq!(id_after(link, "files"), Some("TYJsPN0xtkWId0yUrXkS5pN5"));
        assert_eq!(id_after("/storage/Folders/x", "folders"), Some("x"));
        for odd in ["", "/storage/files", "/storage/files/", "/storage/x?/files/y"] {
            assert_eq!(id_after(odd, "files"), None, "{odd}");
        }
    }
}
