//! Files of iModels: baselines put, changesets put and fetched, checkpoints
//! fetched. It must not know how contents travel.

use std::fmt;

use progenitor_client::{BoxFuture, Error};

use super::Client;
use super::enums::{ChangesetState, CreationMode};
use super::types::{
    BaselineFileForCreate, Changeset, ChangesetComplete, ChangesetCreate, IModelCreate, StorageLink,
};
use crate::again::{again, both, id};
use crate::transfer::{Contents, Download, Target, Upload};
use crate::{ChangesetKey, IModelId};

impl Client {
    /// Makes an iModel from a baseline file: says how large the file is, puts it, and
    /// completes it. Gives the iModel's id;
    /// [`wait_for_baseline`](Self::wait_for_baseline) waits until the file is taken in.
    ///
    /// ```no_run
    /// # async fn f(platform: twinkit_itwin::ITwin) -> Result<(), Box<dyn std::error::Error>> {
    /// use twinkit_itwin::Contents;
    /// use twinkit_itwin::imodels::types::IModelCreate;
    ///
    /// let wish = IModelCreate::builder().itwin_id("an-itwin").name("Bridge").try_into()?;
    /// let making = platform.imodels().create_from_baseline(wish, Contents::file("bridge.bim"));
    /// let imodel = making.run().await?;
    /// platform.imodels().wait_for_baseline(&imodel).wait().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// `creation_mode` and `baseline_file` are set here. The platform tells the
    /// file's address once, when the iModel is made: an upload that breaks off goes on
    /// by its point, and when the address has ended the iModel is to be deleted.
    ///
    /// Operations `Create iModel` and `Complete iModel Baseline File Upload`.
    pub fn create_from_baseline(
        &self,
        wish: IModelCreate,
        contents: impl Into<Contents>,
    ) -> Upload<IModelId> {
        let client = self.clone();
        let begin = move |size: u64| -> BoxFuture<'static, _> {
            let (client, mut wish) = (client.clone(), wish.clone());
            Box::pin(async move {
                wish.creation_mode = Some(CreationMode::FromBaseline);
                wish.baseline_file = Some(BaselineFileForCreate { size: signed(size)? });
                let made = client.create_imodel().body(wish).send().await?.into_inner().imodel;
                let link = made.links.and_then(|links| links.upload);
                let made_without = || format!("iModel {} was made without it: delete it", made.id);
                let target = target(link, "upload", "create_imodel")
                    .map_err(|error| error.with_hint(made_without()))?;
                Ok(target.named(made.id))
            })
        };
        let client = self.clone();
        let finish = move |target: Target| -> BoxFuture<'static, _> {
            Box::pin(async move {
                let imodel = IModelId::new(target.id)?;
                client.complete_baseline_upload().id(&imodel).send().await?;
                Ok(imodel)
            })
        };
        let (begin, finish) = (Box::new(begin), Box::new(finish));
        Upload::new(
            self.inner.for_signed_addresses(),
            "create_from_baseline",
            contents.into(),
            begin,
            finish,
        )
        .told_once("iModel")
    }

    /// Pushes a changeset: says what it is, puts its file, and completes it. When the
    /// address ends on the way, the changeset is told of again: the platform hands
    /// addresses out at no other time, and the file keeps its place.
    ///
    /// Operations `Create iModel Changeset` and `Update iModel Changeset`.
    pub fn push_changeset<I>(
        &self,
        imodel: I,
        changeset: ChangesetCreate,
        contents: impl Into<Contents>,
    ) -> Upload<Changeset>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let imodel: Result<IModelId, _> = id(imodel);
        let briefcase = changeset.briefcase_id;
        let (client, of) = (self.clone(), imodel.clone());
        let begin = move |size: u64| -> BoxFuture<'static, _> {
            let (client, imodel, changeset) = (client.clone(), of.clone(), changeset.clone());
            Box::pin(async move {
                let imodel = imodel?;
                if changeset.file_size != signed(size)? {
                    let said = changeset.file_size;
                    let message = format!("the file has {size} bytes, and `fileSize` says {said}");
                    return Err(Error::InvalidRequest(message));
                }
                let post = client.create_changeset().id(imodel).body(changeset);
                let made = post.send().await?.into_inner().changeset;
                Ok(target(made.links.upload, "upload", "create_changeset")?.named(made.id))
            })
        };
        let client = self.clone();
        let finish = move |target: Target| -> BoxFuture<'static, _> {
            Box::pin(async move {
                let imodel = imodel?;
                let state = ChangesetState::FileUploaded;
                let body = ChangesetComplete { briefcase_id: briefcase, state };
                let patch = client.update_changeset().id(imodel).changeset(target.id.as_str());
                Ok(patch.body(body).send().await?.into_inner().changeset)
            })
        };
        let (begin, finish) = (Box::new(begin), Box::new(finish));
        Upload::new(
            self.inner.for_signed_addresses(),
            "push_changeset",
            contents.into(),
            begin,
            finish,
        )
    }

    /// Gets the file of a changeset.
    ///
    /// Operation `Get iModel Changeset`.
    pub fn fetch_changeset<I, C>(&self, imodel: I, changeset: C) -> Download
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
        C: TryInto<ChangesetKey>,
        C::Error: fmt::Display,
    {
        let begin = again(self, both(id(imodel), id(changeset)), |client: Self, of| async move {
            let (imodel, changeset): (IModelId, ChangesetKey) = of;
            let get = client.get_changeset().id(imodel).changeset(changeset);
            let changeset = get.send().await?.into_inner().changeset;
            let target = target(changeset.links.download, "download", "get_changeset")?;
            Ok(Target { size: changeset.file_size.try_into().ok(), ..target })
        });
        Download::new(self.inner.for_signed_addresses(), "fetch_changeset", Box::new(begin))
    }

    /// Gets the file of the checkpoint for a changeset, which may be of an earlier
    /// one; [`wait_for_checkpoint`](Self::wait_for_checkpoint) tells.
    ///
    /// Operation `Get Changeset Checkpoint`.
    pub fn fetch_checkpoint<I, C>(&self, imodel: I, changeset: C) -> Download
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
        C: TryInto<ChangesetKey>,
        C::Error: fmt::Display,
    {
        let begin = again(self, both(id(imodel), id(changeset)), |client: Self, of| async move {
            let (imodel, changeset): (IModelId, ChangesetKey) = of;
            let get = client.get_changeset_checkpoint().id(imodel).changeset(changeset);
            let links = get.send().await?.into_inner().checkpoint.links;
            target(links.download, "download", "get_changeset_checkpoint")
        });
        Download::new(self.inner.for_signed_addresses(), "fetch_checkpoint", Box::new(begin))
    }
}

fn target(link: Option<StorageLink>, what: &str, operation: &'static str) -> Result<Target, Error> {
    let Some(link) = link else {
        let message = format!("the answer has no {what} address");
        return Err(Error::operation_failed(None, message)
            .in_operation(operation)
            .or_hint("its state does not allow it: it is there already, or not yet"));
    };
    Target::of_answer(&link.href, link.storage_type.as_deref(), operation)
}

/// A size as the platform's numbers are.
fn signed(size: u64) -> Result<i64, Error> {
    let too_large = |_| Error::InvalidRequest(format!("{size} bytes are more than a file has"));
    i64::try_from(size).map_err(too_large)
}
