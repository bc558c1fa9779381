//! Scenarios of the Digital Twins data plane.

mod graph;
mod jobs;
mod models;

use twinkit_digital_twins::Client;

use super::{Callable, Seen, stranger};
use crate::coverage::DigitalTwins;
use crate::generated::{Answer, Failure, Values, digital_twins as callers};
use crate::spec::Document;
use crate::support::stage::Stage;

type Play = super::Play<Client, DigitalTwins>;

impl Callable for Client {
    async fn call(&self, operation: &str, values: &Values) -> Result<Answer, Failure> {
        callers::call(self, operation, values).await
    }
}

/// Plays all scenarios of the Digital Twins data plane; gives what was seen of
/// each operation of the document.
///
/// # Errors
/// The document cannot be read, or the emulator does not start.
pub async fn digital_twins(document: &Document) -> anyhow::Result<Seen> {
    let Stage { emulator, client } = Stage::seeded().await?;
    let stranger =
        Client::builder(emulator.digital_twins_url(), stranger::credential(&emulator)?).build()?;
    let mut play = Play::new(document, DigitalTwins::default(), client, stranger)?;
    models::play(&mut play).await;
    graph::play(&mut play).await;
    jobs::play(&mut play, emulator.storage()).await;
    emulator.shutdown().await;
    Ok(play.seen)
}
