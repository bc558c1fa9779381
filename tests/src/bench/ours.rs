//! The client's side.

use anyhow::ensure;
use futures_util::TryStreamExt as _;
use serde::Deserialize;
use twinkit_digital_twins::Client;

use super::{ROWS, ROWS_PER_PAGE, SINGLE_CALLS};
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

pub(super) struct Ours {
    client: Client,
}

impl Ours {
    pub(super) fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        Ok(Self { client: Client::builder(url, token::fixed(token)).build()? })
    }

    pub(super) async fn get_twins(&self) -> anyhow::Result<()> {
        for _ in 0..SINGLE_CALLS {
            let twin = self.client.get_twin().id("room-1").send().await?;
            ensure!(!twin.get().is_empty());
        }
        Ok(())
    }

    pub(super) async fn get_typed_twins(&self) -> anyhow::Result<()> {
        for _ in 0..SINGLE_CALLS {
            let twin = self.client.get_twin().id("room-1").send().await?;
            let room: Room = twin.parse()?;
            ensure!(room.is_sound());
        }
        Ok(())
    }

    pub(super) async fn query(&self) -> anyhow::Result<()> {
        let query = self.client.query("SELECT * FROM DIGITALTWINS");
        let size = u32::try_from(ROWS_PER_PAGE)?;
        let rows = query.max_items_per_page(size).rows::<Room>();
        let sound = rows.try_fold(0_usize, |sound, room| async move {
            Ok(sound + usize::from(room.is_sound()))
        });
        ensure!(sound.await? == ROWS);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use twinkit_digital_twins::Twin;

    use super::*;

    #[test]
    fn the_servers_twin_is_one() {
        let twin: Twin<Room> = serde_json::from_str(super::super::server::TWIN).unwrap();
        assert!(twin.properties.is_sound());
    }
}
