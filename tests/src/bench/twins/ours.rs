//! The client's side.

use anyhow::ensure;
use futures_util::{StreamExt as _, TryStreamExt as _};
use serde::Deserialize;
use twinkit_digital_twins::Client;

use crate::bench::ROWS_PER_PAGE;
use crate::support::token;

/// What a program would want of a twin.
#[derive(Debug, Deserialize)]
struct Room {
    name: String,
    temperature: f64,
    occupied: bool,
}

impl Room {
    fn is_sound(&self) -> bool {
        !self.name.is_empty() && self.temperature > 0.0 && self.occupied
    }
}

pub(crate) struct Ours {
    client: Client,
}

impl Ours {
    pub(crate) fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        Ok(Self { client: Client::builder(url, token::fixed(token)).build()? })
    }

    pub(crate) async fn get_twins(&self, calls: usize) -> anyhow::Result<()> {
        for _ in 0..calls {
            let twin = self.client.get_twin().id("room-1").send().await?;
            ensure!(!twin.get().is_empty());
        }
        Ok(())
    }

    pub(crate) async fn get_typed_twins(&self, calls: usize) -> anyhow::Result<()> {
        for _ in 0..calls {
            let twin = self.client.get_twin().id("room-1").send().await?;
            let room: Room = twin.parse()?;
            ensure!(room.is_sound());
        }
        Ok(())
    }

    pub(crate) async fn query(&self, pages: usize) -> anyhow::Result<()> {
        let query = self.client.query("SELECT * FROM DIGITALTWINS");
        let size = u32::try_from(ROWS_PER_PAGE)?;
        let rows = query.max_items_per_page(size).rows::<Room>().take(pages * ROWS_PER_PAGE);
        let sound = rows.try_fold(0_usize, |sound, room| async move {
            Ok(sound + usize::from(room.is_sound()))
        });
        ensure!(sound.await? == pages * ROWS_PER_PAGE);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use twinkit_digital_twins::Twin;

    use super::*;

    #[test]
    fn the_servers_twin_is_one() {
        let twin: Twin<Room> = serde_json::from_str(crate::bench::server::TWIN).unwrap();
        assert!(twin.properties.is_sound());
    }
}
