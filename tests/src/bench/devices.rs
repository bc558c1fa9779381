//! Devices of IoT Central, one by one and page by page, into the same types on both
//! sides.

use anyhow::ensure;
use futures_util::{StreamExt as _, TryStreamExt as _};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use serde::de::DeserializeOwned;
use twinkit_iot_central::Client;
use twinkit_iot_central::types::{Device, DeviceCollection};

use super::{DEVICES_PER_PAGE, plain_client};
use crate::support::token;

const VERSION: [(&str, &str); 1] = [("api-version", "2022-07-31")];

fn is_sound(device: &Device) -> bool {
    device.id.is_some() && device.provisioned == Some(true)
}

pub(super) struct Ours {
    client: Client,
}

impl Ours {
    pub(super) fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        Ok(Self { client: Client::builder(url, token::fixed(token)).build()? })
    }

    pub(super) async fn get(&self, calls: usize) -> anyhow::Result<()> {
        for _ in 0..calls {
            let device = self.client.get_device().device_id("pump-0001").send().await?;
            ensure!(is_sound(&device));
        }
        Ok(())
    }

    pub(super) async fn list(&self, pages: usize) -> anyhow::Result<()> {
        let devices = self.client.list_devices().items().take(pages * DEVICES_PER_PAGE);
        let sound = devices.try_fold(0_usize, |sound, device| async move {
            Ok(sound + usize::from(is_sound(&device)))
        });
        ensure!(sound.await? == pages * DEVICES_PER_PAGE);
        Ok(())
    }
}

pub(super) struct Plain {
    client: reqwest::Client,
    url: String,
    authorization: HeaderValue,
}

impl Plain {
    pub(super) fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        let mut authorization = HeaderValue::try_from(format!("Bearer {token}"))?;
        authorization.set_sensitive(true);
        Ok(Self { client: plain_client()?, url: url.to_owned(), authorization })
    }

    pub(super) async fn get(&self, calls: usize) -> anyhow::Result<()> {
        for _ in 0..calls {
            let url = format!("{}/api/devices/{}", self.url, "pump-0001");
            let device: Device = self.send(self.client.get(url).query(&VERSION)).await?;
            ensure!(is_sound(&device));
        }
        Ok(())
    }

    pub(super) async fn list(&self, pages: usize) -> anyhow::Result<()> {
        let mut next = Some(format!("{}/api/devices?api-version=2022-07-31", self.url));
        let mut sound = 0;
        for _ in 0..pages {
            let Some(link) = next else { break };
            let page: DeviceCollection = self.send(self.client.get(link)).await?;
            sound += page.value.iter().filter(|device| is_sound(device)).count();
            next = page.next_link;
        }
        ensure!(sound == pages * DEVICES_PER_PAGE);
        Ok(())
    }

    async fn send<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> anyhow::Result<T> {
        let request = request
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, self.authorization.clone());
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_device_is_one() {
        let device: Device = serde_json::from_str(super::super::server::DEVICE).unwrap();
        assert!(is_sound(&device));
    }
}
