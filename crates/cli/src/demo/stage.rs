//! Plays a scene on an instance and clears it away again. It remembers what it
//! created, so that nothing else is ever removed.

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
use super::transcript::{Done, Transcript};

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
        let _ = self.clear_steps(transcript).await;
    }

    async fn clear_steps(&mut self, transcript: &mut Transcript) -> Option<()> {
        transcript.step("delete_relationship", self.delete_relationships()).await?;
        transcript.step("delete_twin", self.delete_twins()).await?;
        transcript.step("delete_model", self.delete_models()).await
    }

    async fn upload(&mut self, models: Vec<Value>) -> Result<((), Done)> {
        let outcome = self.client.upload_models(models).skip_existing().send().await;
        let report = match outcome {
            Ok(report) => report,
            Err(error) => {
                self.models.extend(error.stored.iter().cloned());
                return Err(error.into());
            }
        };
        let (stored, skipped) = (report.stored.len(), report.skipped.len());
        self.models = report.stored;
        done(Some(201), format!("{stored} models stored, {skipped} there already"))
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
                .await?;
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
    async fn delete_models(&mut self) -> Result<((), Done)> {
        let (mut status, mut removed) = (None, 0);
        while let Some(id) = self.models.pop() {
            removed +=
                usize::from(gone(self.client.delete_model().id(id).send().await, &mut status)?);
        }
        done(status, format!("{removed} models removed"))
    }
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

fn done(status: Option<u16>, detail: String) -> Result<((), Done)> {
    Ok(((), Done { status, detail }))
}
