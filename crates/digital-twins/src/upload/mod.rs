//! Uploading a whole ontology: in order of dependence, in batches within the
//! service's limits, and with an exact account of what was stored when it
//! stops half-way. It must not know DTDL beyond what a model needs stored
//! before it.

mod error;
mod order;

use std::collections::HashSet;
use std::collections::VecDeque;
use std::fmt;

use futures_util::StreamExt;
use progenitor_client::{Error, Json, StatusCode};

pub use error::{ModelSetError, UploadError, UploadFailure};
use order::Model;
#[cfg(feature = "_fuzzing")]
pub(crate) use order::in_order;

use crate::{Client, ModelId};

/// Most models that the service takes in one call.
pub const MAX_MODELS_PER_CALL: usize = 250;

/// Keeps one call small enough to be sent and validated well within a call's
/// time limit on a slow line; the service itself names no limit for the sum.
const MAX_BYTES_PER_CALL: usize = 4 * 1024 * 1024;

/// How often a batch is put together anew because somebody else stores models
/// of the set at the same time.
const MAX_CONFLICTS: usize = 3;

type Observer<'a> = Box<dyn FnMut(&UploadProgress) + Send + 'a>;

impl Client {
    /// Uploads models in any number and order (`DigitalTwinModels_Add`, in
    /// batches). Nothing is sent until [`ModelUpload::send`].
    ///
    /// ```no_run
    /// # async fn f(client: twinkit_digital_twins::Client, ontology: Vec<serde_json::Value>)
    /// # -> Result<(), twinkit_digital_twins::UploadError> {
    /// let report = client
    ///     .upload_models(ontology)
    ///     .skip_existing()
    ///     .on_progress(|progress| println!("{progress}"))
    ///     .send()
    ///     .await?;
    /// println!("{} stored, {} there already", report.stored.len(), report.skipped.len());
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_models<I>(&self, models: I) -> ModelUpload<'_>
    where
        I: IntoIterator,
        I::Item: Into<Json>,
    {
        ModelUpload {
            client: self,
            models: models.into_iter().map(Into::into).collect(),
            skip_existing: false,
            batch_size: MAX_MODELS_PER_CALL,
            observer: None,
        }
    }
}

/// An upload to be started, made by [`Client::upload_models`].
#[must_use = "nothing is sent until `send` is awaited"]
pub struct ModelUpload<'a> {
    client: &'a Client,
    models: Vec<Json>,
    skip_existing: bool,
    batch_size: usize,
    observer: Option<Observer<'a>>,
}

impl fmt::Debug for ModelUpload<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ModelUpload")
            .field("models", &self.models.len())
            .field("skip_existing", &self.skip_existing)
            .field("batch_size", &self.batch_size)
            .finish_non_exhaustive()
    }
}

/// Where an upload stands after a batch.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UploadProgress {
    /// Models stored so far by this upload.
    pub stored: usize,
    /// Models that were there already.
    pub skipped: usize,
    /// Models in the set.
    pub total: usize,
}

impl fmt::Display for UploadProgress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, skipped, total } = self;
        write!(f, "{stored} of {total} models stored, {skipped} there already")
    }
}

/// What an upload did, in the order it was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadReport {
    /// Models that this upload stored.
    pub stored: Vec<ModelId>,
    /// Models that were there already and were left alone.
    pub skipped: Vec<ModelId>,
}

impl<'a> ModelUpload<'a> {
    /// Leaves models alone whose ids are stored already, so that an upload can
    /// be repeated. Without it such a model fails its batch (409
    /// `ModelAlreadyExists`), and a batch whose answer was lost counts as stored
    /// when all its models are found afterwards, whoever stored them. Models
    /// are immutable: the stored one is not compared with the one given.
    pub fn skip_existing(mut self) -> Self {
        self.skip_existing = true;
        self
    }

    /// Sends at most `models` per call, within 1 to 250, the service's limit.
    /// A batch is stored as a whole or not at all.
    pub fn batch_size(mut self, models: usize) -> Self {
        self.batch_size = models.clamp(1, MAX_MODELS_PER_CALL);
        self
    }

    /// Calls `observer` after each batch.
    pub fn on_progress(mut self, observer: impl FnMut(&UploadProgress) + Send + 'a) -> Self {
        self.observer = Some(Box::new(observer));
        self
    }

