//! Plays a scene on an instance and clears it away again. It remembers what it
//! created, so that nothing else is ever removed.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Result, anyhow};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::Value;
use tokio::time::Instant;
use twinkit::auth::{Credential, TokenRequest};
use twinkit::digital_twins::{
    Client, IfNoneMatch, Json, ModelId, Query, RelationshipId, TOKEN_SCOPE, TwinId, TwinPatch,
};

use super::scene::{Scene, ScenePatch, SceneQuery, SceneTelemetry};
use super::transcript::{Done, Transcript, done};

/// The service's query index lags behind writes, mostly by less than this.
const INDEX_LAG: Duration = Duration::from_secs(30);
/// How long to wait before a query is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(1);

pub(super) struct Stage {
    client: Client,
    models: Vec<ModelId>,
    twins: Vec<TwinId>,
    relationships: Vec<(TwinId, RelationshipId)>,
}

impl Stage {
    pub(super) fn new(client: Client) -> Self {
        Self { client, models: Vec::new(), twins: Vec::new(), relationships: Vec::new() }
    }

    /// Runs the steps in order until one fails.
    pub(super) async fn play(
        &mut self,
        transcript: &mut Transcript,
        credential: &Credential,
        models: Vec<Value>,
        scene: &Scene,
    ) {
        // The steps show themselves; what is left to know is whether all ran.
        let _ = self.steps(transcript, credential, models, scene).await;
    }

    async fn steps(
        &mut self,
        transcript: &mut Transcript,
        credential: &Credential,
        models: Vec<Value>,
        scene: &Scene,
    ) -> Option<()> {
        transcript.step("sign in", sign_in(credential)).await?;
        transcript.step("upload_models", self.upload(models)).await?;
        transcript.step("put_twin", self.put_twins(scene)).await?;
        transcript.step("put_relationship", self.put_relationships(scene)).await?;
        if let Some(patch) = &scene.patch {
            transcript.step("update_twin", self.patch(patch)).await?;
        }
        if let Some(telemetry) = &scene.telemetry {
            let operation = match telemetry.component {
                Some(_) => "send_component_telemetry",
                None => "send_telemetry",
            };
            transcript.step(operation, self.send(telemetry)).await?;
        }
        for query in &scene.queries {
            transcript.step("query_twins", self.ask(query)).await?;
        }
        Some(())
    }

    /// Removes what was created, the last first.
    pub(super) async fn clear(&mut self, transcript: &mut Transcript) {
        // One that fails does not keep the others from what they can remove.
        transcript.step("delete_relationship", self.delete_relationships()).await;
        transcript.step("delete_twin", self.delete_twins()).await;
        transcript.step("delete_model", self.delete_models()).await;
    }

    async fn upload(&mut self, models: Vec<Value>) -> Result<((), Done)> {
        // Noted before they are sent: the upload may be interrupted.
        self.models = self.not_there(&models).await?;
        let outcome = self.client.upload_models(models).skip_existing().send().await;
        let report = match outcome {
            Ok(report) => report,
            Err(error) => {
                self.models = error.stored.iter().chain(&error.in_doubt).cloned().collect();
                return Err(error.into());
            }
        };
        let (stored, skipped) = (report.stored.len(), report.skipped.len());
        self.models = report.stored;
        done(Some(201), format!("{stored} models stored, {skipped} there already"))
    }

    /// Those of the models that the instance does not have.
    async fn not_there(&self, models: &[Value]) -> Result<Vec<ModelId>> {
        let listed = self.client.list_models().items();
        let there: HashSet<String> = listed.map_ok(|model| model.id).try_collect().await?;
        let ids = models.iter().filter_map(|model| model.get("@id")?.as_str());
        Ok(ids.filter(|id| !there.contains(*id)).filter_map(|id| ModelId::new(id).ok()).collect())
    }

