//! The metadata service of virtual machines, scale sets, container instances
//! and Kubernetes nodes (IMDS). Where nothing says otherwise this host is
//! guessed, so the first contact decides whether there is one at all.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::{Client, Url};

use super::answer::Refusal;
use super::request::{Ask, Identity, Reply};
use super::{Host, not_reached};
use crate::oauth::{Exchange, retry};
use crate::{AccessToken, AuthError, AuthErrorKind, BoxFuture};

pub(super) const NAME: &str = "managed identity of this machine";

/// The service's address on every machine in Azure.
pub(super) const BASE: &str = "http://169.254.169.254";
pub(super) const PATH: &str = "metadata/identity/oauth2/token";

#[derive(Debug)]
pub(super) struct Imds {
    pub(super) endpoint: Url,
    pub(super) identity: Identity,
    /// Whether somebody is known to be there: by the environment's word, or
    /// because a connection was taken before.
    pub(super) known: AtomicBool,
}

impl Host for Imds {
    fn name(&self) -> &'static str {
        NAME
    }

    fn policy(&self) -> &'static retry::Policy {
        &POLICY
    }

    fn ask<'a>(&'a self, resource: &'a str) -> Result<Ask<'a>, AuthError> {
        let mut parameters = vec![("api-version", "2018-02-01"), ("resource", resource)];
        parameters.extend(self.identity.parameter("msi_res_id"));
        Ok(Ask::get(&self.endpoint, &parameters).metadata())
    }

    fn explain(&self, refusal: Refusal) -> AuthError {
        let kind = match refusal.status.as_u16() {
            400 if refusal.says("identity not found") => AuthErrorKind::Unavailable,
            // Docker Desktop answers so in place of a host that is not there.
            403 if refusal.says("unreachable") => AuthErrorKind::Unavailable,
            // A proxy that lets nobody out, or another cloud's metadata service at
            // the same address: this one explains itself in JSON.
            403 | 404 if !refusal.is_object => AuthErrorKind::Unavailable,
            404 | 410 => AuthErrorKind::Transient,
            _ => refusal.kind(),
        };
        let hint = match (refusal.status.as_u16(), kind) {
            (400, AuthErrorKind::Unavailable) => {
                "no such identity is assigned to this machine; assign it (`az vm identity assign` or \
                 `az vmss identity assign`) or check the id that was given for it"
            }
            (403 | 404, AuthErrorKind::Unavailable) => {
                "this is no machine in Azure; use another credential here"
            }
            (400, _) => {
                "check the scope, and name one identity by its id if several are assigned to this \
                 machine"
            }
            (404 | 410, _) => "the metadata service is being updated; it is back within minutes",
            (429, _) => {
                "too many programs on this machine ask for tokens; keep the credential and \
                         use it again"
            }
            _ => "if this lasts, check the state of the machine and of its guest agent",
        };
        refusal.into_error(NAME, kind).with_hint(hint)
    }

    fn attempt<'a>(
        &'a self,
        http: &'a Client,
        resource: &'a str,
        exchange: Exchange<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(async move {
            match self.ask(resource)?.send(http, exchange).await? {
                Reply::Token(token) => {
                    self.known.store(true, Ordering::Relaxed);
                    Ok(token)
                }
                Reply::Unreachable(error) if self.known.load(Ordering::Relaxed) => {
                    Err(not_reached(error))
                }
                Reply::Unreachable(error) => Err(nobody(error)),
                Reply::Refused(refusal) => {
                    self.known.fetch_or(refusal.is_object, Ordering::Relaxed);
                    Err(self.explain(*refusal))
                }
            }
        })
    }
}

fn nobody(error: AuthError) -> AuthError {
    AuthError::new(AuthErrorKind::Unavailable, NAME, "no metadata service answers here")
        .with_cause(error)
        .with_hint(
            "this is no machine in Azure, or its network keeps programs from 169.254.169.254; \
             use another credential here",
        )
}

/// What the service's documents prescribe, with as many attempts as the
/// vendor's client for Python makes.
static POLICY: retry::Policy = retry::Policy {
    attempt_limit: Duration::from_secs(30),
    total_limit: Duration::from_secs(120),
    pause,
};

