//! Restoring: what is asked for, and the order in which a plan is made. It
//! must not know how a single item is planned, nor how a plan is carried out.

mod apply;
mod devices;
mod ids;
mod people;
mod plan;
mod planner;
mod properties;
mod read;
mod report;
mod rest;
mod same;
mod settings;
mod tokens;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

pub use plan::{Action, Plan, PlannedItem};
pub use report::{Outcome, RestoreProgress, RestoreReport, RestoredItem, RestoredToken};

use super::ArchiveError;
use crate::Client;
use ids::Ids;
use planner::Planner;
use read::Archive;
#[cfg(feature = "_fuzzing")]
pub(super) use read::contents;
use tokens::Tokens;

/// How many calls are made at a time unless it is said otherwise.
const CONCURRENCY: usize = 4;

/// What no version of the API can read or write, so that no archive has it and
/// no restore brings it: set it up by hand.
pub const NOT_IN_THE_API: &[&str] = &[
    "rules and their actions",
    "definitions of custom roles: they are made in the portal, under the same names",
    "dashboards, data exports and deployment manifests, which only the preview has",
    "images, branding and application settings",
    "telemetry and the history of properties",
    "connections of devices: they register anew, with the ID scope of the application",
    "certificates of devices and enrollment groups: only their thumbprints come back",
    "the audit log, and files that devices uploaded",
];

type Observer<'a> = Box<dyn FnMut(&RestoreProgress) + Send + 'a>;
type Keeper<'a> = Box<dyn FnMut(&RestoredToken) -> io::Result<()> + Send + 'a>;

/// What becomes of an item that is in the application already, and differs.
/// One that is the same is left alone whatever is chosen here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Existing {
    /// It is left as it is, and reported. Properties that it lacks are set.
    #[default]
    Skip,
    /// It is replaced; but for the user who calls, if its token tells who that
    /// is.
    Replace,
    /// No plan is made: [`ArchiveError::Conflicts`].
    Fail,
}

/// A restore to be planned.
///
/// Organizations come first, parents before children, then device templates,
/// users, enrollment groups, devices with what belongs to each, device groups,
/// scheduled jobs and last of all API tokens. The service may give a template another id than the
/// archive's; devices, filters of groups and jobs are then made to name it by
/// that. Tags (`etag`) of the archive are never sent.
///
/// Scheduled jobs come as they were, enabled ones too: they will run here.
/// Those that have come to their end are not made anew, and neither are jobs,
/// which would run at once.
#[must_use = "nothing is asked for until `plan` is awaited"]
pub struct Restore<'a> {
    client: &'a Client,
    folder: PathBuf,
    existing: Existing,
    concurrency: usize,
    tokens: Tokens,
    observer: Option<Observer<'a>>,
    keeper: Option<Keeper<'a>>,
}

impl fmt::Debug for Restore<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Restore")
            .field("folder", &self.folder)
            .field("existing", &self.existing)
            .field("concurrency", &self.concurrency)
            .field("tokens", &self.tokens)
            .finish_non_exhaustive()
    }
}

impl<'a> Restore<'a> {
    /// A restore of the archive in `folder` into the client's application.
    pub fn new(client: &'a Client, folder: impl AsRef<Path>) -> Self {
        Self {
            client,
            folder: folder.as_ref().to_owned(),
            existing: Existing::default(),
            concurrency: CONCURRENCY,
            tokens: Tokens::default(),
            observer: None,
            keeper: None,
        }
    }

    /// What becomes of items that are there already.
    pub fn existing(mut self, existing: Existing) -> Self {
        self.existing = existing;
        self
    }

    /// Makes so many calls at a time; 4 by default. Organizations and device
    /// templates come one by one.
    pub fn concurrency(mut self, calls: usize) -> Self {
        self.concurrency = calls.max(1);
        self
    }

    /// Makes API tokens of the same ids and roles, one by one and after all else,
    /// for as long as those of the archive last; not those that have ended. Their
    /// values are new, told to [`on_api_token`](Self::on_api_token) and in
    /// [`RestoreReport::tokens`], and nowhere else.
    pub fn recreate_api_tokens(mut self) -> Self {
        self.tokens.recreate = true;
        self
    }

    /// Calls `keeper` with each API token as soon as it is made, before the next
    /// one is: a restore that is stopped loses no value. A token that `keeper`
    /// cannot keep is revoked again and reported as not carried, and no other one
    /// is made or revoked after it.
    pub fn on_api_token(
        mut self,
        keeper: impl FnMut(&RestoredToken) -> io::Result<()> + Send + 'a,
    ) -> Self {
        self.keeper = Some(Box::new(keeper));
        self
    }

    /// API tokens of the application, by id, whose values were kept when an
    /// earlier run made them: they are left alone.
    pub fn kept_api_tokens(mut self, ids: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.tokens.kept.extend(ids.into_iter().map(Into::into));
        self
    }

    /// Revokes API tokens that are there already and not among
    /// [`kept_api_tokens`](Self::kept_api_tokens), and makes them anew: nobody
    /// can read their values again. Implies
    /// [`recreate_api_tokens`](Self::recreate_api_tokens).
    pub fn replace_api_tokens(mut self) -> Self {
        (self.tokens.recreate, self.tokens.replace) = (true, true);
        self
    }

    /// Calls `observer` after each item that [`Plan::apply`] is done with.
    pub fn on_progress(mut self, observer: impl FnMut(&RestoreProgress) + Send + 'a) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Reads the archive and the application, and says what would be done.
    /// Nothing is changed.
    ///
    /// What would be sent is kept in memory: about a kilobyte for each device.
    ///
    /// # Errors
    /// [`ArchiveError`] if the archive is not whole, with the line where it is
    /// damaged; if the application cannot be asked; and with
    /// [`Existing::Fail`], if anything in it differs.
    pub async fn plan(self) -> Result<Plan<'a>, ArchiveError> {
        let Self { client, folder, existing, concurrency, tokens, observer, keeper } = self;
        let mut planner = Planner {
            client,
            archive: Archive::open(&folder)?,
            existing,
            concurrency,
            ids: Ids::default(),
            items: Vec::new(),
            takes_last_administrator: false,
        };
        planner.organizations().await?;
        let devices = planner.templates().await?;
        planner.roles_and_users().await?;
        planner.enrollment_groups().await?;
        planner.devices(&devices).await?;
        planner.device_groups().await?;
        planner.scheduled_jobs().await?;
        planner.api_tokens(&tokens).await?;
        planner.what_cannot_be_carried()?;
        let Planner { ids, items, takes_last_administrator, .. } = planner;
        if existing == Existing::Fail {
            let there = items.iter().filter(|item| item.conflict);
            let items: Vec<_> = there.map(|item| (item.collection, item.id.clone())).collect();
            if !items.is_empty() {
                return Err(ArchiveError::Conflicts { items });
            }
        }
        Ok(Plan { client, concurrency, ids, items, takes_last_administrator, observer, keeper })
    }
}
