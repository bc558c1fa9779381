//! Whether somebody who was let in gets in: a call as that principal. It must
//! not change anything.

use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use progenitor_client::{Error, HeaderMap, Progress, ResponseValue, StatusCode, Waiter};
use twinkit_auth::{Credential, TokenClaims};

use super::{OnboardingReport, Principal};
use crate::Client;

/// How long a new grant is waited for. The platform names no time; ours.
const PATIENCE: Duration = Duration::from_secs(60);

const DELAY: &str = "the grant had no effect within the time given: check that the user of the \
     application has the principal's own tenant and object id and a role that may list devices; \
     a principal that was deleted and made again in Entra must be removed here and added again";

impl Client {
    /// Tries whether the owner of `credential` may use the application: takes a
    /// token and lists the first page of devices, again and again for a short
    /// while if it is refused, since a new grant may take some seconds.
    ///
    /// A role that may not list devices cannot be proven in this way.
    pub fn prove_access(&self, credential: &Credential) -> AccessProof<'_> {
        let credential = credential.clone();
        AccessProof { client: self, credential, expected: None, patience: PATIENCE }
    }
}

/// A call in somebody's name, to be made by [`run`](Self::run).
#[must_use = "nothing is sent until `run` is awaited"]
pub struct AccessProof<'a> {
    client: &'a Client,
    credential: Credential,
    expected: Option<(Principal, String)>,
    patience: Duration,
}

/// Somebody got in.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProvenAccess {
    /// How many devices the first page showed; none is no failure.
    pub devices: usize,
    /// What the token said of the caller; `None` if it was opaque.
    pub claims: Option<TokenClaims>,
}

impl AccessProof<'_> {
    /// Proves this onboarding: a token of another principal than the one that
    /// was let in is told before anything is sent.
    pub fn of(mut self, report: &OnboardingReport) -> Self {
        self.expected = Some((report.principal.clone(), report.user_id.to_string()));
        self
    }

    /// How long to try; a minute by default, not at all by zero.
    pub fn within(mut self, limit: Duration) -> Self {
        self.patience = limit;
        self
    }

    /// Makes the call.
    ///
    /// # Errors
    /// Kind `Auth` if the credential gives no token; kind `InvalidRequest` if
    /// the token is another principal's than [`of`](Self::of) says; kind
    /// `Denied` if the service refuses to the end, with a hint that holds the
    /// ids at hand; else what the call says.
    pub async fn run(self) -> Result<ProvenAccess, Error> {
        Box::pin(self.prove()).await
    }

    async fn prove(self) -> Result<ProvenAccess, Error> {
        let claims = self.client.claims_of(&self.credential).await?;
        if let (Some(claims), Some((principal, user))) = (&claims, &self.expected) {
            check_owner(claims, principal, user)?;
        }
        let client = self.client.with_credential(self.credential)?;
        let waiter = Waiter::new()
            .every(Duration::from_secs(1), Duration::from_secs(8))
            .deadline(self.patience)
            .clock(client.inner.clock().clone());
        let denied = Mutex::new(None);
        // A refusal is an answer like "not yet" here.
        let look = || async {
            match client.list_devices().send().await {
                Ok(page) => Ok(page.map(|page| Some(page.value.len()))),
                Err(error) if is_refusal(&error) => {
                    let status = error.status().unwrap_or(StatusCode::FORBIDDEN);
                    if let Ok(mut last) = denied.lock() {
                        *last = Some(error);
                    }
                    Ok(ResponseValue::new(None, status, HeaderMap::new()))
                }
                Err(error) => Err(error),
            }
        };
        let judge = |devices: &Option<usize>| match devices {
            Some(_) => Progress::Succeeded,
            None => Progress::Running,
        };
        let waited = waiter.until_ended(look, judge).await;
        match waited.map(|(_, devices)| devices.into_inner()) {
            Ok(devices) => Ok(ProvenAccess { devices: devices.unwrap_or_default(), claims }),
            Err(error) => match denied.into_inner().ok().flatten() {
                Some(denied) if error.is_timeout() => {
                    Err(denied.with_hint(advice(claims.as_ref(), self.expected.as_ref())))
                }
                _ => Err(error),
            },
        }
    }
}

fn is_refusal(error: &Error) -> bool {
    matches!(error.status(), Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN))
}

/// Whether the token's owner is the one that was let in, as far as it can be
/// told: people have no object id in the application, groups have members.
#[inline]
fn check_owner(claims: &TokenClaims, principal: &Principal, user: &str) -> Result<(), Error> {
    let Principal::ServicePrincipal { object_id, .. } = principal else { return Ok(()) };
    let Some(owner) = claims.object_id().filter(|id| !id.eq_ignore_ascii_case(object_id)) else {
        return Ok(());
    };
    let mistaken = match claims.client_id() {
        Some(id) if id.eq_ignore_ascii_case(object_id) => "is the application's client id",
        _ => "may be the object id of the app registration",
    };
    Err(Error::InvalidRequest(format!(
        "user {user} was onboarded with object id {object_id}, but the credential's token is of \
         object id {owner}: it will be refused"
    ))
    .with_hint(format!(
        "{object_id} {mistaken}: onboard {owner}, the enterprise application's object id, and \
         remove user {user}"
    )))
}

#[inline]
fn advice(claims: Option<&TokenClaims>, expected: Option<&(Principal, String)>) -> String {
    let told = match claims.and_then(|claims| Some((claims.object_id()?, claims.tenant_id()?))) {
        Some((object, tenant)) => format!("the token is of object id {object}, tenant {tenant}"),
        None => "the token does not tell whose it is".to_owned(),
    };
    let onboarded = expected
        .map_or_else(String::new, |(principal, user)| format!("; user {user} is {principal}"));
    format!("{told}{onboarded}; {DELAY}")
}

impl fmt::Debug for AccessProof<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessProof")
            .field("expected", &self.expected)
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
