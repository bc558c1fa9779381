//! Managed identity: a program on a host in Azure asks the host for a token and
//! needs no secret of its own. Each kind of host has its own endpoint; which
//! one this is, is told by the environment, the first row that fits:
//!
//! | host | told by | file |
//! |---|---|---|
//! | Service Fabric | `IDENTITY_ENDPOINT`, `IDENTITY_HEADER`, `IDENTITY_SERVER_THUMBPRINT` | `service_fabric` (not covered) |
//! | App Service, Functions, Container Apps, Automation | `IDENTITY_ENDPOINT`, `IDENTITY_HEADER` | `app_service` |
//! | Azure Machine Learning | `MSI_ENDPOINT`, `MSI_SECRET` | `azure_ml` |
//! | Cloud Shell | `MSI_ENDPOINT` | `cloud_shell` |
//! | Azure Arc | `IDENTITY_ENDPOINT`, `IMDS_ENDPOINT`, or the agent's program | `arc` |
//! | virtual machine and the rest | nothing; `AZURE_POD_IDENTITY_AUTHORITY_HOST` moves it | `imds` |
//!
//! `detect` picks the host, `request` and `answer` hold what hosts share. It
//! must not know OAuth's token endpoint: no host speaks it.

mod answer;
mod app_service;
mod arc;
mod azure_ml;
mod builder;
mod cloud_shell;
mod detect;
mod imds;
mod request;
mod service_fabric;

use std::fmt;

use reqwest::Client;

use self::answer::Refusal;
#[cfg(feature = "_fuzzing")]
pub(crate) use self::arc::challenged_key;
pub use self::builder::ManagedIdentityBuilder;
use self::request::{Ask, Reply};
use super::resource;
use crate::oauth::{Exchange, retry};
use crate::{
    AccessToken, AuthError, AuthErrorKind, BoxFuture, FetchContext, TokenRequest, TokenSource,
};

const NAME: &str = "managed identity";

/// One kind of host.
trait Host: fmt::Debug + Send + Sync {
    /// What errors and traces call it.
    fn name(&self) -> &'static str;

    /// How often and how long it is asked.
    fn policy(&self) -> &'static retry::Policy {
        &retry::TOKEN_ENDPOINT
    }

    /// The request for a token.
    fn ask<'a>(&'a self, resource: &'a str) -> Result<Ask<'a>, AuthError>;

    /// A refusal with what cures it.
    fn explain(&self, refusal: Refusal) -> AuthError;

    /// Asks once.
    fn attempt<'a>(
        &'a self,
        http: &'a Client,
        resource: &'a str,
        exchange: Exchange<'a>,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(async move {
            match self.ask(resource)?.send(http, exchange).await? {
                Reply::Token(token) => Ok(token),
                Reply::Unreachable(error) => Err(not_reached(error)),
                Reply::Refused(refusal) => Err(self.explain(*refusal)),
            }
        })
    }
}

/// The identity of the host that this program runs on.
#[derive(Debug)]
struct ManagedIdentity {
    host: Box<dyn Host>,
    http: Client,
}

impl ManagedIdentity {
    async fn ask(
        &self,
        request: &TokenRequest,
        context: &FetchContext,
    ) -> Result<AccessToken, AuthError> {
        let source = self.host.name();
        let resource = resource::of(source, request)?;
        self.refuse_what_hosts_cannot_do(request)?;
        let exchange = Exchange { source, context };
        let attempt = || self.host.attempt(&self.http, resource, exchange);
        retry::run(self.host.policy(), exchange, "the identity endpoint", attempt).await
    }

    /// [`TokenRequest::with_cae`] is let pass: it says what the caller could
    /// do, and an ordinary token serves such a caller as well.
    fn refuse_what_hosts_cannot_do(&self, request: &TokenRequest) -> Result<(), AuthError> {
        let fault = if request.tenant().is_some() {
            "a managed identity belongs to one tenant; it gives no token of another"
        } else if request.claims().is_some() {
            "a managed identity cannot answer a claims challenge"
        } else if request.user_assertion().is_some() {
            "a managed identity does not act on behalf of a user"
        } else {
            return Ok(());
        };
        Err(AuthError::new(AuthErrorKind::Config, self.host.name(), fault))
    }
}

impl TokenSource for ManagedIdentity {
    fn name(&self) -> &'static str {
        self.host.name()
    }

    fn fetch<'a>(
        &'a self,
        request: &'a TokenRequest,
        context: &'a FetchContext,
    ) -> BoxFuture<'a, Result<AccessToken, AuthError>> {
        Box::pin(self.ask(request, context))
    }
}

/// The host is there by the environment's word, but nobody took the connection.
fn not_reached(error: AuthError) -> AuthError {
    error.with_hint(
        "the environment names an identity endpoint, but nobody listens there; the host may be \
         starting, or the variables may be those of another machine",
    )
}