/// Pauses in milliseconds; the documents ask for a second at least.
const BUSY: [u64; 5] = [1000, 1600, 3200, 6400, 12_800];
/// 410 says that the service is being updated, for up to 70 seconds: just the
/// sum of these.
const GONE: [u64; 5] = [1000, 5000, 10_000, 20_000, 34_000];

/// A service that asks for more is not waited for.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(30);

fn pause(failed: retry::Failed<'_>) -> Option<Duration> {
    if failed.error.kind() == AuthErrorKind::Unavailable {
        return None;
    }
    let passing = matches!(failed.error.kind(), AuthErrorKind::Transient | AuthErrorKind::Timeout);
    let table = match failed.error.http_status() {
        Some(410) => &GONE,
        Some(404 | 408 | 429 | 500..=599) => &BUSY,
        None if passing => &BUSY,
        _ => return None,
    };
    let index = usize::try_from(failed.attempts.checked_sub(1)?).ok()?;
    let own = Duration::from_millis(*table.get(index)?);
    let pause = match failed.error.retry_after() {
        Some(asked) if asked > MAX_RETRY_AFTER => return None,
        Some(asked) => asked.max(own),
        None => own,
    };
    (pause < failed.left).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorAnswer;

    /// Asks a port where nobody listens.
    async fn ask(known: bool) -> AuthError {
        let endpoint = Url::parse("http://127.0.0.1:1/metadata").unwrap();
        let known = AtomicBool::new(known);
        let host = Box::new(Imds { endpoint, identity: Identity::System, known });
        let source = super::super::ManagedIdentity { host, http: Client::new() };
        let credential = crate::Credential::from_source(source);
        let request = crate::TokenRequest::new(["https://a/.default"]).unwrap();
        credential.token(&request).await.unwrap_err()
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_at_the_guessed_address_means_that_there_is_no_such_host() {
        let error = ask(false).await;
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Unavailable, 1), "{error}");
        assert!(error.hint().unwrap().contains("no machine in Azure"));
        let error = ask(true).await;
        assert_eq!((error.kind(), error.attempts()), (AuthErrorKind::Transient, 6), "{error}");
    }

    fn pauses(error: &AuthError) -> Vec<u64> {
        let left = Duration::from_secs(120);
        let failed = |attempts| retry::Failed { error, attempts, left, chance: 0.5 };
        (1..9).map_while(|attempts| pause(failed(attempts))).map(|p| p.as_millis() as u64).collect()
    }

    fn answered(status: u16, kind: AuthErrorKind) -> AuthError {
        AuthError::new(kind, "test", "failed").with_answer(status, ErrorAnswer::default())
    }

    #[test]
    fn passing_statuses_are_tried_six_times() {
        for status in [404, 408, 429, 500, 503, 599] {
            assert_eq!(pauses(&answered(status, AuthErrorKind::Transient)), BUSY, "{status}");
        }
        let broken = AuthError::new(AuthErrorKind::Transient, "test", "broke off");
        assert_eq!(pauses(&broken), BUSY);
    }

    #[test]
    fn an_update_is_waited_for_up_to_its_70_seconds() {
        let waits = pauses(&answered(410, AuthErrorKind::Transient));
        assert_eq!((waits.len(), waits.iter().sum::<u64>()), (5, 70_000));
    }

    #[test]
    fn refusals_and_nobody_are_final() {
        for error in [
            answered(400, AuthErrorKind::Unavailable),
            answered(404, AuthErrorKind::Unavailable),
            answered(401, AuthErrorKind::Rejected),
            answered(403, AuthErrorKind::Rejected),
            answered(200, AuthErrorKind::Protocol),
            AuthError::new(AuthErrorKind::Unavailable, "test", "nobody"),
        ] {
            assert_eq!(pauses(&error), [0; 0], "{error}");
        }
    }

    #[test]
    fn a_wait_that_the_service_asks_for_is_kept_to_up_to_its_cap() {
        let busy = |wait| answered(429, AuthErrorKind::Transient).with_retry_after(wait);
        assert_eq!(pauses(&busy(Duration::from_secs(2)))[..3], [2000, 2000, 3200]);
        assert_eq!(pauses(&busy(Duration::from_secs(99_999_999))), [0; 0]);
    }
}
