//! iTwins of the Bentley iTwin Platform, one by one and page by page, into the same
//! types on both sides.

use anyhow::ensure;
use futures_util::{StreamExt as _, TryStreamExt as _};
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use serde::de::DeserializeOwned;
use twinkit_itwin::ITwin;
use twinkit_itwin::itwins::types::{ITwinMinimal, ITwinResponse, ITwinsMinimalResponse};

use super::{ITWINS_PER_PAGE, plain_client};
use crate::support::token;

/// The id of the one iTwin.
const ID: &str = "dc914a84-e0c9-40e2-9d14-faf5ed84147f";

fn is_sound(itwin: &ITwinMinimal) -> bool {
    itwin.id == ID && itwin.number.is_some()
}

fn is_whole(answer: &ITwinResponse) -> bool {
    answer.itwin.id == ID && answer.itwin.created_date_time.is_some()
}

pub(super) struct Ours {
    platform: ITwin,
}

impl Ours {
    pub(super) fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        Ok(Self { platform: ITwin::builder(token::fixed(token)).endpoint(url).build()? })
    }

    pub(super) async fn get(&self, calls: usize) -> anyhow::Result<()> {
        for _ in 0..calls {
            let itwin = self.platform.itwins().get_itwin().id(ID).representation().send().await?;
            ensure!(is_whole(&itwin));
        }
        Ok(())
    }

    pub(super) async fn list(&self, pages: usize) -> anyhow::Result<()> {
        let itwins = self.platform.itwins().list_itwins().items().take(pages * ITWINS_PER_PAGE);
        let sound = itwins.try_fold(0_usize, |sound, itwin| async move {
            Ok(sound + usize::from(is_sound(&itwin)))
        });
        ensure!(sound.await? == pages * ITWINS_PER_PAGE);
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
            let url = format!("{}/itwins/{}", self.url, ID);
            let request = self.client.get(url).header("prefer", "return=representation");
            let itwin: ITwinResponse = self.send(request).await?;
            ensure!(is_whole(&itwin));
        }
        Ok(())
    }

    pub(super) async fn list(&self, pages: usize) -> anyhow::Result<()> {
        let mut next = Some(format!("{}/itwins", self.url));
        let mut sound = 0;
        for _ in 0..pages {
            let Some(link) = next else { break };
            let page: ITwinsMinimalResponse = self.send(self.client.get(link)).await?;
            sound += page.itwins.iter().filter(|itwin| is_sound(itwin)).count();
            next = page.links.and_then(|links| links.next).map(|link| link.href);
        }
        ensure!(sound == pages * ITWINS_PER_PAGE);
        Ok(())
    }

    async fn send<T: DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> anyhow::Result<T> {
        let request = request
            .header(ACCEPT, "application/vnd.bentley.itwin-platform.v1+json")
            .header(AUTHORIZATION, self.authorization.clone());
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::server::{ITWIN, ITWIN_MINIMAL};

    #[test]
    fn the_servers_itwins_are_some() {
        let whole: ITwinResponse = serde_json::from_str(&format!("{{\"iTwin\":{ITWIN}}}")).unwrap();
        assert!(is_whole(&whole));
        let minimal: ITwinMinimal = serde_json::from_str(ITWIN_MINIMAL).unwrap();
        assert!(is_sound(&minimal));
    }
}
