//! A list of IoT Central, page by page, into the same types on both sides.

use anyhow::ensure;
use futures_util::TryStreamExt as _;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use twinkit_iot_central::Client;
use twinkit_iot_central::types::{Device, DeviceCollection};

use super::{DEVICE_PAGES, DEVICES_PER_PAGE};
use crate::support::token;

const DEVICES: usize = DEVICES_PER_PAGE * DEVICE_PAGES;

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

    pub(super) async fn list(&self) -> anyhow::Result<()> {
        let devices = self.client.list_devices().items();
        let sound = devices.try_fold(0_usize, |sound, device| async move {
            Ok(sound + usize::from(is_sound(&device)))
        });
        ensure!(sound.await? == DEVICES);
        Ok(())
    }
}

pub(super) struct Plain {
    client: reqwest::Client,
    first: String,
    authorization: HeaderValue,
}

impl Plain {
    pub(super) fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        let mut authorization = HeaderValue::try_from(format!("Bearer {token}"))?;
        authorization.set_sensitive(true);
        let first = format!("{url}/api/devices?api-version=2022-07-31");
        Ok(Self { client: reqwest::Client::new(), first, authorization })
    }

    pub(super) async fn list(&self) -> anyhow::Result<()> {
        let mut next = Some(self.first.clone());
        let mut sound = 0;
        while let Some(link) = next {
            let request = self
                .client
                .get(link)
                .header(ACCEPT, "application/json")
                .header(AUTHORIZATION, self.authorization.clone());
            let answer = request.send().await?.error_for_status()?;
            let page: DeviceCollection = answer.json().await?;
            sound += page.value.iter().filter(|device| is_sound(device)).count();
            next = page.next_link;
        }
        ensure!(sound == DEVICES);
        Ok(())
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