    /// Uploads the set.
    ///
    /// # Errors
    /// [`UploadError`]: what went wrong, and exactly which models were stored,
    /// which are in doubt and which were not sent. A set that cannot be
    /// uploaded as a whole is refused before anything is sent.
    pub async fn send(self) -> Result<UploadReport, UploadError> {
        // Taken apart, because nothing that is shared over a wait may hold the
        // observer: it need not be `Sync`.
        let Self { client, models, skip_existing, batch_size, mut observer } = self;
        let models = order::in_order(models)
            .map_err(|error| UploadError::before_sending(UploadFailure::Models(error)))?;
        let total = models.len();
        let mut waiting: VecDeque<Model> = models.into();
        let mut report = UploadReport::default();
        if skip_existing {
            if let Err(error) = skip_stored(client, &mut waiting, &mut report).await {
                return Err(stopped(error, report, Vec::new(), waiting));
            }
            tell(&mut observer, &report, total);
        }
        let mut conflicts = 0;
        while !waiting.is_empty() {
            let batch = next_batch(&mut waiting, batch_size);
            match store(client, &batch).await {
                Ok(()) => {
                    conflicts = 0;
                    report.stored.extend(batch.into_iter().map(|model| model.id));
                    tell(&mut observer, &report, total);
                }
                Err(Stop::NotStored(error))
                    if skip_existing
                        && error.code() == Some("ModelAlreadyExists")
                        && conflicts < MAX_CONFLICTS =>
                {
                    conflicts += 1;
                    put_back(batch, &mut waiting);
                    if let Err(error) = skip_stored(client, &mut waiting, &mut report).await {
                        return Err(stopped(error, report, Vec::new(), waiting));
                    }
                    tell(&mut observer, &report, total);
                }
                Err(Stop::NotStored(error)) => {
                    put_back(batch, &mut waiting);
                    return Err(stopped(error, report, Vec::new(), waiting));
                }
                Err(Stop::InDoubt(error)) => return Err(stopped(error, report, batch, waiting)),
            }
        }
        Ok(report)
    }
}

/// The next models within the limits of one call.
fn next_batch(waiting: &mut VecDeque<Model>, batch_size: usize) -> Vec<Model> {
    let mut bytes = 0;
    let fits = waiting
        .iter()
        .take(batch_size)
        .take_while(|model| {
            bytes += model.text.get().len();
            bytes <= MAX_BYTES_PER_CALL
        })
        .count();
    // One model is never over the limit of a call: it was checked before.
    waiting.drain(..fits.max(1).min(waiting.len())).collect()
}

/// Stores one batch. When the answer was lost, the service is asked whether
/// the batch was stored: it stores all of a batch or nothing.
async fn store(client: &Client, batch: &[Model]) -> Result<(), Stop> {
    let body: Vec<Json> = batch.iter().map(|model| model.text.clone()).collect();
    let error = match client.create_models().body(body).send().await {
        Ok(_) => return Ok(()),
        Err(error) => error,
    };
    if !answer_was_lost(&error) {
        return Err(Stop::NotStored(error));
    }
    // An answer that was lost may also have been a refusal because some of
    // the batch were there before, so all of them are looked for.
    match stored_ids(client).await {
        Ok(stored) if batch.iter().all(|model| stored.contains(model.id.as_str())) => Ok(()),
        Ok(_) if !may_go_on(&error) => Err(Stop::NotStored(error)),
        _ => Err(Stop::InDoubt(error)),
    }
}

/// Moves the models that the service has from `waiting` to the report.
async fn skip_stored(
    client: &Client,
    waiting: &mut VecDeque<Model>,
    report: &mut UploadReport,
) -> Result<(), Error> {
    let stored = stored_ids(client).await?;
    waiting.retain(|model| {
        let there = stored.contains(model.id.as_str());
        if there {
            report.skipped.push(model.id.clone());
        }
        !there
    });
    Ok(())
}

async fn stored_ids(client: &Client) -> Result<HashSet<String>, Error> {
    let mut stored = HashSet::new();
    let mut listed = client.list_models().items();
    while let Some(model) = listed.next().await {
        stored.insert(model?.id);
    }
    Ok(stored)
}

fn tell(observer: &mut Option<Observer<'_>>, report: &UploadReport, total: usize) {
    if let Some(observer) = observer {
        let (stored, skipped) = (report.stored.len(), report.skipped.len());
        observer(&UploadProgress { stored, skipped, total });
    }
}

/// Why a batch was not counted as stored.
enum Stop {
    /// The service refused it or was never reached.
    NotStored(Error),
    /// The answer was lost, and the service could not be asked again or may
    /// still be at it.
    InDoubt(Error),
}

/// Whether the request may have been carried out although no answer came.
fn answer_was_lost(error: &Error) -> bool {
    error.kind().is_ambiguous() || error.status().is_some_and(|status| status.is_server_error())
}

/// Whether the service may still be storing what nobody waits for any more.
fn may_go_on(error: &Error) -> bool {
    error.is_timeout() || error.status() == Some(StatusCode::GATEWAY_TIMEOUT)
}

fn put_back(batch: Vec<Model>, waiting: &mut VecDeque<Model>) {
    for model in batch.into_iter().rev() {
        waiting.push_front(model);
    }
}

fn stopped(
    error: Error,
    report: UploadReport,
    in_doubt: Vec<Model>,
    not_sent: VecDeque<Model>,
) -> UploadError {
    let ids = |models: &mut dyn Iterator<Item = Model>| models.map(|model| model.id).collect();
    UploadError {
        failure: UploadFailure::Service(error),
        stored: report.stored,
        skipped: report.skipped,
        in_doubt: ids(&mut in_doubt.into_iter()),
        not_stored: ids(&mut not_sent.into_iter()),
    }
}
