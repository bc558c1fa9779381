//! Files of iModels: baselines and changesets put and fetched, checkpoints
//! fetched. It must not know how contents travel.

use std::fmt;

use progenitor_client::{BoxFuture, Error};

use super::Client;
use super::enums::ChangesetState;
use super::types::{Changeset, ChangesetComplete, ChangesetCreate, StorageLink};
use crate::following::id;
use crate::transfer::{Contents, Download, Target, Upload};
use crate::{ChangesetKey, IModelId};

impl Client {
    /// Puts the baseline file of an iModel that was made for one, and completes it;
    /// [`wait_for_baseline`](Self::wait_for_baseline) waits until it is taken in. The
    /// size must be exactly what was said when the iModel was made.
    ///
    /// Operations `Get iModel` and `Complete iModel Baseline File Upload`.
    pub fn upload_baseline<I>(&self, imodel: I, contents: impl Into<Contents>) -> Upload<()>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let imodel: Result<IModelId, _> = id(imodel);
        let (client, of) = (self.clone(), imodel.clone());
        let begin = move || -> BoxFuture<'static, _> {
            let (client, imodel) = (client.clone(), of.clone());
            Box::pin(async move {
                let imodel = imodel.map_err(Error::InvalidRequest)?;
                let links = client.get_imodel().id(imodel).send().await?.into_inner().i_model.links;
                target(links.and_then(|links| links.upload), "upload", "get_imodel")
            })
        };
        let client = self.clone();
        let finish = move |_| -> BoxFuture<'static, _> {
            Box::pin(async move {
                let imodel = imodel.map_err(Error::InvalidRequest)?;
                client.complete_baseline_upload().id(imodel).send().await?;
                Ok(())
            })
        };
        let (begin, finish) = (Box::new(begin), Box::new(finish));
        Upload::new(self.inner.clone(), "upload_baseline", contents.into(), begin, finish)
    }

    /// Pushes a changeset: says what it is, puts its file, and completes it. When the
    /// address ends on the way, the one that waits is asked for another.
    ///
    /// Operations `Create iModel Changeset`, `Get iModel Changeset` and
    /// `Update iModel Changeset`.
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
        let mut is_made = false;
        let begin = move || -> BoxFuture<'static, _> {
            let (client, imodel, changeset) = (client.clone(), of.clone(), changeset.clone());
            let again = std::mem::replace(&mut is_made, true);
            Box::pin(async move {
                let imodel = imodel.map_err(Error::InvalidRequest)?;
                let made = if again {
                    let get = client.get_changeset().id(imodel).changeset(changeset.id.as_str());
                    get.send().await?.into_inner().changeset
                } else {
                    let post = client.create_changeset().id(imodel).body(changeset);
                    post.send().await?.into_inner().changeset
                };
                Ok(target(made.links.upload, "upload", "create_changeset")?.named(made.id))
            })
        };
        let client = self.clone();
        let finish = move |target: Target| -> BoxFuture<'static, _> {
            Box::pin(async move {
                let imodel = imodel.map_err(Error::InvalidRequest)?;
                let state = ChangesetState::FileUploaded;
                let body = ChangesetComplete { briefcase_id: briefcase, state };
                let patch = client.update_changeset().id(imodel).changeset(target.id.as_str());
                Ok(patch.body(body).send().await?.into_inner().changeset)
            })
        };
        let (begin, finish) = (Box::new(begin), Box::new(finish));
        Upload::new(self.inner.clone(), "push_changeset", contents.into(), begin, finish)
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
        let imodel: Result<IModelId, _> = id(imodel);
        let changeset: Result<ChangesetKey, _> = id(changeset);
        let client = self.clone();
        let begin = move || -> BoxFuture<'static, _> {
            let (client, imodel, changeset) = (client.clone(), imodel.clone(), changeset.clone());
            Box::pin(async move {
                let imodel = imodel.map_err(Error::InvalidRequest)?;
                let changeset = changeset.map_err(Error::InvalidRequest)?;
                let get = client.get_changeset().id(imodel).changeset(changeset);
                let links = get.send().await?.into_inner().changeset.links;
                target(links.download, "download", "get_changeset")
            })
        };
        Download::new(self.inner.clone(), "fetch_changeset", Box::new(begin))
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
        let imodel: Result<IModelId, _> = id(imodel);
        let changeset: Result<ChangesetKey, _> = id(changeset);
        let client = self.clone();
        let begin = move || -> BoxFuture<'static, _> {
            let (client, imodel, changeset) = (client.clone(), imodel.clone(), changeset.clone());
            Box::pin(async move {
                let imodel = imodel.map_err(Error::InvalidRequest)?;
                let changeset = changeset.map_err(Error::InvalidRequest)?;
                let get = client.get_changeset_checkpoint().id(imodel).changeset(changeset);
                let links = get.send().await?.into_inner().checkpoint.links;
                target(links.download, "download", "get_changeset_checkpoint")
            })
        };
        Download::new(self.inner.clone(), "fetch_checkpoint", Box::new(begin))
    }
}

fn target(link: Option<StorageLink>, what: &str, operation: &'static str) -> Result<Target, Error> {
    let Some(link) = link else {
        let message = format!("the answer has no {what} address");
        return Err(Error::operation_failed(None, message)
            .in_operation(operation)
            .or_hint("its state does not allow it: it is there already, or not yet"));
    };
    Target::of(&link.href, link.storage_type.as_deref())
}
