//! What takes the iModels API a while, followed to its end. It must not know
//! what started it.

use std::fmt;

use progenitor_client::{BoxFuture, Error, Progress, Refused};

use super::enums::{BaselineFileState, CheckpointState, CreateOperationState};
use super::types::{BaselineFile, Checkpoint, CreateOperation};
use super::{Client, OPERATIONS};
use crate::again::{again, both, id};
use crate::following::{Wait, judged};
use crate::{ChangesetKey, IModelId, NamedVersionId};

/// What to do about a main iModel that cannot be forked.
const NO_GUIDS: &str = "elements of the main iModel have no federation GUID, by which a fork knows \
                        them again: give them some, push that, and start again";

impl Client {
    /// Waits until an iModel that is made from a template or a baseline file,
    /// cloned or forked is ready. Its own `state` may say so earlier; the operation
    /// counts.
    ///
    /// Operation `Get Create iModel Operation Details`.
    pub fn wait_for_creation<I>(&self, imodel: I) -> Wait<CreateOperation>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let imodel = id(imodel);
        let which = shown(&imodel);
        let look = again(self, imodel, |client: Self, imodel| async move {
            let answer = client.get_create_operation().id(imodel).send().await?;
            Ok(answer.map(|answer| answer.create_operation))
        });
        let judge = |at: &CreateOperation| judged(OPERATIONS, "clone_imodel", at.state.as_str());
        Wait::new(&self.inner, Box::new(look), judge, move |progress, at| match progress {
            Progress::Failed => {
                let error = failed(&format!("{which} was not made"), at.state.as_str());
                let is_without_guids =
                    at.state == CreateOperationState::MainIModelIsMissingFederationGuids;
                let error = if is_without_guids { error.or_hint(NO_GUIDS) } else { error };
                Err(error.in_operation("get_create_operation"))
            }
            _ => Ok(at),
        })
    }

    /// Waits until a baseline file is taken in.
    ///
    /// Operation `Get iModel Baseline File`.
    pub fn wait_for_baseline<I>(&self, imodel: I) -> Wait<BaselineFile>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let imodel = id(imodel);
        let which = shown(&imodel);
        let look = again(self, imodel, |client: Self, imodel| async move {
            let answer = client.get_baseline_file().id(imodel).send().await?;
            Ok(answer.map(|answer| answer.baseline_file))
        });
        let judge = |file: &BaselineFile| match file.state {
            BaselineFileState::Initialized => Progress::Succeeded,
            BaselineFileState::InitializationFailed | BaselineFileState::FileIsBriefcase => {
                Progress::Failed
            }
            _ => Progress::Running,
        };
        Wait::new(&self.inner, Box::new(look), judge, move |progress, file| match progress {
            Progress::Failed => {
                let what = format!("the baseline file of {which} was not taken in");
                Err(failed(&what, file.state.as_str()).in_operation("get_baseline_file"))
            }
            _ => Ok(file),
        })
    }

    /// Waits until the checkpoint for a changeset is made. It may be of an earlier
    /// changeset: compare `changeset_index`, and pull the changesets between.
    ///
    /// Operation `Get Changeset Checkpoint`.
    pub fn wait_for_checkpoint<I, C>(&self, imodel: I, changeset: C) -> Wait<Checkpoint>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
        C: TryInto<ChangesetKey>,
        C::Error: fmt::Display,
    {
        let imodel = id(imodel);
        let (which, of) = (shown(&imodel), both(imodel, id(changeset)));
        let look =
            again(self, of, |client: Self, (imodel, changeset): (_, ChangesetKey)| async move {
                let get = client.get_changeset_checkpoint().id(imodel).changeset(changeset);
                Ok(get.send().await?.map(|answer| answer.checkpoint))
            });
        self.checkpoint(which, look)
    }

    /// Waits until the checkpoint of a named version is made. One that failed is
    /// asked for again by `update_named_version_checkpoint`.
    ///
    /// Operation `Get Named Version Checkpoint`.
    pub fn wait_for_named_version_checkpoint<I, V>(&self, imodel: I, version: V) -> Wait<Checkpoint>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
        V: TryInto<NamedVersionId>,
        V::Error: fmt::Display,
    {
        let imodel = id(imodel);
        let (which, of) = (shown(&imodel), both(imodel, id(version)));
        let look =
            again(self, of, |client: Self, (imodel, version): (_, NamedVersionId)| async move {
                let get = client.get_named_version_checkpoint().id(imodel);
                Ok(get.named_version_id(version).send().await?.map(|answer| answer.checkpoint))
            });
        self.checkpoint(which, look)
    }

    fn checkpoint(
        &self,
        which: String,
        look: impl Fn() -> BoxFuture<'static, Result<crate::Response<Checkpoint>, Error>>
        + Send
        + Sync
        + 'static,
    ) -> Wait<Checkpoint> {
        let judge = |checkpoint: &Checkpoint| match checkpoint.state {
            CheckpointState::Successful => Progress::Succeeded,
            CheckpointState::Failed => Progress::Failed,
            _ => Progress::Running,
        };
        Wait::new(&self.inner, Box::new(look), judge, move |progress, checkpoint| match progress {
            Progress::Failed => {
                let index = checkpoint.changeset_index;
                let what = format!("the checkpoint of changeset {index} of {which} was not made");
                Err(failed(&what, checkpoint.state.as_str())
                    .or_hint("ask for it again: update_named_version_checkpoint"))
            }
            _ => Ok(checkpoint),
        })
    }
}

fn shown(imodel: &Result<IModelId, Refused>) -> String {
    imodel.as_ref().map_or_else(|_| "the iModel".to_owned(), |id| format!("iModel {id}"))
}

fn failed(what: &str, state: &str) -> Error {
    Error::operation_failed(Some(state.to_owned()), what.to_owned())
}
