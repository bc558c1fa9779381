//! One query of very many rows, read one by one and kept by nobody.

use std::time::Duration;

use anyhow::ensure;
use futures_util::TryStreamExt as _;
use serde::Deserialize;
use tokio::time::Instant;
use twinkit_digital_twins::Client;

use super::ROWS_PER_PAGE;
use super::memory::{self, Samples};
use crate::support::token;

#[derive(Debug, Deserialize)]
struct Room {
    name: String,
    temperature: f64,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) rows: usize,
    pub(super) took: Duration,
    pub(super) before: f64,
    pub(super) memory: Samples,
}

/// Reads so many rows.
pub(super) async fn run(url: &str, rows: usize) -> anyhow::Result<Stream> {
    let control = reqwest::Client::builder().no_proxy().build()?;
    control.get(format!("{url}/begin")).send().await?.error_for_status()?;
    // The server's first token.
    let token = control.post(format!("{url}/load/oauth2/v2.0/token")).send().await?;
    let token: serde_json::Value = serde_json::from_slice(&token.bytes().await?)?;
    let token = token.get("access_token").and_then(serde_json::Value::as_str).unwrap_or_default();
    let client = Client::builder(url, token::fixed(token)).build()?;

    let begin = Instant::now();
    let before = memory::resident()?;
    let mut memory = Samples::default();
    let statement = format!("SELECT * FROM DIGITALTWINS WHERE number <= {rows}");
    let size = u32::try_from(ROWS_PER_PAGE)?;
    let mut stream = Box::pin(client.query(&statement).max_items_per_page(size).rows::<Room>());
    let mut read = 0;
    while let Some(room) = stream.try_next().await? {
        ensure!(room.temperature > 0.0 && room.name == format!("Room {}", rows - read));
        read += 1;
        if read % ROWS_PER_PAGE == 0 {
            memory.add(begin.elapsed().as_secs_f64(), memory::resident()?);
        }
    }
    ensure!(read == rows, "{read} rows came instead of {rows}");
    Ok(Stream { rows, took: begin.elapsed(), before, memory })
}
