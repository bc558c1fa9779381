//! The steps on Digital Twins.

use std::time::Duration;

use progenitor_client::{IfNoneMatch, Secret};
use serde_json::Value;
use twinkit_digital_twins::types::ImportJob;
use twinkit_digital_twins::{ErrorKind, Json, JsonPatch, UploadFailure};

use super::outcome::{Fault, may_be_echo, settle};
use super::workload::Workload;
use super::world::written;

/// The one import job.
const JOB: &str = "relationships";
/// How long the job may take, restarts included.
const PATIENCE: Duration = Duration::from_secs(120);

impl Workload {
    pub(super) async fn upload_models(&self, models: &[Value]) -> Result<(), Fault> {
        settle(async |_| {
            let upload = self.clients.twins.upload_models(models.to_vec()).skip_existing();
            match upload.send().await {
                Ok(_) => Ok(()),
                Err(stopped) => match stopped.failure {
                    UploadFailure::Service(error) => Err(error.into()),
                    other => Err(Fault::Wrong(other.to_string())),
                },
            }
        })
        .await
    }

    /// Only if it is not there: then a repeat does no harm, and one that is there is
    /// this one.
    pub(super) async fn put_twin(&self, id: &str, document: &Value) -> Result<(), Fault> {
        let twins = &self.clients.twins;
        settle(async |in_doubt| {
            let put = twins.put_twin().id(id).if_none_match(IfNoneMatch::Any);
            match put.body(Json::from(document.clone())).send().await {
                Ok(_) => Ok(()),
                Err(error) if error.is_precondition_failed() && may_be_echo(&error, in_doubt) => {
                    let found: Value = twins.get_twin().id(id).send().await?.parse()?;
                    same(&found, document)
                }
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    pub(super) async fn put_relationship(
        &self,
        source: &str,
        id: &str,
        document: &Value,
    ) -> Result<(), Fault> {
        let twins = &self.clients.twins;
        settle(async |in_doubt| {
            let put = twins.put_relationship().id(source).relationship_id(id);
            let put = put.if_none_match(IfNoneMatch::Any).body(Json::from(document.clone()));
            match put.send().await {
                Ok(_) => Ok(()),
                Err(error) if error.is_precondition_failed() && may_be_echo(&error, in_doubt) => {
                    let get = twins.get_relationship().id(source).relationship_id(id);
                    same(&get.send().await?.parse()?, document)
                }
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    /// Of the state that was read, so that a repeat cannot be carried out twice.
    pub(super) async fn patch_twin(&self, id: &str, temperature: f64) -> Result<(), Fault> {
        let twins = &self.clients.twins;
        settle(async |in_doubt| {
            let found = twins.get_twin().id(id).send().await?;
            let etag = found.etag().ok_or_else(|| Fault::Wrong(format!("{id} has no etag")))?;
            let found: Value = found.parse()?;
            if in_doubt && found.get("temperature") == Some(&temperature.into()) {
                return Ok(());
            }
            let patch = JsonPatch::new().replace("/temperature", temperature);
            match twins.update_twin().id(id).if_match(etag).body(patch).send().await {
                Ok(_) => Ok(()),
                Err(error) if error.is_precondition_failed() && may_be_echo(&error, in_doubt) => {
                    Err(Fault::Doubt)
                }
                Err(error) => Err(error.into()),
            }
        })
        .await
    }

    pub(super) async fn delete_twin(&self, id: &str) -> Result<(), Fault> {
        settle(async |in_doubt| match self.clients.twins.delete_twin().id(id).send().await {
            Ok(_) => Ok(()),
            Err(error) if error.is_not_found() && may_be_echo(&error, in_doubt) => Ok(()),
            Err(error) => Err(error.into()),
        })
        .await
    }

    /// Uploads the lines, starts a job under an id of our own, and follows it.
    pub(super) async fn import(&self, lines: &[(String, String, Value)]) -> Result<(), Fault> {
        let mut text = String::from("{\"Section\":\"Header\"}\n{\"fileVersion\":\"1.0.0\"}\n");
        text.push_str("{\"Section\":\"Relationships\"}\n");
        for (source, id, document) in lines {
            let mut line = document.as_object().cloned().unwrap_or_default();
            line.insert("$dtId".to_owned(), source.as_str().into());
            line.insert("$relationshipId".to_owned(), id.as_str().into());
            text.push_str(&format!("{}\n", Value::Object(line)));
        }
        let address = Secret::from(self.import_file.clone());
        settle(async |_| {
            let transfers = self.clients.platform.transfers();
            let upload = transfers.upload_to(&address, text.clone().into_bytes());
            upload.run().await.map_err(|failed| failed.error.into())
        })
        .await?;
        let unsigned = self.import_file.split('?').next().unwrap_or_default();
        let twins = &self.clients.twins;
        settle(async |in_doubt| {
            let job = ImportJob::builder()
                .input_blob_uri(unsigned)
                .output_blob_uri(format!("{unsigned}.log"));
            match twins.create_import_job().id(JOB).body(job).send().await {
                Ok(_) => Ok(()),
                Err(error) if error.is_conflict() && may_be_echo(&error, in_doubt) => Ok(()),
                Err(error) => Err(error.into()),
            }
        })
        .await?;
        settle(async |_| {
            let (first, longest) = (Duration::from_millis(100), Duration::from_secs(1));
            let wait = twins.wait_for_import_job(JOB).every(first, longest).deadline(PATIENCE);
            match wait.wait().await {
                Ok(_) => Ok(()),
                Err(error) if error.kind() == ErrorKind::OperationFailed => {
                    Err(Fault::Wrong(error.to_string()))
                }
                Err(error) => Err(error.into()),
            }
        })
        .await
    }
}

fn same(found: &Value, sent: &Value) -> Result<(), Fault> {
    let (found, sent) = (written(found), written(sent));
    if found == sent {
        return Ok(());
    }
    Err(Fault::Wrong(format!("what is there is another one: {found}, not {sent}")))
}
