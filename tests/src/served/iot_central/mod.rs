//! Scenarios of the IoT Central data plane, for the stable version and for the
//! preview, whose operations are the same and some more.

mod connections;
mod devices;
mod groups;
mod jobs;
mod people;
mod preview;
mod scene;

use std::sync::Arc;

use serde_json::Value;
use twinkit_emulator::Emulator;
use twinkit_emulator::iot_central::{Application, Config, MAIN_APPLICATION};
use twinkit_iot_central::{Client, preview as previews};

use super::{Callable, Play, Seen, stranger};
use crate::contract::Subject;
use crate::coverage::{IotCentral, IotCentralPreview};
use crate::generated::{Answer, Failure, Values, iot_central as callers, iot_central_preview};
use crate::spec::Document;
use crate::support::stage;

impl Callable for Client {
    async fn call(&self, operation: &str, values: &Values) -> Result<Answer, Failure> {
        callers::call(self, operation, values).await
    }
}

impl Callable for previews::Client {
    async fn call(&self, operation: &str, values: &Values) -> Result<Answer, Failure> {
        iot_central_preview::call(self, operation, values).await
    }
}

/// Plays all scenarios of the stable version; gives what was seen of each
/// operation of the document.
///
/// # Errors
/// The document cannot be read, or the emulator does not start.
pub async fn iot_central(document: &Document) -> anyhow::Result<Seen> {
    let stand = Stand::start().await?;
    let Stand { client, stranger, .. } = &stand;
    let mut play = Play::new(document, IotCentral::default(), client.clone(), stranger.clone())?;
    common(&mut play, &stand).await;
    stand.emulator.shutdown().await;
    Ok(play.seen)
}

/// The same for the preview.
///
/// # Errors
/// The document cannot be read, or the emulator does not start.
pub async fn iot_central_preview(document: &Document) -> anyhow::Result<Seen> {
    let stand = Stand::start().await?;
    let (client, stranger) = (stand.client.preview(), stand.stranger.preview());
    let mut play = Play::new(document, IotCentralPreview::default(), client, stranger)?;
    common(&mut play, &stand).await;
    preview::play(&mut play).await;
    stand.emulator.shutdown().await;
    Ok(play.seen)
}

async fn common<C: Callable, S: Subject>(play: &mut Play<C, S>, stand: &Stand) {
    people::play(play).await;
    scene::build(play, &stand.application).await;
    devices::play(play, &stand.application).await;
    groups::play(play).await;
    connections::play(play, stand).await;
    jobs::play(play, stand).await;
    scene::clear(play).await;
}

/// An emulator with two callers of its application.
struct Stand {
    emulator: Emulator,
    application: Arc<Application>,
    client: Client,
    stranger: Client,
}

impl Stand {
    async fn start() -> anyhow::Result<Self> {
        let emulator = Emulator::builder().iot_central(Config::default()).start().await?;
        let url = emulator.iot_central_url();
        let client = Client::builder(url, stage::credential(&emulator)?).build()?;
        let stranger = Client::builder(url, stranger::credential(&emulator)?).build()?;
        let application = emulator.iot_central(MAIN_APPLICATION).cloned();
        let application = application.ok_or_else(|| anyhow::anyhow!("there is no application"))?;
        Ok(Self { emulator, application, client, stranger })
    }
}

/// Values for one parameter and a body.
fn with_body(name: &str, id: &str, body: Value) -> Values {
    Values::new().with(name, id).with("body", body)
}
