//! The side of plain reqwest, with `serde_json` into maps.

use anyhow::ensure;
use reqwest::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::bench::{ROWS_PER_PAGE, plain_client};

const VERSION: [(&str, &str); 1] = [("api-version", "2023-10-31")];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    value: Vec<Map<String, Value>>,
    continuation_token: Option<String>,
}

pub(crate) struct Plain {
    client: reqwest::Client,
    url: String,
    authorization: HeaderValue,
}

impl Plain {
    pub(crate) fn new(url: &str, token: &str) -> anyhow::Result<Self> {
        let mut authorization = HeaderValue::try_from(format!("Bearer {token}"))?;
        authorization.set_sensitive(true);
        Ok(Self { client: plain_client()?, url: url.to_owned(), authorization })
    }

    pub(crate) async fn get_twins(&self, calls: usize) -> anyhow::Result<()> {
        for _ in 0..calls {
            let request = self.client.get(format!("{}/digitaltwins/{}", self.url, "room-1"));
            let twin: Map<String, Value> = self.send(request).await?;
            ensure!(is_sound(&twin));
        }
        Ok(())
    }

    pub(crate) async fn query(&self, pages: usize) -> anyhow::Result<()> {
        let mut body = json!({"query": "SELECT * FROM DIGITALTWINS"});
        let mut sound = 0;
        for _ in 0..pages {
            let request = self
                .client
                .post(format!("{}/query", self.url))
                .header("max-items-per-page", ROWS_PER_PAGE)
                .json(&body);
            let page: Page = self.send(request).await?;
            sound += page.value.iter().filter(|twin| is_sound(twin)).count();
            let Some(token) = page.continuation_token else { break };
            body = json!({"continuationToken": token});
        }
        ensure!(sound == pages * ROWS_PER_PAGE);
        Ok(())
    }

    async fn send<T: serde::de::DeserializeOwned>(
        &self,
        request: reqwest::RequestBuilder,
    ) -> anyhow::Result<T> {
        let request = request
            .query(&VERSION)
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, self.authorization.clone());
        Ok(request.send().await?.error_for_status()?.json().await?)
    }
}

/// The same look as on our side.
fn is_sound(twin: &Map<String, Value>) -> bool {
    let named = twin.get("name").and_then(Value::as_str).is_some_and(|name| !name.is_empty());
    let warm = twin.get("temperature").and_then(Value::as_f64).is_some_and(|t| t > 0.0);
    named && warm && twin.get("occupied").and_then(Value::as_bool) == Some(true)
}
