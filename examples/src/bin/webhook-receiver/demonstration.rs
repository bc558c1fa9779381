//! The receiver with an emulator that delivers an event to it.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use twinkit::itwin::imodels::types::{IModelCreate, NamedVersionCreate};
use twinkit::itwin::itwins::types::ITwinCreate;
use twinkit::itwin::webhooks::EventVerifier;
use twinkit::itwin::webhooks::types::{WebhookCreate, WebhookUpdate};
use twinkit_emulator::Emulator;
use twinkit_examples::platform;

use crate::receiver;

/// The platform delivers at once.
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn run(listener: TcpListener) -> anyhow::Result<ExitCode> {
    let emulator = Emulator::start().await?;
    let client = platform::itwin_of(&emulator)?;
    let callback = format!("http://{}/events", listener.local_addr()?);
    let new: ITwinCreate = serde_json::from_value(
        json!({"class": "Thing", "subClass": "Asset", "displayName": "Bridge"}),
    )?;
    let itwin = client.itwins().create_itwin().body(new).send().await?.into_inner().itwin.id;
    let new: WebhookCreate = serde_json::from_value(json!({
        "callbackUrl": callback, "scope": "iTwin", "scopeId": itwin,
        "eventTypes": ["iModels.namedVersionCreated.v1"]
    }))?;
    let webhook = client.webhooks().create_webhook().body(new).send().await?.into_inner();
    let (router, work) = receiver::new(EventVerifier::new(&webhook.secret)?);
    println!("listening on {callback}");
    let serving = tokio::spawn(axum::serve(listener, router).into_future());
    let (acted, mut acts) = mpsc::unbounded_channel();
    let working = tokio::spawn(work.run(move |event| {
        receiver::show(event);
        // Nobody listens any more when the demonstration is over.
        let _ = acted.send(());
    }));

    let start: WebhookUpdate = serde_json::from_value(json!({"active": true}))?;
    client.webhooks().update_webhook().webhook_id(&webhook.id).body(start).send().await?;
    let new: IModelCreate = serde_json::from_value(json!({"iTwinId": itwin, "name": "Deck"}))?;
    let imodel = client.imodels().create_imodel().body(new).send().await?.into_inner().imodel.id;
    let new: NamedVersionCreate = serde_json::from_value(json!({"name": "As built"}))?;
    client.imodels().create_named_version().id(imodel).body(new).send().await?;
    let came = tokio::time::timeout(PATIENCE, acts.recv()).await;
    came.ok().flatten().context("no event was delivered")?;
    serving.abort();
    working.abort();
    emulator.shutdown().await;
    Ok(ExitCode::SUCCESS)
}