    async fn put_twins(&mut self, scene: &Scene) -> Result<((), Done)> {
        let mut status = None;
        for twin in &scene.twins {
            let id = TwinId::new(twin.id.as_str())?;
            // Noted before it is sent: an answer may be lost.
            self.twins.push(id.clone());
            let stored = self
                .client
                .put_twin()
                .id(id)
                .if_none_match(IfNoneMatch::Any)
                .body(Json::from(twin.document.clone()))
                .send()
                .await;
            if stored.as_ref().is_err_and(refused_at_once) {
                // It is somebody else's.
                self.twins.pop();
            }
            let stored = stored?;
            status = Some(stored.status().as_u16());
        }
        done(status, format!("{} twins", scene.twins.len()))
    }

    async fn put_relationships(&mut self, scene: &Scene) -> Result<((), Done)> {
        let mut status = None;
        for relationship in &scene.relationships {
            let source = TwinId::new(relationship.source.as_str())?;
            let id = RelationshipId::new(relationship.id.as_str())?;
            self.relationships.push((source.clone(), id.clone()));
            let stored = self
                .client
                .put_relationship()
                .id(source)
                .relationship_id(id)
                .body(Json::from(relationship.document.clone()))
                .send()
                .await?;
            status = Some(stored.status().as_u16());
        }
        done(status, format!("{} relationships", scene.relationships.len()))
    }

    async fn patch(&self, patch: &ScenePatch) -> Result<((), Done)> {
        let twin = self.client.get_twin().id(patch.twin.as_str()).send().await?;
        let etag = twin.etag().ok_or_else(|| anyhow!("the twin came without an ETag"))?;
        let changed = self
            .client
            .update_twin()
            .id(patch.twin.as_str())
            .if_match(etag)
            .body(TwinPatch::new().set(patch.path.as_slice(), &patch.value))
            .send()
            .await?;
        let detail = format!("{}: /{} = {}", patch.twin, patch.path.join("/"), patch.value);
        done(Some(changed.status().as_u16()), detail)
    }

    async fn send(&self, telemetry: &SceneTelemetry) -> Result<((), Done)> {
        let (id, body) = (telemetry.twin.as_str(), Json::from(telemetry.payload.clone()));
        let status = match &telemetry.component {
            Some(component) => {
                let call = self.client.send_component_telemetry().id(id);
                call.component_path(component.as_str()).body(body).send().await?.status()
            }
            None => self.client.send_telemetry().id(id).body(body).send().await?.status(),
        };
        done(Some(status.as_u16()), format!("{id}: {}", telemetry.payload))
    }

    /// Asks until the index has caught up with what was written.
    async fn ask(&self, query: &SceneQuery) -> Result<((), Done)> {
        let deadline = Instant::now() + INDEX_LAG;
        loop {
            let mut asked: Query = self.client.query(query.text.as_str());
            for (name, value) in &query.values {
                asked = asked.bind(*name, value.clone());
            }
            let mut rows = asked.rows::<Json>();
            let found = rows.by_ref().try_fold(0, |n, _| async move { Ok(n + 1) }).await?;
            if found == query.rows {
                let charge = rows.query_charge();
                return done(Some(200), format!("{}: {found} rows, {charge:.2} units", query.what));
            }
            if Instant::now() >= deadline {
                let (what, expected) = (&query.what, query.rows);
                return Err(anyhow!("{what}: {found} rows instead of {expected}"));
            }
            tokio::time::sleep(ASK_AGAIN).await;
        }
    }

    async fn delete_relationships(&mut self) -> Result<((), Done)> {
        let (mut status, mut removed) = (None, 0);
        while let Some((source, id)) = self.relationships.pop() {
            let call = self.client.delete_relationship().id(source).relationship_id(id);
            removed += usize::from(gone(call.send().await, &mut status)?);
        }
        done(status, format!("{removed} relationships removed"))
    }

    async fn delete_twins(&mut self) -> Result<((), Done)> {
        let (mut status, mut removed) = (None, 0);
        while let Some(id) = self.twins.pop() {
            removed +=
                usize::from(gone(self.client.delete_twin().id(id).send().await, &mut status)?);
        }
        done(status, format!("{removed} twins removed"))
    }

