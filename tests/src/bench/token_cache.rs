//! Reading a good token from the cache, against what a person would write
//! first: a lock around a token and its end.

use std::time::{Duration, SystemTime};

use tokio::sync::Mutex;
use twinkit_auth::{
    AccessToken, AuthError, BoxFuture, Credential, FetchContext, TokenRequest, TokenSource,
};

const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) struct Ours {
    credential: Credential,
    request: TokenRequest,
}

#[derive(Debug)]
struct Preset(String);

impl TokenSource for Preset {
    fn name(&self) -> &'static str {
        "preset"
    }

    fn fetch<'a>(
        &'a self,
        _: &'a TokenRequest,
        _: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(async { AccessToken::new(self.0.clone(), SystemTime::now() + LIFE) })
    }
}

impl Ours {
    pub(super) fn new(token: &str) -> anyhow::Result<Self> {
        Ok(Self {
            credential: Credential::from_source(Preset(token.to_owned())),
            request: TokenRequest::new(["https://digitaltwins.azure.net/.default"])?,
        })
    }

    pub(super) async fn read(&self, reads: usize) -> anyhow::Result<()> {
        for _ in 0..reads {
            std::hint::black_box(self.credential.token(&self.request).await?);
        }
        Ok(())
    }
}

pub(super) struct Plain(Mutex<(String, SystemTime)>);

impl Plain {
    pub(super) fn new(token: &str) -> Self {
        Self(Mutex::new((token.to_owned(), SystemTime::now() + LIFE)))
    }

    pub(super) async fn read(&self, reads: usize) -> anyhow::Result<()> {
        for _ in 0..reads {
            let kept = self.0.lock().await;
            anyhow::ensure!(kept.1 > SystemTime::now(), "the token has ended");
            std::hint::black_box(kept.0.clone());
        }
        Ok(())
    }
}
