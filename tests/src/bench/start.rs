//! From nothing to the first answer: a client is made for each call.

use super::twins;

pub(super) struct Start {
    url: String,
    token: String,
}

impl Start {
    pub(super) fn new(url: &str, token: &str) -> Self {
        Self { url: url.to_owned(), token: token.to_owned() }
    }

    pub(super) async fn ours(&self, calls: usize) -> anyhow::Result<()> {
        for _ in 0..calls {
            twins::Ours::new(&self.url, &self.token)?.get_twins(1).await?;
        }
        Ok(())
    }

    pub(super) async fn plain(&self, calls: usize) -> anyhow::Result<()> {
        for _ in 0..calls {
            twins::Plain::new(&self.url, &self.token)?.get_twins(1).await?;
        }
        Ok(())
    }
}