    /// Models were stored in order of dependence, so the last can go first.
    /// After an interrupted upload the order is not known: those that others
    /// still need are tried again, as long as that helps.
    async fn delete_models(&mut self) -> Result<((), Done)> {
        let (mut status, mut removed) = (None, 0);
        while !self.models.is_empty() {
            let (before, mut needed, mut refusal) = (self.models.len(), Vec::new(), None);
            while let Some(id) = self.models.pop() {
                match self.client.delete_model().id(&id).send().await {
                    Err(error) if error.is_conflict() => {
                        needed.push(id);
                        refusal = Some(error);
                    }
                    outcome => removed += usize::from(gone(outcome, &mut status)?),
                }
            }
            if let Some(error) = refusal.filter(|_| needed.len() == before) {
                return Err(error.into());
            }
            self.models = needed;
        }
        done(status, format!("{removed} models removed"))
    }
}

/// Whether a twin was there before: the condition failed at the first attempt,
/// so that it cannot be the echo of one whose answer was lost.
fn refused_at_once(error: &twinkit::digital_twins::Error) -> bool {
    error.is_precondition_failed() && error.attempts() == 1
}

/// Whether a deletion removed something; what was never there is no failure.
fn gone(
    outcome: Result<twinkit::digital_twins::Response<()>, twinkit::digital_twins::Error>,
    status: &mut Option<u16>,
) -> Result<bool> {
    match outcome {
        Ok(answer) => {
            *status = Some(answer.status().as_u16());
            Ok(true)
        }
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn sign_in(credential: &Credential) -> Result<((), Done)> {
    credential.token(&TokenRequest::new([TOKEN_SCOPE])?).await?;
    done(Some(200), format!("token for {TOKEN_SCOPE}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::scene;
    use serde_json::json;
    use twinkit_emulator::Emulator;

    async fn stage(emulator: &Emulator) -> Stage {
        let (tenant, id) = (emulator.tenant_id(), emulator.client_id());
        let credential = Credential::client_secret(tenant, id, emulator.client_secret())
            .authority(emulator.authority_url())
            .build()
            .unwrap();
        let client = Client::builder(emulator.digital_twins_url(), credential).build().unwrap();
        let models: Vec<Value> = serde_json::from_str(scene::BUILDING_MODELS).unwrap();
        client.upload_models(models).send().await.unwrap();
        Stage::new(client)
    }

    #[tokio::test]
    async fn models_are_removed_in_whatever_order_they_are_known() {
        let emulator = Emulator::start().await.unwrap();
        let mut stage = stage(&emulator).await;
        let listed = stage.client.list_models().items().into_vec().await.unwrap();
        let ids: Vec<ModelId> = listed.iter().map(|m| ModelId::new(&*m.id).unwrap()).collect();
        for order in [ids.clone(), ids.into_iter().rev().collect()] {
            stage.models = order;
            let never_stored = ModelId::new("dtmi:twinkit:demo:Never;1").unwrap();
            stage.models.push(never_stored);
            stage.delete_models().await.unwrap();
            assert!(stage.models.is_empty());
            let left = stage.client.list_models().items().into_vec().await.unwrap();
            assert!(left.is_empty());
            let models: Vec<Value> = serde_json::from_str(scene::BUILDING_MODELS).unwrap();
            assert!(!stage.not_there(&models).await.unwrap().is_empty());
            stage.client.upload_models(models).send().await.unwrap();
        }
        emulator.shutdown().await;
    }

    #[tokio::test]
    async fn a_twin_of_somebody_elses_is_not_removed() {
        let emulator = Emulator::start().await.unwrap();
        let mut stage = stage(&emulator).await;
        let scene = scene::building("demo-1");
        let first = &scene.twins[0];
        let theirs = json!({"$metadata": first.document["$metadata"]});
        stage.client.put_twin().id(first.id.as_str()).body(theirs).send().await.unwrap();
        assert!(stage.put_twins(&scene).await.is_err());
        stage.delete_twins().await.unwrap();
        assert!(stage.client.get_twin().id(first.id.as_str()).send().await.is_ok());
        emulator.shutdown().await;
    }
}
