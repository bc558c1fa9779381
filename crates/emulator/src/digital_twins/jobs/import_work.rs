//! The work of an import job: the task that reads the input and stores it item by item.

use std::sync::{Arc, Weak};

use serde_json::Value;

use super::{
    import_file::{self, ImportFile, Line},
    import_log::Log,
    records::{failed, moved},
};
use crate::digital_twins::{
    Instance,
    errors::ApiError,
    instance::State,
    store::{Change, JobError, JobProgress, JobRecord, JobStatus},
};

/// Items between two looks at other tasks, if the pace sets no pause.
const ITEMS_AT_ONCE: usize = 128;

/// The task of one job, be it new or taken up after a restart. It ends early if the
/// instance goes away.
pub(super) async fn run(instance: Weak<Instance>, id: String) {
    let Some(delay) = instance.upgrade().map(|instance| instance.config.jobs.start_delay) else {
        return;
    };
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    let Some(started) = instance.upgrade().and_then(|instance| Work::start(&instance, &id)) else {
        return;
    };
    let Work { file, mut log, done } = started;
    let outcome = import(&instance, &id, file, &mut log, done).await;
    if let Some(instance) = instance.upgrade() {
        finish(&instance, &id, outcome, log);
    }
}

/// A job that has read its input.
struct Work {
    file: ImportFile,
    log: Log,
    /// Steps that were done before a restart.
    done: usize,
}

impl Work {
    /// Reads the input; a job that is cancelled or cannot read ends here.
    fn start(instance: &Instance, id: &str) -> Option<Self> {
        let now = instance.clock.now();
        match instance.import_status(id)? {
            JobStatus::NotStarted | JobStatus::Running => {
                instance.move_import(id, |job| moved(job, JobStatus::Running, now));
            }
            _ => {
                instance.move_import(id, |job| moved(job, JobStatus::Cancelled, now));
                return None;
            }
        }
        let job = instance.state().tables().import_jobs().get(id).cloned()?;
        let (input, output) = job.blobs.as_ref()?;
        let JobProgress { steps: done, errors } = job.progress;
        let mut log = Log::new(id, output, errors);
        log.info(instance.now(), None, if done == 0 { "Started" } else { "Resumed" });
        let read = instance
            .blobs
            .read(input)
            .map_err(|fault| fault.to_string())
            .and_then(|bytes| import_file::read(&bytes))
            .and_then(|file| {
                log.flush(&*instance.blobs).map_err(|fault| fault.to_string())?;
                Ok(file)
            });
        match read {
            Ok(file) => Some(Self { file, log, done }),
            Err(message) => {
                let error = JobError { code: "ValidationFailed".into(), message };
                finish(instance, id, Outcome::Failed(error), log);
                None
            }
        }
    }
}

/// How a job ended.
enum Outcome {
    Done,
    Cancelled,
    Failed(JobError),
}

async fn import(
    instance: &Weak<Instance>,
    id: &str,
    file: ImportFile,
    log: &mut Log,
    done: usize,
) -> Outcome {
    let mut step = 0;
    if !file.models.is_empty() {
        step += 1;
        if step > done {
            let Some(instance) = instance.upgrade() else { return Outcome::Cancelled };
            log.info(instance.now(), Some("Models"), "Started");
            if let Err(error) = instance.import_models(id, &file.models, log) {
                return Outcome::Failed(error);
            }
            log.info(instance.now(), Some("Models"), "Succeeded");
        }
    }
    let sections: [(&str, Vec<Line>, Importer); 2] = [
        ("Twins", file.twins, Instance::import_twin),
        ("Relationships", file.relationships, Instance::import_relationship),
    ];
    for (section, mut lines, importer) in sections {
        let left = lines.split_off(done.saturating_sub(step).min(lines.len()));
        step += lines.len() + left.len();
        if left.is_empty() {
            continue;
        }
        if let Err(outcome) = import_section(instance, id, section, left, importer, log).await {
            return outcome;
        }
    }
    Outcome::Done
}

/// What stores one line.
type Importer = fn(&Instance, &State, &Value) -> Result<Change, ApiError>;

async fn import_section(
    instance: &Weak<Instance>,
    id: &str,
    section: &str,
    lines: Vec<Line>,
    importer: Importer,
    log: &mut Log,
) -> Result<(), Outcome> {
    let errors_before = log.errors;
    // Each line is let go when it is stored: files are large.
    for (index, line) in lines.into_iter().enumerate() {
        let pause = {
            let instance = instance.upgrade().ok_or(Outcome::Cancelled)?;
            if index == 0 {
                log.info(instance.now(), Some(section), "Started");
            }
            instance.import_line(id, section, &line, importer, log)?;
            if log.is_full() {
                log.flush(&*instance.blobs).map_err(|fault| Outcome::Failed(output(&fault)))?;
            }
            instance.config.jobs.item_delay
        };
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        } else if index % ITEMS_AT_ONCE == ITEMS_AT_ONCE - 1 {
            tokio::task::yield_now().await;
        }
    }
    if let Some(instance) = instance.upgrade() {
        let status = if log.errors == errors_before { "Succeeded" } else { "PartiallySucceeded" };
        log.info(instance.now(), Some(section), status);
    }
    Ok(())
}

fn output(fault: &super::BlobFault) -> JobError {
    JobError { code: "ValidationFailed".into(), message: format!("the output: {fault}") }
}

