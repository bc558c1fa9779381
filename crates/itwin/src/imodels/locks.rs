//! Locks of any number of elements, in the portions that the platform takes. It
//! must not know what the elements are.

use std::fmt;

use progenitor_client::{Error, Refused};

use super::enums::LockLevel;
use super::types::{LockUpdate, LockedObjects, ReleaseChunk};
use super::{Client, Conflict};
use crate::IModelId;
use crate::again::id;

/// The most elements of one call.
const MAX_OBJECTS: usize = 1000;
/// A release that has not ended after so many portions never will.
const MAX_CHUNKS: usize = 100_000;

impl Client {
    /// Takes, changes or releases the locks of a briefcase, in calls of at most
    /// 1,000 elements.
    ///
    /// ```no_run
    /// # async fn f(platform: twinkit_itwin::ITwin) -> Result<(), twinkit_itwin::Error> {
    /// use twinkit_itwin::imodels::enums::LockLevel;
    ///
    /// let changing = platform.imodels().change_locks("an-imodel", 2);
    /// let changed = changing.objects(LockLevel::Exclusive, ["0x5", "0x6"]).send().await?;
    /// if let Some(refused) = &changed.refused {
    ///     println!("{} of them: {:?}", changed.changed, refused.conflict);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Operation `Update iModel Locks`.
    pub fn change_locks<I>(&self, imodel: I, briefcase: i64) -> ChangeLocks<'_>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let imodel = id(imodel);
        ChangeLocks { client: self, imodel, briefcase, changeset: None, objects: Vec::new() }
    }

    /// Releases all locks of a briefcase, portion by portion until the last, and
    /// gives how many calls it took.
    ///
    /// Operation `Release iModel Locks Chunk`.
    ///
    /// # Errors
    /// What a call says: the portions before it are released, and the next run goes
    /// on with the rest.
    #[inline]
    pub async fn release_all_locks<I>(
        &self,
        imodel: I,
        briefcase: i64,
        changeset: Option<String>,
    ) -> Result<usize, Error>
    where
        I: TryInto<IModelId>,
        I::Error: fmt::Display,
    {
        let imodel: IModelId = id(imodel)?;
        let body = ReleaseChunk { briefcase_id: briefcase, changeset_id: changeset };
        for calls in 1..=MAX_CHUNKS {
            let chunk = self.release_locks_chunk().id(&imodel).body(body.clone()).send().await?;
            if chunk.is_last_chunk {
                return Ok(calls);
            }
        }
        let message = format!("no end after {MAX_CHUNKS} portions");
        Err(Error::operation_failed(None, message).in_operation("release_locks_chunk"))
    }
}

/// Locks to be changed, by [`send`](Self::send).
#[must_use = "nothing is sent until `send` is awaited"]
#[derive(Debug)]
pub struct ChangeLocks<'a> {
    client: &'a Client,
    imodel: Result<IModelId, Refused>,
    briefcase: i64,
    changeset: Option<String>,
    objects: Vec<(LockLevel, String)>,
}

/// What became of locks that were to be changed.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct ChangedLocks {
    /// How many elements were changed, the first ones of those given.
    pub changed: usize,
    /// Why the others were not, if any were not.
    pub refused: Option<RefusedLocks>,
}

/// Locks that were not changed.
#[derive(Debug)]
#[non_exhaustive]
pub struct RefusedLocks {
    /// What the platform said to the portion that begins with the first of them.
    /// Of a kind that [`is_ambiguous`](crate::ErrorKind::is_ambiguous), that portion
    /// may have been changed.
    pub error: Error,
    /// Who or what is in the way.
    pub conflict: Conflict,
    /// The elements: those of the refused portion and those behind it, which were not
    /// sent.
    pub objects: Vec<(LockLevel, String)>,
}

impl ChangeLocks<'_> {
    /// These elements at this level; [`LockLevel::None`] releases them.
    pub fn objects<O: Into<String>>(
        mut self,
        level: LockLevel,
        ids: impl IntoIterator<Item = O>,
    ) -> Self {
        self.objects.extend(ids.into_iter().map(|id| (level.clone(), id.into())));
        self
    }

    /// The newest changeset that the briefcase knows, by its id.
    pub fn changeset(mut self, id: impl Into<String>) -> Self {
        self.changeset = Some(id.into());
        self
    }

    /// Changes them, in the order given, until a portion is refused.
    ///
    /// # Errors
    /// Before anything is sent: an id that cannot be one. Whatever happens later
    /// stands in the report.
    #[inline]
    pub async fn send(self) -> Result<ChangedLocks, Error> {
        Box::pin(self.change()).await
    }

    #[inline]
    async fn change(self) -> Result<ChangedLocks, Error> {
        let imodel = self.imodel?;
        let mut report = ChangedLocks::default();
        for portion in self.objects.chunks(MAX_OBJECTS) {
            let body = LockUpdate {
                briefcase_id: self.briefcase,
                changeset_id: self.changeset.clone(),
                locked_objects: by_level(portion),
            };
            if let Err(error) = self.client.update_locks().id(&imodel).body(body).send().await {
                let conflict = Conflict::of(&error);
                let objects = self.objects.get(report.changed..).unwrap_or_default().to_vec();
                report.refused = Some(RefusedLocks { error, conflict, objects });
                break;
            }
            report.changed += portion.len();
        }
        Ok(report)
    }
}

fn by_level(portion: &[(LockLevel, String)]) -> Vec<LockedObjects> {
    let mut levels: Vec<LockedObjects> = Vec::new();
    for (level, id) in portion {
        match levels.iter_mut().find(|known| known.lock_level == *level) {
            Some(known) => known.object_ids.push(id.clone()),
            None => {
                levels.push(LockedObjects {
                    lock_level: level.clone(),
                    object_ids: vec![id.clone()],
                    extra: Default::default(),
                });
            }
        }
    }
    levels
}

impl ChangedLocks {
    /// Whether all were changed.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.refused.is_none()
    }
}
