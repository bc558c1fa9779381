//! The clients of the workload, set up as a program would that has to ride out whole
//! restarts of a service.

use std::convert::Infallible as Never;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use progenitor_client::RetryPolicy;
use secrecy::ExposeSecret as _;
use tokio::time::sleep;
use twinkit_auth::{Credential, TokenRequest};
use twinkit_emulator::identity::{CLIENT_ID, CLIENT_SECRET, TENANT_ID};
use twinkit_emulator::ims::{SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET};
use twinkit_itwin::ITwin;

use super::Options;
use crate::support::process::Process;
use crate::support::token::fixed;

/// The three clients.
pub(super) struct Clients {
    /// The credentials behind them, each with a scope.
    credentials: [(Credential, &'static str); 2],
    pub(super) twins: twinkit_digital_twins::Client,
    pub(super) central: twinkit_iot_central::Client,
    pub(super) platform: ITwin,
}

/// Repeats for longer than a restart takes on a machine that is busy.
fn policy(options: &Options) -> RetryPolicy {
    let second = Duration::from_secs(1);
    RetryPolicy::new()
        .max_retries(if options.retry { 60 } else { 0 })
        .waits(second / 20, second)
        .attempt_timeout(second * 15)
        .timeout(second * 60)
        // One outage meets every call that is under way.
        .budget(20_000)
}

impl Clients {
    pub(super) async fn new(process: &Process, options: &Options) -> anyhow::Result<Self> {
        let entra = Credential::client_secret(TENANT_ID, CLIENT_ID, CLIENT_SECRET)
            .authority(process.url("identity"))
            .build()?;
        let ims = Credential::ims_service(SERVICE_CLIENT_ID, SERVICE_CLIENT_SECRET)
            .host(process.url("ims"))
            .build()?;
        let credential = async |credential: &Credential, scope: &str| {
            if options.refresh { Ok(credential.clone()) } else { frozen(credential, scope).await }
        };
        let policy = policy(options);
        let twins = credential(&entra, twinkit_digital_twins::TOKEN_SCOPE).await?;
        let central = credential(&entra, twinkit_iot_central::TOKEN_SCOPE).await?;
        let platform = credential(&ims, twinkit_itwin::TOKEN_SCOPE).await?;
        let credentials = [
            (twins.clone(), twinkit_digital_twins::TOKEN_SCOPE),
            (platform.clone(), twinkit_itwin::TOKEN_SCOPE),
        ];
        Ok(Self {
            credentials,
            twins: twinkit_digital_twins::Client::builder(process.url("digital-twins"), twins)
                .retry(policy.clone())
                .build()?,
            central: twinkit_iot_central::Client::builder(process.url("iot-central"), central)
                .retry(policy.clone())
                .build()?,
            platform: ITwin::builder(platform)
                .endpoint(process.url("itwin"))
                .retry(policy)
                .build()?,
        })
    }

    /// Counts the tokens in use that come to their end. Ends by a mistake only.
    pub(super) async fn watch_tokens(&self, ended: &AtomicU64) -> anyhow::Result<Never> {
        let [(entra, twins), (ims, platform)] = &self.credentials;
        let (never, _) = tokio::try_join!(ends(entra, twins, ended), ends(ims, platform, ended))?;
        Ok(never)
    }
}

/// Counts the tokens of one credential that come to their end, for ever.
async fn ends(credential: &Credential, scope: &str, ended: &AtomicU64) -> anyhow::Result<Never> {
    let request = TokenRequest::new([scope])?;
    loop {
        let Ok(token) = credential.token(&request).await else {
            // As little as the workload gets one.
            sleep(Duration::from_millis(200)).await;
            continue;
        };
        let left = token.expires_at().duration_since(SystemTime::now()).unwrap_or_default();
        sleep(left).await;
        ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// A token as it is now, and never another one.
async fn frozen(credential: &Credential, scope: &str) -> anyhow::Result<Credential> {
    let request = TokenRequest::new([scope])?;
    let token = credential.token(&request).await.context("no token to begin with")?;
    Ok(fixed(token.secret().expose_secret()))
}