/// Notes the end in the log and in the record.
fn finish(instance: &Instance, id: &str, outcome: Outcome, mut log: Log) {
    let outcome = match outcome {
        Outcome::Done if log.errors > 0 => Outcome::Failed(JobError {
            code: "ValidationFailed".into(),
            message: format!("{} items were not imported; the output lists them.", log.errors),
        }),
        other => other,
    };
    let word = match &outcome {
        Outcome::Done => "Succeeded",
        Outcome::Cancelled => "Cancelled",
        Outcome::Failed(_) => "Failed",
    };
    log.info(instance.now(), None, word);
    let logged = log.flush(&*instance.blobs);
    let now = instance.clock.now();
    instance.move_import(id, |job| match (outcome, logged) {
        (Outcome::Failed(error), _) => failed(job, error, now),
        (_, Err(fault)) => failed(job, output(&fault), now),
        (Outcome::Done, Ok(())) => moved(job, JobStatus::Succeeded, now),
        (Outcome::Cancelled, Ok(())) => moved(job, JobStatus::Cancelled, now),
    });
}

impl Instance {
    /// Brings a job into another state, unless it is gone.
    fn move_import(&self, id: &str, next: impl FnOnce(&JobRecord) -> JobRecord) {
        let state = &mut *self.state_mut();
        let Some(job) = state.tables().import_jobs().get(id).cloned() else { return };
        if let Err(error) = self.apply(state, &[Change::PutImportJob(Arc::new(next(&job)))]) {
            tracing::warn!(%error, job = id, "the state of an import job was not stored");
        }
    }

    fn import_status(&self, id: &str) -> Option<JobStatus> {
        self.state().tables().import_jobs().get(id).map(|job| job.status)
    }

    /// Stores the models of a file as one set, those that exist already apart.
    fn import_models(&self, id: &str, lines: &[Line], log: &mut Log) -> Result<(), JobError> {
        let state = &mut *self.state_mut();
        let mut documents = Vec::new();
        for line in lines {
            let id = line.content.get("@id").and_then(Value::as_str).unwrap_or_default();
            if state.tables().model(id).is_some() {
                let message = format!("The model {id} exists already.");
                let error = ApiError::conflict("ModelAlreadyExists", message);
                log.error(self.now(), "Models", line.number, &error);
            } else {
                documents.push(line.content.clone());
            }
        }
        let failed = |error: ApiError| {
            let code = match error.code() {
                "DTDLParserError" => "DTDLParsingError",
                other => other,
            };
            JobError { code: code.to_owned(), message: error.message().to_owned() }
        };
        let records = self.check_models(state, &documents).map_err(failed)?;
        let mut changes: Vec<Change> = records.into_iter().map(Change::PutModel).collect();
        changes.extend(step_done(state, id, log.errors));
        self.apply(state, &changes).map_err(failed)
    }

    /// Stores a line together with the note that it is done, so that no line is done
    /// twice or left out when the job is taken up after a restart.
    fn import_line(
        &self,
        id: &str,
        section: &str,
        line: &Line,
        importer: Importer,
        log: &mut Log,
    ) -> Result<(), Outcome> {
        let state = &mut *self.state_mut();
        let job = state.tables().import_jobs().get(id);
        if job.map(|job| job.status) != Some(JobStatus::Running) {
            return Err(Outcome::Cancelled);
        }
        let stored = importer(self, state, &line.content);
        if let Err(error) = &stored {
            log.error(self.now(), section, line.number, error);
            // Before the note that the line is done: else a restart could lose it.
            log.flush(&*self.blobs).map_err(|fault| Outcome::Failed(output(&fault)))?;
        }
        let changes: Vec<Change> =
            stored.ok().into_iter().chain(step_done(state, id, log.errors)).collect();
        self.apply(state, &changes).map_err(|error| {
            let (code, message) = (error.code().to_owned(), error.message().to_owned());
            Outcome::Failed(JobError { code, message })
        })
    }

    fn import_twin(&self, state: &State, line: &Value) -> Result<Change, ApiError> {
        let id = id_of(line, "$dtId")?;
        if state.tables().twin_record(id).is_some() {
            return Err(exists("digital twin", id));
        }
        self.check_new_twin(state, id, line).map(Change::PutTwin)
    }

    /// A relationship line has its source in `$dtId`.
    fn import_relationship(&self, state: &State, line: &Value) -> Result<Change, ApiError> {
        let source = id_of(line, "$dtId")?;
        let id = id_of(line, "$relationshipId")?;
        let mut document = line.clone();
        if let Some(members) = document.as_object_mut() {
            members.shift_remove("$dtId");
        }
        if state.tables().relationship_record(source, id).is_some() {
            return Err(exists("relationship", id));
        }
        self.check_new_relationship(state, source, id, &document).map(Change::PutRelationship)
    }
}

/// The note that a job has done one more step.
fn step_done(state: &State, id: &str, errors: usize) -> Option<Change> {
    let mut job = JobRecord::clone(state.tables().import_jobs().get(id)?);
    job.progress = JobProgress { steps: job.progress.steps.saturating_add(1), errors };
    Some(Change::PutImportJob(Arc::new(job)))
}

fn id_of<'l>(line: &'l Value, name: &str) -> Result<&'l str, ApiError> {
    line.get(name).and_then(Value::as_str).ok_or_else(|| {
        ApiError::validation("line", vec![format!("{name} is missing or not a string")])
    })
}

fn exists(kind: &str, id: &str) -> ApiError {
    ApiError::precondition(format!("The {kind} {id} exists already."))
}
